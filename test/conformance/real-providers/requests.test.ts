import { generateKeyPairSync } from 'node:crypto';
import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import type { AuthorizeParams } from '@oauth-registry/core/types';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redirectUri } from '../../support/login.js';
import { loginAt, startOidcProvider, visit, type RealProvider } from './oidc-provider.js';

const clientSecret = 'a secret of thirty-two characters';
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const encryption = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const privateKey = {
  key: ec.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  kid: 'c1',
};

let real: RealProvider;

beforeAll(async () => {
  const jwks = { keys: [{ ...ec.publicKey.export({ format: 'jwk' }), kid: 'c1' }] };
  const keyed = { token_endpoint_auth_method: 'private_key_jwt' as const, jwks };
  real = await startOidcProvider({
    clients: [
      { client_id: 'plain', client_secret: clientSecret, authorization_details_types: ['payment'] },
      {
        client_id: 'par',
        client_secret: clientSecret,
        require_pushed_authorization_requests: true,
      },
      { client_id: 'jar', ...keyed, require_signed_request_object: true },
      { client_id: 'jar-hs', client_secret: clientSecret, request_object_signing_alg: 'HS256' },
      { client_id: 'jarm', client_secret: clientSecret },
      {
        client_id: 'jarm-ps',
        client_secret: clientSecret,
        authorization_signed_response_alg: 'PS256',
      },
      {
        client_id: 'jarm-encrypted',
        client_secret: clientSecret,
        jwks: {
          keys: [{ ...encryption.publicKey.export({ format: 'jwk' }), use: 'enc', kid: 'e' }],
        },
        authorization_encrypted_response_alg: 'ECDH-ES',
        authorization_encrypted_response_enc: 'A256GCM',
      },
      {
        client_id: 'jarm-hs',
        client_secret: clientSecret,
        authorization_signed_response_alg: 'HS256',
      },
      {
        client_id: 'message-signing',
        ...keyed,
        require_pushed_authorization_requests: true,
        require_signed_request_object: true,
      },
    ],
    configuration: {
      acrValues: ['gold', 'silver', ''],
      features: {
        claimsParameter: { enabled: true },
        pushedAuthorizationRequests: { enabled: true },
        requestObjects: { enabled: true },
        jwtResponseModes: { enabled: true },
        encryption: { enabled: true },
        richAuthorizationRequests: {
          enabled: true,
          types: { payment: { validate: () => undefined } },
          authorizationDetailsForGrantSource: (ctx) => ctx.oidc.grant?.rar ?? [],
          authorizationDetailsForAccessToken: (_ctx, _token, source) => source?.rar ?? [],
          authorizationDetailsForIntrospection: (_ctx, token) => token.rar ?? [],
        },
        resourceIndicators: {
          enabled: true,
          getResourceServerInfo: () => ({
            scope: 'read',
            accessTokenTTL: 60,
            accessTokenFormat: 'opaque',
          }),
        },
      },
      enabledJWA: {
        authorizationSigningAlgValues: ['RS256', 'PS256', 'HS256'],
        requestObjectSigningAlgValues: ['ES256', 'HS256'],
      },
    },
  });
});
afterAll(() => real.close());

const register = (clientId: string, options: RegisterOptions = {}) =>
  new OAuth({ config: {} }).register('corp', {
    clientId,
    issuer: real.issuer,
    scope: 'openid',
    ...(options.privateKey ? {} : { clientSecret }),
    ...options,
  }).corp;

const queryOf = (url: string) => new URL(url).searchParams;

describe('pushed authorization requests at oidc-provider (RFC 9126)', () => {
  it('[X12] leave only client_id and request_uri in the browser (§4)', async () => {
    const client = register('par', { requirePushedAuthorizationRequests: true });
    const request = await client.createAuthorizationUrl(redirectUri);
    expect([...queryOf(request.url).keys()].toSorted()).toEqual(['client_id', 'request_uri']);
    const token = await client.fetchAccessToken(await visit(request), request);
    expect(token.userinfo?.sub).toBe('user-1');
  });

  it('[X12] are refused with the provider’s own words (§2.3)', async () => {
    const client = register('par', { requirePushedAuthorizationRequests: true });
    const wrong = client.createAuthorizationUrl('https://elsewhere.example/callback');
    await expect(wrong).rejects.toMatchObject({
      code: 'invalid_request',
      phase: 'authorize',
      providerStatus: 400,
      error: 'invalid_request',
    });
  });
});

