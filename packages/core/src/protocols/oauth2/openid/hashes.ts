import { equalInConstantTime } from '../../../platform/crypto.js';
import { toBase64Url, toBytes } from '../../../platform/encoding.js';
import { signatureAlgorithms } from '../../../platform/jwt/algorithms.js';

/**
 * Compares `at_hash`, `c_hash` or `s_hash` with the left half of a value's hash. The hash algorithm
 * is that of the id_token's signature.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#HybridIDToken
 */
export async function isHashOf(value: string, claim: unknown, alg: string): Promise<boolean> {
  const hash = signatureAlgorithms.get(alg)?.hash;
  if (hash === undefined || typeof claim !== 'string') return false;
  const digest = await crypto.subtle.digest(hash, toBytes(value));
  return equalInConstantTime(claim, toBase64Url(digest.slice(0, digest.byteLength / 2)));
}
