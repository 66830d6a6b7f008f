import type { OAuthErrorCode } from '../model/error-codes.js';
import { OAuthError } from '../model/errors.js';
import { hasDeclined } from '../client/events/login-events.js';
import type { Html } from './pages/html.js';
import { messagePage, type Message } from './pages/page.js';
import type { Told } from './popup.js';
import { isProduction } from './report.js';
import type { Login, RoutesOptions } from './options.js';

/** Where a failure happened, and where people go on from there. */
export interface FailurePlace {
  mount: string;
  login: Login;
  /** Where people go who have not asked for another place. */
  home: string;
  page: RoutesOptions['page'];
  /** What the page tells the one that opened it. */
  telling?: Html | undefined;
}

type Words = Pick<Message, 'title' | 'message'>;

const declined: Words = {
  title: 'Not signed in',
  message: 'You did not allow the sign-in, so nothing was shared.',
};

const foreign: Words = {
  title: 'Nothing was done',
  message: 'This form was sent from another site.',
};

const stale =
  'This sign-in was started too long ago, or in another browser. Please start it again.';
const later = 'The other site does not answer at the moment. Please try again in a little while.';

const unusable =
  'You cannot sign in with what you entered. Please check it, or try something else.';

/** What people can do something about; what else goes wrong is the application's or the provider's. */
const messages: { [Code in OAuthErrorCode]?: string } = {
  mismatching_state: stale,
  expired_state: stale,
  unknown_client: 'There is no such way to sign in here.',
  mismatching_account: 'You are not signed in with the account that this was started for.',
  invalid_server: unusable,
  unsafe_address: unusable,
  login_required: 'The other site could not sign you in without a question. Please start again.',
  provider_unavailable: later,
  temporarily_unavailable: later,
  server_error: later,
  timeout: later,
};

/** A failure, as a page shows it. */
export interface Shown {
  error: unknown;
  /** Under which the operator finds it; absent if there is nothing to find. */
  reference: string | undefined;
}

function wordsFor(error: unknown): Words {
  if (hasDeclined(error)) return declined;
  const code = error instanceof OAuthError ? error.code : undefined;
  if (code === 'cross_site_request') return foreign;
  const message =
    (code && messages[code]) ?? 'Something went wrong on the way. Nothing was changed.';
  return { title: 'Sign-in failed', message };
}

/** What developers understand of an error; users of an application in production do not see it. */
function detailsOf(error: unknown): string | undefined {
  return error instanceof OAuthError && !isProduction()
    ? `${error.code}: ${error.message}`
    : undefined;
}

/** What a page that opened a popup is told of a failure. */
export function messageFor({ error, reference }: Shown): NonNullable<Told['error']> {
  const known = error instanceof OAuthError ? error : undefined;
  const plain = [wordsFor(error).message, reference && `Reference: ${reference}.`];
  return {
    code: known?.code ?? 'application_error',
    message: known && !isProduction() ? known.message : plain.filter(Boolean).join(' '),
    declined: hasDeclined(error),
  };
}

/**
 * Says what went wrong to the user, and how to go on; with a reference for the operator, and outside of
 * production with the error's own words for the developer.
 */
export function failurePage({ error, reference }: Shown, place: FailurePlace): string {
  const refused = hasDeclined(error);
  const message: Message = {
    ...wordsFor(error),
    reference,
    details: refused ? undefined : detailsOf(error),
    on: { href: wayOn(error, place), text: refused ? 'Back' : 'Try again' },
    telling: place.telling,
  };
  return messagePage(message, place.page || {});
}

/** The sign-in page, or the start of this login; of a login that was to be added, where it began. */
function wayOn(error: unknown, { mount, login, home, page }: FailurePlace): string {
  if (login.link !== undefined) return login.returnTo;
  const query =
    login.returnTo === home ? '' : `?${new URLSearchParams({ returnTo: login.returnTo })}`;
  if (page !== false) return `${mount}/login${query}`;
  const code = error instanceof OAuthError ? error.code : undefined;
  const isStart = login.client !== '' && code !== 'unknown_client' && code !== 'access_denied';
  return isStart ? `${mount}/login/${encodeURIComponent(login.client)}${query}` : home;
}