describe('signed authorization requests at oidc-provider (RFC 9101)', () => {
  it.each([
    ['jar', { privateKey, requestObjectSigningAlg: 'ES256' }],
    ['jar-hs', { requestObjectSigningAlg: 'HS256' }],
  ])('[X12] by value, for the client %s', async (clientId, options) => {
    const client = register(clientId, options);
    const request = await client.createAuthorizationUrl(redirectUri, {
      claims: { id_token: { email: { essential: true } } },
      max_age: 600,
    });
    const query = queryOf(request.url);
    const { request: _, ...beside } = Object.fromEntries(query);
    const { scope } = decodeJwt<{ scope: string }>(query.get('request') ?? '');
    expect(beside).toEqual({ client_id: clientId, response_type: 'code', scope });
    expect(decodeJwt(query.get('request') ?? '')).toMatchObject({
      iss: clientId,
      aud: real.issuer,
      claims: { id_token: { email: { essential: true } } },
      max_age: 600,
      state: request.state,
    });
    const token = await client.fetchAccessToken(await visit(request), request);
    expect(token.userinfo).toMatchObject({ sub: 'user-1', email: 'ada@example.com' });
  });
});

describe('signed authorization responses at oidc-provider (JARM)', () => {
  it.each(['jwt', 'query.jwt', 'form_post.jwt', 'fragment.jwt'] as const)(
    '[X12] in the mode %s (§2.3)',
    async (responseMode) => {
      const client = register('jarm', { responseMode });
      const request = await client.createAuthorizationUrl(redirectUri);
      const callback = await visit(request);
      expect([...callback.keys()]).toEqual(['response']);
      const token = await client.fetchAccessToken(callback, request);
      expect(token.userinfo?.sub).toBe('user-1');
    },
  );

  it.each([
    ['jarm-ps', 'PS256'],
    ['jarm-hs', 'HS256'],
  ])('[X12] %s is signed with %s', async (clientId, alg) => {
    const client = register(clientId, {
      responseMode: 'jwt',
      authorizationSignedResponseAlg: alg,
    });
    expect((await loginAt(client)).userinfo?.sub).toBe('user-1');
  });

  it.each(['jwt', 'form_post.jwt'] as const)('[X12] encrypted, in the mode %s', async (mode) => {
    const client = register('jarm-encrypted', {
      responseMode: mode,
      authorizationEncryptedResponseAlg: 'ECDH-ES',
      authorizationEncryptedResponseEnc: 'A256GCM',
      decryptionKeys: [String(encryption.privateKey.export({ format: 'pem', type: 'pkcs8' }))],
    });
    expect((await loginAt(client)).userinfo?.sub).toBe('user-1');
  });

  it('[X12] carry the provider’s error response, too', async () => {
    const client = register('jarm', { responseMode: 'jwt' });
    await expect(loginAt(client, { prompt: 'none' })).rejects.toMatchObject({
      code: 'login_required',
      phase: 'callback',
    });
  });
});

describe('FAPI 2.0 Message Signing', () => {
  it('[X12] pushed, signed, with a signed response, with the one client', async () => {
    const client = register('message-signing', {
      privateKey,
      requirePushedAuthorizationRequests: true,
      requestObjectSigningAlg: 'ES256',
      responseMode: 'jwt',
    });
    const request = await client.createAuthorizationUrl(redirectUri);
    expect([...queryOf(request.url).keys()].toSorted()).toEqual(['client_id', 'request_uri']);
    const token = await client.fetchAccessToken(await visit(request), request);
    expect(token.userinfo?.sub).toBe('user-1');
  });
});

describe('parameters of authorization requests at oidc-provider', () => {
  const cases: [string, AuthorizeParams, (token: Record<string, unknown>) => unknown, unknown][] = [
    [
      'authorization_details as objects (RFC 9396 §2)',
      {
        authorization_details: [{ type: 'payment', amount: 5 }],
        resource: 'https://api.example',
        scope: 'openid read',
      },
      (token) => token['authorization_details'],
      [{ type: 'payment', amount: 5 }],
    ],
    [
      'acr_values (OpenID Connect Core §3.1.2.1)',
      { acr_values: ['gold', 'silver'] },
      (token) => (token['userinfo'] as { acr: string }).acr,
      'gold',
    ],
    [
      'resource (RFC 8707 §2)',
      { resource: 'https://api.example', scope: 'openid read' },
      (token) => token['scope'],
      'openid read',
    ],
  ];
  it.each(cases)('[X12] %s', async (_what, params, read, expected) => {
    const token = await loginAt(register('plain'), params);
    expect(read(token)).toEqual(expected);
  });
});
