import { constants, createHash, createHmac, KeyObject, sign } from 'node:crypto';
import type { TestKey } from './keys.js';

/** What a signature is made with: a key pair, its private half, or the bytes of a shared secret. */
export type SigningKey = TestKey | KeyObject | Uint8Array | string;

type Signer = (input: Buffer, key: SigningKey) => Buffer;

const signers: Record<string, Signer> = {
  none: () => Buffer.alloc(0),
  HS256: (input, key) => createHmac('sha256', secretOf(key)).update(input).digest(),
  RS256: (input, key) => sign('sha256', input, privateKeyOf(key)),
  PS256: (input, key) =>
    sign('sha256', input, {
      key: privateKeyOf(key),
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: 32,
    }),
  ES256: (input, key) =>
    sign('sha256', input, { key: privateKeyOf(key), dsaEncoding: 'ieee-p1363' }),
};

/**
 * Signs a compact JWS. Nothing is checked, so that malformed ones can be made: the payload may be a
 * raw string, and a header whose `alg` is unknown is signed with the key's natural algorithm.
 */
export function signJws(
  payload: object | string,
  header: Record<string, unknown>,
  key: SigningKey,
): string {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const input = `${base64url(JSON.stringify(header))}.${base64url(text)}`;
  return `${input}.${base64url(signInput(input, header['alg'], key))}`;
}

/** Signs the first two segments of a JWS. */
export function signInput(input: string, alg: unknown, key: SigningKey): Buffer {
  const named = typeof alg === 'string' ? signers[alg] : undefined;
  const signer = named ?? signers[naturalAlgorithm(key)];
  if (!signer) throw new Error('No signer for this key.');
  return signer(Buffer.from(input), key);
}

/** Encodes text (as UTF-8) or bytes as base64url without padding. */
export function base64url(data: string | Uint8Array): string {
  return Buffer.from(data as string).toString('base64url');
}

/** The `at_hash`, `c_hash` or `s_hash` of a value for a `*256` algorithm (OpenID Connect Core §3.1.3.6). */
export function leftHalfHash(value: string): string {
  return base64url(createHash('sha256').update(value).digest().subarray(0, 16));
}

function naturalAlgorithm(key: SigningKey): string {
  if (typeof key === 'string' || key instanceof Uint8Array) return 'HS256';
  return privateKeyOf(key).asymmetricKeyType === 'ec' ? 'ES256' : 'RS256';
}

function privateKeyOf(key: SigningKey): KeyObject {
  if (typeof key === 'string' || key instanceof Uint8Array)
    throw new Error('This algorithm needs a key pair, and got a shared secret.');
  return key instanceof KeyObject ? key : key.privateKey;
}

function secretOf(key: SigningKey): string | Uint8Array {
  if (typeof key === 'string' || key instanceof Uint8Array) return key;
  throw new Error('HS256 needs a shared secret.');
}
