import { toBytes } from '../encoding.js';
import { isSymmetric } from '../signature-algorithms.js';
import { checkClaims, type ClaimsPolicy, type IdTokenClaims } from './claims.js';
import type { Jwks } from './jwks.js';
import {
  readCompactJws,
  readHeader,
  readJsonObject,
  refusedIdToken,
  type JwsHeader,
} from './jwt.js';
import { verifySignature, verifyWithJwks } from './signature.js';

export type { IdTokenClaims } from './claims.js';

/**
 * What an id_token is held against: {@link ClaimsPolicy} for its claims, and this for its signature.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
 */
export interface IdTokenPolicy extends ClaimsPolicy {
  /** The only algorithms a signature may have; see {@link allowedAlgorithms}. */
  algorithms: readonly string[];
  /** The provider's keys. */
  jwks: Jwks | undefined;
  /** The key of HS256, HS384 and HS512, which count only when `algorithms` names them. */
  clientSecret?: string | undefined;
}

/**
 * Verifies an id_token: its form, its header, its signature, then every claim.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
 * @see https://www.rfc-editor.org/rfc/rfc8725#section-3
 */
export async function verifyIdToken(
  idToken: unknown,
  policy: IdTokenPolicy,
): Promise<IdTokenClaims> {
  const jws = readCompactJws(idToken);
  const header = readHeader(jws, policy.algorithms);
  const payload = await verifyPayload(jws, header, policy);
  return await checkClaims(readJsonObject(payload, 'payload'), header.alg, policy);
}

/** Keys come from the provider's set or from the client secret; what decides is the pinned algorithm. */
async function verifyPayload(
  jws: string,
  header: JwsHeader,
  policy: IdTokenPolicy,
): Promise<Uint8Array> {
  const { alg } = header;
  if (!isSymmetric(alg) && !policy.jwks) {
    throw refusedIdToken(
      'There is no key to verify the id_token with. Configure "serverMetadataUrl", "jwksUri" or "jwks".',
    );
  }
  const payload =
    policy.jwks && !isSymmetric(alg)
      ? await verifyWithJwks(jws, header, policy.jwks)
      : await verifySignature(jws, alg, secretKey(policy.clientSecret));
  if (payload) return payload;
  throw refusedIdToken(
    isSymmetric(alg)
      ? 'The id_token\'s signature is wrong. Check "clientSecret".'
      : 'The id_token\'s signature is wrong. Check that "jwksUri" or "jwks" belongs to this provider.',
  );
}

/**
 * RFC 7518 §3.2 asks for a secret as long as the hash. Providers issue shorter ones and sign with them,
 * and only they can change that, so only the secret that everybody knows is refused.
 */
function secretKey(clientSecret: string | undefined): Uint8Array {
  if (clientSecret) return toBytes(clientSecret);
  throw refusedIdToken(
    'The id_token\'s header "alg" asks for the client secret. Configure "clientSecret".',
  );
}
