/**
 * Ends a request when its time is over, or when its caller aborts. An `AbortSignal` takes as long as the
 * rest of a small request, so there is one only for `fetch`.
 */
export class Cancellation {
  readonly #caller: AbortSignal | undefined;
  #controller: AbortController | undefined;
  #stop: ((reason: unknown) => void) | undefined;
  #reason: { value: unknown } | undefined;

  /** @param caller the signal of the caller */
  constructor(caller?: AbortSignal) {
    this.#caller = caller;
  }

  /** Ends the request. */
  cancel(reason: unknown): void {
    this.#reason ??= { value: reason };
    this.#controller?.abort(reason);
    this.#stop?.(reason);
  }

  throwIfCancelled(): void {
    this.#caller?.throwIfAborted();
    if (this.#reason) throw this.#reason.value;
  }

  /** Runs a function if the request is cancelled, until the returned function is called. */
  onCancel(stop: (reason: unknown) => void): () => void {
    const caller = this.#caller;
    const byCaller = (): void => stop(caller?.reason);
    caller?.addEventListener('abort', byCaller, { once: true });
    this.#stop = stop;
    return () => {
      // A repeated request may have set its own.
      if (this.#stop === stop) this.#stop = undefined;
      caller?.removeEventListener('abort', byCaller);
    };
  }

  /** The same as a signal. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#reason) this.#controller.abort(this.#reason.value);
    const { signal } = this.#controller;
    // Node 20 leaks the results of AbortSignal.any(), so a call without a signal must not use it.
    return this.#caller ? AbortSignal.any([signal, this.#caller]) : signal;
  }
}
