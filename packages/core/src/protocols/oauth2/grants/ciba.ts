import { initiateBackchannelAuthentication } from 'openid-client';
import { OAuthError } from '../../../model/errors.js';
import { scopeText } from '../../../platform/scope.js';
import type { GrantParams, OAuth2Token } from '../../../model/types.js';
import { callEndpoint } from '../endpoint/openid-client.js';
import { paramPairs } from '../authorization/param-pairs.js';
import { requireEndpoint } from '../discovery/metadata.js';
import type { ProtocolContext } from '../endpoint/context.js';
import { requestClaims, requestTimes } from '../authorization/request-object.js';
import { keySigner } from '../client-auth/signing-key.js';
import { readTokenResponse } from '../endpoint/response.js';
import { requestByGrant } from './grant.js';
import { pendingFrom, readPending, type PendingAuthorization } from './polling.js';

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
  const { clientAuth } = context;
  const scope = [...new Set(['openid', ...(scopeText(asked as string) ?? '').split(' ')])];
  const request = new URLSearchParams(paramPairs({ ...params, scope: scope.join(' ').trim() }));
  const authentication = await callEndpoint(context, {
    what,
    url: requireEndpoint(
      context,
      'backchannel_authentication_endpoint',
      'backchannelAuthenticationEndpoint',
    ),
    params: await signed(context, request),
    run: initiateBackchannelAuthentication,
    // openid-client adds it; beside a JWT there is only client authentication (CIBA Core §7.1.1).
    correct(body) {
      if (clientAuth.method === 'client_secret_basic') body.delete('client_id');
    },
    read: async (response) => readAuthentication(await readTokenResponse(response, what)),
  });
  const { client_notification_token: ping } = params;
  return {
    auth_req_id: authentication.auth_req_id,
    ...pendingFrom(authentication),
    ...(typeof ping === 'string' ? { client_notification_token: ping } : {}),
    openid: true,
  };
}

function readAuthentication(body: Record<string, unknown>): object {
  const { auth_req_id } = body;
  if (typeof auth_req_id === 'string' && auth_req_id !== '') {
    return { auth_req_id, ...readPending(body, what) };
  }
  throw new OAuthError(
    'invalid_response',
    `The ${what} returned no "auth_req_id" (CIBA Core §7.3). Check "backchannelAuthenticationEndpoint".`,
  );
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
  const { SignJWT } = await import('../../../platform/jose.js');
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
