import { SingleFlight } from '../platform/single-flight.js';

/**
 * Clients loaded on demand: each once for all concurrent callers, evicted least recently used. An
 * evicted client that is still referenced is reused instead of loaded twice, so that its tokens are
 * refreshed only once.
 */
export class LoadedClients<C extends object> {
  readonly #load: (name: string) => Promise<C>;
  readonly #size: number;
  /** The most recently used clients; the last one is last. */
  readonly #recent = new Map<string, C>();
  /** Evicted clients. */
  readonly #held = new Map<string, WeakRef<C>>();
  readonly #loads = new SingleFlight<C>();
  readonly #freed = new FinalizationRegistry<string>((name) => {
    if (this.#held.get(name)?.deref() === undefined) this.#held.delete(name);
  });

  constructor(load: (name: string) => Promise<C>, size: number) {
    this.#load = load;
    this.#size = size;
  }

  /**
   * Returns a client, loading it if needed. Concurrent callers share a failure, which is not
   * cached.
   */
  async get(name: string): Promise<C> {
    const known = this.#recent.get(name) ?? this.#held.get(name)?.deref();
    if (known) return this.#use(name, known);
    return await this.#loads.run(name, async (isCurrent) => {
      const client = await this.#load(name);
      return isCurrent() ? this.#use(name, client) : client;
    });
  }

  /** Removes a client from the cache, including one being loaded. */
  forget(name: string): void {
    this.#recent.delete(name);
    this.#held.delete(name);
    this.#loads.forget(name);
  }

  #use(name: string, client: C): C {
    this.#recent.delete(name);
    this.#recent.set(name, client);
    for (const [oldest, evicted] of this.#recent) {
      if (this.#recent.size <= this.#size) break;
      this.#evict(oldest, evicted);
    }
    return client;
  }

  #evict(name: string, client: C): void {
    this.#recent.delete(name);
    this.#held.set(name, new WeakRef(client));
    this.#freed.register(client, name);
  }
}
