import type { UserInfo } from '../model/types.js';
import { html, Html } from './pages/html.js';
import { messagePage, type PageLook } from './pages/page.js';
import type { LoginSuccess, RoutesOptions } from './options.js';

/** What a popup tells the page that opened it. It is JSON, and nothing of it is secret. */
export interface Told {
  /** The number by which that page knows the popup. */
  id: string;
  user?: unknown;
  error?: { code: string; message: string; declined: boolean };
  /** Where the application wants the person to go. */
  goTo?: string | undefined;
}

/**
 * Tells it, and closes the window as soon as it was heard. The channel reaches pages of this origin
 * alone, and needs no opener, which a provider's Cross-Origin-Opener-Policy takes away for good; the
 * message reaches an opener in a frame, whose channels are its own, if it is of this origin.
 */
const script = `
const told = JSON.parse(document.querySelector('[data-told]').dataset.told);
const channel = new BroadcastChannel('oauth-registry ' + told.id);
channel.onmessage = () => close();
channel.postMessage(told);
opener?.postMessage(told, location.origin);`;

/** The claims of OpenID Connect Core §5.1 that people show of themselves. */
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

/** Reads from a start whether it is in a popup; only a number too long to be guessed counts. */
export function readPopup(given: URLSearchParams): string | undefined {
  const [id = '', ...others] = given.getAll('popup');
  return others.length === 0 && /^[\w-]{22,64}$/.test(id) ? id : undefined;
}

/** What a page is told of the user: what the application says, or what people show of themselves. */
export async function publicUser(
  login: LoginSuccess,
  options: Pick<RoutesOptions, 'publicUser'>,
): Promise<unknown> {
  if (options.publicUser) return await options.publicUser(login);
  return login.user && claimsOf(login.user);
}

function claimsOf(user: UserInfo): Partial<UserInfo> {
  return Object.fromEntries(Object.entries(user).filter(([name]) => publicClaims.includes(name)));
}

/** An address that a page may be led to: no browser runs a script for a redirect, but a page would. */
export function webAddress(location: string | undefined): string | undefined {
  return location !== undefined && /^(?:\/|https?:)/i.test(location) ? location : undefined;
}

/** What makes a page of ours tell the one that opened it. */
export function tellOpener(told: Told): Html {
  return html`<p hidden data-told="${JSON.stringify(told)}"></p>
    ${new Html(`<script>${script}</script>`)}`;
}

/** The last page of a popup login. People see it only where nobody listens any more. */
export function signedInPage(told: Told, home: string, look: PageLook): string {
  const message = {
    title: 'You are signed in',
    message: 'You can close this window.',
    on: { href: told.goTo ?? home, text: 'Continue' },
    telling: tellOpener(told),
  };
  return messagePage(message, look);
}
