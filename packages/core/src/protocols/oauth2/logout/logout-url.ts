import { randomToken } from '../../../platform/crypto.js';
import { parseUrl, toPairs } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import type { LogoutRequest } from '../../../model/logout.js';
import { refuseBackChannel } from '../../../options/front-channel.js';
import type { Params } from '../../../model/types.js';
import { requireEndpoint } from '../discovery/metadata.js';
import type { ProtocolContext } from '../endpoint/context.js';

/** Parameters that the library sets. */
const reserved = ['client_id', 'post_logout_redirect_uri'];

/**
 * Builds the URL that logs the user out at the provider. With a post-logout redirect URI, it has a
 * `state`, which is generated unless `params` has one.
 *
 * @see https://openid.net/specs/openid-connect-rpinitiated-1_0.html#RPLogout
 */
export function logoutUrl(
  context: ProtocolContext,
  postLogoutRedirectUri: string | undefined,
  params: Params,
): LogoutRequest {
  const name = reserved.find((candidate) => Object.hasOwn(params, candidate));
  if (name !== undefined) {
    throw new OAuthError(
      'invalid_options',
      `The logout parameter "${name}" is set by the library. Pass the post-logout redirect ` +
        'URI as the argument.',
    );
  }
  refuseBackChannel(params);
  const endpoint = requireEndpoint(context, 'end_session_endpoint', 'endSessionEndpoint');
  const url = context.http.check(endpoint, 'end session endpoint');
  for (const [key, value] of toPairs(params)) url.searchParams.set(key, value);
  url.searchParams.set('client_id', context.options.clientId ?? '');
  if (postLogoutRedirectUri === undefined) return { url: url.href };
  parseUrl(postLogoutRedirectUri, 'post-logout redirect URI');
  const state = url.searchParams.get('state') || randomToken();
  url.searchParams.set('post_logout_redirect_uri', postLogoutRedirectUri);
  url.searchParams.set('state', state);
  return { url: url.href, state, postLogoutRedirectUri };
}
