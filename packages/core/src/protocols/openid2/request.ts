import { randomToken } from '../../platform/crypto.js';
import { toPairs } from '../../platform/encoding.js';
import { OAuthError } from '../../model/errors.js';
import { refuseReserved } from './reserved-params.js';
import type { AuthorizationRequest, AuthorizeParams } from '../../model/types.js';
import { providerEndpoint, namespace, type OpenID2Config } from './config.js';
import { realmOf } from './realm.js';

/** Lets the user choose the identifier at the provider (§7.3.1). */
const anyIdentifier = `${namespace}/identifier_select`;

/**
 * Builds an authentication request. The state is part of the return URL, which the provider signs.
 *
 * @see https://openid.net/specs/openid-authentication-2_0.html#requesting_authentication
 */
export function authenticationRequest(
  config: OpenID2Config,
  redirectUri: string,
  params: AuthorizeParams,
): AuthorizationRequest {
  const { realm, authorizeParams = {}, responseMode } = config.options;
  refuseReserved(params);
  const trusted = realmOf(redirectUri, realm);
  const state = randomToken();
  const message = {
    'openid.ns': namespace,
    'openid.mode': 'checkid_setup',
    'openid.claimed_id': anyIdentifier,
    'openid.identity': anyIdentifier,
    'openid.return_to': returnTo(redirectUri, state),
    'openid.realm': trusted,
    ...authorizeParams,
    ...params,
  };
  const url = providerEndpoint(config);
  for (const [name, value] of toPairs(message)) url.searchParams.append(name, value);
  const posted = responseMode === 'form_post';
  return { url: url.href, state, redirectUri, ...(posted ? { formPost: true } : {}) };
}

/** Returns the return URL, which the assertion must repeat byte for byte. */
export function returnTo(redirectUri: string, state: string): string {
  const names = [...new URL(redirectUri).searchParams.keys()];
  const separator = redirectUri.includes('?') ? '&' : '?';
  if (!names.some((name) => /^(?:state$|openid\.)/.test(name)))
    return `${redirectUri}${separator}state=${state}`;
  throw new OAuthError(
    'invalid_options',
    'The redirect URI must not have a parameter "state" or "openid.…": the login adds them.',
  );
}
