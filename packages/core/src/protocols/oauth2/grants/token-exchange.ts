import type { GrantParams, OAuth2Token } from '../../../model/types.js';
import type { ProtocolContext } from '../endpoint/context.js';
import { namedTokens } from '../token/revocation.js';
import { normalizeToken } from '../endpoint/response.js';
import { requestByGrant } from './grant.js';

const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';

/**
 * Exchanges a token for another one (RFC 8693): for another audience, with less scope, or of
 * another type. The issued token is in `access_token`, its type in `issued_token_type`.
 * `token_type` is `N_A` if it is not an access token, which no API request accepts.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8693#section-2
 */
export async function exchangeToken(
  context: ProtocolContext,
  token: OAuth2Token | string,
  params: GrantParams,
): Promise<OAuth2Token> {
  const [{ value }] = namedTokens(token, undefined, ['access_token']);
  const grantType = 'urn:ietf:params:oauth:grant-type:token-exchange';
  const subject = { subject_token: value, subject_token_type: accessTokenType };
  return await requestByGrant(context, {
    grantType,
    params: { ...subject, ...params },
    read: readExchanged,
  });
}

/**
 * Reads the response. `token_type` is `N_A` if the token is not an access token (RFC 8693 §2.2.1).
 */
function readExchanged(body: Record<string, unknown>): OAuth2Token {
  const type = body['token_type'];
  if (typeof type !== 'string' || type.toUpperCase() !== 'N_A') return normalizeToken(body);
  return { ...normalizeToken({ ...body, token_type: 'Bearer' }), token_type: 'N_A' };
}
