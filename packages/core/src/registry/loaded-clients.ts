/**
 * Clients loaded on demand: each once for all concurrent callers, evicted least recently used. An
 * evicted client that is still referenced is reused instead of loaded twice, so that its tokens are
 * refreshed only once.
 */
export class LoadedClients<C extends object> {
  readonly #load: (name: string) => Promise<C>;
  readonly #size: number;
  readonly #recent = new Map<string, C>();
  readonly #held = new Map<string, WeakRef<C>>();
  readonly #loading = new Map<string, Promise<C>>();
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
  get(name: string): Promise<C> {
    const known = this.#recent.get(name) ?? this.#held.get(name)?.deref();
    if (known) return Promise.resolve(this.#use(name, known));
    const running = this.#loading.get(name);
    if (running) return running;
    const isCurrent = (): boolean => this.#loading.get(name) === loading;
    const loading: Promise<C> = this.#load(name)
      .then((client) => (isCurrent() ? this.#keep(name, client) : client))
      .finally(() => isCurrent() && this.#loading.delete(name));
    this.#loading.set(name, loading);
    return loading;
  }

  /** Removes a client from the cache, including one being loaded. */
  forget(name: string): void {
    this.#recent.delete(name);
    this.#held.delete(name);
    this.#loading.delete(name);
  }

  #keep(name: string, client: C): C {
    this.#held.set(name, new WeakRef(client));
    this.#freed.register(client, name);
    return this.#use(name, client);
  }

  #use(name: string, client: C): C {
    this.#recent.delete(name);
    this.#recent.set(name, client);
    const [oldest] = this.#recent.keys();
    if (this.#recent.size > this.#size && oldest !== undefined) this.#recent.delete(oldest);
    return client;
  }
}
