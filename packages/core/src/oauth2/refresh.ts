import { decodeJwt } from 'jose';
import { toPairs } from '../encoding.js';
import { OAuthError } from '../errors.js';
import { mapVerified } from '../quirks/profile.js';
import { fillParams } from '../quirks/templates.js';
import type { OAuth2Token } from '../types.js';
import { renewLongLived } from './completion.js';
import type { IdTokenClaims } from './id-token.js';
import type { Identity } from './identity.js';
import { refreshGrant, type ProtocolContext } from './protocol.js';

/**
 * Trades a token's refresh token for a fresh token. What the answer leaves out stays as it was: the
 * refresh token (RFC 6749 §6), the scope, and who the person is.
 */
export async function refreshToken(
  context: ProtocolContext,
  token: OAuth2Token,
  identity: Pick<Identity, 'verifiedUser' | 'openIdToken' | 'ignores'>,
): Promise<OAuth2Token> {
  const { options } = context;
  const { id_token: idToken, ...answer } = await fetchFresh(context, token);
  const ignored = idToken === undefined || (await identity.ignores(token.id_token !== undefined));
  const fresh: OAuth2Token = ignored
    ? answer
    : await identity.openIdToken({ ...answer, id_token: idToken });
  const { expires_in: _lifetime, expires_at: _expiry, ...kept } = token;
  if (fresh.id_token === undefined) return { ...kept, ...fresh };
  const user = await identity.verifiedUser(fresh);
  checkSamePerson(token, user);
  return mapVerified(options, { ...kept, ...fresh, userinfo: user });
}

async function fetchFresh(
  context: ProtocolContext,
  token: OAuth2Token | undefined,
): Promise<OAuth2Token> {
  const { options, metadata } = context;
  if (typeof token?.refresh_token !== 'string' || token.refresh_token === '') {
    const fresh = token && (await renewLongLived(context, token));
    if (fresh) return fresh;
    throw new OAuthError(
      'missing_token',
      'The token has no "refresh_token". Log in again; many providers give one only when asked, for ' +
        'example with scope "offline_access".',
    );
  }
  const endpoint = options.refreshTokenUrl ?? metadata.token_endpoint;
  return await refreshGrant(
    { ...context, metadata: { ...metadata, ...(endpoint ? { token_endpoint: endpoint } : {}) } },
    token,
    new URLSearchParams(
      toPairs(fillParams(options.refreshTokenParams, { client_id: options.clientId, token })),
    ),
  );
}

/** OpenID Connect Core §12.2: a refresh changes neither who the person is nor how they logged in. */
function checkSamePerson({ id_token: old, userinfo }: OAuth2Token, claims: IdTokenClaims): void {
  // Applications may have stored the verified claims alone.
  const original: Record<string, unknown> = old === undefined ? (userinfo ?? {}) : decodeJwt(old);
  if (original['iss'] === undefined) return;
  const differing = comparisons.find(([claim, agrees]) => !agrees(claims[claim], original[claim]));
  if (differing === undefined) return;
  throw new OAuthError(
    'invalid_id_token',
    `The "${differing[0]}" of the refresh's id_token is not that of the login's: it is about another ` +
      'person, client or login (OpenID Connect Core §12.2). The fresh token was not used.',
  );
}

type Agrees = (fresh: unknown, original: unknown) => boolean;

const same: Agrees = (fresh, original) => fresh === original;
const sameIfBoth: Agrees = (fresh, original) =>
  fresh === undefined || original === undefined || fresh === original;

const includesAll: Agrees = (whole, part) =>
  [part].flat().every((one) => [whole].flat().includes(one));

const comparisons: readonly [claim: string, agrees: Agrees][] = [
  ['iss', same],
  ['sub', same],
  ['aud', (fresh, original) => includesAll(fresh, original) && includesAll(original, fresh)],
  ['azp', sameIfBoth],
  ['auth_time', sameIfBoth],
  ['nonce', sameIfBoth],
];
