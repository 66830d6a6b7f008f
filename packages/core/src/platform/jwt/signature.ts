import { refusedJwt, type JwsHeader, type JwtSubject } from './jws.js';
import type { Awaitable } from '../../model/types.js';
import { fromBase64Url } from '../encoding.js';
import type { Jwks } from './jwks.js';
import { isVerifiedByNode } from './node-signature.js';

/**
 * Verifies a signature with the provider's keys. Several keys with one `kid` are tried in turn. If
 * none fits, the key set is fetched once more, for providers that reuse a `kid` for a new key.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#RotateSigKeys
 */
export async function verifyWithJwks(
  jws: string,
  header: JwsHeader,
  subject: JwtSubject & { jwks: Jwks | undefined },
): Promise<Uint8Array> {
  const { jwks } = subject;
  if (!jwks) {
    throw refusedJwt(
      subject,
      'key',
      ' cannot be verified: there is no key. Set "serverMetadataUrl", "jwksUri" or "jwks".',
    );
  }
  const keys = requireOneKey(await jwks.find(header), header, subject);
  const tried = keys.slice(0, jwks.tries);
  const payload = await verifyWithAny(jws, header.alg, tried);
  if (payload) return payload;
  const renewed = await findRenewed(jwks, header);
  const second = await verifyWithAny(jws, header.alg, renewed.slice(0, jwks.tries));
  if (second) return second;
  throw refusedJwt(
    subject,
    'signature',
    '\'s signature is invalid. Check that "jwksUri" or "jwks" belongs to this provider.',
  );
}

async function findRenewed(jwks: Jwks, header: JwsHeader): Promise<readonly CryptoKey[]> {
  try {
    return await jwks.find(header, { renewed: true });
  } catch {
    return [];
  }
}

/** Requires exactly one key if the token has no `kid` (OpenID Connect Core §10.1). */
function requireOneKey(
  keys: readonly CryptoKey[],
  { kid }: JwsHeader,
  subject: JwtSubject,
): readonly CryptoKey[] {
  if (keys.length === 0) {
    throw refusedJwt(
      subject,
      'key',
      ' has no matching key in the provider\'s JWK Set: none has its header\'s "alg" and ' +
        '"kid". Check "jwksUri" or "jwks"; RSA keys must have 2048 bits or more.',
    );
  }
  if (keys.length === 1 || kid !== undefined) return keys;
  throw refusedJwt(
    subject,
    'key',
    ' has no "kid" in its header, and the provider\'s JWK Set has several keys for its ' +
      '"alg". Ask the provider for a "kid", or set the right key with the option "jwks".',
  );
}

async function verifyWithAny(
  jws: string,
  alg: string,
  keys: readonly CryptoKey[],
): Promise<Uint8Array | undefined> {
  for (const key of keys) {
    const payload = await verifySignature(jws, alg, key);
    if (payload) return payload;
  }
  return undefined;
}

/**
 * Verifies a signature with one key and the selected algorithm.
 *
 * @returns the payload, or `undefined` if the signature is invalid
 */
export function verifySignature(
  jws: string,
  alg: string,
  key: CryptoKey | Uint8Array,
): Awaitable<Uint8Array | undefined> {
  const payload = key instanceof Uint8Array ? undefined : payloadVerifiedByNode(jws, alg, key);
  return payload ?? verifyWithJose(jws, alg, key);
}

async function verifyWithJose(
  jws: string,
  alg: string,
  key: CryptoKey | Uint8Array,
): Promise<Uint8Array | undefined> {
  try {
    const { compactVerify } = await import('../jose.js');
    return (await compactVerify(jws, key, { algorithms: [alg] })).payload;
  } catch {
    return undefined;
  }
}

/** Returns the payload of a compact JWS whose header was validated and names the algorithm. */
function payloadVerifiedByNode(jws: string, alg: string, key: CryptoKey): Uint8Array | undefined {
  const end = jws.lastIndexOf('.');
  const signature = fromBase64Url(jws.slice(end + 1));
  const text = jws.slice(0, end);
  if (!signature || !isVerifiedByNode(alg, key, { text, signature })) return undefined;
  return fromBase64Url(text.slice(text.indexOf('.') + 1));
}
