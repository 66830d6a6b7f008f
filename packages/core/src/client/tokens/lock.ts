import { monotonic, randomToken } from '../../platform/crypto.js';
import type { TokenKey, TokenStore } from '../../model/ports.js';
import { tokenStoreFailed } from '../../platform/store-failure.js';

/** How a caller waits while another holder has a lock. */
export interface LockWait<R> {
  /** Maximum milliseconds. */
  timeout: number;
  /** Looks for a result that makes the work unnecessary; called after each pause. */
  find?: (() => Promise<R | undefined>) | undefined;
  /** Creates the error of a wait that was too long. */
  late: () => Error;
}

/**
 * A lock in a store with a TTL. Its holder extends it while running; if the holder crashes, the
 * lock expires. Compare-and-set stops a holder that lost it without noticing.
 */
export class StoreLock {
  readonly #store: TokenStore;
  readonly #key: TokenKey;
  readonly #holder = randomToken(16);
  readonly #length: number;
  /**
   * Measured from before the store call, so that it expires here before it expires in the store.
   */
  #until = 0;
  /** Whether it had expired before it was extended, so that another holder may have had it. */
  #hasLapsed = false;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  /** The extension in progress. */
  #beat: Promise<unknown> | undefined;

  /** @param length milliseconds */
  constructor(store: TokenStore, key: TokenKey, length: number) {
    this.#store = store;
    this.#key = key;
    this.#length = length;
  }

  /** Runs work under the lock; `hasWaited` is whether another holder had it first. */
  async hold<R>(
    { timeout, find, late }: LockWait<R>,
    work: (hasWaited: boolean) => Promise<R>,
  ): Promise<R> {
    const start = monotonic();
    let hasWaited = false;
    for (let pause = 10; !(await this.#extend()); pause = Math.min(pause * 1.5, 250)) {
      if (monotonic() >= start + timeout) throw late();
      hasWaited = true;
      await sleep(pause * (0.5 + Math.random()));
      const found = await find?.();
      if (found !== undefined) return found;
    }
    this.#hasLapsed = false;
    this.#heartbeat = setInterval(() => {
      this.#beat ??= this.#extend()
        .catch(() => false)
        .finally(() => (this.#beat = undefined));
    }, this.#length / 3);
    try {
      return await work(hasWaited);
    } finally {
      await this.#release();
    }
  }

  /**
   * Ensures that the lock is held for at least half of its TTL; throws if it was lost. Returns
   * whether it was held all the time since the last call: a process that was suspended may acquire
   * an expired lock again, although another holder had it in the meantime.
   */
  async ensure(): Promise<boolean> {
    const isLong = this.#until >= monotonic() + this.#length / 2;
    if (!isLong && !((await this.#extend()) && this.#until > monotonic()))
      throw tokenStoreFailed('LOCK_LOST');
    const hasLapsed = this.#hasLapsed;
    this.#hasLapsed = false;
    return !hasLapsed;
  }

  /** Releases the lock. If that fails, it expires in the store. */
  async #release(): Promise<void> {
    clearInterval(this.#heartbeat);
    // An extension that arrives after the release would acquire the lock again.
    await this.#beat;
    try {
      await this.#store.unlock(this.#key, this.#holder);
    } catch {
      // Failing to release is harmless.
    }
  }

  async #extend(): Promise<boolean> {
    const asked = monotonic();
    const held = await this.#store.lock(this.#key, this.#holder, this.#length);
    // Measured when the response arrives: the store may have handled the call late.
    if (this.#until <= monotonic()) this.#hasLapsed = true;
    this.#until = held ? asked + this.#length : 0;
    return held;
  }
}

/** Waits a number of milliseconds. */
export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
