import { checkClaims, type ClaimsPolicy, type IdTokenClaims } from './id-token-claims.js';
import type { JwtSubject } from '../jwt/jws.js';
import { verifyJwt, type JwtPolicy } from '../jwt/verify.js';

export type { IdTokenClaims } from './id-token-claims.js';

/** Name and error code of a rejected id_token. */
export const idTokenSubject: JwtSubject & { readonly code: 'invalid_id_token' } = {
  what: 'id_token',
  code: 'invalid_id_token',
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
