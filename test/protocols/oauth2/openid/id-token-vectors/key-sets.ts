import { createHash } from 'node:crypto';
import { base64url, rsaKey } from '../../../../support/provider/index.js';
import { publishedKeys, vectors, type IdTokenVector, type VectorContext } from './context.js';

/** The DigestInfo of SHA-256 (RFC 8017 §9.2). */
const digestInfo = Buffer.from('3031300d060960864801650304020105000420', 'hex');

/**
 * Signs for an RSA key whose public exponent is 1: any number to the power of 1 is itself, so the
 * padded digest is its own signature, and no private key is needed.
 */
function signWithExponentOne(context: VectorContext): string {
  const head = base64url(JSON.stringify({ alg: 'RS256', kid: 'k1' }));
  const input = `${head}.${base64url(JSON.stringify(context.claims))}`;
  const digest = createHash('sha256').update(input).digest();
  const padding = Buffer.alloc(256 - 3 - digestInfo.length - digest.length, 0xff);
  const [start, zero] = [Buffer.from([0, 1]), Buffer.from([0])];
  return `${input}.${base64url(Buffer.concat([start, padding, zero, digestInfo, digest]))}`;
}

/** A secret that a careless provider publishes. */
const publishedSecret = Buffer.alloc(32, 7);

/** Refused for what the JWK Set holds: N28 to N30, N90 to N94. */
export const badKeySets: IdTokenVector[] = vectors(false, [
  [
    'N28',
    'no kid, and two RSA keys fit',
    false,
    (context) => ({
      idToken: context.sign(context.claims, { alg: 'RS256' }),
      jwks: publishedKeys(context, context.keys.second.jwk),
    }),
  ],
  [
    'N29',
    'two RSA keys have the same kid, and neither has signed',
    false,
    (context) => ({
      idToken: context.sign(context.claims, { alg: 'RS256', kid: 'k1' }, context.keys.attacker),
      jwks: publishedKeys(context, { ...context.keys.second.jwk, kid: 'k1' }),
    }),
  ],
  [
    'N30',
    'an RSA key of 1024 bits',
    false,
    (context) => ({
      idToken: context.sign(context.claims, { alg: 'RS256', kid: 'small' }, context.keys.small),
      jwks: publishedKeys(context, context.keys.small.jwk),
    }),
  ],
  [
    'N90',
    'HS256 with a secret that the JWK Set publishes',
    false,
    (context) => ({
      idToken: context.sign(context.claims, { alg: 'HS256', kid: 'o1' }, publishedSecret),
      jwks: publishedKeys(context, {
        kty: 'oct',
        kid: 'o1',
        alg: 'HS256',
        k: base64url(publishedSecret),
      }),
    }),
  ],
  [
    'N91',
    'the JWK Set answers 500',
    false,
    (context) => ({
      idToken: context.sign(),
      jwks: { error: 'server_error' },
      jwksStatus: 500,
    }),
  ],
  [
    'N92',
    'keys is not a list',
    false,
    (context) => ({ idToken: context.sign(), jwks: { keys: { 0: context.keys.rsa.jwk } } }),
  ],
  [
    'N93',
    'the JWK Set is empty',
    false,
    (context) => ({ idToken: context.sign(), jwks: { keys: [] } }),
  ],
  [
    'N94',
    'an RSA key whose public exponent is 1, and a signature forged for it',
    undefined,
    (context) => ({
      idToken: signWithExponentOne(context),
      jwks: { keys: [{ ...rsaKey().jwk, e: base64url(Buffer.from([1])) }] },
    }),
  ],
]);
