import type { OAuthErrorCode } from '../model/error-codes.js';
import { OAuthError } from '../model/errors.js';
import { hasDeclined } from '../client/events/events.js';
import type { Html } from '../platform/html.js';
import type { Look } from './pages/look.js';
import { messagePage, type Message } from './pages/page.js';
import { fill, type Texts } from './pages/texts.js';
import type { PopupMessage } from './popup.js';
import { isProduction } from './report.js';
import type { Page } from './response.js';
import type { Login } from './options.js';

/** The parameter that shows the form of a login again, with the input of the query. */
export const editFlag = 'edit';

/** Context of a failure, and the links from its page. */
export interface ErrorPageContext {
  mount: string;
  login: Login;
  /** The default path to return to. */
  home: string;
  /** Whether there is a sign-in page. */
  hasPage: boolean;
  /** The user's input, if the login asks for any. */
  input?: Readonly<Record<string, string>> | undefined;
  look: Look;
  /** HTML that notifies the page that opened the popup. */
  notice?: Html | undefined;
}

type TextName = Exclude<keyof Texts, 'questions'>;

/**
 * Messages for failures that users can resolve; all others are caused by the application or the
 * provider.
 */
const messages: { [Code in OAuthErrorCode]?: TextName } = {
  mismatching_state: 'expired',
  expired_state: 'expired',
  unknown_client: 'unknownProvider',
  mismatching_account: 'otherAccount',
  invalid_server: 'unusableInput',
  unsafe_address: 'unusableInput',
  login_required: 'loginRequired',
  provider_unavailable: 'unavailable',
  temporarily_unavailable: 'unavailable',
  server_error: 'unavailable',
  timeout: 'unavailable',
};

/** A failure as shown on a page. */
export interface Shown {
  error: unknown;
  /** The reference in the operator's log; absent if nothing was logged. */
  reference: string | undefined;
}

function wordsFor(error: unknown, texts: Texts): Pick<Message, 'title' | 'message'> {
  if (hasDeclined(error)) return { title: texts.notSignedIn, message: texts.declined };
  const code = error instanceof OAuthError ? error.code : undefined;
  if (code === 'cross_site_request') return { title: texts.nothingDone, message: texts.crossSite };
  return { title: texts.failed, message: texts[(code && messages[code]) ?? 'unknownError'] };
}

/** Returns error details for developers; hidden from users in production. */
function detailsOf(error: unknown): string | undefined {
  return error instanceof OAuthError && !isProduction()
    ? `${error.code}: ${error.message}`
    : undefined;
}

/** Returns the failure message for the page that opened a popup. */
export function messageFor(
  { error, reference }: Shown,
  texts: Texts,
): NonNullable<PopupMessage['error']> {
  const known = error instanceof OAuthError ? error : undefined;
  const plain = [
    wordsFor(error, texts).message,
    reference && `${fill(texts.reference, reference)}.`,
  ];
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
export function failurePage({ error, reference }: Shown, place: ErrorPageContext): Page {
  const { look, notice } = place;
  const { texts } = look;
  const refused = hasDeclined(error);
  const message: Message = {
    ...wordsFor(error, texts),
    reference,
    details: refused ? undefined : detailsOf(error),
    on: { href: wayOn(error, place), text: refused ? texts.back : texts.tryAgain },
    notice,
  };
  return { html: messagePage(message, look), look };
}

/**
 * Returns the next step: the form with the user's input, the sign-in page, or the start of this
 * login; for account linking, the page that started it.
 */
function wayOn(error: unknown, { mount, login, home, hasPage, input }: ErrorPageContext): string {
  if (login.link !== undefined) return login.returnTo;
  const start = `${mount}/login/${encodeURIComponent(login.client)}`;
  const again = hasDeclined(error) ? undefined : input;
  const query = new URLSearchParams(again && { [editFlag]: '1', ...again });
  if (login.returnTo !== home) query.set('returnTo', login.returnTo);
  const withQuery = (path: string): string => (query.size > 0 ? `${path}?${query}` : path);
  if (again) return withQuery(start);
  if (hasPage) return withQuery(`${mount}/login`);
  const code = error instanceof OAuthError ? error.code : undefined;
  const isStart = login.client !== '' && code !== 'unknown_client' && code !== 'access_denied';
  return isStart ? withQuery(start) : home;
}
