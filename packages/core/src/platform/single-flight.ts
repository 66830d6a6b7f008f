/** Deduplicates concurrent work: callers with the same key share one run. */
export class SingleFlight<V> {
  readonly #running = new Map<string, Promise<V>>();

  /** Joins the run with a key, or starts one, which can ask whether it was forgotten meanwhile. */
  run(key: string, start: (isCurrent: () => boolean) => Promise<V>): Promise<V> {
    const running = this.#running.get(key);
    if (running) return running;
    const isCurrent = (): boolean => this.#running.get(key) === flight;
    const flight: Promise<V> = start(isCurrent).finally(() => {
      if (isCurrent()) this.#running.delete(key);
    });
    this.#running.set(key, flight);
    return flight;
  }

  isRunning(key: string): boolean {
    return this.#running.has(key);
  }

  /** Lets the next caller start another run, even if one has not ended. */
  forget(key: string): void {
    this.#running.delete(key);
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
