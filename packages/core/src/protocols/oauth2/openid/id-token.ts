import { checkClaims, type ClaimsPolicy, type IdTokenClaims } from './id-token-claims.js';
import type { JwtSubject } from '../jwt/jws.js';
import { verifyJwt, type JwtPolicy } from '../jwt/verify.js';

export type { IdTokenClaims } from './id-token-claims.js';

/** How refusals of an id_token begin. */
export const idTokenSubject: JwtSubject & { readonly code: 'invalid_id_token' } = {
  what: 'id_token',
  code: 'invalid_id_token',
};

/**
 * What an id_token is held against: {@link ClaimsPolicy} for its claims, and this for its form and signature.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
 */
export interface IdTokenPolicy
  extends ClaimsPolicy, Pick<JwtPolicy, 'algorithms' | 'jwks' | 'clientSecret' | 'maxBytes'> {}

/** The verified claims, in the types of the standard, and the payload as it arrived. */
export type VerifiedUser = IdTokenClaims & { raw: Record<string, unknown> };

/**
 * Verifies an id_token: its form, its header, its signature, then every claim.
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
