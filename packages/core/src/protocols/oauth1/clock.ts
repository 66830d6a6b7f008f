import { now, nowSeconds } from '../../platform/crypto.js';
import type { Awaitable } from '../../model/types.js';

/** What an answer shows before its body is read. */
export interface AnswerHead {
  status: number;
  headers: Headers;
}

/** The words by which providers refuse a timestamp, before it and after it. */
const refusedBefore = /refused|rejected|expired|invalid|bad|old|stale/;
const refusedAfter = /refused|rejected|expired|invalid|out of|too (?:old|far)|stale|skew/;

/**
 * A provider's clock, as far as this machine knows it: our own until the provider refuses a timestamp
 * and says what time it is.
 */
export class ProviderClock {
  /** Seconds by which the provider's clock is ahead of ours. */
  #offset = 0;

  get offset(): number {
    return this.#offset;
  }

  /** The provider's time in seconds, as `oauth_timestamp` (RFC 5849 §3.3). */
  timestamp(): string {
    return String(nowSeconds() + this.#offset);
  }

  /**
   * Learns from an answer to a request that was signed with `offset`. Tells whether the request is worth
   * another try: the provider refused the timestamp, and its `Date` shows that ours was off.
   */
  async learn<A extends AnswerHead>(
    offset: number,
    answer: A,
    readText: (answer: A) => Awaitable<string>,
  ): Promise<boolean> {
    if (![400, 401, 403].includes(answer.status)) return false;
    const real = offsetOf(answer.headers.get('date'));
    // Within a second, the clock is not what was refused.
    if (real === undefined || Math.abs(real - offset) <= 1) return false;
    const challenge = answer.headers.get('www-authenticate') ?? '';
    if (!refusesTimestamp(challenge) && !refusesTimestamp(await readText(answer))) return false;
    this.#offset = real;
    return true;
  }
}

/** Tells whether text refuses a timestamp: the problem's name, or the words of a sentence around it. */
function refusesTimestamp(text: string): boolean {
  const pieces = text.toLowerCase().split('timestamp');
  return pieces.some((piece, index) => {
    // Words of other elements of a page do not count.
    const before = index < pieces.length - 1 ? (piece.slice(-30).split(/[<>]/).at(-1) ?? '') : '';
    const after = index > 0 ? (piece.slice(0, 70).split(/[<>]/, 1)[0] ?? '') : '';
    return refusedBefore.test(before) || refusedAfter.test(after);
  });
}

/** Seconds between our clock and an HTTP date (RFC 9110 §5.6.7). */
function offsetOf(date: string | null): number | undefined {
  const time = Date.parse(date ?? '');
  return time >= 1000 ? Math.round((time - now()) / 1000) : undefined;
}
