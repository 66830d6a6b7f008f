import { toPairs } from '../../../platform/encoding.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import type { RevocationShape } from '../../../quirks/types.js';
import { fill, fillParams } from '../../../quirks/templates.js';
import { authenticateRequest, createClientAuth } from '../client-auth/methods.js';
import { describeForm, runRequestHook, type FormResponse } from '../endpoint/openid-client.js';
import type { ProtocolContext } from '../endpoint/context.js';
import { dress, shapeRequest, type FormOnItsWay } from '../../../quirks/request-shape.js';

/** A token to revoke. */
export interface Revocation {
  what: string;
  url: string;
  value: string;
  hint: 'access_token' | 'refresh_token' | undefined;
}

/** Revokes a token with the provider's own request format. */
export async function revokeInShape(
  context: ProtocolContext,
  shape: RevocationShape,
  { what, url, value, hint }: Revocation,
): Promise<FormResponse> {
  const { options, http } = context;
  const { clientId, clientSecret } = options;
  const token = { [hint ?? 'access_token']: value };
  const values = { client_id: clientId, client_secret: clientSecret, token };
  const name = shape.token ?? 'token';
  const body = new URLSearchParams(toPairs(fillParams(shape.params, values)));
  if (name !== '') body.set(name, value);
  if (name === 'token' && hint && shape.body !== 'json') body.set('token_type_hint', hint);
  const headers = new Headers({ accept: 'application/json' });
  const request = { url: fill(url, values, encodeURIComponent) ?? url, headers, body };
  if (shape.auth === 'bearer') attach(headers, value, options.tokenPlacement);
  const proven = await authenticate(context, shape, request);
  dress(proven, options, values);
  const edited = await runRequestHook('revokeTokenRequest', proven, options);
  const response = await http.send({ what, ...shapeRequest(edited, shape) });
  return {
    ...response,
    sent: describeForm(edited.body, authMethodOf(context, shape), clientSecret),
  };
}

/** Adds the token in the location that `tokenPlacement` sets. */
function attach(
  headers: Headers,
  token: string,
  placement: RegisterOptions['tokenPlacement'] = 'header',
): void {
  if (typeof placement === 'object' && 'header' in placement) headers.set(placement.header, token);
  else {
    const scheme =
      typeof placement === 'object' && 'scheme' in placement ? placement.scheme : 'Bearer';
    headers.set('authorization', `${scheme} ${token}`);
  }
}

function authMethodOf({ clientAuth }: ProtocolContext, { auth }: RevocationShape): string {
  return auth === 'client_secret_basic' ? auth : clientAuth.method;
}

async function authenticate(
  { options, metadata, clientAuth }: ProtocolContext,
  { auth = 'client' }: RevocationShape,
  request: FormOnItsWay,
): Promise<FormOnItsWay> {
  if (auth !== 'client' && auth !== 'client_secret_basic') return request;
  const method =
    auth === 'client'
      ? clientAuth
      : createClientAuth({ ...options, tokenEndpointAuthMethod: auth })(metadata);
  return await authenticateRequest(method, request, options);
}
