import { monotonic, randomToken } from '../../platform/crypto.js';
import type { TokenKey, TokenStore } from '../../model/ports.js';
import { storeFailed } from './guarded-store.js';

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
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  /** The extension in progress. */
  #beat: Promise<unknown> | undefined;

  /** @param length milliseconds */
  constructor(store: TokenStore, key: TokenKey, length: number) {
    this.#store = store;
    this.#key = key;
    this.#length = length;
  }

  /** Acquires the lock if it is free. */
  async take(): Promise<boolean> {
    if (!(await this.#extend())) return false;
    this.#heartbeat = setInterval(() => {
      this.#beat ??= this.#extend()
        .catch(() => false)
        .finally(() => (this.#beat = undefined));
    }, this.#length / 3);
    return true;
  }

  /** Ensures that the lock is held for at least half of its TTL; throws if it was lost. */
  async ensure(): Promise<void> {
    if (this.#left() >= this.#length / 2) return;
    if ((await this.#extend()) && this.#left() > 0) return;
    throw storeFailed('LOCK_LOST');
  }

  /** Releases the lock. If that fails, it expires in the store. */
  async release(): Promise<void> {
    clearInterval(this.#heartbeat);
    // An extension that arrives after the release would acquire the lock again.
    await this.#beat;
    try {
      await this.#store.unlock(this.#key, this.#holder);
    } catch {
      // Failing to release is harmless.
    }
  }

  #left(): number {
    return this.#until - monotonic();
  }

  async #extend(): Promise<boolean> {
    const asked = monotonic();
    const held = await this.#store.lock(this.#key, this.#holder, this.#length);
    this.#until = held ? asked + this.#length : 0;
    return held;
  }
}

/** Waits a number of milliseconds. */
export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
