import type { StateStore } from '@oauth-registry/core/types';
import type { ContractConfig } from './types.js';

type Faults = ContractConfig['store'];
type Operation = keyof NonNullable<Faults>;
type Callback = (error?: unknown, value?: unknown) => void;

/** A session store, as far as it can go wrong. */
interface SessionStore {
  get(id: string, callback: Callback): unknown;
  set(id: string, session: unknown, callback?: Callback): unknown;
  destroy(id: string, callback?: Callback): unknown;
}

/** Does what a fault says before an operation: fails, waits 50 to 400 ms, or neither. */
function before(faults: Faults): (operation: Operation) => Promise<void> {
  let calls = 0;
  return async (operation) => {
    const fault = faults?.[operation];
    // The message of a driver may contain secrets, so it must not be repeated.
    if (fault === 'fail') throw Object.assign(new Error('canary'), { code: 'ECONNREFUSED' });
    if (fault !== 'slow') return;
    calls += 1;
    await new Promise((resolve) => setTimeout(resolve, 50 + ((calls * 137) % 350)));
  };
}

/** Makes a session store of express-session's kind go wrong. */
export function withFaults<S>(store: S, faults: Faults): S {
  if (!faults) return store;
  const gate = before(faults);
  const { get, set, destroy } = store as unknown as SessionStore;
  const changed: SessionStore = {
    get: (id, done) => {
      gate('get').then(() => get.call(store, id, done), done);
    },
    set: (id, session, done = () => undefined) => {
      // A store writes what it was given, whatever becomes of the object while it waits.
      const copy: unknown = JSON.parse(JSON.stringify(session));
      gate('set').then(() => set.call(store, id, copy, done), done);
    },
    destroy: (id, done = () => undefined) => {
      gate('destroy').then(() => destroy.call(store, id, done), done);
    },
  };
  return Object.assign(store as object, changed) as S;
}

/** A `StateStore` in memory that goes wrong; reading one removes it, so both faults stop it. */
export function ownStore(faults: Faults): StateStore {
  const gate = before(faults);
  const entries = new Map<string, string>();
  return {
    async put(key, value) {
      await gate('set');
      entries.set(key, value);
    },
    async take(key) {
      await gate('get');
      await gate('destroy');
      const value = entries.get(key);
      entries.delete(key);
      return value;
    },
  };
}
