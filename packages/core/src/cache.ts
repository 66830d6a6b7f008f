import { monotonic } from './crypto.js';

/** A bounded memory whose entries end after a time; the one unused for longest goes first. */
export class Cache<V> {
  readonly #entries = new Map<string, { value: V; until: number }>();
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    if (entry.until <= monotonic()) return undefined;
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** Keeps a value for so many milliseconds. */
  set(key: string, value: V, lifetime: number): void {
    this.#entries.delete(key);
    if (lifetime <= 0) return;
    this.#entries.set(key, { value, until: monotonic() + lifetime });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.#size && oldest !== undefined) this.#entries.delete(oldest);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }
}
