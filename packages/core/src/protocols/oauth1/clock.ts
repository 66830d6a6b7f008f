import type { HeaderReader } from '../../platform/http/transport.js';
import { now, nowSeconds } from '../../platform/crypto.js';
import type { Awaitable } from '../../model/types.js';

/** Status and headers of a response. */
export interface ResponseHead {
  status: number;
  headers: HeaderReader;
}

/** Words before and after "timestamp" in error responses that reject a timestamp. */
const refusedBefore = /refused|rejected|expired|invalid|bad|old|stale/;
const refusedAfter = /refused|rejected|expired|invalid|out of|too (?:old|far)|stale|skew/;

/**
 * Tracks the provider's time: the time of this machine, until the provider rejects a timestamp and
 * sends its own time in the `Date` header.
 */
export class ProviderClock {
  /** Seconds by which the provider's clock is ahead of this machine's. */
  #offset = 0;

  get offset(): number {
    return this.#offset;
  }

  /** Returns the provider's time in seconds, as `oauth_timestamp` (RFC 5849 §3.3). */
  timestamp(): string {
    return String(nowSeconds() + this.#offset);
  }

  /**
   * Updates the offset from the response to a request signed with `offset`. Returns `true` if the
   * request is worth a retry: the provider rejected the timestamp, and its `Date` header shows
   * another time.
   */
  async learn<A extends ResponseHead>(
    offset: number,
    response: A,
    readText: (response: A) => Awaitable<string>,
  ): Promise<boolean> {
    if (![400, 401, 403].includes(response.status)) return false;
    const real = offsetOf(response.headers.get('date'));
    // An offset within a second is not the reason for the error.
    if (real === undefined || Math.abs(real - offset) <= 1) return false;
    const challenge = response.headers.get('www-authenticate') ?? '';
    if (!refusesTimestamp(challenge) && !refusesTimestamp(await readText(response))) return false;
    this.#offset = real;
    return true;
  }
}

/** Whether a text says that a timestamp was rejected, as a problem name or in a sentence. */
function refusesTimestamp(text: string): boolean {
  const pieces = text.toLowerCase().split('timestamp');
  return pieces.some((piece, index) => {
    // Ignore text of other HTML elements.
    const before = index < pieces.length - 1 ? (piece.slice(-30).split(/[<>]/).at(-1) ?? '') : '';
    const after = index > 0 ? (piece.slice(0, 70).split(/[<>]/, 1)[0] ?? '') : '';
    return refusedBefore.test(before) || refusedAfter.test(after);
  });
}

/** Returns the seconds between this machine's clock and an HTTP date (RFC 9110 §5.6.7). */
function offsetOf(date: string | null): number | undefined {
  const time = Date.parse(date ?? '');
  return time >= 1000 ? Math.round((time - now()) / 1000) : undefined;
}
