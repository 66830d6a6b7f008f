import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OAuth, clientIdMetadata, discoverIssuer, registerDynamically } from '@oauth-registry/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startProvider, type FakeProvider } from '../../../support/provider/index.js';
import {
  loginAt,
  startOidcProvider,
  type RealProvider,
} from '../../../conformance/real-providers/oidc-provider.js';
import { redirectUri, rejection } from '../../../support/login.js';

/** The servers of these tests are on this machine. */
const local = { allowPrivateNetworks: true };

let provider: FakeProvider;
let real: RealProvider;

beforeAll(async () => {
  provider = await startProvider();
  real = await startOidcProvider({
    clients: [],
    configuration: {
      features: { registration: { enabled: true, initialAccessToken: 'let-me-in' } },
    },
  });
});
afterAll(() => Promise.all([provider.close(), real.close()]));
afterEach(() => provider.reset());

describe('registerDynamically() (RFC 7591)', () => {
  it('[X12] registers at oidc-provider, and the client that comes of it logs users in', async () => {
    const { options, registered } = await registerDynamically(
      real.issuer,
      { client_name: 'A test', redirect_uris: [redirectUri] },
      { initialAccessToken: 'let-me-in', ...local },
    );
    expect(registered['client_name']).toBe('A test');
    expect(registered['registration_access_token']).toBeTypeOf('string');
    const { corp } = new OAuth({ config: {} }).register('corp', { ...options, scope: 'openid' });
    expect((await loginAt(corp)).userinfo?.sub).toBe('user-1');
  });

  it.each([
    [{}, {}, 'RS256'],
    [{}, { id_token_signed_response_alg: null }, 'RS256'],
    [{}, { id_token_signed_response_alg: 'PS256' }, 'PS256'],
    [{ id_token_signed_response_alg: 'ES256' }, {}, 'ES256'],
    [{ id_token_signed_response_alg: 'ES256' }, { id_token_signed_response_alg: 'RS256' }, 'RS256'],
  ])(
    'pins the algorithm of id_tokens and logout tokens: request %j, response %j (Registration §2)',
    async (asked, answered, expected) => {
      provider.quirks.metadata = { registration_endpoint: `${provider.base}/api/register` };
      const body = JSON.stringify({ client_id: 'new', client_secret: null, ...answered });
      provider.on('api', () => ({ status: 201, body }));
      const { options } = await registerDynamically(provider.issuer, asked, local);
      expect(options).toMatchObject({ clientId: 'new', idTokenSignedResponseAlg: expected });
      expect(options).not.toHaveProperty('clientSecret');
    },
  );

  it('[X12] tells why it was refused', async () => {
    const refused = registerDynamically(
      real.issuer,
      { redirect_uris: ['no address'] },
      { initialAccessToken: 'let-me-in', ...local },
    );
    expect(await rejection(refused)).toMatchObject({
      code: 'invalid_redirect_uri',
      phase: 'registration',
    });
    expect(await rejection(registerDynamically(real.issuer, {}, local))).toMatchObject({
      code: 'invalid_token',
    });
  });

  it('[X6] says where it failed, also if there is no response', async () => {
    const redirect = { status: 302, headers: { location: 'https://elsewhere.example/' } };
    provider.quirks.metadata = { registration_endpoint: `${provider.base}/api/register` };
    provider.on('api', () => redirect);
    expect(await rejection(registerDynamically(provider.issuer, {}, local))).toMatchObject({
      code: 'invalid_response',
      phase: 'registration',
    });
    expect(await rejection(registerDynamically('http://app.example', {}))).toMatchObject({
      code: 'insecure_transport',
      phase: 'registration',
    });
    expect(await rejection(discoverIssuer('https://127.0.0.1/ada'))).toMatchObject({
      code: 'unsafe_address',
      phase: 'metadata',
    });
  });

  it.each([
    'http://127.0.0.1:9/admin',
    'https://127.0.0.1/admin',
    'http://localhost:9',
    'https://10.0.0.7',
    'https://[::1]/',
  ])('sends no request to a private network unless that is allowed: %s', async (issuer) => {
    const error = await rejection(registerDynamically(issuer, {}));
    expect([error.code, error.message]).toEqual([
      'unsafe_address',
      expect.stringContaining('allowPrivateNetworks'),
    ]);
  });

  it.each([
    'https://id.example/?a=b',
    'https://id.example/#a',
    'https://id.example/<script>alert(1)</script>',
    "https://id.example/'onload='",
    'https://id.example/a b',
    'https://id.example/\nforged: line',
  ])('takes no issuer that is more than a plain URL (RFC 8414 §2): %j', async (issuer) => {
    const error = await rejection(registerDynamically(issuer, {}));
    expect(error.code).toBe('invalid_options');
    expect(String(error.stack)).not.toMatch(/script|onload|forged/);
  });

  it.each([
    [['http://127.0.0.1:9/callback'], 'native'],
    [['http://localhost/callback', 'https://app.example/callback'], 'native'],
    [['com.example.app:/callback'], 'native'],
    [['https://app.example/callback'], 'web'],
  ])(
    'says what kind of application has %j (OpenID Connect Registration §2)',
    async (uris, type) => {
      provider.quirks.metadata = { registration_endpoint: `${provider.base}/api/register` };
      let asked: Record<string, unknown> = {};
      provider.on('api', ({ body }) => {
        asked = JSON.parse(body) as Record<string, unknown>;
        return { status: 201, body: { client_id: 'x' } };
      });
      await registerDynamically(provider.issuer, { redirect_uris: uris }, local);
      expect(asked['application_type']).toBe(type);
      await registerDynamically(
        provider.issuer,
        { redirect_uris: uris, application_type: 'web' },
        local,
      );
      expect(asked['application_type']).toBe('web');
    },
  );

  it.each([undefined, 'id.example', ''])(
    '[X12] needs the URL of an issuer, not %j',
    async (issuer) => {
      const error = await rejection(registerDynamically(issuer as string, {}));
      expect([error.code, error.message]).toEqual([
        'invalid_options',
        expect.stringContaining('issuer'),
      ]);
    },
  );

  it('[X12] misses an endpoint, and a client id in the response', async () => {
    expect(await rejection(registerDynamically(provider.issuer, {}, local))).toMatchObject({
      code: 'invalid_metadata',
    });
    provider.quirks.metadata = { registration_endpoint: `${provider.base}/api/register` };
    provider.on('api', () => ({ status: 201, body: { client_id: '' } }));
    expect(await rejection(registerDynamically(provider.issuer, {}, local))).toMatchObject({
      code: 'invalid_response',
    });
  });
});

