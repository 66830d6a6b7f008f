import { OAuth, type OAuth2Token } from '@oauth-registry/core';
import type { AuthorizeData } from '@oauth-registry/core/types';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { oauth1Client, openidClient, plainClient } from '../support/apps/express.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import { comeBack, echo, login, redirectUri, rejection } from '../support/login.js';

let provider: FakeProvider;

function makeRegistry() {
  return new OAuth({ config: {} })
    .register('openid', openidClient(provider))
    .register('plain', plainClient(provider))
    .register('one', { ...oauth1Client(provider), requestTokenUrl: provider.oauth1.request });
}

let oauth: ReturnType<typeof makeRegistry>;

beforeAll(async () => {
  provider = await startProvider();
  oauth = makeRegistry();
});
afterAll(() => provider.close());
afterEach(() => provider.reset());

/** Every form in which an application has what came back. */
const forms: [string, (callback: URL) => string | URLSearchParams | Record<string, string>][] = [
  ['the whole URL', (callback) => callback.href],
  ['a query string', (callback) => callback.search.slice(1)],
  ['a query string with its question mark', (callback) => callback.search],
  ['URLSearchParams', (callback) => callback.searchParams],
  ['an object', (callback) => Object.fromEntries(callback.searchParams)],
];

const clients = ['openid', 'plain', 'one'] as const;

/** Plain OAuth 2 clients live with a provider that issues no id_token. */
function prepare(name: (typeof clients)[number]) {
  provider.settings.openid = name === 'openid';
  return oauth.createClient(name as string);
}

function tokenRequests(): number {
  return provider.count('token') + provider.count('oauth1_access');
}

describe.each(clients)('a login of client "%s" without a web framework', (name) => {
  it.each(forms)('[A1] finishes with %s', async (_title, form) => {
    const client = prepare(name);
    const request = await client.createAuthorizationUrl(redirectUri);
    const token = await client.fetchAccessToken(form(await comeBack(request)), request);
    expect(token).toHaveProperty(name === 'one' ? 'oauth_token' : 'access_token');
    expect(token.userinfo?.sub).toBe(name === 'openid' ? 'user-1' : undefined);
  });

  it('[A1] ends with a token that calls the API', async () => {
    const client = prepare(name);
    const token = await login(client);
    expect(await echo(client.get('me', { token }))).toMatchObject({ method: 'GET' });
  });

  it('[R2] goes on from data that was stored as JSON', async () => {
    const client = prepare(name);
    const request = await client.createAuthorizationUrl(redirectUri);
    const stored = JSON.parse(JSON.stringify(request)) as AuthorizeData;
    expect(stored).toEqual(request);
    const token = await client.fetchAccessToken((await comeBack(request)).search, stored);
    expect(token).toBeTypeOf('object');
  });

  it('[R2] leaves out of the URL what must not be in it', async () => {
    const { url, state, ...secrets } = await prepare(name).createAuthorizationUrl(redirectUri);
    expect(url).toContain(state);
    for (const secret of [secrets.codeVerifier, secrets.requestTokenSecret]) {
      if (secret !== undefined) expect(decodeURIComponent(url)).not.toContain(secret);
    }
    expect(url).not.toContain(encodeURIComponent(provider.settings.clientSecret));
  });

  it('[R2] refuses the callback of another login (RFC 6749 §10.12)', async () => {
    const client = prepare(name);
    const [mine, foreign] = await Promise.all([
      client.createAuthorizationUrl(redirectUri),
      client.createAuthorizationUrl(redirectUri),
    ]);
    const callback = await comeBack(foreign);
    const error = await rejection(client.fetchAccessToken(callback.href, mine));
    expect(error).toMatchObject({ code: 'mismatching_state', client: name, phase: 'callback' });
    expect(tokenRequests()).toBe(0);
  });

  it('[R2] refuses data without a state, and a callback without one', async () => {
    const client = prepare(name);
    const request = await client.createAuthorizationUrl(redirectUri);
    const { href } = await comeBack(request);
    const bad = [
      { ...request, state: '' },
      { ...request, state: undefined },
      {},
    ] as unknown as AuthorizeData[];
    for (const data of bad) {
      const error = await rejection(client.fetchAccessToken(href, data));
      expect(error).toMatchObject({ code: 'mismatching_state' });
    }
    for (const callback of ['', '?', 'state=&code=c', {}, { state: [] }, redirectUri]) {
      const error = await rejection(client.fetchAccessToken(callback, request));
      expect(error).toMatchObject({ code: 'mismatching_state' });
    }
    expect(tokenRequests()).toBe(0);
  });

  it('[R2] refuses a parameter that came twice (RFC 6749 §3.1)', async () => {
    const client = prepare(name);
    const request = await client.createAuthorizationUrl(redirectUri);
    const { searchParams } = await comeBack(request);
    const twice = name === 'one' ? 'oauth_verifier' : 'code';
    searchParams.append(twice, searchParams.get(twice) ?? '');
    const error = await rejection(client.fetchAccessToken(searchParams, request));
    expect(error).toMatchObject({ code: 'invalid_callback' });
    expect(tokenRequests()).toBe(0);
  });

  it('[R2] throws the error of a user who denied', async () => {
    const client = prepare(name);
    provider.quirks.callback = 'error';
    provider.quirks.oauth1Callback = 'user-refused';
    const request = await client.createAuthorizationUrl(redirectUri);
    const callback = await comeBack(request);
    const error = await rejection(client.fetchAccessToken(callback.search, request));
    expect(error).toMatchObject({ code: 'access_denied', statusCode: 403 });
  });
});

