/** Deduplicates concurrent work: callers with the same key share one run. */
export class SingleFlight<V> {
  readonly #running = new Map<string, Promise<V>>();

  run(key: string, start: () => Promise<V>): Promise<V> {
    const running = this.#running.get(key);
    if (running) return running;
    const flight = start().finally(() => this.#running.delete(key));
    this.#running.set(key, flight);
    return flight;
  }
}

/** Waits for shared work; a signal aborts the wait, not the work. */
export async function waitFor<V>(work: Promise<V>, signal: AbortSignal | undefined): Promise<V> {
  if (!signal) return await work;
  const over = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { signal: over.signal });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    over.abort();
  }
}
