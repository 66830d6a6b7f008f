import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import type { ResponseType } from '@oauth-registry/core/types';
import { clientKey } from '../../support/provider/keys.js';
import { loginAt, startOidcProvider, type RealProvider } from './oidc-provider.js';

const { privateKey, publicKey } = clientKey();
const decryptionKey = { ...privateKey.export({ format: 'jwk' }), kty: 'RSA', kid: 'enc-1' };
const jwks = {
  keys: [{ ...publicKey.export({ format: 'jwk' }), kty: 'RSA', kid: 'enc-1', use: 'enc' }],
};
const client_secret = 'a secret of thirty-two characters';
const responseTypes: ResponseType[] = [
  'id_token',
  'code id_token',
  'id_token token',
  'code token',
  'code id_token token',
];

let real: RealProvider;
beforeAll(async () => {
  real = await startOidcProvider({
    clients: [
      {
        client_id: 'sealed',
        client_secret,
        jwks,
        id_token_encrypted_response_alg: 'RSA-OAEP-256',
        id_token_encrypted_response_enc: 'A256GCM',
        userinfo_signed_response_alg: 'RS256',
        userinfo_encrypted_response_alg: 'RSA-OAEP-256',
        userinfo_encrypted_response_enc: 'A128CBC-HS256',
      },
      { client_id: 'signed', client_secret, userinfo_signed_response_alg: 'PS256' },
      {
        client_id: 'hybrid',
        client_secret,
        redirect_uris: ['https://app.example/callback'],
        response_types: ['code', ...responseTypes],
        grant_types: ['authorization_code', 'implicit'],
      },
    ] as Parameters<typeof startOidcProvider>[0]['clients'],
    configuration: {
      responseTypes: ['code', ...responseTypes],
      features: { encryption: { enabled: true }, jwtUserinfo: { enabled: true } },
    },
  });
});
afterAll(() => real.close());

const clientOf = (clientId: string, more: RegisterOptions = {}) =>
  new OAuth({ config: {} }).register('real', {
    clientId,
    clientSecret: client_secret,
    issuer: real.issuer,
    scope: 'openid email',
    ...more,
  }).real;

describe('oidc-provider', () => {
  it('[A20] encrypts id_tokens and userinfo', async () => {
    const client = clientOf('sealed', {
      idTokenEncryptedResponseAlg: 'RSA-OAEP-256',
      idTokenEncryptedResponseEnc: 'A256GCM',
      userinfoSignedResponseAlg: 'RS256',
      userinfoEncryptedResponseAlg: 'RSA-OAEP-256',
      decryptionKeys: [decryptionKey],
    });
    const token = await loginAt(client);
    expect(token.userinfo?.sub).toBe('user-1');
    expect(await client.userinfo({ token })).toMatchObject({
      sub: 'user-1',
      email: 'ada@example.com',
    });
  });

  it('[A19] signs userinfo', async () => {
    const client = clientOf('signed', { userinfoSignedResponseAlg: 'PS256' });
    const token = await loginAt(client);
    expect((await client.userinfo({ token })).email).toBe('ada@example.com');
  });

  it.each(responseTypes)('[A20] responds with "%s"', async (responseType) => {
    const client = clientOf('hybrid', { responseType });
    const token = await loginAt(client, {}, undefined, 'https://app.example/callback');
    if (responseType !== 'code token' || token.userinfo) {
      expect(token.userinfo?.sub).toBe('user-1');
    }
    expect(token.access_token === undefined).toBe(responseType === 'id_token');
  });
});
