import { Cache } from '../../platform/bounded-cache.js';
import type { Limits } from '../../options/registry-options.js';

/** The part of a registry's memory that one client has for one purpose. */
export interface MemoryPart<V> {
  get(key: string): V | undefined;
  /** Stores a value for so many milliseconds. */
  set(key: string, value: V, lifetime: number): void;
  delete(key: string): void;
}

/**
 * What the clients of a registry have in memory of their tokens: one bound for all of them, in entries and
 * in bytes, so that a thousand tenants take no more than one. What must not be lost has a bound of its own,
 * which tokens that are merely read cannot use up.
 */
export class TokenMemory {
  readonly #read: Cache<unknown>;
  readonly #unsaved: Cache<unknown>;

  constructor({ tokensInMemory: entries, tokenBytesInMemory: bytes }: Limits) {
    this.#read = new Cache(entries, bytes);
    this.#unsaved = new Cache(entries, bytes);
  }

  /** What can be read or asked for again. */
  part<V>(client: string, purpose: string): MemoryPart<V> {
    return partOf(this.#read, [client, purpose]);
  }

  /** What exists nowhere else: a refreshed token that was not stored, or that a refresh was interrupted. */
  unsavedPart<V>(client: string, purpose: string): MemoryPart<V> {
    return partOf(this.#unsaved, [client, purpose]);
  }
}

function partOf<V>(cache: Cache<unknown>, part: [client: string, purpose: string]): MemoryPart<V> {
  const nameOf = (key: string): string => JSON.stringify([...part, key]);
  return {
    // Each purpose of a client has values of one type.
    get: (key) => cache.get(nameOf(key)) as V | undefined,
    set: (key, value, lifetime) => cache.set(nameOf(key), value, lifetime),
    delete: (key) => cache.delete(nameOf(key)),
  };
}
