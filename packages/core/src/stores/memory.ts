import { monotonic } from '../platform/crypto.js';
import type { TokenEntry, TokenKey, TokenPage, TokenStore } from '../model/ports.js';

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
    put({ userId, client, account }, { version, value, dueAt }, replaces) {
      const key = { userId, client, account };
      const found = entries.get(recordKey(key));
      if (replaces !== '*' && found?.version !== replaces)
        return found && { version: found.version, value: found.value };
      entries.set(recordKey(key), {
        ...key,
        version,
        value,
        ...(dueAt === undefined ? {} : { dueAt }),
      });
      return { version, value };
    },
    delete(key) {
      entries.delete(recordKey(key));
    },
    list: (userId) => [...entries.values()].filter((entry) => entry.userId === userId),
    page: (limit, after) => {
      const sorted = [...entries].toSorted(([a], [b]) => compare(a, b));
      return pageOf(sorted, limit, after);
    },
    due: (before, limit, after) => {
      const found = [...entries.values()].filter(({ dueAt = Infinity }) => dueAt < before);
      const named = found.map((entry): [string, TokenKey & TokenEntry] => [
        `${String(entry.dueAt).padStart(16, '0')} ${recordKey(entry)}`,
        entry,
      ]);
      return pageOf(
        named.toSorted(([a], [b]) => compare(a, b)),
        limit,
        after,
      );
    },
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

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** The part of sorted entries after a name. */
function pageOf(
  sorted: readonly [name: string, entry: TokenKey & TokenEntry][],
  limit: number,
  after: string | undefined,
): TokenPage {
  const rest = after === undefined ? sorted : sorted.filter(([name]) => name > after);
  const page = rest.slice(0, limit);
  const entries = page.map(([, entry]) => entry);
  return rest.length > limit ? { entries, next: page.at(-1)?.[0] } : { entries };
}

function recordKey({ userId, client, account }: TokenKey): string {
  return JSON.stringify([userId, client, account]);
}
