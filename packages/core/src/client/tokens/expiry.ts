import { nowSeconds, randomToken } from '../../platform/crypto.js';
import { readDuration, readMoment } from '../../platform/lifetime.js';
import type { RefreshSettings } from '../../options/register-options.js';
import type { Token } from '../../model/types.js';

/** When a token expires, in seconds since the epoch; `undefined` where nobody said. */
export function expiryOf(token: Token): number | undefined {
  // Databases hand large integers back as text, and moments as dates.
  const expiry = readMoment(token['expires_at']);
  return typeof expiry === 'number' ? expiry : undefined;
}

/**
 * Tells whether a token says when it expires in a way that nobody can read. That is not "never": with a refresh
 * token it is due, else it is used until the API refuses it.
 */
function isUnreadable(token: Token): boolean {
  return token['expires_unreadable'] === true || readMoment(token['expires_at']) === 'unreadable';
}

/** Tells whether a token has expired, or will have in `leeway` seconds. One that never says so has not. */
export function isExpired(token: Token, leeway = 0): boolean {
  const expiry = expiryOf(token);
  return expiry !== undefined && expiry <= nowSeconds() + leeway;
}

/** How many seconds a token is still good for; 0 when it has expired, `undefined` where nobody said. */
export function expiresIn(token: Token): number | undefined {
  const expiry = expiryOf(token);
  return expiry === undefined ? undefined : Math.max(0, expiry - nowSeconds());
}

/** When a token expires; `undefined` where nobody said. */
export function expirationDate(token: Token): Date | undefined {
  const expiry = expiryOf(token);
  return expiry === undefined ? undefined : new Date(expiry * 1000);
}

/** Tells whether a token expires within so many seconds, or has already. */
export function expireSoon(token: Token, seconds: number): boolean {
  return isExpired(token, seconds);
}

/**
 * Tells whether a call with this token may be expected to succeed: there is one, and it has not expired
 * or can be refreshed. Only the provider knows whether it was revoked.
 */
export function authorized<T extends Token>(token: T | null | undefined): token is T {
  if (!token) return false;
  const { access_token: access, refresh_token: refresh, oauth_token: oauth1 } = token;
  // The secret of an OAuth 1 token may be empty (RFC 5849 §3.4.2).
  if (!isText(access)) return isText(oauth1) && typeof token['oauth_token_secret'] === 'string';
  return !isExpired(token) || isText(refresh);
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

/** Tells whether it is time to refresh a token, seen from this process. */
export function isDue(token: Token, { leeway, early }: RefreshSettings): boolean {
  if (isUnreadable(token)) return isText(token['refresh_token'] ?? token['oauth_session_handle']);
  const lifetime = readDuration(token['expires_in']);
  const margin = Math.max(leeway, early === 0 ? 0 : early * share(idOf(token)));
  // A token that lives for a minute is not refreshed at every call.
  const isKnown = typeof lifetime === 'number';
  return isExpired(token, isKnown ? Math.min(margin, Math.max(0, lifetime) / 2) : margin);
}

/** What tells one state of a token from the next: the access token. */
export function idOf(token: Token): string {
  return String(token['access_token'] ?? token['oauth_token'] ?? '');
}

/** Different in each process; drawn at first use, because Workers draw no random values while they load. */
let salt: string | undefined;

/** A number from 0 to 1 that a token has in this process, the same each time. */
function share(id: string): number {
  salt ??= randomToken(8);
  let hash = 2_166_136_261;
  for (const character of salt + id.slice(-32)) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619);
  }
  // Tokens that differ in their last letter only shall not fall together.
  hash = Math.imul(hash ^ (hash >>> 16), 2_246_822_507);
  hash = Math.imul(hash ^ (hash >>> 13), 3_266_489_909);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
