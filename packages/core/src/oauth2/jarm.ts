import { decodeJwt } from 'jose';
import { OAuthError } from '../errors.js';
import type { RegisterOptions } from '../option-types.js';
import type { AuthorizeData } from '../types.js';
import { allowedAlgorithms } from './algorithms.js';
import { decryptJwt, isEncrypted } from './decrypt.js';
import {
  checkExpiry,
  checkParties,
  verifySignedJwt,
  type JwtContext,
  type SignedJwtPolicy,
} from './signed-jwt.js';

/** Reads the `state` in a signed authorization response. Nothing of it is believed yet. */
export async function peekState(
  params: URLSearchParams,
  options: Readonly<RegisterOptions>,
): Promise<URLSearchParams> {
  const [response, ...others] = params.getAll('response');
  if (response === undefined || others.length > 0 || params.has('state')) return params;
  try {
    const signed = isEncrypted(response) ? await decrypted(response, options) : response;
    const { state } = decodeJwt(signed);
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

/** What is in an encrypted response; a signed one as it is, where no encryption was asked for (JARM §2.2). */
async function decrypted(response: string, options: Readonly<RegisterOptions>): Promise<string> {
  const { authorizationEncryptedResponseAlg: alg, decryptionKeys: keys = [] } = options;
  if (alg === undefined) return response;
  const [what, code] = ['authorization response', 'invalid_callback'] as const;
  if (isEncrypted(response)) {
    const enc = options.authorizationEncryptedResponseEnc;
    return await decryptJwt(response, { what, code, alg, enc, keys });
  }
  throw new OAuthError(
    code,
    `The ${what} is not encrypted, which "authorizationEncryptedResponseAlg" asks for. Check the client ` +
      'settings at the provider. Nothing of it was used.',
  );
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
  const claims = await verifySignedJwt(await decrypted(response, options), policy);
  checkParties(claims, { policy }, context);
  checkExpiry(claims, { policy }, options);
  return claims;
}
