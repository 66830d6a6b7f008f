import { generateKeyPairSync } from 'node:crypto';
import { importJWK, jwtVerify, SignJWT } from 'jose';
import { describe, expect, it } from 'vitest';
import { clientKey } from '../../../../test/support/provider/keys.js';
import { OAuthError } from '../model/errors.js';
import type { RegisterOptions } from './register-options.js';
import { readRegisterOptions } from './read-register-options.js';
import { readPrivateKey } from './private-key.js';

const read = (options: object) =>
  readRegisterOptions('corp', { clientId: 'id', ...options } as RegisterOptions, {});

const rsa = clientKey();
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const exported = (pair: typeof ec, type: 'pkcs8' | 'pkcs1' | 'sec1'): string =>
  pair.privateKey.export({ format: 'pem', type: type as 'pkcs8' }).toString();
const pem = exported(ec, 'pkcs8');
const jwk = ec.privateKey.export({ format: 'jwk' });
const encrypted = ec.privateKey
  .export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' })
  .toString();
const lines = pem.trim().split('\n');

const encryptedAs = (type: 'pkcs1' | 'sec1', pair: typeof ec): string =>
  pair.privateKey
    .export({ format: 'pem', type: type as 'pkcs1', cipher: 'aes-256-cbc', passphrase: 'x' })
    .toString();
const halfOf = (text: string): string => {
  const [first = '', ...body] = text.trim().split('\n');
  return [first, body[0]?.slice(0, 40), body.at(-1)].join('\n');
};

function refusal(options: object): OAuthError {
  try {
    read(options);
  } catch (error) {
    if (error instanceof OAuthError) return error;
  }
  throw new Error('Nothing was refused.');
}

describe('the option privateKey', () => {
  const bad: [string, unknown][] = [
    ['no key at all', 'hunter2'],
    ['an empty text', ''],
    ['a public key', ec.publicKey.export({ format: 'pem', type: 'spki' }).toString()],
    ['an encrypted key', encrypted],
    ['an encrypted PKCS #1 key', encryptedAs('pkcs1', rsa)],
    ['an encrypted SEC 1 key', encryptedAs('sec1', ec)],
    ['half a PKCS #1 key', halfOf(exported(rsa, 'pkcs1'))],
    ['half a SEC 1 key', halfOf(exported(ec, 'sec1'))],
    ['a SEC 1 key under the label of PKCS #1', exported(ec, 'sec1').replaceAll('EC P', 'RSA P')],
    ['a PKCS #1 key under the label of SEC 1', exported(rsa, 'pkcs1').replaceAll('RSA P', 'EC P')],
    ['a label that ends as another', exported(rsa, 'pkcs1').replace('END RSA', 'END EC')],
    [
      'another curve in SEC 1',
      exported(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }), 'sec1'),
    ],
    ['half a key', [lines[0], lines[1]?.slice(0, 40), lines.at(-1)].join('\n')],
    ['another curve', exported(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }), 'pkcs8')],
    ['X25519', exported(generateKeyPairSync('x25519'), 'pkcs8')],
    ['a public JWK', ec.publicKey.export({ format: 'jwk' })],
    ['a secret JWK', { kty: 'oct', k: 'c2VjcmV0' }],
    ['a JWK for encryption', { ...jwk, use: 'enc' }],
    ['a JWK that may not sign', { ...jwk, key_ops: ['verify'] }],
    ['a JWK whose alg is none', { ...jwk, alg: 'none' }],
    ['a JWK of another curve', { ...jwk, crv: 'secp256k1' }],
    ['a number', 7],
    ['null', null],
    ['a kid that is no text', { key: pem, kid: 7 }],
  ];
  it.each(bad)('[A11] refuses %s, and does not quote it', (_what, privateKey) => {
    const error = refusal({ privateKey });
    expect(error).toMatchObject({ code: 'invalid_options' });
    expect(error.message).toContain('"privateKey"');
    for (const secret of ['hunter2', String(jwk.d), 'c2VjcmV0', lines[1] ?? '']) {
      expect(error.message).not.toContain(secret);
    }
  });

  const parameters =
    '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n';
  it.each<[string, string, string[]]>([
    ['PKCS #1', exported(rsa, 'pkcs1'), ['RS256', 'PS256']],
    ['SEC 1', exported(ec, 'sec1'), ['ES256']],
    ['SEC 1 with parameters in front', parameters + exported(ec, 'sec1'), ['ES256']],
    ['SEC 1 in one line', exported(ec, 'sec1').replaceAll('\n', '\\n'), ['ES256']],
    ...['P-384', 'P-521'].map((namedCurve): [string, string, string[]] => [
      `SEC 1 of ${namedCurve}`,
      exported(generateKeyPairSync('ec', { namedCurve }), 'sec1'),
      [namedCurve === 'P-384' ? 'ES384' : 'ES512'],
    ]),
  ])('takes %s, for signatures and for DPoP', async (_what, key, algorithms) => {
    expect(read({ privateKey: key, dpopKey: key, decryptionKeys: [key] }).privateKey).toBe(key);
    const signing = readPrivateKey(key);
    expect(signing.algorithms.slice(0, algorithms.length)).toEqual(algorithms);
    for (const alg of algorithms) {
      const jwt = await new SignJWT({}).setProtectedHeader({ alg }).sign(await signing.load(alg));
      const verified = await jwtVerify(jwt, await importJWK(await signing.publicJwk(alg), alg));
      expect(verified.protectedHeader.alg).toBe(alg);
    }
  });

  it('[A11] refuses a CryptoKey that is public', async () => {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
    const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    expect(refusal({ privateKey: pair.publicKey }).code).toBe('invalid_options');
    expect(read({ privateKey: pair.privateKey }).privateKey).toBe(pair.privateKey);
  });
});

