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
    overwrites: true,
    get(key) {
      const found = entries.get(recordKey(key));
      return found && { version: found.version, value: found.value };
    },
    put({ userId, client, account }, { version, value }, replaces) {
      const key = { userId, client, account };
      const found = entries.get(recordKey(key));
      if (replaces !== '*' && found?.version !== replaces)
        return found && { version: found.version, value: found.value };
      entries.set(recordKey(key), { ...key, version, value });
      return { version, value };
    },
    delete(key) {
      entries.delete(recordKey(key));
    },
    list: (userId) => [...entries.values()].filter((entry) => entry.userId === userId),
    lock(key, holder, ttl) {
      const taken = locks.get(recordKey(key));
      if (taken && taken.holder !== holder && taken.until > monotonic()) return false;
      locks.set(recordKey(key), { holder, until: monotonic() + ttl });
      return true;
    },
    unlock(key, holder) {
      if (locks.get(recordKey(key))?.holder === holder) locks.delete(recordKey(key));
    },
  };
}

function recordKey({ userId, client, account }: TokenKey): string {
  return JSON.stringify([userId, client, account]);
}
