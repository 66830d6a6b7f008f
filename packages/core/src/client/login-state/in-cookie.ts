import { fromBase64Url, toBase64Url } from '../../platform/encoding.js';
import type { BrowserRequest, Seal } from '../../model/ports.js';
import {
  byAge,
  cookieContent,
  dropLoginCookie,
  isSecure,
  storageSeconds,
  LoginCookies,
  maxSlots,
  readLoginCookies,
  setLoginCookie,
  type CookieLimits,
  type LoginCookie,
} from './cookies.js';
import { pack, unpack } from './packing.js';
import { loginId, type LoginKey, type LoginStorage, type PendingLogin } from './pending-logins.js';

/** Options of the cookie storage of pending logins. */
export interface CookieStorageOptions extends CookieLimits {
  /** Common prefix of redirect URIs. */
  baseUrl?: string | undefined;
  /** The browsers' login cookies, if several storages share them. */
  cookies?: LoginCookies;
}

/**
 * Stores each pending login in a separate encrypted cookie: no session, no server memory, and
 * logins cannot overwrite each other below the limit.
 */
export function createCookieStorage(seal: Seal, options: CookieStorageOptions): LoginStorage {
  const { baseUrl, cookies = new LoginCookies(options) } = options;

  async function open(sealed: string, { state, id }: LoginKey): Promise<PendingLogin | undefined> {
    const opened = await seal.open(sealed, id);
    const packed = opened === undefined ? undefined : fromBase64Url(opened);
    return packed && (await unpack(packed, state, baseUrl));
  }

  return {
    async put(browser, login) {
      const secure = isSecure(login);
      const text = toBase64Url(await pack(login, baseUrl));
      const content = await seal.seal(text, await loginId(login.state));
      const { name, stamp, dropped } = cookies.place(browser, { secure, size: content.length });
      for (const cookie of dropped) if (cookie.name !== name) dropLoginCookie(browser, cookie.name);
      const attributes = {
        secure,
        crossSite: login.formPost === true,
        maxAge: storageSeconds(login),
      };
      setLoginCookie(browser, { name, value: stamp + content }, attributes);
    },
    async take(browser, key) {
      for (const cookie of readLoginCookies(browser)) {
        const login = await open(cookieContent(cookie), key);
        // Over https only a __Host- cookie counts: a sibling domain could have set the other.
        if (!login || isSecure(login) !== cookie.name.startsWith('__Host-')) continue;
        dropLoginCookie(browser, cookie.name);
        return login;
      }
      return undefined;
    },
    drop: async (browser) => dropAll(browser),
  };
}

/**
 * Removes the login cookies of a request from the browser, up to the maximum number of encrypted
 * logins. Cookies of https are removed first, because they cannot be planted; of these, the given
 * ones, then the most recently set.
 */
export function dropAll(browser: BrowserRequest, first: readonly LoginCookie[] = []): void {
  const newest = readLoginCookies(browser).toSorted(byAge).toReversed();
  const names = [...first, ...newest].map(({ name }) => name);
  const ordered = names.toSorted((a, b) => rank(a) - rank(b));
  for (const name of [...new Set(ordered)].slice(0, maxSlots)) dropLoginCookie(browser, name);
}

function rank(name: string): number {
  return name.startsWith('__Host-') ? 0 : 1;
}
