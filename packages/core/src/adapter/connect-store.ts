import { now } from '../platform/crypto.js';
import { reasonOf } from '../model/errors.js';
import type { StateStore } from '../model/ports.js';

/** The callbacks of a session store. */
type Callback = (error?: unknown, value?: object | null) => void;

/** A session store of express-session or @fastify/session. */
export interface ConnectStore {
  get(id: string, callback: Callback): unknown;
  set(id: string, session: object, callback: Callback): unknown;
  destroy(id: string, callback: Callback): unknown;
}

/**
 * Stores entries beside the sessions of a session store, formatted as expiring sessions because
 * such stores accept nothing else.
 */
export function connectStore(store: ConnectStore): StateStore {
  return {
    async put(key, value, ttl) {
      const maxAge = ttl * 1000;
      const expires = new Date(now() + maxAge);
      const cookie = { originalMaxAge: maxAge, maxAge, expires, httpOnly: true, path: '/' };
      await callStore((callback) => store.set(key, { cookie, login: value }, callback));
    },
    async take(key) {
      const entry = await callStore((callback) => store.get(key, callback));
      const login: unknown = entry && 'login' in entry ? entry.login : undefined;
      if (typeof login !== 'string') return undefined;
      await callStore((callback) => store.destroy(key, callback));
      return login;
    },
  };
}

/** Calls a store. File-based stores report a missing entry as ENOENT. */
async function callStore(run: (callback: Callback) => unknown): Promise<object | undefined> {
  return await fromCallback(run).catch((error: unknown) => {
    if (reasonOf(error) !== 'ENOENT') throw error;
    return undefined;
  });
}

/** Calls a function that takes a callback. */
export function fromCallback(run: (callback: Callback) => unknown): Promise<object | undefined> {
  return new Promise((resolve, reject) => {
    run((error, value) => (error ? reject(error) : resolve(value ?? undefined)));
  });
}
