import { monotonic } from './crypto.js';

interface Entry<V> {
  value: V;
  until: number;
  bytes: number;
}

/** What an entry takes beside its texts: objects, the map, the string headers. */
const overhead = 600;

/**
 * A memory bounded in entries and, if told so, in bytes, whose entries end after a time; the least
 * recently used goes first.
 */
export class Cache<V> {
  readonly #entries = new Map<string, Entry<V>>();
  readonly #size: number;
  readonly #bytes: number;
  #used = 0;

  /** @param bytes bounds the JSON text of the values with their keys, which is about what they take */
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

  /** Stores a value for so many milliseconds; one that is larger than all there may be is not stored. */
  set(key: string, value: V, lifetime: number): void {
    this.delete(key);
    const now = monotonic();
    const bytes = this.#bytes === Infinity ? 0 : bytesOf(key, value);
    if (lifetime > 0 && bytes <= this.#bytes) {
      this.#entries.set(key, { value, until: now + lifetime, bytes });
      this.#used += bytes;
    }
    this.#shrink(now);
  }

  /** Says that the value takes so many bytes more than its JSON text, if it is still the one of its key. */
  grow(key: string, value: V, bytes: number): void {
    const entry = this.#entries.get(key);
    if (entry?.value !== value) return;
    entry.bytes += bytes;
    this.#used += bytes;
    this.#shrink(monotonic());
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

function bytesOf(key: string, value: unknown): number {
  // JSON has no big integers; databases do.
  const text = JSON.stringify(value, (_name, part: unknown) =>
    typeof part === 'bigint' ? String(part) : part,
  );
  return overhead + 2 * (key.length + (text?.length ?? 0));
}
