import { generateKeyPairSync } from 'node:crypto';
import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientKey } from '../../support/provider/keys.js';
import { loginAt, startOidcProvider, type RealProvider } from './oidc-provider.js';

const clientSecret = 'a secret_of/ +32 characters and more %:~';
const rsa = clientKey();
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ed = generateKeyPairSync('ed25519');
const pem = (pair: typeof ec): string =>
  pair.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
const jwk = (pair: typeof ec) => ({ kty: '', ...pair.privateKey.export({ format: 'jwk' }) });
const publicJwk = (pair: typeof ec, kid: string) => ({
  ...pair.publicKey.export({ format: 'jwk' }),
  kid,
});

let real: RealProvider;

beforeAll(async () => {
  const jwks = { keys: [publicJwk(rsa, 'r'), publicJwk(ec, 'e'), publicJwk(ed, 'o')] };
  const secret = { client_secret: clientSecret };
  const registered = (method: string, alg?: string, more: object = {}) => ({
    client_id: alg ? `${method}:${alg}` : method,
    token_endpoint_auth_method: method as 'none',
    ...(alg ? { token_endpoint_auth_signing_alg: alg as 'RS256' } : {}),
    ...more,
  });
  real = await startOidcProvider({
    clients: [
      registered('client_secret_basic', undefined, secret),
      registered('client_secret_post', undefined, secret),
      registered('none'),
      ...['HS256', 'HS512'].map((alg) => registered('client_secret_jwt', alg, secret)),
      ...['RS256', 'PS256', 'ES256', 'EdDSA'].map((alg) =>
        registered('private_key_jwt', alg, { jwks }),
      ),
    ],
    configuration: {
      clientAuthMethods: [
        'client_secret_basic',
        'client_secret_post',
        'client_secret_jwt',
        'private_key_jwt',
        'none',
      ],
      enabledJWA: {
        clientAuthSigningAlgValues: ['HS256', 'HS512', 'RS256', 'PS256', 'ES256', 'EdDSA'],
      },
    },
  });
});
afterAll(() => real.close());

function register(options: RegisterOptions) {
  return new OAuth({ config: {} }).register('corp', {
    issuer: real.issuer,
    scope: 'openid',
    ...options,
  }).corp;
}

describe('client authentication at oidc-provider', () => {
  it.each(['client_secret_basic', 'client_secret_post', 'none'])(
    '[A10] %s (RFC 6749 §2.3)',
    async (method) => {
      const client = register({
        clientId: method,
        tokenEndpointAuthMethod: method,
        ...(method === 'none' ? {} : { clientSecret }),
      });
      const token = await loginAt(client);
      expect(token.userinfo?.sub).toBe('user-1');
    },
  );

  it.each(['HS256', 'HS512'])('[A11] client_secret_jwt with %s (RFC 7523 §2.2)', async (alg) => {
    const client = register({
      clientId: `client_secret_jwt:${alg}`,
      clientSecret,
      tokenEndpointAuthMethod: 'client_secret_jwt',
      tokenEndpointAuthSigningAlg: alg,
    });
    expect((await loginAt(client)).userinfo?.sub).toBe('user-1');
  });

  const keys: [string, string, RegisterOptions][] = [
    ['an RSA key in PEM', 'RS256', { privateKey: pem(rsa) }],
    ['an RSA key in PEM on one line', 'RS256', { privateKey: pem(rsa).replaceAll('\n', '\\n') }],
    ['an RSA key as the secret', 'RS256', { clientSecret: pem(rsa) }],
    ['an RSA key with PSS', 'PS256', { privateKey: { key: pem(rsa), kid: 'r' } }],
    ['an EC key in PEM', 'ES256', { privateKey: { key: pem(ec), kid: 'e' } }],
    ['an EC key as a JWK', 'ES256', { privateKey: { ...jwk(ec), kid: 'e' } }],
    ['an Ed25519 key as a JWK', 'EdDSA', { privateKey: jwk(ed) }],
  ];
  it.each(keys)(
    '[A11] private_key_jwt with %s, %s (RFC 7523 §2.2)',
    async (_what, alg, options) => {
      const client = register({
        clientId: `private_key_jwt:${alg}`,
        tokenEndpointAuthMethod: 'private_key_jwt',
        tokenEndpointAuthSigningAlg: alg,
        ...options,
      });
      expect((await loginAt(client)).userinfo?.sub).toBe('user-1');
    },
  );

  it('[A11] private_key_jwt is what a client with a key alone uses, and takes a CryptoKey', async () => {
    const algorithm = { name: 'ECDSA', namedCurve: 'P-256' };
    const privateKey = await crypto.subtle.importKey('jwk', jwk(ec), algorithm, false, ['sign']);
    const client = register({ clientId: 'private_key_jwt:ES256', privateKey });
    const token = await loginAt(client);
    expect(token.userinfo?.sub).toBe('user-1');
  });

  it('[A11] private_key_jwt with a foreign key is invalid_client', async () => {
    const client = register({
      clientId: 'private_key_jwt:ES256',
      privateKey: pem(generateKeyPairSync('ec', { namedCurve: 'P-256' })),
    });
    await expect(loginAt(client)).rejects.toMatchObject({
      code: 'invalid_client',
      providerStatus: 401,
    });
  });
});
