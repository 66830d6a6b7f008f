import { SignJWT } from 'jose';
import { OAuthError } from '../../../model/errors.js';
import { scopeText } from '../../../options/scope.js';
import type { GrantParams, OAuth2Token } from '../../../model/types.js';
import { postForm } from '../endpoint/form-request.js';
import { paramPairs } from '../authorization/param-pairs.js';
import { requireEndpoint, type ProtocolContext } from '../endpoint/context.js';
import { requestClaims, requestTimes } from '../authorization/request-object.js';
import { keySigner } from '../client-auth/signing-key.js';
import { readTokenResponse } from '../endpoint/response.js';
import { requestByGrant } from './grant.js';
import { readPending, type PendingAuthorization } from './polling.js';

/** A pending backchannel authentication, with its wire names (CIBA Core §7.3). */
export interface BackchannelAuthentication extends PendingAuthorization {
  auth_req_id: string;
  /** The token that a ping must contain, if one was requested (CIBA Core §7.1). */
  client_notification_token?: string;
}

const what = 'backchannel authentication endpoint';
const grantType = 'urn:openid:params:grant-type:ciba';
const hints = ['login_hint', 'login_hint_token', 'id_token_hint'];

/**
 * Starts a backchannel authentication on the user's own device. `openid` is always part of the
 * scope.
 *
 * @see https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#auth_request
 */
export async function startBackchannelAuthentication(
  context: ProtocolContext,
  { scope: asked = context.options.scope, ...params }: GrantParams,
): Promise<BackchannelAuthentication> {
  const given = hints.filter((name) => params[name] !== undefined && params[name] !== null);
  if (given.length !== 1) {
    throw new OAuthError(
      'invalid_options',
      `Identify the user with exactly one of ${hints.join(', ')} (CIBA Core §7.1).`,
    );
  }
  const scope = [...new Set(['openid', ...(scopeText(asked as string) ?? '').split(' ')])];
  const response = await postForm(context, {
    what,
    url: requireEndpoint(
      context,
      'backchannel_authentication_endpoint',
      'backchannelAuthenticationEndpoint',
    ),
    body: await signed(
      context,
      new URLSearchParams(paramPairs({ ...params, scope: scope.join(' ').trim() })),
    ),
  });
  const body = await readTokenResponse(response, what);
  const id = body['auth_req_id'];
  if (typeof id !== 'string' || id === '') {
    throw new OAuthError(
      'invalid_response',
      `The ${what} returned no "auth_req_id" (CIBA Core §7.3). Check "backchannelAuthenticationEndpoint".`,
    );
  }
  const { client_notification_token: ping } = params;
  return {
    auth_req_id: id,
    ...readPending(body, what),
    ...(typeof ping === 'string' ? { client_notification_token: ping } : {}),
    openid: true,
  };
}

/**
 * Puts all parameters into a signed JWT, if the client has an algorithm for it.
 *
 * @see https://openid.net/specs/openid-client-initiated-backchannel-authentication-core-1_0.html#signed_auth_request
 */
async function signed(
  { options, metadata }: ProtocolContext,
  params: URLSearchParams,
): Promise<URLSearchParams> {
  const { backchannelAuthenticationRequestSigningAlg: configured } = options;
  if (configured === undefined) return params;
  const signer = await keySigner(options, { configured, advertised: undefined });
  const { issuer } = metadata;
  if (!signer || issuer === undefined) {
    throw new OAuthError(
      'invalid_options',
      "A signed backchannel authentication request needs the provider's issuer and a key " +
        '(CIBA Core §7.1.1). Set "issuer" and "privateKey".',
    );
  }
  const request = await new SignJWT({
    ...requestClaims(params, ['authorization_details', 'claims']),
    ...requestTimes(),
    iss: options.clientId ?? '',
    aud: issuer,
  })
    .setProtectedHeader(signer.header)
    .sign(signer.key);
  return new URLSearchParams({ request });
}

/** Requests the token of a backchannel authentication (CIBA Core §10.1). */
export async function redeemBackchannelAuthentication(
  context: ProtocolContext,
  { auth_req_id }: BackchannelAuthentication,
): Promise<OAuth2Token> {
  return await requestByGrant(context, { grantType, params: { auth_req_id } });
}
