import { checkAll, must, type Rules } from '../platform/validators.js';
import { now } from '../platform/crypto.js';
import type { IndexedSession, SessionIndex } from '../model/ports.js';

/** Options of {@link memorySessionIndex}. */
export interface MemorySessionIndexOptions {
  /** Maximum number of sessions; the oldest is removed first. Default: 100,000. */
  sessions?: number;
}

const checks: Rules<MemorySessionIndexOptions> = {
  sessions: must((v) => Number.isInteger(v) && Number(v) > 0, 'must be a whole number above 0'),
};

/**
 * Indexes sessions in the memory of this process: for tests, and for single-process applications
 * whose sessions are in memory, too.
 *
 * @example
 * ```ts
 * const oauth = new OAuth({ sessionIndex: memorySessionIndex() });
 * ```
 */
export function memorySessionIndex(options: MemorySessionIndexOptions = {}): SessionIndex {
  checkAll(options, checks, 'memorySessionIndex()');
  const { sessions: most = 100_000 } = options;
  // Maps are ordered by insertion, so the first entry is the oldest.
  const entries = new Map<string, IndexedSession & { until: number }>();
  const ids = new Map<string, Set<string>>();

  function take(id: string | undefined): IndexedSession[] {
    const found = id === undefined ? undefined : entries.get(id);
    if (!found) return [];
    const { until, ...session } = found;
    entries.delete(session.id);
    for (const key of keysOf(session)) {
      const same = ids.get(key);
      same?.delete(session.id);
      if (same?.size === 0) ids.delete(key);
    }
    return until > now() ? [session] : [];
  }

  return {
    add(session, ttl, limit) {
      const removed: IndexedSession[] = [];
      // Few expire at a time, unless the lifetimes differ.
      for (const [id, { until }] of entries) {
        if (until > now()) break;
        take(id);
      }
      entries.set(session.id, { ...session, until: now() + ttl * 1000 });
      for (const key of keysOf(session)) {
        const same = ids.get(key) ?? new Set<string>();
        ids.set(key, same.add(session.id));
        while (same.size > limit) removed.push(...take(same.values().next().value));
      }
      while (entries.size > most) removed.push(...take(entries.keys().next().value));
      return removed;
    },
    has: (id) => (entries.get(id)?.until ?? 0) > now(),
    remove: (by, key) => [...(ids.get(`${by} ${key}`) ?? [])].flatMap(take),
    delete: (id) => void take(id),
  };
}

function keysOf({ user, session }: IndexedSession): string[] {
  return [`user ${user}`, `session ${session}`];
}
