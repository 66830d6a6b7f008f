import { monotonic } from './crypto.js';

/** Part of a cache, for values of one type and purpose. */
export interface CachePart<V> {
  get(key: string): V | undefined;
  /** Stores a value for a number of milliseconds. */
  set(key: string, value: V, lifetime: number): void;
  delete(key: string): void;
}

interface Entry<V> {
  value: V;
  until: number;
  bytes: number;
}

/** Bytes of an entry besides its texts: objects, map slot, string headers. */
const overhead = 600;

/**
 * A cache bounded in entries and optionally in bytes, with a TTL per entry; evicts least recently
 * used.
 */
export class BoundedCache<V> {
  readonly #entries = new Map<string, Entry<V>>();
  readonly #size: number;
  readonly #bytes: number;
  #used = 0;

  /** @param bytes limit on the JSON text of keys and values, which approximates their size */
  constructor(size: number, bytes: number = Infinity) {
    this.#size = size;
    this.#bytes = bytes;
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    if (entry.until <= monotonic()) {
      this.delete(key);
      return undefined;
    }
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** Stores a value for a number of milliseconds; a value larger than the limit is not stored. */
  set(key: string, value: V, lifetime: number = Infinity): void {
    this.delete(key);
    const now = monotonic();
    const bytes = this.#bytes === Infinity ? 0 : entryBytes(key, value);
    if (lifetime > 0 && bytes <= this.#bytes) {
      this.#entries.set(key, { value, until: now + lifetime, bytes });
      this.#used += bytes;
    }
    this.#shrink(now);
  }

  /** Adds bytes to the recorded size of a value, if it is still cached under its key. */
  grow(key: string, value: V, bytes: number): void {
    const entry = this.#entries.get(key);
    if (entry?.value !== value) return;
    entry.bytes += bytes;
    this.#used += bytes;
    this.#shrink(monotonic());
  }

  /** Returns the part of this cache with a name. It shares the limits with the others. */
  part<P extends V>(...name: readonly string[]): CachePart<P> {
    const keyOf = (key: string): string => JSON.stringify([...name, key]);
    return {
      // All values under a name have one type.
      get: (key) => this.get(keyOf(key)) as P | undefined,
      set: (key, value, lifetime) => this.set(keyOf(key), value, lifetime),
      delete: (key) => this.delete(keyOf(key)),
    };
  }

  #shrink(now: number): void {
    for (const [name, { until }] of this.#entries) {
      const fits = this.#entries.size <= this.#size && this.#used <= this.#bytes;
      if (fits && until > now) break;
      this.delete(name);
    }
  }

  delete(key: string): void {
    this.#used -= this.#entries.get(key)?.bytes ?? 0;
    this.#entries.delete(key);
  }
}

function entryBytes(key: string, value: unknown): number {
  // JSON does not support bigint values; databases return them.
  const text = JSON.stringify(value, (_name, part: unknown) =>
    typeof part === 'bigint' ? String(part) : part,
  );
  return overhead + 2 * (key.length + (text?.length ?? 0));
}
