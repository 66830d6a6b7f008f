import { OAuthError } from '../../../model/errors.js';
import type { AuthorizeData } from '../../../model/types.js';
import { equalInConstantTime } from '../../../platform/crypto.js';
import { leewayOf } from '../../../options/openid.js';
import { unverifiedClaims } from '../../../platform/jwt/unverified-claims.js';
import { audienceRule, expiryRule } from '../../../platform/jwt/claim-rules.js';
import { decryptJwt, type DecryptionContext, type EncryptedKind } from '../jwt/decrypt.js';
import { isEncrypted } from '../../../platform/jwt/jws.js';
import { verifyJwt } from '../../../platform/jwt/verify.js';
import { issuerRule, policyFor, type JwtContext, type JwtKind } from '../jwt/policy.js';
import { readState } from './response.js';

const signedResponse = {
  what: 'signed authorization response',
  code: 'invalid_callback',
  encrypted: 'authorizationEncryptedResponse',
  option: 'authorizationSignedResponseAlg',
  supported: 'authorization_signing_alg_values_supported',
} as const satisfies JwtKind & EncryptedKind;

/**
 * Reads the `state` of an authorization response; of a signed one, unverified.
 *
 * @throws OAuthError `mismatching_state` with the reason, if the response cannot be read
 */
export async function peekState(
  params: URLSearchParams,
  context: DecryptionContext,
): Promise<string | undefined> {
  const [response, ...others] = params.getAll('response');
  if (response === undefined || others.length > 0 || params.has('state')) return readState(params);
  try {
    const signed = isEncrypted(response)
      ? await decryptJwt(response, signedResponse, context)
      : response;
    const claims = unverifiedClaims(signed);
    if (claims === undefined) throw new SyntaxError('The response is not a JWT.');
    const { state } = claims;
    return typeof state === 'string' && state !== '' ? state : undefined;
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
 * Verifies a signed authorization response and returns its claims as parameters. Parameters beside
 * it are ignored.
 *
 * @see https://openid.net/specs/oauth-v2-jarm-final.html#section-2.4
 */
export async function openResponse(
  params: URLSearchParams,
  data: AuthorizeData,
  context: JwtContext,
): Promise<URLSearchParams> {
  const [response, ...others] = params.getAll('response');
  if (response === undefined || others.length > 0) {
    throw new OAuthError(
      'invalid_callback',
      'A signed response was requested, but the callback does not have exactly one ' +
        '"response" (JARM §2.3). Log in again.',
    );
  }
  const { aud: _aud, exp: _exp, ...claims } = await verifyResponse(response, context);
  const plain = Object.entries(claims).filter(([, value]) =>
    ['string', 'number'].includes(typeof value),
  );
  const opened = new URLSearchParams(plain.map(([name, value]) => [name, String(value)]));
  // A state outside of the signed response is unauthenticated.
  const state = readState(opened);
  if (state !== undefined && equalInConstantTime(state, data.state)) return opened;
  throw new OAuthError(
    'mismatching_state',
    'The signed response has no valid "state", or belongs to another login. Start the login again.',
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
  const { options, limits } = context;
  const signed = await decryptJwt(response, signedResponse, { options, maxBytes: limits.jwtBytes });
  const rules = [
    issuerRule(context),
    audienceRule(options.clientId),
    expiryRule(leewayOf(options)),
  ];
  return (await verifyJwt(signed, { ...policyFor(signedResponse, context), rules })).claims;
}
