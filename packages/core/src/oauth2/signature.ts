import { compactVerify } from 'jose';
import type { Jwks } from './jwks.js';
import type { JwsHeader } from './jwt.js';

/**
 * Verifies a signature with the provider's keys; a provider that made a new key under an old `kid` is
 * asked for its keys once more.
 *
 * @returns the payload, or `undefined` when the signature is wrong
 * @see https://openid.net/specs/openid-connect-core-1_0.html#RotateSigKeys
 */
export async function verifyWithJwks(
  jws: string,
  header: JwsHeader,
  jwks: Jwks,
): Promise<Uint8Array | undefined> {
  const key = await jwks.find(header);
  const payload = await verifySignature(jws, header.alg, key);
  if (payload) return payload;
  const fresh = await jwks.find(header, { renewed: true }).catch(() => key);
  return fresh === key ? undefined : await verifySignature(jws, header.alg, fresh);
}

/**
 * Verifies a signature with one key and the one algorithm that was decided on.
 *
 * @returns the payload, or `undefined` when the signature is wrong
 */
export async function verifySignature(
  jws: string,
  alg: string,
  key: CryptoKey | Uint8Array,
): Promise<Uint8Array | undefined> {
  try {
    return (await compactVerify(jws, key, { algorithms: [alg] })).payload;
  } catch {
    return undefined;
  }
}
