import type { Server } from 'node:http';
import { OAuth as CoreOAuth } from '@oauth-registry/core';
import { OAuth as ExpressOAuth } from '@oauth-registry/express';
import { OAuth, type OAuthOptions } from '@oauth-registry/web';
import express from 'express';
import session from 'express-session';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../support/browser.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';

const secret = 'thirty-two characters of secret!';
let provider: FakeProvider;
beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());

const client = () => ({
  clientId: provider.settings.clientId,
  clientSecret: provider.settings.clientSecret,
  serverMetadataUrl: provider.metadataUrl,
  scope: 'openid',
});
const registry = (baseUrl: OAuthOptions['baseUrl']) =>
  new OAuth({ secret, baseUrl }).register('corp', client());

async function redirectUriOf(response: Response): Promise<string | null> {
  return new URL(response.headers.get('location') ?? '').searchParams.get('redirect_uri');
}

const list = [
  'https://app.example/base/',
  'https://www.app.example/base',
  'https://*.preview.example/base',
];

describe('a registry with several base URLs', () => {
  it.each([
    ['https://app.example/base/login', 'https://app.example/base/callback/corp'],
    ['https://www.app.example/base/login', 'https://www.app.example/base/callback/corp'],
    [
      'https://pr-12.preview.example/base/login',
      'https://pr-12.preview.example/base/callback/corp',
    ],
    [
      'https://PR-12.Preview.Example:443/base/login',
      'https://pr-12.preview.example/base/callback/corp',
    ],
  ])('starts a login at %s with the redirect URI of that host', async (url, expected) => {
    const { corp } = registry(list);
    const response = await corp.authorizeRedirect(new Request(url));
    expect(await redirectUriOf(response)).toBe(expected);
  });

  it.each([
    'https://evil.example/base/login',
    'https://preview.example/base/login',
    'https://a.b.preview.example/base/login',
    'https://evil-preview.example/base/login',
    'https://app.example.evil.example/base/login',
    'https://app.example:8443/base/login',
    'https://-.preview.example/base/login',
  ])('starts no login at %s, which is not in the list', async (url) => {
    const { corp } = registry(list);
    await expect(corp.authorizeRedirect(new Request(url))).rejects.toMatchObject({
      code: 'invalid_options',
      message: expect.not.stringContaining('evil'),
    });
  });

  it('lets a proxy forward the host that it replaced', async () => {
    const { corp } = registry(list);
    const headers = { host: 'upstream.internal', 'x-forwarded-host': 'www.app.example' };
    const request = new Request('http://upstream.internal/login', { headers });
    expect(await redirectUriOf(await corp.authorizeRedirect(request))).toBe(
      'https://www.app.example/base/callback/corp',
    );
  });

  it('uses the first URL outside of requests', async () => {
    const { corp } = new CoreOAuth({ baseUrl: list }).register('corp', client());
    const { redirectUri } = await corp.createAuthorizationUrl();
    expect(redirectUri).toBe('https://app.example/base/callback/corp');
  });

  it('asks a function, which gets the request of the framework', async () => {
    const { corp } = registry((request) =>
      (request as Request).headers.get('x-tenant') === 'a'
        ? 'https://a.example'
        : new URL('https://b.example'),
    );
    const start = (tenant: string): Promise<Response> =>
      corp.authorizeRedirect(
        new Request('https://any.example/login', { headers: { 'x-tenant': tenant } }),
      );
    expect(await redirectUriOf(await start('a'))).toBe('https://a.example/callback/corp');
    expect(await redirectUriOf(await start('c'))).toBe('https://b.example/callback/corp');
  });

  it.each([[() => 'javascript:alert(1)'], [() => '/path'], [() => undefined as never]])(
    'rejects what a function returns, if it is no URL: %s',
    async (baseUrl) => {
      const { corp } = registry(baseUrl);
      await expect(
        corp.authorizeRedirect(new Request('https://any.example/login')),
      ).rejects.toMatchObject({
        code: 'invalid_options',
        message: expect.stringContaining('function'),
      });
    },
  );

  it.each([
    [[], 'first URL'],
    [['https://*.preview.example'], 'first URL'],
    [['https://app.example', 'https://www.app.example/other'], 'same path'],
    [['https://app.example', 'http://www.app.example'], 'same protocol'],
    [['https://app.example', 'https://*'], 'absolute http or https URL'],
    [['https://app.example', 'https://*.example'], 'absolute http or https URL'],
    [['https://app.example', 'https://a.*.example.com'], 'absolute http or https URL'],
    [['https://app.example', 'https://user@b.example'], 'absolute http or https URL'],
    [['https://app.example', 'ftp://b.example'], 'absolute http or https URL'],
    [['https://app.example', ''], 'absolute http or https URL'],
  ])('rejects the list %j', (baseUrl, problem) => {
    expect(() => registry(baseUrl)).toThrow(problem);
  });

  it('shows an error page at the drop-in routes of an unknown host, and nothing elsewhere', async () => {
    const routes = registry(list).routes({ onLogin: () => {} });
    const refused = await routes(new Request('https://evil.example/base/auth/login/corp'));
    expect(refused?.status).toBe(500);
    expect(await refused?.text()).not.toContain('evil');
    expect(await routes(new Request('https://evil.example/base/other'))).toBeUndefined();
  });
});

describe('the drop-in routes on Express with two hosts', () => {
  let server: Server;
  let port: number;
  beforeAll(async () => {
    const app = express();
    server = app.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    ({ port } = server.address() as { port: number });
    const oauth = new ExpressOAuth({
      baseUrl: [`http://localhost:${port}`, `http://127.0.0.1:${port}`],
    }).register('corp', client());
    app.use(session({ secret, resave: false, saveUninitialized: false }));
    app.use(
      '/auth',
      oauth.routes({
        onLogin: ({ identity, request }) =>
          void Object.assign(Object(request).session as object, { user: identity }),
        userId: ({ request }) => Object(Object(request).session)['user'] as string | undefined,
        returnTo: '/me',
      }),
    );
    app.get(
      '/private',
      oauth.requireLogin({ client: 'corp' }),
      (_req, res) => void res.json('private'),
    );
    app.get('/me', (req, res) => void res.json(Object(req.session)['user'] ?? null));
  });
  afterAll(() => server.close());

  it.each(['localhost', '127.0.0.1'])('log a user in and out on %s', async (host) => {
    const browser = new Browser();
    const base = `http://${host}:${port}`;
    const headers = {
      accept: 'text/html',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    };
    const page = await browser.follow(`${base}/private`, { headers });
    expect([page.url.href, page.json()]).toEqual([`${base}/private`, 'private']);
    expect(page.history.map(({ origin }) => origin)).toContain(provider.base);

    const away = await browser.post(`${base}/auth/logout`, {}, { headers: { origin: base } });
    expect(away.location?.origin).toBe(base);
    expect((await browser.get(`${base}/me`)).json()).toBeNull();
  });
});
