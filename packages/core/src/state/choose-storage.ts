import { OAuthError } from '../errors.js';
import type { RegistryOptions } from '../options/registry.js';
import type { BrowserExchange } from '../ports.js';
import { createCookieStorage } from './cookie-storage.js';
import type { LoginStorage } from './pending-logins.js';
import { createSeal } from './seal.js';
import { createSessionStorage } from './session-storage.js';
import { createStoreStorage } from './store-storage.js';

/** The `reason` of a `missing_session` where the application has no session at all. */
export const noSession = 'NO_SESSION';

/** Where the pending logins of a registry wait. */
export function chooseStorage(options: Readonly<RegistryOptions>): LoginStorage {
  const { stateStorage, limits } = options;
  const cookies = { count: limits.pendingLogins, bytes: limits.pendingCookieBytes };
  const sessions = createSessionStorage(cookies, options.session);
  if (stateStorage === 'session') return sessions;
  if (stateStorage !== undefined && stateStorage !== 'cookie')
    return createStoreStorage(stateStorage, cookies);
  if (stateStorage === undefined && options.secret === undefined) return sessions;
  const seal = createSeal([options.secret ?? []].flat(), 'oauth-registry pending login');
  const sealed = createCookieStorage(seal, cookies);
  if (stateStorage === 'cookie') return sealed;
  return options.session ? sessions : withoutSession(sessions, sealed);
}

/** Sealed cookies where the request has no session; not where it has one that would not work. */
function withoutSession(sessions: LoginStorage, sealed: LoginStorage): LoginStorage {
  const placeOf = async (browser: BrowserExchange): Promise<LoginStorage> => {
    try {
      await browser.session();
    } catch (error) {
      if (error instanceof OAuthError && error.reason === noSession) return sealed;
    }
    return sessions;
  };
  return {
    put: async (browser, login) => await (await placeOf(browser)).put(browser, login),
    take: async (browser, state) => await (await placeOf(browser)).take(browser, state),
    shared: async (browser) => await sessions.shared?.(browser),
  };
}
