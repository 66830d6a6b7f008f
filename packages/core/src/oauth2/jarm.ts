import { decodeJwt } from 'jose';
import { OAuthError } from '../errors.js';
import type { AuthorizeData } from '../types.js';
import { allowedAlgorithms } from './algorithms.js';
import {
  checkExpiry,
  checkParties,
  verifySignedJwt,
  type JwtContext,
  type SignedJwtPolicy,
} from './signed-jwt.js';

/** Reads the `state` in a signed authorization response. Nothing of it is believed yet. */
export function peekState(params: URLSearchParams): URLSearchParams {
  const [response, ...others] = params.getAll('response');
  if (response === undefined || others.length > 0 || params.has('state')) return params;
  try {
    const { state } = decodeJwt(response);
    return new URLSearchParams(typeof state === 'string' ? { state } : {});
  } catch {
    return new URLSearchParams();
  }
}

/**
 * Opens an authorization response: of a signed one, what stands verified in the JWT, and nothing beside
 * it; any other as it is.
 *
 * @see https://openid.net/specs/oauth-v2-jarm-final.html#section-2.4
 */
export async function openResponse(
  params: URLSearchParams,
  data: AuthorizeData,
  context: () => Promise<JwtContext>,
): Promise<URLSearchParams> {
  if (data.jarm !== true) return params;
  const [response, ...others] = params.getAll('response');
  if (response === undefined || others.length > 0) {
    throw new OAuthError(
      'invalid_callback',
      'The provider was asked for a signed answer, but the callback does not carry one "response" ' +
        '(JARM §2.3). Log in again.',
    );
  }
  const { aud: _aud, exp: _exp, ...claims } = await verify(response, await context());
  const plain = Object.entries(claims).filter(([, value]) =>
    /^(?:string|number)$/.test(typeof value),
  );
  return new URLSearchParams(plain.map(([name, value]) => [name, String(value)]));
}

/** JARM §2.4: signed by this provider, for this client, and still good. */
async function verify(response: string, context: JwtContext): Promise<Record<string, unknown>> {
  const { options, metadata, jwks } = context;
  const policy: SignedJwtPolicy = {
    what: 'signed authorization response',
    code: 'invalid_callback',
    types: [undefined, 'jwt'],
    algorithms: allowedAlgorithms(
      options.authorizationSignedResponseAlg,
      metadata['authorization_signing_alg_values_supported'],
    ),
    jwks,
    clientSecret: options.clientSecret,
  };
  const claims = await verifySignedJwt(response, policy);
  checkParties(claims, { policy }, context);
  checkExpiry(claims, { policy }, options);
  return claims;
}
