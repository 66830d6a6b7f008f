import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certificate } from '../../protocols/oauth2/openid/id-token-vectors/certificate.js';
import { rsaKey } from '../../support/provider/index.js';
import { loginAt, startOidcProvider, type RealProvider } from './oidc-provider.js';
import { askingServer, fetchWith, identity, issued, mTLS, type Identity } from './tls.js';

const mine = rsaKey(8);
const selfSigned = identity(mine);
const fromAuthority = issued(mine, 'bank-client');
const certificates: Record<string, Identity> = {
  self_signed_tls_client_auth: selfSigned,
  tls_client_auth: fromAuthority,
};

let real: RealProvider;

beforeAll(async () => {
  const x5c = [certificate(mine)];
  const jwks = { keys: [{ ...mine.publicKey.export({ format: 'jwk' }), x5c }] };
  real = await startOidcProvider({
    mtls: askingServer,
    clients: [
      { client_id: 'self_signed_tls_client_auth', jwks },
      { client_id: 'tls_client_auth', tls_client_auth_subject_dn: 'CN=bank-client' },
    ].map((client) => ({
      ...client,
      token_endpoint_auth_method: client.client_id as 'none',
      grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
      tls_client_certificate_bound_access_tokens: true,
    })),
    configuration: {
      clientAuthMethods: ['self_signed_tls_client_auth', 'tls_client_auth'],
      features: {
        clientCredentials: { enabled: true },
        introspection: { enabled: true },
        mTLS,
      },
    },
  });
});
afterAll(() => real.close());

const register = (method: string, presented?: Identity, more: RegisterOptions = {}) =>
  new OAuth({ config: {} }).register('bank', {
    clientId: method,
    issuer: real.issuer,
    scope: 'openid offline_access',
    authorizeParams: { prompt: 'consent' },
    tokenEndpointAuthMethod: method,
    fetch: fetchWith(presented),
    ...more,
  }).bank;

describe('mutual TLS at oidc-provider (RFC 8705)', () => {
  it.each(Object.entries(certificates))(
    '[X12] %s proves the client with the certificate of its fetch, to which tokens are bound',
    async (method, presented) => {
      const client = register(method, presented);
      const token = await client.clientCredentialsToken({ scope: undefined });
      expect(token.token_type).toBe('Bearer');
      const { cnf } = await client.introspectToken(token);
      expect(cnf).toHaveProperty('x5t#S256');
    },
  );

  it('[X12] oidcc-client-test-mtls-endpoint-aliases: uses them, and the token works only with its certificate (OpenID Foundation, RP comprehensive plan)', async () => {
    const client = register('tls_client_auth', fromAuthority);
    const token = await loginAt(client);
    expect(token.userinfo?.sub).toBe('user-1');
    const secure = real.requests.filter(({ tls }) => tls).map(({ path }) => path);
    expect(secure).toContain('/token');
    expect(await client.userinfo({ token })).toMatchObject({ sub: 'user-1' });
    const stolen = register('tls_client_auth', issued(rsaKey(9), 'bank-client'));
    await expect(stolen.userinfo({ token })).rejects.toMatchObject({ code: 'invalid_token' });
    expect((await client.refreshToken(token)).access_token).not.toBe(token.access_token);
  });

  it.each<[string, string, Identity | undefined]>([
    ['another certificate', 'self_signed_tls_client_auth', identity(rsaKey(9))],
    ['no certificate', 'self_signed_tls_client_auth', undefined],
    [
      'a certificate the authority did not sign',
      'tls_client_auth',
      identity(mine, { name: 'bank-client' }),
    ],
    ['a certificate of another client', 'tls_client_auth', issued(mine, 'another')],
    ['no certificate of an authority', 'tls_client_auth', undefined],
  ])('[X12] %s is invalid_client (§2)', async (_, method, presented) => {
    const asking = register(method, presented).clientCredentialsToken({ scope: undefined });
    await expect(asking).rejects.toMatchObject({ code: 'invalid_client' });
  });
});
