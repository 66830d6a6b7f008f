import { BoundedCache } from '../../platform/bounded-cache.js';
import type { Limits } from '../../options/limits.js';

/** One client's part of the registry's token cache, for one purpose. */
export interface MemoryPart<V> {
  get(key: string): V | undefined;
  /** Stores a value for a number of milliseconds. */
  set(key: string, value: V, lifetime: number): void;
  delete(key: string): void;
}

/**
 * The token cache of a registry, bounded in entries and bytes across all clients, so that many
 * tenants use no more memory than one. Values that must not be lost have a separate limit, which
 * cached reads cannot use up.
 */
export class TokenMemory {
  readonly #read: BoundedCache<unknown>;
  readonly #unsaved: BoundedCache<unknown>;

  constructor({ cachedTokens: entries, tokenBytesInMemory: bytes }: Limits) {
    this.#read = new BoundedCache(entries, bytes);
    this.#unsaved = new BoundedCache(entries, bytes);
  }

  /** Returns the cache of values that can be read or requested again. */
  part<V>(client: string, purpose: string): MemoryPart<V> {
    return partOf(this.#read, [client, purpose]);
  }

  /**
   * Returns the cache of values that exist nowhere else: unstored refreshed tokens, and interrupted
   * refreshes.
   */
  unsavedPart<V>(client: string, purpose: string): MemoryPart<V> {
    return partOf(this.#unsaved, [client, purpose]);
  }
}

function partOf<V>(
  cache: BoundedCache<unknown>,
  part: [client: string, purpose: string],
): MemoryPart<V> {
  const nameOf = (key: string): string => JSON.stringify([...part, key]);
  return {
    // Each purpose of a client has values of one type.
    get: (key) => cache.get(nameOf(key)) as V | undefined,
    set: (key, value, lifetime) => cache.set(nameOf(key), value, lifetime),
    delete: (key) => cache.delete(nameOf(key)),
  };
}
