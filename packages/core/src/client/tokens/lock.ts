import { monotonic, randomToken } from '../../platform/crypto.js';
import type { TokenKey, TokenStore } from '../../model/ports.js';
import { storeFailed } from './guarded-store.js';

/**
 * A store's lock, for a while. It is extended as long as its holder lives; when the holder dies, the
 * store lets the next one in. Whoever lost it without noticing is stopped by compare-and-set.
 */
export class Lease {
  readonly #store: TokenStore;
  readonly #key: TokenKey;
  readonly #holder = randomToken(16);
  readonly #length: number;
  /** Measured from before the store was asked, so that it ends here before it ends there. */
  #until = 0;
  #heartbeat: ReturnType<typeof setInterval> | undefined;
  /** The extension that is under way. */
  #beat: Promise<unknown> | undefined;

  /** @param length milliseconds */
  constructor(store: TokenStore, key: TokenKey, length: number) {
    this.#store = store;
    this.#key = key;
    this.#length = length;
  }

  /** Takes the lock, if nobody else has it. */
  async take(): Promise<boolean> {
    if (!(await this.#extend())) return false;
    this.#heartbeat = setInterval(() => {
      this.#beat ??= this.#extend()
        .catch(() => false)
        .finally(() => (this.#beat = undefined));
    }, this.#length / 3);
    return true;
  }

  /** Makes sure that the lock is held for half its time to come; throws when it was lost. */
  async ensure(): Promise<void> {
    if (this.#left() >= this.#length / 2) return;
    if ((await this.#extend()) && this.#left() > 0) return;
    throw storeFailed('LOCK_LOST');
  }

  /** Gives the lock back. Where that fails, the store gives it away when its time is over. */
  async release(): Promise<void> {
    clearInterval(this.#heartbeat);
    // An extension that arrives after the release would take the lock again for its whole time.
    await this.#beat;
    try {
      await this.#store.unlock(this.#key, this.#holder);
    } catch {
      // Nobody needs to know.
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

/** Waits so many milliseconds. */
export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
