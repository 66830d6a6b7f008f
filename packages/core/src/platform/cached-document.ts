import type { Awaitable } from '../model/types.js';
import { now } from './crypto.js';
import { SingleFlight } from './single-flight.js';

/** Milliseconds before a load is tried again after the first failure, and after many. */
const firstPause = 5_000;
const longestPause = 60_000;

/**
 * A document at a URL, loaded on first use and again after its TTL. Concurrent callers share one
 * load. After a failure, the error is rethrown without a request during a pause that doubles with
 * each further failure.
 */
export class CachedDocument<T> {
  readonly #request: () => Promise<T>;
  readonly #ttl: number;
  readonly #loads = new SingleFlight<T>();
  #loaded: { document: T; until: number } | undefined;
  #failure: { error: unknown; pause: number; until: number } | undefined;

  /** @param ttl milliseconds */
  constructor(request: () => Promise<T>, ttl: number) {
    this.#request = request;
    this.#ttl = ttl;
  }

  /** The document that was loaded last, of any age. */
  get last(): T | undefined {
    return this.#loaded?.document;
  }

  get isLoading(): boolean {
    return this.#loads.isRunning('');
  }

  /** Returns the document; an older one if it cannot be loaded again. */
  get(): Awaitable<T> {
    return this.current ?? this.#loadOrLast();
  }

  async #loadOrLast(): Promise<T> {
    try {
      return await this.load();
    } catch (error) {
      if (this.#loaded) return this.#loaded.document;
      throw error;
    }
  }

  /** Returns a document that is not older than its TTL. */
  fresh(): Awaitable<T> {
    return this.current ?? this.load();
  }

  /** The document, if it is not older than its TTL. */
  get current(): T | undefined {
    const loaded = this.#loaded;
    return loaded && now() < loaded.until ? loaded.document : undefined;
  }

  /** Loads the document now, whatever its age, except during the pause after a failure. */
  async load(): Promise<T> {
    return await this.#loads.run('', async () => {
      if (this.#failure && now() < this.#failure.until) throw this.#failure.error;
      try {
        const document = await this.#request();
        this.#loaded = { document, until: now() + this.#ttl };
        this.#failure = undefined;
        return document;
      } catch (error) {
        const pause = this.#failure ? Math.min(this.#failure.pause * 2, longestPause) : firstPause;
        this.#failure = { error, pause, until: now() + pause };
        throw error;
      }
    });
  }
}
