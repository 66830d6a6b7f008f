import { OAuthError } from '../../model/errors.js';
import type { TokenStore } from '../../model/ports.js';
import { guardStoreStep } from '../../platform/store-failure.js';
import type { Awaitable } from '../../model/types.js';

/** Wraps a token store so that every failure, including a timeout, is `storage_failed`. */
export function guardTokenStore(store: TokenStore, timeout: number): TokenStore {
  const guard = <R>(use: () => Awaitable<R>): Promise<R> =>
    guardStoreStep(use, { what: 'The token store', timeout, otherwise: passes });
  return {
    get: (key) => guard(() => store.get(key)),
    put: (key, entry, replaces) => guard(() => store.put(key, entry, replaces)),
    delete: (key) => guard(() => store.delete(key)),
    list: (userId) => guard(() => store.list(userId)),
    lock: (key, holder, ttl) => guard(() => store.lock(key, holder, ttl)),
    unlock: (key, holder) => guard(() => store.unlock(key, holder)),
  };
}

const passes = 'Cached tokens still work; try again.';

/** Creates the error for a token store that misbehaved. */
export function storeFailed(reason?: string): OAuthError {
  return new OAuthError(
    'storage_failed',
    `The token store failed${reason ? ` (${reason})` : ''}. ${passes}`,
    { reason },
  );
}

/** Returns whether an error is a possibly temporary failure of a store. */
export function isStoreFailure(error: unknown): boolean {
  return error instanceof OAuthError && error.code === 'storage_failed';
}
