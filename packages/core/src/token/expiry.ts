import { nowSeconds, randomToken } from '../crypto.js';
import type { RefreshSettings } from '../option-types.js';
import type { Token } from '../types.js';

/** When a token expires, in seconds since the epoch; `undefined` where nobody said. */
export function expiryOf(token: Token): number | undefined {
  // Databases hand large integers back as text.
  return readSeconds(token['expires_at']);
}

/** Tells whether a token has expired, or will have in `leeway` seconds. */
export function isExpired(token: Token, leeway = 0): boolean {
  const expiry = expiryOf(token);
  return expiry !== undefined && expiry <= nowSeconds() + leeway;
}

/** Tells whether it is time to refresh a token, seen from this process. */
export function isDue(token: Token, { leeway, early }: RefreshSettings): boolean {
  const lifetime = readSeconds(token['expires_in']);
  const margin = Math.max(leeway, early === 0 ? 0 : early * share(idOf(token)));
  // A token that lives for a minute is not refreshed at every call.
  return isExpired(token, lifetime === undefined ? margin : Math.min(margin, lifetime / 2));
}

/** What tells one state of a token from the next: the access token. */
export function idOf(token: Token): string {
  return String(token['access_token'] ?? token['oauth_token'] ?? '');
}

const salt = randomToken(8);

/** A number from 0 to 1 that a token has in this process, the same each time. */
function share(id: string): number {
  let hash = 2_166_136_261;
  for (const character of salt + id.slice(-32)) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619);
  }
  return (hash >>> 0) / 2 ** 32;
}

function readSeconds(value: unknown): number | undefined {
  const seconds = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof seconds === 'number' && Number.isFinite(seconds) ? seconds : undefined;
}
