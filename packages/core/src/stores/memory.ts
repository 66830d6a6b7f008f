import { monotonic } from '../platform/crypto.js';
import type { TokenEntry, TokenKey, TokenStore } from '../model/ports.js';

/**
 * Stores tokens in the memory of this process: for tests, scripts, and single-process applications.
 * All tokens are lost when the process ends.
 */
export function memoryStore(): TokenStore {
  const entries = new Map<string, TokenKey & TokenEntry>();
  const locks = new Map<string, { holder: string; until: number }>();
  return {
    volatile: true,
    get(key) {
      const found = entries.get(nameOf(key));
      return found && { version: found.version, value: found.value };
    },
    put({ userId, client, account }, { version, value }, replaces) {
      const key = { userId, client, account };
      if (entries.get(nameOf(key))?.version !== replaces) return false;
      entries.set(nameOf(key), { ...key, version, value });
      return true;
    },
    delete(key) {
      entries.delete(nameOf(key));
    },
    list: (userId) => [...entries.values()].filter((entry) => entry.userId === userId),
    lock(key, holder, lease) {
      const taken = locks.get(nameOf(key));
      if (taken && taken.holder !== holder && taken.until > monotonic()) return false;
      locks.set(nameOf(key), { holder, until: monotonic() + lease });
      return true;
    },
    unlock(key, holder) {
      if (locks.get(nameOf(key))?.holder === holder) locks.delete(nameOf(key));
    },
  };
}

function nameOf({ userId, client, account }: TokenKey): string {
  return JSON.stringify([userId, client, account]);
}
