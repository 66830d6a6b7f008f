import { filterMembers } from '../platform/encoding.js';
import { html, Html } from '../platform/html.js';
import type { Look } from './pages/look.js';
import { messagePage } from './pages/page.js';
import type { LoginSuccess, RoutesOptions } from './options.js';

/** The message of a popup to the page that opened it. It is JSON and contains no secrets. */
export interface PopupMessage {
  /** The identifier of the popup. */
  id: string;
  user?: unknown;
  error?: { code: string; message: string; declined: boolean };
  /** The URL the application redirects the user to. */
  goTo?: string | undefined;
}

/**
 * Sends the message and closes the window once it is received. The channel reaches only pages of
 * this origin and needs no opener, which a provider's Cross-Origin-Opener-Policy removes;
 * `postMessage` reaches an opener in a frame of this origin, whose channels are partitioned.
 */
const script = `
const message = JSON.parse(document.querySelector('[data-message]').dataset.message);
const channel = new BroadcastChannel('oauth-registry ' + message.id);
channel.onmessage = () => close();
channel.postMessage(message);
opener?.postMessage(message, location.origin);`;

/** The claims of OpenID Connect Core §5.1 that are public by nature. */
const publicClaims = [
  'sub',
  'name',
  'given_name',
  'family_name',
  'nickname',
  'preferred_username',
  'profile',
  'picture',
  'website',
  'email',
  'email_verified',
  'locale',
  'zoneinfo',
];

/** Reads the popup identifier of a start; identifiers short enough to guess are ignored. */
export function readPopup(given: URLSearchParams): string | undefined {
  const [id = '', ...others] = given.getAll('popup');
  return others.length === 0 && /^[\w-]{22,64}$/.test(id) ? id : undefined;
}

/** Returns the user data for the page: the result of `publicUser`, or the public claims. */
export async function publicUser(
  login: LoginSuccess,
  options: Pick<RoutesOptions, 'publicUser'>,
): Promise<unknown> {
  if (options.publicUser) return await options.publicUser(login);
  return login.user && filterMembers(login.user, (_, name) => publicClaims.includes(name));
}

/**
 * Returns a URL that a page may navigate to. Unlike a redirect, a page could run a `javascript:`
 * URL.
 */
export function webUrl(location: string | undefined): string | undefined {
  return location !== undefined && /^(?:\/|https?:)/i.test(location) ? location : undefined;
}

/** Renders the script that notifies the page that opened the popup. */
export function notifyOpener(message: PopupMessage): Html {
  return html`<p hidden data-message="${JSON.stringify(message)}"></p>
    ${new Html(`<script>${script}</script>`)}`;
}

/** Renders the last page of a popup login. Users see it only if no page is listening any more. */
export function signedInPage(message: PopupMessage, home: string, look: Look): string {
  const { texts } = look;
  const content = {
    title: texts.signedIn,
    message: texts.closeWindow,
    on: { href: message.goTo ?? home, text: texts.proceed },
    notice: notifyOpener(message),
  };
  return messagePage(content, look);
}