describe('options of client authentication together', () => {
  const secretJwt = { key: pem, issuer: 'i', audience: 'a' };
  const bad: [string, object][] = [
    ['tokenEndpointAuthMethod', { tokenEndpointAuthMethod: 'secret_digest' }],
    ['tokenEndpointAuthMethod', { tokenEndpointAuthMethod: 'constructor' }],
    ['clientSecret', { tokenEndpointAuthMethod: 'client_secret_jwt' }],
    ['clientSecretJwt', { clientSecret: 's', clientSecretJwt: secretJwt }],
    ['clientSecret', { tokenEndpointAuthMethod: 'client_secret_jwt', clientSecretJwt: secretJwt }],
    [
      'basicEncoding',
      { tokenEndpointAuthMethod: 'client_secret_post', clientSecret: 's', basicEncoding: 'raw' },
    ],
    ['basicEncoding', { clientSecret: 's', basicEncoding: 'none' }],
    ['privateKey', { tokenEndpointAuthMethod: 'private_key_jwt' }],
    ['clientSecret', { tokenEndpointAuthMethod: 'private_key_jwt', clientSecret: 'hunter2' }],
    ['tokenEndpointAuthSigningAlg', { privateKey: pem, tokenEndpointAuthSigningAlg: 'RS256' }],
    ['tokenEndpointAuthSigningAlg', { privateKey: pem, tokenEndpointAuthSigningAlg: 'HS256' }],
    ['tokenEndpointAuthSigningAlg', { privateKey: pem, tokenEndpointAuthSigningAlg: 'none' }],
    ['tokenEndpointAuthSigningAlg', { clientSecret: 's', tokenEndpointAuthSigningAlg: 'HS256' }],
    ['clientSecretJwt', { clientSecretJwt: { ...secretJwt, key: 'hunter2' } }],
    ['clientSecretJwt', { clientSecretJwt: { ...secretJwt, issuer: '' } }],
    ['clientSecretJwt', { clientSecretJwt: { ...secretJwt, lifetime: 0 } }],
    ['clientSecretJwt', { clientSecretJwt: { ...secretJwt, teamId: 'x' } }],
    ['clientSecretJwt', { clientSecretJwt: pem }],
  ];
  it.each(bad)('[A11] refuses a wrong %s: %j', (option, options) => {
    const { code, message } = refusal(options);
    expect(code).toBe('invalid_options');
    expect(message).toContain(`"${option}"`);
    expect(message).not.toMatch(/hunter2|BEGIN [A-Z ]*KEY-----\n/);
  });
});
