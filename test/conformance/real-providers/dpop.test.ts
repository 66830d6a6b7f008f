import { generateKeyPairSync } from 'node:crypto';
import { OAuth, type OAuth2Token, type RegisterOptions } from '@oauth-registry/core';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { redirectUri } from '../../support/login.js';
import { loginAt, startOidcProvider, visit, type RealProvider } from './oidc-provider.js';

const clientSecret = 'a secret of thirty-two characters';
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = ec.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();

let real: RealProvider;

beforeAll(async () => {
  const bound = {
    dpop_bound_access_tokens: true,
    grant_types: ['authorization_code' as const, 'refresh_token' as const, 'client_credentials'],
  };
  real = await startOidcProvider({
    clients: [
      { client_id: 'bound', client_secret: clientSecret, ...bound },
      {
        client_id: 'bound-keyed',
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [ec.publicKey.export({ format: 'jwk' })] },
        ...bound,
      },
    ],
    configuration: {
      features: {
        clientCredentials: { enabled: true },
        pushedAuthorizationRequests: { enabled: true },
        dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 1), requireNonce: () => true },
      },
    },
  });
});
afterAll(() => real.close());
afterEach(() => {
  real.requests.length = 0;
});

const register = (options: RegisterOptions = {}) =>
  new OAuth({ config: {} }).register('corp', {
    clientId: 'bound',
    ...(options.privateKey ? {} : { clientSecret }),
    issuer: real.issuer,
    scope: 'openid email offline_access',
    authorizeParams: { prompt: 'consent' },
    dpop: true,
    apiBaseUrl: real.issuer,
    ...options,
  }).corp;

const proofs = (path: string) =>
  real.requests.filter((r) => r.path === path).map((r) => String(r.headers['dpop']));

describe('DPoP at oidc-provider, which demands nonces (RFC 9449)', () => {
  it('[X12] binds the login, the token, its calls and its refresh to one key', async () => {
    const client = register();
    const request = await client.createAuthorizationUrl(redirectUri);
    expect(new URL(request.url).searchParams.get('dpop_jkt')).toMatch(/^[\w-]{43}$/);
    const token = await client.fetchAccessToken(await visit(request), request);
    expect(token).toMatchObject({ token_type: 'DPoP', dpop_key: { kty: 'EC', crv: 'P-256' } });

    // As a database has it.
    const stored = JSON.parse(JSON.stringify(token)) as OAuth2Token;
    const later = register();
    expect(await later.userinfo({ token: stored })).toMatchObject({ email: 'ada@example.com' });
    const fresh = await later.refreshToken(stored);
    expect(fresh).toMatchObject({ token_type: 'DPoP', dpop_key: token.dpop_key });
    const answer = await later.get('/me', { token: fresh });
    expect(answer.status).toBe(200);
    const keys = [...proofs('/token'), ...proofs('/me')].map(
      (jwt) => decodeProtectedHeader(jwt).jwk,
    );
    expect(new Set(keys.map((jwk) => JSON.stringify(jwk))).size).toBe(1);
    expect(JSON.stringify(keys)).not.toContain(String(token.dpop_key?.['d']));
  });

  it('[X12] repeats a request once with the nonce it lacked, and remembers the nonce (§8)', async () => {
    const client = register();
    const token = await loginAt(client);
    const [first = '', second = '', ...more] = proofs('/token');
    expect(decodeJwt(first)['nonce']).toBeUndefined();
    expect(decodeJwt(second)['nonce']).toBeTypeOf('string');
    expect(decodeJwt(second).jti).not.toBe(decodeJwt(first).jti);
    expect(more).toEqual([]);
    await client.userinfo({ token });
    const [atResource = '', ...others] = proofs('/me');
    expect(others).toEqual([]);
    expect(decodeJwt(atResource)).toMatchObject({
      htm: 'GET',
      htu: `${real.issuer}/me`,
      nonce: decodeJwt(second)['nonce'],
      ath: expect.stringMatching(/^[\w-]{43}$/) as string,
    });
  });

  it('[X12] authenticates anew for the second attempt, with private_key_jwt', async () => {
    const client = register({ clientId: 'bound-keyed', privateKey: pem });
    expect((await loginAt(client)).token_type).toBe('DPoP');
  });

  it('[X12] proves possession if the request is pushed, too (§10.1)', async () => {
    const client = register({ requirePushedAuthorizationRequests: true });
    expect((await loginAt(client)).token_type).toBe('DPoP');
    expect(proofs('/request')).toHaveLength(2);
  });

  it('[X12] with one key for the client stores no key in the token', async () => {
    const client = register({ dpop: undefined, dpopKey: pem });
    const token = await loginAt(client);
    expect(token.token_type).toBe('DPoP');
    expect(token).not.toHaveProperty('dpop_key');
    expect(await client.userinfo({ token })).toMatchObject({ sub: 'user-1' });
  });

  it('[X12] binds tokens of the client itself', async () => {
    const token = await register().clientCredentialsToken({ scope: undefined });
    expect(token).toMatchObject({ token_type: 'DPoP', dpop_key: { kty: 'EC' } });
  });

  it('[X12] a stolen token is of no use without its key', async () => {
    const token = await loginAt(register());
    const { dpop_key: _, ...stolen } = token;
    await expect(register().get('/me', { token: stolen })).rejects.toMatchObject({
      code: 'invalid_token',
    });
    const other = await loginAt(register());
    const swapped = { ...token, dpop_key: other.dpop_key ?? {} };
    expect((await register().get('/me', { token: swapped })).status).toBe(401);
  });
});
