import { decodeJwt } from 'jose';
import { OAuthError } from '../../../model/errors.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import type { AuthorizeData } from '../../../model/types.js';
import { allowedAlgorithms } from '../jwt/algorithms.js';
import { decryptJwt } from '../jwt/decrypt.js';
import { isEncrypted, refusedForm, type JwtSubject } from '../jwt/jws.js';
import { checkExpiry, checkParties, verifyJwt, type JwtContext } from '../jwt/verify.js';

const subject = {
  what: 'signed authorization response',
  code: 'invalid_callback',
} as const satisfies JwtSubject;

/** The client's options and the maximum size of a signed response in bytes. */
interface ResponseForm {
  options: Readonly<RegisterOptions>;
  maxBytes: number;
}

/**
 * Reads the unverified `state` of a signed authorization response.
 *
 * @throws OAuthError `mismatching_state` with the reason, if the response cannot be read
 */
export async function peekState(
  params: URLSearchParams,
  form: ResponseForm,
): Promise<URLSearchParams> {
  const [response, ...others] = params.getAll('response');
  if (response === undefined || others.length > 0 || params.has('state')) return params;
  try {
    const signed = isEncrypted(response) ? await decrypted(response, form) : response;
    const { state } = decodeJwt(signed);
    return new URLSearchParams(typeof state === 'string' ? { state } : {});
  } catch (error) {
    const reason = error instanceof OAuthError ? error.reason : 'form';
    const problem =
      error instanceof OAuthError ? error.message : 'Its "response" is not a JWT (JARM §2.3).';
    throw new OAuthError(
      'mismatching_state',
      `The callback has no readable "state", so it belongs to no pending login. ${problem}`,
      { reason },
    );
  }
}

/**
 * Returns the parameters of an authorization response: the verified claims of a signed one, or the
 * plain parameters otherwise. Parameters beside a signed response are ignored.
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
      'A signed response was requested, but the callback does not have exactly one ' +
        '"response" (JARM §2.3). Log in again.',
    );
  }
  const { aud: _aud, exp: _exp, ...claims } = await verifyResponse(response, await context());
  const plain = Object.entries(claims).filter(([, value]) =>
    /^(?:string|number)$/.test(typeof value),
  );
  return new URLSearchParams(plain.map(([name, value]) => [name, String(value)]));
}

/**
 * Decrypts an encrypted response. Returns a signed one unchanged if no encryption is configured
 * (JARM §2.2).
 */
async function decrypted(response: string, { options, maxBytes }: ResponseForm): Promise<string> {
  const { authorizationEncryptedResponseAlg: alg, decryptionKeys: keys = [] } = options;
  if (alg === undefined) return response;
  if (isEncrypted(response)) {
    const enc = options.authorizationEncryptedResponseEnc;
    const option = 'authorizationEncryptedResponse';
    return await decryptJwt(response, { ...subject, maxBytes, option, alg, enc, keys });
  }
  throw refusedForm(
    subject,
    'it is not encrypted, although "authorizationEncryptedResponseAlg" is set. Check the ' +
      'client settings at the provider.',
  );
}

/**
 * Verifies that the response is signed by this provider, for this client, and not expired (JARM
 * §2.4).
 */
async function verifyResponse(
  response: string,
  context: JwtContext,
): Promise<Record<string, unknown>> {
  const { options, metadata, jwks, limits } = context;
  const policy = {
    ...subject,
    maxBytes: limits.jwtBytes,
    types: [undefined, 'jwt'],
    algorithms: allowedAlgorithms(
      options.authorizationSignedResponseAlg,
      metadata['authorization_signing_alg_values_supported'],
    ),
    jwks,
    clientSecret: options.clientSecret,
  };
  const signed = await decrypted(response, { options, maxBytes: limits.jwtBytes });
  const { claims } = await verifyJwt(signed, policy);
  checkParties(claims, { policy }, context);
  checkExpiry(claims, { policy }, options);
  return claims;
}
