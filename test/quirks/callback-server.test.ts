import { OAuth, type OAuth2Token, type RegisterOptions } from '@oauth-registry/core';
import { memoryStore } from '@oauth-registry/core/stores/memory';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { redirectUri, rejection } from '../support/login.js';
import { json, startWire, type Wire } from '../support/wire.js';

const home = 'https://id.corp.example';
const europe = 'https://id.corp.eu.example';
const param = 'accounts-server';

let wire: Wire;
let issued: Record<string, unknown>;
beforeEach(async () => {
  issued = { access_token: 'at', refresh_token: 'rt', api_domain: 'https://api.corp.eu.example' };
  const server = (origin: string) => ({
    [`POST ${origin}/token`]: () => json({ ...issued, issued_by: origin }),
    [`POST ${origin}/revoke`]: json({}),
    [`GET ${origin}/me`]: json({ id: 7, name: 'Ada' }),
  });
  wire = await startWire({
    ...server(home),
    ...server(europe),
    'GET https://api.corp.eu.example/items': json({}),
  });
});
afterEach(() => wire.close());

function corp(options: RegisterOptions = {}) {
  return new OAuth({ config: {}, fetch: wire.fetch, tokenStore: memoryStore() }).register('corp', {
    clientId: 'app',
    clientSecret: 'secret',
    authorizeUrl: `${home}/authorize`,
    accessTokenUrl: `${home}/token`,
    userinfoEndpoint: `${home}/me`,
    revocationEndpoint: `${home}/revoke`,
    apiBaseUrl: '{token.api_domain}/',
    apiOrigins: ['https://api.corp.example', 'https://api.corp.eu.example'],
    callbackServer: { param, origins: [home, europe] },
    profile: { sub: '$.id', name: '$.name' },
    ...options,
  }).corp;
}

type Client = ReturnType<typeof corp>;

async function logIn(client: Client, named: string[]): Promise<OAuth2Token> {
  const request = await client.createAuthorizationUrl(redirectUri);
  expect(new URL(request.url).origin).toBe(home);
  const callback = new URLSearchParams({ code: 'c0de', state: request.state });
  for (const one of named) callback.append(param, one);
  return await client.fetchAccessToken(callback, request);
}

const asked = (): string[] => wire.requests.map(({ method, url }) => `${method} ${url.href}`);

describe('a server that the callback names', () => {
  it('[R6] receives the code, and every later request of the login', async () => {
    const client = corp();
    const token = await logIn(client, [europe]);
    expect(token.server).toEqual({ [param]: europe });
    const stored = JSON.parse(JSON.stringify(token)) as OAuth2Token;
    const fresh = await corp().refreshToken(stored);
    expect(fresh.server).toEqual(token.server);
    await corp().userinfo({ token: fresh });
    await corp().revokeToken(fresh);
    expect(asked()).toEqual([
      `POST ${europe}/token`,
      `GET ${europe}/me`,
      `POST ${europe}/token`,
      `GET ${europe}/me`,
      `POST ${europe}/revoke`,
      `POST ${europe}/revoke`,
    ]);
  });

  it('[R6] refreshes a stored token, and calls the API that the token names', async () => {
    const client = corp();
    const token = await logIn(client, [europe]);
    await client.saveToken({ ...token, expires_at: 1 }, { userId: 'ada' });
    const { status } = await client.get('items', { userId: 'ada' });
    expect(status).toBe(200);
    expect(asked().slice(-2)).toEqual([
      `POST ${europe}/token`,
      'GET https://api.corp.eu.example/items',
    ]);
  });

  it('[R6] is no part of an identity: the user is the same at every server', async () => {
    const client = corp();
    const token = await logIn(client, [europe]);
    expect(token.userinfo).toMatchObject({ sub: '7', name: 'Ada' });
    expect(client.identity(token)).toBe('corp$7');
    expect(client.identity(await logIn(client, []))).toBe('corp$7');
  });

  it('[R6] may be missing: the login remains at its server', async () => {
    const token = await logIn(corp(), []);
    expect(token.server).toBeUndefined();
    expect(asked()).toEqual([`POST ${home}/token`, `GET ${home}/me`]);
  });

  it.each([
    ['https://evil.example'],
    [`${europe}/`],
    [`${europe}.evil.example`],
    [`${europe}@evil.example`],
    ['http://id.corp.eu.example'],
    ['http://127.0.0.1'],
    [''],
    [europe, 'https://evil.example'],
    [europe, europe],
    ['__proto__'],
  ])('[R6] gets nothing if it is not listed: %s', async (...named) => {
    const error = await rejection(logIn(corp(), named));
    expect(error).toMatchObject({ code: 'invalid_callback', client: 'corp' });
    expect(error.message).not.toContain('evil');
    expect(asked()).toEqual([]);
  });

  it('[R6] gets nothing from a token that names another', async () => {
    const token: OAuth2Token = {
      access_token: 'at',
      token_type: 'Bearer',
      refresh_token: 'rt',
      server: { [param]: 'https://evil.example' },
    };
    const client = corp();
    for (const call of [
      client.refreshToken(token),
      client.revokeToken(token),
      client.userinfo({ token }),
      client.get('https://api.corp.example/items', { token }),
    ])
      expect(await rejection(call)).toMatchObject({ code: 'invalid_token' });
    expect(asked()).toEqual([]);
  });

  it('[R6] cannot be named by the token response', async () => {
    issued = { ...issued, server: { [param]: 'https://evil.example' } };
    const token = await logIn(corp(), [europe]);
    expect(token.server).toEqual({ [param]: europe });
  });

  it('[R6] is a list of exact origins', () => {
    for (const origin of [`${home}/`, `${home}/x`, 'https://*.corp.example', 'http://corp.example'])
      expect(() => corp({ callbackServer: { param, origins: [origin] } })).toThrow(
        /"callbackServer"/,
      );
  });

  it('[R6] needs a token endpoint to move, and no other way to find the server', () => {
    const callbackServer = { param, origins: [europe] };
    expect(() => corp({ accessTokenUrl: undefined, issuer: home, callbackServer })).toThrow(
      /"callbackServer" requires "accessTokenUrl"/,
    );
    expect(() =>
      corp({ resource: 'https://api.corp.example/', callbackServer, clientSecret: undefined }),
    ).toThrow(/"callbackServer" has no effect/);
  });
});

describe('an API that the token names', () => {
  const token = (api_domain: string) => ({
    access_token: 'at',
    token_type: 'Bearer' as const,
    api_domain,
  });

  it.each([
    'https://evil.example',
    'https://api.corp.eu.example.evil.example',
    'http://api.corp.example',
  ])('[R6] is not called if "apiOrigins" lists others: %s', async (origin) => {
    const error = await rejection(corp().get('items', { token: token(origin) }));
    expect(error).toMatchObject({ code: 'invalid_options' });
    expect(asked()).toEqual([]);
  });

  it('[R6] is called if "apiOrigins" has none, or a wildcard that matches', async () => {
    const there = token('https://api.corp.eu.example');
    await corp({ apiOrigins: undefined }).get('items', { token: there });
    await corp({ apiOrigins: ['https://*.corp.eu.example'] }).get('items', { token: there });
    expect(asked()).toEqual(Array(2).fill('GET https://api.corp.eu.example/items'));
  });
});
