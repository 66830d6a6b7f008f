import { now } from '../../platform/crypto.js';
import type { UsedValues } from '../../platform/used-values.js';
import { malformed } from './response.js';

/** Maximum difference between a nonce's time and the current time, in milliseconds. */
const tolerance = 300_000;

/** A time without fractions, followed by visible characters (§10.1). */
const shape = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)[\x21-\x7e]*$/;
const maxLength = 255;

/**
 * Returns the time of an assertion's nonce, in milliseconds since the epoch.
 *
 * @throws OAuthError `invalid_callback` if the time is not recent
 */
export function readNonce(nonce: string): number {
  const time = Date.parse(shape.exec(nonce)?.[1] ?? '');
  if (Number.isNaN(time) || nonce.length > maxLength)
    throw malformed('has an invalid "openid.response_nonce"');
  if (Math.abs(time - now()) <= tolerance) return time;
  throw malformed(
    `has an "openid.response_nonce" that is more than ${tolerance / 1000} s old or in the ` +
      'future. If that is wrong, correct the clock of this machine',
  );
}

/**
 * Marks the nonce of an assertion as used.
 *
 * @throws OAuthError `invalid_callback` if it is not recent, or was used before
 */
export function useNonce(used: UsedValues, nonce: string): void {
  if (used.use(nonce, readNonce(nonce) + tolerance)) return;
  throw malformed('was used before: an assertion is valid once');
}
