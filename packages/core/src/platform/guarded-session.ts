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
  const guard = (use: () => Promise<void>, what: string, otherwise = noLogin): Promise<void> =>
    guardStoreStep(use, { what, timeout, otherwise }) as Promise<void>;
  const { save, renew, end, endOther, store, seal, room, id } = session;
  const guarded: SessionPort = {
    get: (key) => session.get(key),
    set: (key, value) => session.set(key, value),
    id,
  };
  if (save) guarded.save = () => guard(() => save.call(session), 'Saving the session');
  if (renew) guarded.renew = () => guard(() => renew.call(session), 'Renewing the session');
  if (end) guarded.end = () => guard(() => end.call(session), 'Ending the session', notEnded);
  if (endOther)
    guarded.endOther = (other) =>
      guard(() => endOther.call(session, other), 'Ending the session', otherNotEnded);
  if (store) guarded.store = store;
  if (seal) guarded.seal = seal;
  if (room) guarded.room = () => room.call(session);
  return guarded;
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

const notEnded = 'No session was ended. Check the store.';
const otherNotEnded = 'The session was not ended. Check the store.';
const noLogin = 'The login did not continue. Check the store.';
