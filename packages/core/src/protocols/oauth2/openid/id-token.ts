import {
  checkClaims,
  idTokenSubject,
  type ClaimsPolicy,
  type IdTokenClaims,
} from './id-token-claims.js';
import type { EncryptedKind } from '../jwt/decrypt.js';
import { verifyJwt, type JwtPolicy } from '../../../platform/jwt/verify.js';
import { type JwtKind } from '../jwt/policy.js';

export type { IdTokenClaims } from './id-token-claims.js';

/** The id_token as a JWT that a provider signs. */
export const idTokenKind: JwtKind & EncryptedKind = {
  ...idTokenSubject,
  encrypted: 'idTokenEncryptedResponse',
  option: 'idTokenSignedResponseAlg',
  supported: 'id_token_signing_alg_values_supported',
};

/**
 * Rules for an id_token: {@link ClaimsPolicy} for its claims, and these for its format and
 * signature.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
 */
export interface IdTokenPolicy
  extends ClaimsPolicy, Pick<JwtPolicy, 'algorithms' | 'jwks' | 'clientSecret' | 'maxBytes'> {}

/** The verified claims in their standard types, and the unmodified payload. */
export type VerifiedUser = IdTokenClaims & { raw: Record<string, unknown> };

/**
 * Verifies an id_token: its format, its header, its signature and every claim.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
 * @see https://www.rfc-editor.org/rfc/rfc8725#section-3
 */
export async function verifyIdToken(
  idToken: unknown,
  policy: IdTokenPolicy,
): Promise<VerifiedUser> {
  const form = { ...idTokenSubject, types: [undefined, 'jwt'] };
  const { alg, raw, claims } = await verifyJwt(idToken, { ...policy, ...form });
  return { ...(await checkClaims(claims, alg, policy)), raw };
}
