import { genericGrantRequest } from 'openid-client';
import type { GrantParams, OAuth2Token } from '../../../model/types.js';
import { paramPairs } from '../authorization/param-pairs.js';
import type { ProtocolContext } from '../endpoint/context.js';
import { grant, type Grant } from '../token/request.js';

/** Verifies any id_token that came along, and misses one that was asked for. */
export type Identify = (token: OAuth2Token, asked: { openid?: boolean }) => Promise<OAuth2Token>;

/**
 * Asks the token endpoint for a token by a grant that involves no redirect. `accessTokenParams` of
 * `register()` come along; those of the call win.
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
    ...(read ? { read } : {}),
    run: (configuration) => genericGrantRequest(configuration, grantType, all),
  });
}
