import type { SessionPort, StateStore } from '../model/ports.js';
import { chain } from './awaitable.js';
import { guardStoreStep } from './store-failure.js';
import type { Awaitable } from '../model/types.js';

/**
 * Wraps a store of pending logins so that every failure, including a timeout, is `storage_failed`.
 */
export function guardStateStore(store: StateStore, timeout?: number): StateStore {
  const guard = <T>(use: () => Awaitable<T>): Awaitable<T> =>
    guardStoreStep(use, { what: 'The store of pending logins', timeout, otherwise: noLogin });
  return {
    put: (key, value, ttl) => guard(() => store.put(key, value, ttl)),
    take: (key) => guard(() => store.take(key)),
  };
}

/** Wraps a session so that every step that reaches its store fails like {@link guardStateStore}. */
export function guardSession(session: SessionPort, timeout?: number): SessionPort {
  const step = (name: 'save' | 'renew' | 'end', what: string, otherwise = noLogin) => {
    const guarding = { what, timeout, otherwise };
    return session[name] && { [name]: () => guardStoreStep(() => session[name]?.(), guarding) };
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
    ...(session.id === undefined ? {} : { id: session.id }),
    ...(session.endOther ? { endOther: endOther(session, timeout) } : {}),
  };
}

function endOther(session: SessionPort, timeout?: number): (id: string) => Promise<void> {
  const otherwise = 'The session was not ended. Check the store.';
  const guarding = { what: 'Ending the session', timeout, otherwise };
  return async (id) => await guardStoreStep(() => session.endOther?.(id), guarding);
}

/** Saves a session with the errors of {@link guardSession}. */
export function guardSave(save: () => Promise<void>, timeout?: number): () => Promise<void> {
  const otherwise = 'The refreshed token was not stored in it. Check the store.';
  return async () => await guardStoreStep(save, { what: 'Saving the session', timeout, otherwise });
}

/** Loads a session with a timeout, because it may use a store. */
export function findInTime(
  find: () => Awaitable<SessionPort>,
  timeout?: number,
): Awaitable<SessionPort> {
  const what = 'Reading the session';
  const found = guardStoreStep(find, { what, timeout, own: true, otherwise: noLogin });
  return chain(found, (session) => guardSession(session, timeout));
}

const noLogin = 'The login did not continue. Check the store.';
