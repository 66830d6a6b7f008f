import type { OAuthErrorCode } from '../model/error-codes.js';
import { OAuthError } from '../model/errors.js';
import { hasDeclined } from '../client/events/events.js';
import type { Html } from './pages/html.js';
import { messagePage, type Message } from './pages/page.js';
import type { PopupMessage } from './popup.js';
import { isProduction } from './report.js';
import type { Login, RoutesOptions } from './options.js';

/** Context of a failure, and the links from its page. */
export interface ErrorPageContext {
  mount: string;
  login: Login;
  /** The default path to return to. */
  home: string;
  page: RoutesOptions['page'];
  /** HTML that notifies the page that opened the popup. */
  notice?: Html | undefined;
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
const later = 'The other site is not responding at the moment. Please try again in a little while.';

const unusable =
  'You cannot sign in with what you entered. Please check it, or try something else.';

/**
 * Messages for failures that users can resolve; all others are caused by the application or the
 * provider.
 */
const messages: { [Code in OAuthErrorCode]?: string } = {
  mismatching_state: stale,
  expired_state: stale,
  unknown_client: 'This way to sign in does not exist here.',
  mismatching_account: 'You are not signed in with the account that this was started for.',
  invalid_server: unusable,
  unsafe_address: unusable,
  login_required:
    'The other site must ask you a question before it can sign you in. Please start again.',
  provider_unavailable: later,
  temporarily_unavailable: later,
  server_error: later,
  timeout: later,
};

/** A failure as shown on a page. */
export interface Shown {
  error: unknown;
  /** The reference in the operator's log; absent if nothing was logged. */
  reference: string | undefined;
}

function wordsFor(error: unknown): Words {
  if (hasDeclined(error)) return declined;
  const code = error instanceof OAuthError ? error.code : undefined;
  if (code === 'cross_site_request') return foreign;
  const message =
    (code && messages[code]) ??
    'Something went wrong while you were signing in. Nothing was changed. Please start again.';
  return { title: 'Sign-in failed', message };
}

/** Returns error details for developers; hidden from users in production. */
function detailsOf(error: unknown): string | undefined {
  return error instanceof OAuthError && !isProduction()
    ? `${error.code}: ${error.message}`
    : undefined;
}

/** Returns the failure message for the page that opened a popup. */
export function messageFor({ error, reference }: Shown): NonNullable<PopupMessage['error']> {
  const known = error instanceof OAuthError ? error : undefined;
  const plain = [wordsFor(error).message, reference && `Reference: ${reference}.`];
  return {
    code: known?.code ?? 'application_error',
    message: known && !isProduction() ? known.message : plain.filter(Boolean).join(' '),
    declined: hasDeclined(error),
  };
}

/**
 * Renders a page that describes the failure and links to a next step, with a reference for the
 * operator and, outside of production, the error's message for the developer.
 */
export function failurePage({ error, reference }: Shown, place: ErrorPageContext): string {
  const refused = hasDeclined(error);
  const message: Message = {
    ...wordsFor(error),
    reference,
    details: refused ? undefined : detailsOf(error),
    on: { href: wayOn(error, place), text: refused ? 'Back' : 'Try again' },
    notice: place.notice,
  };
  return messagePage(message, place.page || {});
}

/**
 * Returns the next step: the sign-in page, or the start of this login; for account linking, the
 * page that started it.
 */
function wayOn(error: unknown, { mount, login, home, page }: ErrorPageContext): string {
  if (login.link !== undefined) return login.returnTo;
  const query =
    login.returnTo === home ? '' : `?${new URLSearchParams({ returnTo: login.returnTo })}`;
  if (page !== false) return `${mount}/login${query}`;
  const code = error instanceof OAuthError ? error.code : undefined;
  const isStart = login.client !== '' && code !== 'unknown_client' && code !== 'access_denied';
  return isStart ? `${mount}/login/${encodeURIComponent(login.client)}${query}` : home;
}
