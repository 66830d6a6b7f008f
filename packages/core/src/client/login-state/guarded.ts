import { OAuthError, reasonOf } from '../../model/errors.js';
import { inTime } from '../../platform/timeout.js';
import type { SessionPort, StateStore } from '../../model/ports.js';
import { storeFailure } from '../../platform/store-failure.js';
import type { Awaitable } from '../../model/types.js';

/**
 * Wraps a store of pending logins so that every failure, including a timeout, is `storage_failed`.
 */
export function guardStore(store: StateStore, timeout?: number): StateStore {
  const guard = <T>(use: () => Awaitable<T>): Promise<T> =>
    guarded(use, { what: 'The store of pending logins', timeout });
  return {
    put: (key, value, ttl) => guard(() => store.put(key, value, ttl)),
    take: (key) => guard(() => store.take(key)),
  };
}

/** Wraps a session so that every step that reaches its store fails like {@link guardStore}. */
export function guardSession(session: SessionPort, timeout?: number): SessionPort {
  const step = (name: 'save' | 'renew' | 'end', what: string, otherwise?: string) => {
    const guarding = { what, timeout, otherwise };
    return session[name] && { [name]: () => guarded(() => session[name]?.(), guarding) };
  };
  return {
    get: (key) => session.get(key),
    set: (key, value) => session.set(key, value),
    ...step('save', 'Saving the session'),
    ...step('renew', 'Renewing the session'),
    ...step('end', 'Ending the session', 'No session was ended. Check the store.'),
    ...(session.store ? { store: session.store } : {}),
    ...(session.seal ? { seal: session.seal } : {}),
    ...(session.room ? { room: () => session.room?.() ?? 0 } : {}),
  };
}

/** Saves a session with the errors of {@link guardSession}. */
export function guardSave(save: () => Promise<void>, timeout?: number): () => Promise<void> {
  const otherwise = 'The refreshed token was not stored in it. Check the store.';
  return () => guarded(save, { what: 'Saving the session', timeout, otherwise });
}

/** Loads a session with a timeout, because it may use a store. */
export async function findInTime(
  find: () => Awaitable<SessionPort>,
  timeout?: number,
): Promise<SessionPort> {
  const what = 'Reading the session';
  return guardSession(await guarded(find, { what, timeout, own: true }), timeout);
}

interface Guarding {
  /** Subject of the error message. */
  what: string;
  timeout: number | undefined;
  /** Whether errors of the step itself are rethrown unchanged. */
  own?: boolean;
  /** What did not happen, and what to do. */
  otherwise?: string | undefined;
}

async function guarded<T>(use: () => Awaitable<T>, guarding: Guarding): Promise<T> {
  const { what, timeout, own, otherwise = noSession } = guarding;
  try {
    return await inTime(use, timeout);
  } catch (error) {
    const isOurs = error instanceof OAuthError;
    if (isOurs || (own && reasonOf(error) !== 'TIMEOUT')) throw error;
    throw storeFailure(what, error, otherwise);
  }
}

const noSession = 'The login did not continue. Check the store.';
