import type { HashName } from '../crypto-functions.js';

/** The key type and hash of a JWS algorithm. */
export interface SignatureAlgorithm {
  readonly kty: 'RSA' | 'EC' | 'OKP' | 'oct';
  readonly crv?: string;
  readonly hash: HashName;
}

/**
 * The signature algorithms this package verifies. `none` is not included, and metadata cannot add
 * it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7518#section-3.1
 * @see https://www.rfc-editor.org/rfc/rfc9864#section-2.2
 */
export const signatureAlgorithms: ReadonlyMap<string, SignatureAlgorithm> = new Map([
  ['RS256', { kty: 'RSA', hash: 'SHA-256' }],
  ['RS384', { kty: 'RSA', hash: 'SHA-384' }],
  ['RS512', { kty: 'RSA', hash: 'SHA-512' }],
  ['PS256', { kty: 'RSA', hash: 'SHA-256' }],
  ['PS384', { kty: 'RSA', hash: 'SHA-384' }],
  ['PS512', { kty: 'RSA', hash: 'SHA-512' }],
  ['ES256', { kty: 'EC', crv: 'P-256', hash: 'SHA-256' }],
  ['ES384', { kty: 'EC', crv: 'P-384', hash: 'SHA-384' }],
  ['ES512', { kty: 'EC', crv: 'P-521', hash: 'SHA-512' }],
  ['EdDSA', { kty: 'OKP', crv: 'Ed25519', hash: 'SHA-512' }],
  ['Ed25519', { kty: 'OKP', crv: 'Ed25519', hash: 'SHA-512' }],
  ['HS256', { kty: 'oct', hash: 'SHA-256' }],
  ['HS384', { kty: 'oct', hash: 'SHA-384' }],
  ['HS512', { kty: 'oct', hash: 'SHA-512' }],
]);

/** The algorithms that use the client secret as key. */
export const secretAlgorithms: readonly string[] = ['HS256', 'HS384', 'HS512'];

/**
 * Returns whether an algorithm uses a shared secret as key, never a key of a JWK Set.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7518#section-3.2
 */
export function isSymmetric(alg: string): boolean {
  return secretAlgorithms.includes(alg);
}
