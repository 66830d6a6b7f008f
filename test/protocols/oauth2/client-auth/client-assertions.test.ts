import { generateKeyPairSync } from 'node:crypto';
import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { openidClient, plainClient } from '../../../support/apps/express.js';
import { json } from '../../../support/provider/response.js';
import { startProvider, type FakeProvider } from '../../../support/provider/index.js';
import { login } from '../../../support/login.js';
import { clientKey } from '../../../support/provider/keys.js';

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = clientKey();
const pem = (pair: typeof ec, type: 'pkcs8' | 'pkcs1' = 'pkcs8'): string =>
  pair.privateKey.export({ format: 'pem', type }).toString();
const ecJwk = { kty: 'EC', ...ec.privateKey.export({ format: 'jwk' }) };

let provider: FakeProvider;

beforeAll(async () => {
  // To this provider an assertion is one more parameter.
  provider = await startProvider({ tokenEndpointAuthMethod: 'none' });
});
afterAll(() => provider.close());
afterEach(() => {
  vi.useRealTimers();
  provider.reset();
  provider.settings.openid = true;
  provider.settings.tokenEndpointAuthMethod = 'none';
});

const openid = (more: RegisterOptions) =>
  new OAuth({ config: {} }).register('corp', {
    ...openidClient(provider, { clientSecret: undefined }),
    ...more,
  }).corp;

async function assertions(more: RegisterOptions, count = 1): Promise<string[]> {
  const client = openid(more);
  for (let i = 0; i < count; i++) await login(client);
  return provider.requests
    .filter(({ endpoint }) => endpoint === 'token')
    .map(({ form }) => form.get('client_assertion') ?? '');
}

describe('client assertions (RFC 7523 §3)', () => {
  it('[A11] name the client and the issuer, live a minute, and are good once', async () => {
    const [first = '', second = ''] = await assertions(
      { privateKey: { key: pem(ec), kid: 'k1' } },
      2,
    );
    const { payload, protectedHeader } = await jwtVerify(first, ec.publicKey);
    const { clientId } = provider.settings;
    expect(protectedHeader).toEqual({ alg: 'ES256', kid: 'k1' });
    expect(payload).toMatchObject({ iss: clientId, sub: clientId, aud: provider.issuer });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBeLessThanOrEqual(60);
    expect(payload.jti).toBeTypeOf('string');
    expect(decodeJwt(second).jti).not.toBe(payload.jti);
    const { form, headers } = provider.last('token');
    expect(form.get('client_assertion_type')).toBe(
      'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    );
    expect([form.has('client_secret'), headers['authorization']]).toEqual([false, undefined]);
  });

  it.each([
    ['issuer', () => provider.issuer],
    ['token_endpoint', () => `${provider.base}/token`],
    ['https://elsewhere.example', () => 'https://elsewhere.example'],
  ])('[A11] have %s as audience if clientAssertionAudience says so', async (option, audience) => {
    const [jwt = ''] = await assertions({
      privateKey: ecJwk,
      clientAssertionAudience: option,
    });
    expect(decodeJwt(jwt).aud).toBe(audience());
  });

  it('[A11] have the token endpoint as audience if no issuer is known', async () => {
    provider.settings.openid = false;
    const { plain } = new OAuth({ config: {} }).register('plain', {
      ...plainClient(provider, { clientSecret: undefined }),
      privateKey: ecJwk,
    });
    await login(plain);
    const { form } = provider.last('token');
    expect(decodeJwt(form.get('client_assertion') ?? '').aud).toBe(`${provider.base}/token`);
  });

  it('[A11] take the kid of a JWK, and the algorithm the metadata lists', async () => {
    provider.quirks.metadata = {
      token_endpoint_auth_signing_alg_values_supported: ['HS256', 'PS256', 'ES256'],
    };
    const [jwt = ''] = await assertions({
      privateKey: { kty: 'RSA', ...rsa.privateKey.export({ format: 'jwk' }), kid: 'from-jwk' },
    });
    expect(decodeProtectedHeader(jwt)).toEqual({ alg: 'PS256', kid: 'from-jwk' });
  });

  it('[A11] are signed with the client secret for client_secret_jwt', async () => {
    const clientSecret = 'a secret of thirty-two characters';
    const [jwt = ''] = await assertions({
      clientSecret,
      tokenEndpointAuthMethod: 'client_secret_jwt',
    });
    await jwtVerify(jwt, new TextEncoder().encode(clientSecret), { algorithms: ['HS256'] });
    expect(provider.last('token').form.has('client_secret')).toBe(false);
  });
});

describe('a client secret that is a signed JWT', () => {
  const clientSecretJwt = {
    key: pem(ec),
    kid: 'KEY123',
    issuer: 'TEAM456',
    audience: 'https://provider.example',
    lifetime: 1000,
  };
  const secrets = () =>
    provider.requests
      .filter(({ endpoint }) => endpoint === 'token')
      .map(({ form }) => form.get('client_secret') ?? '');

  async function refused(client: ReturnType<typeof openid>): Promise<void> {
    // The provider knows only its own secret; what counts is what was sent.
    await login(client).catch(() => undefined);
  }

  it('[A11] is made of key, kid, issuer and audience, for the client as its subject', async () => {
    await refused(openid({ clientSecretJwt, tokenEndpointAuthMethod: 'client_secret_post' }));
    const { payload, protectedHeader } = await jwtVerify(secrets()[0] ?? '', ec.publicKey);
    expect(protectedHeader).toEqual({ alg: 'ES256', kid: 'KEY123' });
    expect(payload).toMatchObject({
      iss: 'TEAM456',
      sub: provider.settings.clientId,
      aud: 'https://provider.example',
    });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(1000);
  });

  it('[A11] is stored, and renewed before it expires', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const client = openid({ clientSecretJwt, tokenEndpointAuthMethod: 'client_secret_post' });
    await refused(client);
    vi.setSystemTime(Date.now() + 890_000);
    await refused(client);
    vi.setSystemTime(Date.now() + 20_000);
    await refused(client);
    const [first, second, third] = secrets();
    expect(second).toBe(first);
    expect(third).not.toBe(first);
    expect(Number(decodeJwt(third ?? '').exp) - Date.now() / 1000).toBeGreaterThan(990);
  });
});