describe('clientIdMetadata()', () => {
  it('[X12] makes the document that stands at the client id', () => {
    expect(clientIdMetadata('https://app.example/client.json', { client_name: 'A' })).toEqual({
      client_id: 'https://app.example/client.json',
      client_name: 'A',
      token_endpoint_auth_method: 'none',
    });
  });

  it.each([
    'http://app.example/c',
    'https://app.example',
    'https://app.example/a/../c',
    'https://app.example/c#x',
    'https://a:b@app.example/c',
    'app',
  ])('[X12] refuses the URL %s', (clientId) => {
    expect(() => clientIdMetadata(clientId, {})).toThrow(/https URL with a path/);
  });

  it.each([{ client_secret: 'x' }, { token_endpoint_auth_method: 'client_secret_basic' }])(
    '[X12] refuses secrets: %j',
    (metadata) => {
      expect(() => clientIdMetadata('https://app.example/c', metadata)).toThrow(
        /cannot have a secret/,
      );
    },
  );
});

describe('discoverIssuer() (OpenID Connect Discovery §2)', () => {
  const asked: string[] = [];
  const answering = (body: unknown, status = 200): { fetch: typeof fetch } => ({
    fetch: async (url) => {
      asked.push(String(url));
      return new Response(JSON.stringify(body), { status });
    },
  });
  const rel = 'http://openid.net/specs/connect/1.0/issuer';
  const found = {
    links: [
      { rel: 'other', href: 'x' },
      { rel, href: 'https://id.example/x' },
    ],
  };

  it.each([
    ['ada@example.com', 'https://example.com', 'acct:ada@example.com'],
    ['acct:ada@example.com:8443', 'https://example.com:8443', 'acct:ada@example.com:8443'],
    ['https://example.com/ada#x', 'https://example.com', 'https://example.com/ada'],
    ['example.com', 'https://example.com', 'https://example.com'],
  ])('[X12] asks for %s', async (identifier, origin, name) => {
    expect(await discoverIssuer(identifier, answering(found))).toBe('https://id.example/x');
    const url = new URL(asked.at(-1) ?? '');
    expect(url.origin + url.pathname).toBe(`${origin}/.well-known/webfinger`);
    expect(Object.fromEntries(url.searchParams)).toEqual({ resource: name, rel });
  });

  it('[X12] asks this machine without a certificate, if it may be asked', async () => {
    const server = createServer((_request, response) => {
      response.end(JSON.stringify({ links: [{ rel, href: provider.issuer }] }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const account = `ada@127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await discoverIssuer(account, { allowPrivateNetworks: true })).toBe(provider.issuer);
    expect(await rejection(discoverIssuer(account))).toMatchObject({ code: 'unsafe_address' });
    const explicit = discoverIssuer(`https://${account.slice(4)}/`, { allowPrivateNetworks: true });
    expect(await rejection(explicit)).toMatchObject({ code: 'provider_unavailable' });
    await new Promise((resolve) => server.close(resolve));
  });

  it.each([
    ['ada@127.0.0.1', found, 200],
    ['ada@localhost', found, 200],
    ['ada@[::1]', found, 200],
    ['ada@app.localhost', found, 200],
    ['ada@metadata.internal.', found, 200],
    ['ada@example.com', { links: [{ rel, href: 'http://127.0.0.1:8080/admin' }] }, 200],
    ['ada@example.com', { links: [{ rel, href: 'https://metadata.internal/' }] }, 200],
    ['https://2130706433/', found, 200],
    ['http://example.com/ada', found, 200],
    ['', found, 200],
    [undefined, found, 200],
    ['ada@example.com', found, 404],
    ['ada@example.com', {}, 200],
    ['ada@example.com', { links: [{ rel, href: 'http://id.example' }] }, 200],
    ['ada@example.com', { links: [{ rel, href: 'https://id.example?x' }] }, 200],
  ])('[X12] finds nothing for %s with %j, %s', async (identifier, body, status) => {
    await rejection(discoverIssuer(identifier as string, answering(body, status)));
  });
});
