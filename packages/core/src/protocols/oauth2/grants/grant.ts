import { clientCredentialsGrant } from 'openid-client';
import type { GrantParams, OAuth2Token } from '../../../model/types.js';
import { paramPairs } from '../authorization/param-pairs.js';
import type { ProtocolContext } from '../endpoint/context.js';
import { byGrantType } from '../endpoint/openid-client.js';
import { grant, type Grant } from '../token/request.js';

/**
 * Requests a token with a grant without a redirect. Adds `accessTokenParams` of `register()`;
 * parameters of the call take precedence.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.5
 */
export async function requestByGrant(
  context: ProtocolContext,
  request: { grantType: string; params: GrantParams; read?: Grant['read'] },
): Promise<OAuth2Token> {
  const { grantType, params, read } = request;
  const all = new URLSearchParams(paramPairs({ ...context.options.accessTokenParams, ...params }));
  all.delete('grant_type');
  return await grant(context, {
    hooks: 'accessToken',
    params: all,
    ...(read ? { read } : {}),
    run: grantType === 'client_credentials' ? clientCredentialsGrant : byGrantType(grantType),
  });
}
