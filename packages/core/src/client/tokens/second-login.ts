import { isNonEmptyString } from '../../platform/encoding.js';
import { unverifiedClaims } from '../../platform/jwt/unverified-claims.js';
import type { Token } from '../../model/types.js';
import type { TokenRecord } from './records.js';

/**
 * Returns whether a login's token lacks a refresh token and may reuse the stored one: some
 * providers issue one only at the first consent. Without a verified `iss` and `sub` it may not: two
 * users who share a `userId` and `account` would share a token.
 */
export function lacksRefreshToken(token: Token): boolean {
  return !isNonEmptyString(token['refresh_token']) && issuerAndSubject(token) !== undefined;
}

/**
 * Returns a login's token with the previous refresh token, if both logins have the same user and
 * issuer, the scope is not narrower, and the authorization has not ended.
 */
export function continued<T extends Token>(
  fresh: T,
  before: TokenRecord<T> | undefined,
): TokenRecord<T> {
  const refreshToken = before?.token['refresh_token'];
  if (!before || !isNonEmptyString(refreshToken) || !continues(fresh, before))
    return { token: fresh };
  const { dead: _, ...known } = before;
  // The refresh token's metadata is preserved: whether it was sent, and when it may be sent again.
  return { ...known, token: { ...fresh, refresh_token: refreshToken } };
}

function continues(fresh: Token, { token: old, dead }: TokenRecord): boolean {
  return (
    dead === undefined &&
    lacksRefreshToken(fresh) &&
    issuerAndSubject(fresh) === issuerAndSubject(old) &&
    scopesOf(old).every((scope) => scopesOf(fresh).includes(scope)) &&
    // A missing scope means "as requested", which may be narrower than the named one.
    (isNonEmptyString(old['scope']) || !isNonEmptyString(fresh['scope'])) &&
    // A public client's refresh token works only with its key (RFC 9449 §5).
    JSON.stringify(fresh['dpop_key']) === JSON.stringify(old['dpop_key'])
  );
}

/** Returns the issuer and subject of a token's id_token, verified at login. */
function issuerAndSubject(token: Token): string | undefined {
  const { iss, sub } = unverifiedClaims(token['id_token']) ?? {};
  return isNonEmptyString(iss) && isNonEmptyString(sub) ? JSON.stringify([iss, sub]) : undefined;
}

function scopesOf({ scope }: Token): string[] {
  return typeof scope === 'string' ? scope.split(' ').filter((name) => name !== '') : [];
}
