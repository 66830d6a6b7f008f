import { OAuthError, reasonOf } from '../../model/errors.js';
import { inTime } from '../../platform/timeout.js';
import type { SessionPort, StateStore } from '../../model/ports.js';
import { storeFailure } from '../../platform/store-failure.js';
import type { Awaitable } from '../../model/types.js';

/** A store of pending logins whose every failure is `storage_failed`; one that does not respond has failed. */
export function guardStore(store: StateStore, timeout?: number): StateStore {
  const guard = <T>(use: () => Awaitable<T>): Promise<T> =>
    guarded(use, { what: 'The store of pending logins', timeout });
  return {
    put: (key, value, ttl) => guard(() => store.put(key, value, ttl)),
    take: (key) => guard(() => store.take(key)),
  };
}

/** A session whose every step that reaches its store is guarded as {@link guardStore} does it. */
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
    ...step('end', 'Ending the session', 'Nobody was logged out. Check the store.'),
    ...(session.store ? { store: session.store } : {}),
    ...(session.seal ? { seal: session.seal } : {}),
    ...(session.room ? { room: () => session.room?.() ?? 0 } : {}),
  };
}

/** Saves a session as {@link guardSession} does it. */
export function guardSave(save: () => Promise<void>, timeout?: number): () => Promise<void> {
  const otherwise = 'The refreshed token was not stored in it. Check the store.';
  return () => guarded(save, { what: 'Saving the session', timeout, otherwise });
}

/** Finds a session, which may take a store. */
export async function findInTime(
  find: () => Awaitable<SessionPort>,
  timeout?: number,
): Promise<SessionPort> {
  const what = 'Reading the session';
  return guardSession(await guarded(find, { what, timeout, own: true }), timeout);
}

interface Guarding {
  /** The beginning of the message. */
  what: string;
  timeout: number | undefined;
  /** Whether errors of the step itself are left as they are. */
  own?: boolean;
  /** What has not happened, and what to do. */
  otherwise?: string | undefined;
}

async function guarded<T>(use: () => Awaitable<T>, guarding: Guarding): Promise<T> {
  const { what, timeout, own, otherwise = nobodyIn } = guarding;
  try {
    return await inTime(use, timeout);
  } catch (error) {
    const isOurs = error instanceof OAuthError;
    if (isOurs || (own && reasonOf(error) !== 'TIMEOUT')) throw error;
    throw storeFailure(what, error, otherwise);
  }
}

const nobodyIn = 'Nobody was redirected or logged in. Check the store.';
