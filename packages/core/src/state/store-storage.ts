import { randomToken, sha256 } from '../crypto.js';
import { tryJson, toBase64Url } from '../encoding.js';
import { OAuthError, reasonOf } from '../errors.js';
import type { StateStore } from '../ports.js';
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
  type LoginCookie,
} from './cookies.js';
import { isPendingLogin, type LoginStorage, type PendingLogin } from './pending-logins.js';

/**
 * Keeps pending logins in a store of the application's own. Each is bound to its browser by a cookie
 * with a random value, without which the store's entry cannot even be named.
 */
export function createStoreStorage(store: StateStore, limits: CookieLimits): LoginStorage {
  return {
    async put(browser, login) {
      const secure = isSecure(login);
      const name = cookieName(await loginId(login.state), secure);
      const value = randomToken();
      const maxAge = keepFor(login);
      const key = await entryKey({ name, value });
      await guard(() => store.put(key, JSON.stringify(login), maxAge));
      const cookie = { name, value, secure, crossSite: login.formPost === true, maxAge };
      for (const dropped of addLoginCookie(browser, cookie, limits)) {
        const old = await entryKey({ ...dropped, value: cookieContent(dropped) });
        await guard(() => store.take(old));
      }
    },
    async take(browser, state) {
      for (const cookie of await cookiesOf(readLoginCookies(browser), state)) {
        const key = await entryKey({ ...cookie, value: cookieContent(cookie) });
        const found = await guard(() => store.take(key));
        if (found === undefined) continue;
        dropLoginCookie(browser, cookie.name);
        const login = readLogin(found);
        if (login) return login;
      }
      return undefined;
    },
    shared: async () => ({
      put: (key, value, ttl) => guard(() => store.put(key, value, ttl)),
      take: (key) => guard(() => store.take(key)),
    }),
  };
}

async function cookiesOf(cookies: LoginCookie[], state: string): Promise<LoginCookie[]> {
  const id = await loginId(state);
  const names = [cookieName(id, true), cookieName(id, false)];
  return cookies.filter(({ name }) => names.includes(name));
}

/** An entry that is not what was put there counts as none. */
function readLogin(text: string): PendingLogin | undefined {
  const login = tryJson(text);
  return isPendingLogin(login) ? login : undefined;
}

async function entryKey({ name, value }: LoginCookie): Promise<string> {
  return `oauth-registry-${toBase64Url(await sha256(`${name}=${value}`))}`;
}

async function guard<T>(use: () => Awaitable<T>): Promise<T> {
  try {
    return await use();
  } catch (error) {
    const reason = reasonOf(error);
    throw new OAuthError(
      'storage_failed',
      `The store of pending logins failed${reason ? ` (${reason})` : ''}, so nobody was redirected or logged in.`,
      { reason },
    );
  }
}
