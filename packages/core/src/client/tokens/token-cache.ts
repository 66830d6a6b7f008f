import { BoundedCache, type CachePart } from '../../platform/bounded-cache.js';
import type { Limits } from '../../options/limits.js';

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
  part<V>(client: string, purpose: string): CachePart<V> {
    return this.#read.part(client, purpose);
  }

  /**
   * Returns the cache of values that exist nowhere else: unstored refreshed tokens, and interrupted
   * refreshes.
   */
  unsavedPart<V>(client: string, purpose: string): CachePart<V> {
    return this.#unsaved.part(client, purpose);
  }
}
