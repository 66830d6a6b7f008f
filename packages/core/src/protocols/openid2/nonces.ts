import { now } from '../../platform/crypto.js';
import { malformed } from './response.js';

/** Milliseconds that a nonce's time may differ from ours, in either direction. */
const tolerance = 300_000;

/** A time without fractions, and visible characters (§10.1). */
const shape = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)[\x21-\x7e]*$/;
const maxLength = 255;

/**
 * Reads when an assertion was made, in milliseconds since the epoch.
 *
 * @throws OAuthError `invalid_callback` for a time that is not about now
 * @see https://openid.net/specs/openid-authentication-2_0.html#verifying_nonce
 */
export function readNonce(nonce: string): number {
  const time = Date.parse(shape.exec(nonce)?.[1] ?? '');
  if (Number.isNaN(time) || nonce.length > maxLength)
    throw malformed('has an "openid.response_nonce" that is none');
  if (Math.abs(time - now()) <= tolerance) return time;
  throw malformed(
    `was made more than ${tolerance / 1000} s ago, or in the future, by its "openid.response_nonce". If ` +
      'that is not so, set the clock of this machine',
  );
}

/** The nonces of one provider that were used, for as long as another assertion could have them. */
export class UsedNonces {
  readonly #used = new Map<string, number>();

  /**
   * Remembers a nonce.
   *
   * @throws OAuthError `invalid_callback` for one that was used before
   */
  use(nonce: string): void {
    for (const [old, time] of this.#used) if (time + tolerance < now()) this.#used.delete(old);
    if (this.#used.has(nonce)) throw malformed('was used before: an assertion works once');
    this.#used.set(nonce, readNonce(nonce));
  }
}
