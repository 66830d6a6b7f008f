import type { BrowserExchange, Seal } from '../ports.js';
import type { Awaitable } from '../types.js';
import {
  addLoginCookie,
  cookieContent,
  cookieName,
  dropLoginCookie,
  isSecure,
  keepFor,
  loginId,
  readLoginCookies,
  type CookieLimits,
} from './cookies.js';
import type { LoginStorage, PendingLogin } from './pending-logins.js';

/**
 * The fields of a pending login in the order they are sealed in. All of them, or a login would come back
 * with less than it went with; but not the state, because nothing opens without it.
 */
const places: Record<Exclude<keyof PendingLogin, 'state'>, number> = {
  id: 0,
  client: 1,
  kind: 2,
  expiresAt: 3,
  redirectUri: 4,
  codeVerifier: 5,
  nonce: 6,
  openid: 7,
  maxAge: 8,
  formPost: 9,
  requestTokenSecret: 10,
  carry: 11,
  responseType: 12,
  fragment: 13,
  jarm: 14,
  acrValues: 15,
  dpopKey: 16,
  issuer: 17,
  server: 18,
  clientId: 19,
  scope: 20,
};

const fields = Object.keys(places) as (keyof typeof places)[];

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
      const maxAge = keepFor(login);
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
  const last = fields.findLastIndex((field) => login[field] !== undefined);
  return JSON.stringify(fields.slice(0, last + 1).map((field) => login[field] ?? null));
}

function read(text: string, state: string): PendingLogin {
  const values = JSON.parse(text) as unknown[];
  const entries = fields.map((field, index) => [field, values[index] ?? undefined]);
  return {
    ...Object.fromEntries(entries.filter(([, value]) => value !== undefined)),
    state,
  } as PendingLogin;
}
