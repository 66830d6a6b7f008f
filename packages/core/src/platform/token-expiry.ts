import { isNonEmptyString } from './encoding.js';
import { nowSeconds, randomToken } from './crypto.js';
import { readDuration, readMoment } from './lifetime.js';
import type { Token } from '../model/types.js';

/** Returns when a token expires, in seconds since the epoch; `undefined` if unknown. */
export function expiryOf(token: Token): number | undefined {
  // Databases return large integers as text, and timestamps as dates.
  const expiry = readMoment(token['expires_at']);
  return typeof expiry === 'number' ? expiry : undefined;
}

/**
 * Returns whether a token has an unreadable expiry. That is not "never": with a refresh token it is
 * due, otherwise it is used until the API rejects it.
 */
function isUnreadable(token: Token): boolean {
  return token['expires_unreadable'] === true || readMoment(token['expires_at']) === 'unreadable';
}

/**
 * Returns whether a token has expired or expires within `expiryMargin` seconds. A token without an expiry
 * never has.
 */
export function isExpired(token: Token, expiryMargin = 0): boolean {
  const expiry = expiryOf(token);
  return expiry !== undefined && expiry <= nowSeconds() + expiryMargin;
}

/** Returns the seconds until a token expires; 0 if it has expired, `undefined` if unknown. */
export function expiresIn(token: Token): number | undefined {
  const expiry = expiryOf(token);
  return expiry === undefined ? undefined : Math.max(0, expiry - nowSeconds());
}

/** Returns the date when a token expires; `undefined` if unknown. */
export function expirationDate(token: Token): Date | undefined {
  const expiry = expiryOf(token);
  return expiry === undefined ? undefined : new Date(expiry * 1000);
}

/** Returns whether a token expires within a number of seconds, or has expired. */
export function expireSoon(token: Token, seconds: number): boolean {
  return isExpired(token, seconds);
}

/**
 * Returns whether a call with this token is expected to succeed: the token exists, and is unexpired
 * or refreshable. Whether it was revoked is known only to the provider.
 */
export function authorized<T extends Token>(token: T | null | undefined): token is T {
  if (!token) return false;
  const { access_token: access, refresh_token: refresh, oauth_token: oauth1 } = token;
  // An OAuth 1 token secret may be empty (RFC 5849 §3.4.2).
  if (!isNonEmptyString(access))
    return isNonEmptyString(oauth1) && typeof token['oauth_token_secret'] === 'string';
  return !isExpired(token) || isNonEmptyString(refresh);
}

/** When a token is due, in seconds before it expires. */
export interface DueTime {
  /** A token counts as expired this early. */
  expiryMargin: number;
  /** A valid token is refreshed up to this early, at a time that differs between processes. */
  refreshAhead: number;
}

/** Returns whether this process should refresh a token now. */
export function isDue(token: Token, { expiryMargin, refreshAhead }: DueTime): boolean {
  if (isUnreadable(token))
    return isNonEmptyString(token['refresh_token'] ?? token['oauth_session_handle']);
  const lifetime = readDuration(token['expires_in']);
  const margin = Math.max(
    expiryMargin,
    refreshAhead === 0 ? 0 : refreshAhead * jitterOf(accessTokenOf(token)),
  );
  // A token with a lifetime of a minute is not refreshed on every call.
  const isKnown = typeof lifetime === 'number';
  return isExpired(token, isKnown ? Math.min(margin, Math.max(0, lifetime) / 2) : margin);
}

/** Returns the identifier of a token's current state: its access token. */
export function accessTokenOf(token: Token): string {
  return String(token['access_token'] ?? token['oauth_token'] ?? '');
}

/**
 * A random value per process, drawn on first use because Workers provide no randomness while
 * loading.
 */
let salt: string | undefined;

/** Returns a number from 0 to 1, constant per token and process. */
function jitterOf(id: string): number {
  salt ??= randomToken(8);
  let hash = 2_166_136_261;
  for (const character of salt + id.slice(-32)) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619);
  }
  // Mixes the bits, so that tokens differing only in their last character get different results.
  hash = Math.imul(hash ^ (hash >>> 16), 2_246_822_507);
  hash = Math.imul(hash ^ (hash >>> 13), 3_266_489_909);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