describe('HTTP Basic', () => {
  it('[A10] is not encoded with basicEncoding "raw" (RFC 6749 §2.3.1)', async () => {
    await login(openid({ clientSecret: 'a+b/c ~', basicEncoding: 'raw' })).catch(() => undefined);
    const basic = provider.last('token').headers['authorization']?.slice('Basic '.length) ?? '';
    expect(atob(basic)).toBe(`${provider.settings.clientId}:a+b/c ~`);
  });
});

describe('tls_client_auth (RFC 8705)', () => {
  const aliases = () => ({
    mtls_endpoint_aliases: {
      token_endpoint: `${provider.base}/token?mtls`,
      userinfo_endpoint: `${provider.base}/userinfo?mtls`,
      pushed_authorization_request_endpoint: `${provider.base}/par?mtls`,
      issuer: 'https://evil.example',
    },
  });

  it.each([
    [{ tokenEndpointAuthMethod: 'tls_client_auth' }, 'mtls'],
    [{ tokenEndpointAuthMethod: 'self_signed_tls_client_auth' }, 'mtls'],
    [{ tlsClientCertificateBoundAccessTokens: true }, 'mtls'],
    [{}, ''],
  ])('[X12] %j goes to the aliases of the endpoints (§5)', async (options, search) => {
    provider.quirks.metadata = aliases();
    const client = openid(options);
    const token = await login(client);
    await client.userinfo({ token });
    const { form, headers } = provider.last('token');
    expect(provider.last('token').search).toBe(search);
    expect(provider.last('userinfo').search).toBe(search);
    expect([form.get('client_id'), headers['authorization']]).toEqual([
      provider.settings.clientId,
      undefined,
    ]);
  });

  it.each([
    [{}, 'mtls'],
    [{ pushedAuthorizationRequestEndpoint: '/par?told' }, 'told'],
  ])('[X12] an endpoint that is given to register() remains: %j', async (told, search) => {
    provider.quirks.metadata = aliases();
    provider.on('unknown', () => json({ request_uri: 'urn:r:1', expires_in: 60 }, 201));
    const [[option, path] = []] = Object.entries(told);
    const client = openid({
      tokenEndpointAuthMethod: 'tls_client_auth',
      requirePushedAuthorizationRequests: true,
      ...(option ? { [option]: provider.base + path } : {}),
    });
    await client.createAuthorizationUrl('https://app.example/callback');
    expect(provider.last('unknown').search).toBe(search);
  });

  it('[X12] an alias must be a URL that is allowed', async () => {
    provider.quirks.metadata = { mtls_endpoint_aliases: { token_endpoint: 'http://mtls.example' } };
    await expect(
      login(openid({ tokenEndpointAuthMethod: 'tls_client_auth' })),
    ).rejects.toMatchObject({ code: 'insecure_transport' });
  });

  it('[X12] the certificate is the business of the client’s own fetch', async () => {
    const asked: string[] = [];
    const mine: typeof fetch = async (input, init) => {
      asked.push(new URL(String(input)).pathname);
      return await fetch(input, init);
    };
    const client = openid({ tokenEndpointAuthMethod: 'tls_client_auth', fetch: mine });
    await login(client);
    expect(asked).toContain('/token');
  });
});
