import { decodeJwt } from 'jose';
import { toPairs } from '../encoding.js';
import { OAuthError } from '../errors.js';
import { fillParams } from '../quirks/templates.js';
import type { OAuth2Token } from '../types.js';
import type { IdTokenClaims } from './id-token.js';
import { refreshGrant, type ProtocolContext } from './protocol.js';

/**
 * Trades a token's refresh token for a fresh token. What the answer leaves out stays as it was: the
 * refresh token (RFC 6749 §6), the scope, and who the person is.
 */
export async function refreshToken(
  context: ProtocolContext,
  token: OAuth2Token,
  verify: (token: OAuth2Token) => Promise<IdTokenClaims>,
): Promise<OAuth2Token> {
  const { options, metadata } = context;
  if (typeof token.refresh_token !== 'string' || token.refresh_token === '') {
    throw new OAuthError(
      'missing_token',
      'The token has no "refresh_token". Log in again; many providers give one only when asked, for ' +
        'example with scope "offline_access".',
    );
  }
  const endpoint = options.refreshTokenUrl ?? metadata.token_endpoint;
  const { id_token: idToken, ...answer } = await refreshGrant(
    { ...context, metadata: { ...metadata, ...(endpoint ? { token_endpoint: endpoint } : {}) } },
    token.refresh_token,
    new URLSearchParams(toPairs(fillParams(options.refreshTokenParams, { token }))),
  );
  const ignored = idToken === undefined || options.idToken === 'ignore';
  const fresh: OAuth2Token = ignored ? answer : { ...answer, id_token: idToken };
  const { expires_in: _lifetime, expires_at: _expiry, ...kept } = token;
  if (fresh.id_token === undefined) return { ...kept, ...fresh };
  const claims = await verify(fresh);
  checkSamePerson(token, claims);
  return { ...kept, ...fresh, userinfo: { ...claims, raw: claims } };
}

/** OpenID Connect Core §12.2: a refresh never changes who the person is. */
function checkSamePerson({ id_token: old, userinfo }: OAuth2Token, claims: IdTokenClaims): void {
  // Applications may have stored the verified claims alone.
  const { iss, sub } = old === undefined ? (userinfo ?? {}) : decodeJwt(old);
  if (iss === undefined) return;
  if (claims.iss === iss && claims.sub === sub) return;
  throw new OAuthError(
    'invalid_id_token',
    'The id_token of the refresh is about another person or from another issuer than that of the login ' +
      '(OpenID Connect Core §12.2). The fresh token was not used.',
  );
}
