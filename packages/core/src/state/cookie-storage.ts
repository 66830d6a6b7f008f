import { now } from '../crypto.js';
import { OAuthError } from '../errors.js';
import type { BrowserExchange, Seal } from '../ports.js';
import type { Awaitable } from '../types.js';
import {
  addLoginCookie,
  cookieContent,
  cookieName,
  dropLoginCookie,
  loginId,
  readLoginCookies,
  type CookieLimits,
} from './cookies.js';
import type { LoginStorage, PendingLogin } from './pending-logins.js';

/** The most bytes of one cookie, name included, that every browser keeps with its attributes. */
const maxCookieBytes = 3800;

/** The fields of a pending login in the order they are sealed in; the state is not among them, because
 * nothing opens without it. */
const fields = [
  'client',
  'kind',
  'expiresAt',
  'redirectUri',
  'codeVerifier',
  'nonce',
  'openid',
  'maxAge',
  'formPost',
  'requestTokenSecret',
] as const satisfies (keyof PendingLogin)[];

/**
 * Keeps each pending login in a sealed cookie of its own: no session, no server memory, and logins
 * that cannot overwrite each other.
 */
export function createCookieStorage(seal: Seal, limits: CookieLimits): LoginStorage {
  return {
    async put(browser, login) {
      const secure = isSecure(login);
      const id = await loginId(login.state);
      const cookie = { name: cookieName(id, secure), value: await seal.seal(write(login), id) };
      if (cookie.name.length + cookie.value.length > maxCookieBytes) throw tooLong();
      const maxAge = Math.ceil((login.expiresAt - now()) / 1000);
      const crossSite = login.formPost === true;
      addLoginCookie(browser, { ...cookie, secure, crossSite, maxAge }, limits);
    },
    async take(browser, state) {
      const id = await loginId(state);
      for (const secure of [true, false]) {
        const name = cookieName(id, secure);
        const opened = await open(browser, name, (value) => seal.open(value, id));
        const login = opened === undefined ? undefined : read(opened, state);
        // Over https only a __Host- cookie counts: a sibling domain could have planted the other.
        if (!login || isSecure(login) !== secure) continue;
        dropLoginCookie(browser, name);
        return login;
      }
      return undefined;
    },
  };
}

function isSecure({ redirectUri }: PendingLogin): boolean {
  return redirectUri.startsWith('https:');
}

async function open(
  browser: BrowserExchange,
  name: string,
  unseal: (value: string) => Awaitable<string | undefined>,
): Promise<string | undefined> {
  for (const cookie of readLoginCookies(browser).filter((candidate) => candidate.name === name)) {
    const opened = await unseal(cookieContent(cookie));
    if (opened !== undefined) return opened;
  }
  return undefined;
}

/** A short form, so that many logins fit into the cookies of one request. */
function write(login: PendingLogin): string {
  return JSON.stringify(fields.map((field) => login[field] ?? 0)).replace(/(,0)+]$/, ']');
}

function read(text: string, state: string): PendingLogin {
  const values = JSON.parse(text) as unknown[];
  const entries = fields.map((field, index) => [field, values[index] || undefined]);
  return {
    ...Object.fromEntries(entries.filter(([, value]) => value !== undefined)),
    state,
  } as PendingLogin;
}

function tooLong(): OAuthError {
  return new OAuthError(
    'invalid_options',
    'This pending login does not fit into a cookie: the redirect URI is too long. Shorten it, or keep ' +
      'pending logins in the session.',
  );
}
