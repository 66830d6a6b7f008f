import type { GrantParams, OAuth2Token } from '../../../model/types.js';
import type { ProtocolContext } from '../endpoint/context.js';
import { namedTokens } from '../token/revocation.js';
import { readToken } from '../endpoint/response.js';
import { requestByGrant } from './grant.js';

const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';

/**
 * Trades a token for another one: for another audience, with less scope, or of another type. What was
 * issued is in `access_token`, and `issued_token_type` says what it is; its `token_type` is `N_A` where it
 * is no access token, which no API call accepts.
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

/** RFC 8693 §2.2.1: `N_A` where the token cannot be used as an access token. */
function readExchanged(body: Record<string, unknown>): OAuth2Token {
  const type = body['token_type'];
  if (typeof type !== 'string' || type.toUpperCase() !== 'N_A') return readToken(body);
  return { ...readToken({ ...body, token_type: 'Bearer' }), token_type: 'N_A' };
}
