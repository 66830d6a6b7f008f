import { now, nowSeconds } from '../crypto.js';
import type { Awaitable } from '../types.js';

/** What an answer shows before its body is read. */
export interface AnswerHead {
  status: number;
  headers: Headers;
}

/** How providers say that they refuse a timestamp: the problem's name, or a sentence. */
const refusals = [
  /timestamp[^<>]{0,60}(?:refused|rejected|expired|invalid|out of|too (?:old|far)|stale|skew)/i,
  /(?:refused|rejected|expired|invalid|bad|old|stale)[^<>]{0,20}timestamp/i,
];

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

function refusesTimestamp(text: string): boolean {
  return refusals.some((pattern) => pattern.test(text));
}

/** Seconds between our clock and an HTTP date (RFC 9110 §5.6.7). */
function offsetOf(date: string | null): number | undefined {
  const time = Date.parse(date ?? '');
  return time >= 1000 ? Math.round((time - now()) / 1000) : undefined;
}
