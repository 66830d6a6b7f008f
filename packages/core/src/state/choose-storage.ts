import type { RegistryOptions } from '../options/registry.js';
import { createCookieStorage } from './cookie-storage.js';
import type { LoginStorage } from './pending-logins.js';
import { createSeal } from './seal.js';
import { createSessionStorage } from './session-storage.js';
import { createStoreStorage } from './store-storage.js';

/** Where the pending logins of a registry wait. */
export function chooseStorage(options: Readonly<RegistryOptions>): LoginStorage {
  const { stateStorage = 'session', limits } = options;
  const cookies = { count: limits.pendingLogins, bytes: limits.pendingCookieBytes };
  if (stateStorage === 'session') return createSessionStorage(cookies, options.session);
  if (stateStorage !== 'cookie') return createStoreStorage(stateStorage, cookies);
  const seal = createSeal([options.secret ?? []].flat(), 'oauth-registry pending login');
  return createCookieStorage(seal, cookies);
}
