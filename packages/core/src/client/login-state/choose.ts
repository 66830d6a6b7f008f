import { OAuthError } from '../../model/errors.js';
import type { RegistryOptions } from '../../options/read-registry-options.js';
import type { BrowserExchange } from '../../model/ports.js';
import { createCookieStorage } from './in-cookie.js';
import type { LoginStorage } from './pending-logins.js';
import { createSeal } from '../../platform/seal.js';
import { createSessionStorage } from './in-session.js';
import { createStoreStorage } from './in-store.js';

/** The `reason` of a `missing_session` if the application has no session at all. */
export const noSession = 'NO_SESSION';

/** The `reason` of a `missing_session` if its cookie stays behind when the provider sends the user back. */
export const strictCookie = 'SAME_SITE_STRICT';

/** Bytes of cookies beside a session that is no cookie of this package, or hardly one. */
const besideSession = 7000;

/** Logins in a store, of which cookies have only the names. */
const inStore = 100;

/** Where the pending logins of a registry wait. */
export function chooseStorage(options: Readonly<RegistryOptions>): LoginStorage {
  const { stateStorage, baseUrl, timeout, limits, given } = options;
  const common = { baseUrl, timeout };
  const bytes = given.pendingCookieBytes ?? besideSession;
  const stored = { ...common, count: given.pendingLogins ?? inStore, bytes };
  const beside = { ...common, count: limits.pendingLogins, bytes, stored };
  const sessions = createSessionStorage(beside, options.session);
  if (stateStorage === 'session') return sessions;
  if (stateStorage !== undefined && stateStorage !== 'cookie')
    return beforeStart(createStoreStorage(stateStorage, stored));
  if (stateStorage === undefined && options.secret === undefined) return sessions;
  const seal = createSeal([options.secret ?? []].flat(), 'oauth-registry pending login');
  const own = { ...common, count: limits.pendingLogins, bytes: limits.pendingCookieBytes };
  const sealed = beforeStart(createCookieStorage(seal, own));
  if (stateStorage === 'cookie') return sealed;
  return options.session ? sessions : withoutSession(sessions, sealed);
}

/** Sealed cookies for a request that has no session; not for one whose session would not work. */
function withoutSession(sessions: LoginStorage, sealed: LoginStorage): LoginStorage {
  const placeOf = async (browser: BrowserExchange): Promise<LoginStorage> =>
    (await reasonAgainst(browser)) === noSession ? sealed : sessions;
  return {
    put: async (browser, login) => await (await placeOf(browser)).put(browser, login),
    take: async (browser, state) => await (await placeOf(browser)).take(browser, state),
    binds: async (browser, state) =>
      (await (await placeOf(browser)).binds?.(browser, state)) ?? false,
    drop: async (browser) => await (await placeOf(browser)).drop(browser),
    shared: async (browser) => await sessions.shared?.(browser),
  };
}

/** Pending logins may need no session, but a login whose session stays behind would start again for ever. */
function beforeStart(storage: LoginStorage): LoginStorage {
  return {
    ...storage,
    async put(browser, login) {
      if ((await reasonAgainst(browser)) === strictCookie) await browser.session();
      await storage.put(browser, login);
    },
  };
}

/** Why the framework's session cannot be used, if it cannot. */
async function reasonAgainst(browser: BrowserExchange): Promise<string | undefined> {
  try {
    await browser.session();
    return undefined;
  } catch (error) {
    return error instanceof OAuthError ? error.reason : undefined;
  }
}
