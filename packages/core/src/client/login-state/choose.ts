import { OAuthError } from '../../model/errors.js';
import type { RegistryOptions } from '../../options/read-registry-options.js';
import type { BrowserRequest } from '../../model/ports.js';
import { createCookieStorage } from './in-cookie.js';
import type { LoginStorage } from './pending-logins.js';
import { createSeal } from '../../platform/seal.js';
import { createSessionStorage } from './in-session.js';
import { StoreStorage } from './in-store.js';

/** The `reason` of a `missing_session` error if the application has no session. */
export const noSession = 'NO_SESSION';

/**
 * The `reason` of a `missing_session` error if the session cookie is not sent when the provider
 * redirects back.
 */
export const strictCookie = 'SAME_SITE_STRICT';

/**
 * Maximum bytes of login cookies beside a session whose cookie is small or not from this package.
 */
const besideSession = 7000;

/** Maximum logins in a store, for which cookies hold only an identifier. */
const inStore = 100;

/** Selects the storage of pending logins. */
export function chooseStorage(options: Readonly<RegistryOptions>): LoginStorage {
  const { stateStorage, baseUrl, timeout, limits, given } = options;
  const common = { baseUrl, timeout };
  const bytes = given.pendingCookieBytes ?? besideSession;
  const stored = { ...common, count: given.pendingLogins ?? inStore, bytes };
  const beside = { ...common, count: limits.pendingLogins, bytes, stored };
  const sessions = createSessionStorage(beside, options.session);
  if (stateStorage === 'session') return sessions;
  if (stateStorage !== undefined && stateStorage !== 'cookie')
    return beforeStart(new StoreStorage(stateStorage, stored));
  if (stateStorage === undefined && options.secret === undefined) return sessions;
  const seal = createSeal([options.secret ?? []].flat(), 'oauth-registry pending login');
  const own = { ...common, count: limits.pendingLogins, bytes: limits.pendingCookieBytes };
  const sealed = beforeStart(createCookieStorage(seal, own));
  if (stateStorage === 'cookie') return sealed;
  return options.session ? sessions : cookiesWithoutSession(sessions, sealed);
}

/**
 * Uses encrypted cookies for a request without a session, but not for one with an unusable session.
 */
function cookiesWithoutSession(sessions: LoginStorage, sealed: LoginStorage): LoginStorage {
  const mountOf = async (browser: BrowserRequest): Promise<LoginStorage> =>
    (await reasonAgainst(browser)) === noSession ? sealed : sessions;
  return {
    put: async (browser, login) => await (await mountOf(browser)).put(browser, login),
    take: async (browser, login) => await (await mountOf(browser)).take(browser, login),
    binds: async (browser, login) =>
      (await (await mountOf(browser)).binds?.(browser, login)) ?? false,
    drop: async (browser) => await (await mountOf(browser)).drop(browser),
    shared: async (browser) => await sessions.shared?.(browser),
  };
}

/**
 * Rejects an unusable session before a login starts, even if the storage needs none: the login
 * would restart forever.
 */
function beforeStart(storage: LoginStorage): LoginStorage {
  return {
    async put(browser, login) {
      if ((await reasonAgainst(browser)) === strictCookie) await browser.session();
      await storage.put(browser, login);
    },
    take: async (browser, login) => await storage.take(browser, login),
    binds: async (browser, login) => (await storage.binds?.(browser, login)) ?? false,
    drop: async (browser) => await storage.drop(browser),
    shared: async (browser) => await storage.shared?.(browser),
  };
}

/** Returns why the framework's session cannot be used, if so. */
async function reasonAgainst(browser: BrowserRequest): Promise<string | undefined> {
  try {
    await browser.session();
    return undefined;
  } catch (error) {
    return error instanceof OAuthError ? error.reason : undefined;
  }
}
