import { OAuthError, reasonOf } from '../errors.js';
import { inTime } from '../in-time.js';
import type { SessionPort, StateStore } from '../ports.js';
import { storeFailure } from '../store-failure.js';
import type { Awaitable } from '../types.js';

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
  const step = (name: 'save' | 'renew' | 'end', what: string) => {
    return session[name] && { [name]: () => guarded(() => session[name]?.(), { what, timeout }) };
  };
  return {
    get: (key) => session.get(key),
    set: (key, value) => session.set(key, value),
    ...step('save', 'Saving the session'),
    ...step('renew', 'Renewing the session'),
    ...step('end', 'Ending the session'),
    ...(session.store ? { store: session.store } : {}),
    ...(session.seal ? { seal: session.seal } : {}),
    ...(session.room ? { room: () => session.room?.() ?? 0 } : {}),
  };
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
}

async function guarded<T>(use: () => Awaitable<T>, { what, timeout, own }: Guarding): Promise<T> {
  try {
    return await inTime(use, timeout);
  } catch (error) {
    const isOurs = error instanceof OAuthError;
    if (isOurs || (own && reasonOf(error) !== 'TIMEOUT')) throw error;
    throw storeFailure(what, error, 'Nobody was redirected or logged in. Check the store.');
  }
}
