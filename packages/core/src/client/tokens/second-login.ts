import { decodeJwt } from 'jose';
import type { Token } from '../../model/types.js';
import type { TokenRecord } from './record-cipher.js';

/**
 * Tells whether a login's token could go on with the refresh token of the login before: some providers
 * give one at the first consent only. Without a verified `iss` and `sub` it cannot: two users who share an
 * `owner` and `account` would share a token.
 */
export function lacksRefreshToken(token: Token): boolean {
  return textOf(token['refresh_token']) === undefined && subjectOf(token) !== undefined;
}

/**
 * What a login's token becomes in the place of the one before: with its refresh token if both logins are
 * of one user at one issuer, the scope is not narrower, and the authorization has not ended.
 */
export function continued<T extends Token>(
  fresh: T,
  before: TokenRecord<T> | undefined,
): TokenRecord<T> {
  const refreshToken = textOf(before?.token['refresh_token']);
  if (!before || refreshToken === undefined || !continues(fresh, before)) return { token: fresh };
  const { dead: _, ...known } = before;
  // What is known of the refresh token stays known: that it was sent, and when it may be sent again.
  return { ...known, token: { ...fresh, refresh_token: refreshToken } };
}

function continues(fresh: Token, { token: old, dead }: TokenRecord): boolean {
  return (
    dead === undefined &&
    lacksRefreshToken(fresh) &&
    subjectOf(fresh) === subjectOf(old) &&
    scopesOf(old).every((scope) => scopesOf(fresh).includes(scope)) &&
    // Silence about the scope means "as requested", which may be less than what is named.
    (textOf(old['scope']) !== undefined || textOf(fresh['scope']) === undefined) &&
    // A refresh token of a public client works with its own key alone (RFC 9449 §5).
    JSON.stringify(fresh['dpop_key']) === JSON.stringify(old['dpop_key'])
  );
}

/** The issuer and the subject of a token's id_token, which its login has verified. */
function subjectOf(token: Token): string | undefined {
  const idToken = textOf(token['id_token']);
  try {
    const { iss, sub } = idToken === undefined ? {} : decodeJwt(idToken);
    return textOf(iss) && textOf(sub) ? JSON.stringify([iss, sub]) : undefined;
  } catch {
    return undefined;
  }
}

function scopesOf({ scope }: Token): string[] {
  return typeof scope === 'string' ? scope.split(' ').filter((name) => name !== '') : [];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
