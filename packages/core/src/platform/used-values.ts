import { now } from './crypto.js';

const firstSweep = 100;

/** Values that may be used once, such as nonces. Each is stored until it expires. */
export class UsedValues {
  readonly #used = new Map<string, number>();
  #sweepAt = firstSweep;

  /**
   * Marks a value as used; returns `false` if it already was.
   *
   * @param until when the value is rejected as expired, in milliseconds since the epoch
   */
  use(value: string, until: number): boolean {
    if (this.#used.size >= this.#sweepAt) this.#sweep();
    const before = this.#used.get(value);
    if (before !== undefined && before >= now()) return false;
    this.#used.set(value, until);
    return true;
  }

  /** Lets a value be used again. */
  delete(value: string): void {
    this.#used.delete(value);
  }

  /** Deletes expired values, and so seldom that each use costs the same, however many there are. */
  #sweep(): void {
    for (const [value, until] of this.#used) if (until < now()) this.#used.delete(value);
    this.#sweepAt = Math.max(firstSweep, 2 * this.#used.size);
  }
}