describe('OAuth 2 without a web framework', () => {
  it('[A17] refuses to go on without the code verifier (RFC 7636 §4.5)', async () => {
    for (const name of ['openid', 'plain'] as const) {
      const client = prepare(name);
      const { codeVerifier: _, ...data } = await client.createAuthorizationUrl(redirectUri);
      const callback = await comeBack({ ...data, url: data.url });
      const error = await rejection(client.fetchAccessToken(callback.href, data));
      expect(error).toMatchObject({
        code: 'invalid_callback',
        message: expect.stringContaining('createAuthorizationUrl()') as string,
      });
    }
    expect(tokenRequests()).toBe(0);
  });

  it('[A20] refuses to go on without the nonce of an OpenID Connect login', async () => {
    const { nonce: _, ...data } = await prepare('openid').createAuthorizationUrl(redirectUri);
    const callback = await comeBack(data);
    const error = await rejection(oauth.openid.fetchAccessToken(callback.href, data));
    expect(error).toMatchObject({ code: 'invalid_callback' });
    expect(tokenRequests()).toBe(0);
  });

  it('[A20] verifies a stored token’s id_token again, and what else is expected of it', async () => {
    prepare('openid');
    const request = await oauth.openid.createAuthorizationUrl(redirectUri);
    const token = await oauth.openid.fetchAccessToken((await comeBack(request)).href, request);
    const { nonce } = request;
    expect(await oauth.openid.parseIdToken(token, { nonce })).toMatchObject({ sub: 'user-1' });
    const other = { ...token, access_token: 'another' } as OAuth2Token;
    for (const refuse of [
      () => oauth.openid.parseIdToken(token, { nonce: 'another' }),
      () => oauth.openid.parseIdToken(token, { maxAge: 60 }),
      () => oauth.openid.parseIdToken(token, { claimsOptions: { sub: { value: 'user-2' } } }),
      () => oauth.openid.parseIdToken(other),
    ]) {
      expect(await rejection(refuse())).toMatchObject({
        code: 'invalid_id_token',
        client: 'openid',
        phase: 'id_token',
      });
    }
  });

  it('[A21] hands out the metadata and the keys', async () => {
    const metadata = await oauth.openid.loadServerMetadata();
    expect(metadata).toMatchObject({ issuer: provider.issuer });
    expect((await oauth.openid.fetchJwkSet()).keys).not.toHaveLength(0);
    const error = await rejection(oauth.plain.fetchJwkSet());
    expect(error).toMatchObject({ code: 'invalid_options', client: 'plain' });
  });

  it('[A9] sends extra parameters with the authorization and the token request', async () => {
    prepare('plain');
    const request = await oauth.plain.createAuthorizationUrl(redirectUri, { prompt: 'login' });
    const callback = await comeBack(request);
    await oauth.plain.fetchAccessToken(callback.href, request, { params: { audience: 'x' } });
    expect(provider.last('authorize').query.get('prompt')).toBe('login');
    expect(provider.last('token').form.get('audience')).toBe('x');
  });
});

describe('OAuth 1.0a without a web framework', () => {
  it('[R2] goes step by step: request token, authorization, redirect, access token', async () => {
    const requestToken = await oauth.one.fetchRequestToken(redirectUri);
    expect(requestToken['oauth_callback_confirmed']).toBe('true');
    const { oauth_token: state, oauth_token_secret: requestTokenSecret } = requestToken;
    const url = `${provider.oauth1.authorize}?oauth_token=${encodeURIComponent(state)}`;
    const data = { state, redirectUri, requestTokenSecret };
    const callback = await comeBack({ ...data, url });
    const token = await oauth.one.fetchAccessToken(callback.search, data);
    expect(token).toMatchObject({ user_id: 'user-1', screen_name: 'ada' });
  });

  it('[R2] refuses to go on without the request token’s secret (RFC 5849 §2.3)', async () => {
    const { requestTokenSecret: _, ...data } = await oauth.one.createAuthorizationUrl(redirectUri);
    const callback = await comeBack(data);
    const error = await rejection(oauth.one.fetchAccessToken(callback.href, data));
    expect(error).toMatchObject({ code: 'missing_request_token', client: 'one', statusCode: 400 });
    expect(tokenRequests()).toBe(0);
  });

  it('[R2] carries tokens and secrets of any characters (RFC 5849 §3.6)', async () => {
    provider.quirks.oauth1OddTokens = true;
    const token = await login(oauth.one);
    expect(await echo(oauth.one.get('me', { token }))).toMatchObject({ method: 'GET' });
  });
});
