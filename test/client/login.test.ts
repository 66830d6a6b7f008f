import { describe, expect } from 'vitest';
import { Browser } from '../support/browser.js';
import { openidClient, type TestAppOptions } from '../support/apps/express.js';
import { it } from '../support/fixtures.js';

const cookies: Partial<TestAppOptions> = {
  session: false,
  oauth: { stateStorage: 'cookie', secret: 'a secret of thirty-two characters' },
};

const places: [string, Partial<TestAppOptions>][] = ([5, 4] as const).flatMap((version) => [
  [`Express ${version} with express-session`, { express: version }],
  [`Express ${version} with encrypted cookies`, { express: version, ...cookies }],
]);

describe.each(places)('a login on %s', (_name, options) => {
  it('[A20] with OpenID Connect ends with verified claims (OpenID Connect Core §3.1.3.7)', async ({
    provider,
    startApp,
    browser,
  }) => {
    const app = await startApp(options);
    const visit = await browser.follow(`${app.url}/login/openid`);
    expect(visit.status).toBe(200);
    expect(app.tokens).toHaveLength(1);
    expect(app.tokens[0]).toMatchObject({
      access_token: expect.any(String) as string,
      token_type: 'Bearer',
      expires_in: 3600,
      userinfo: { iss: provider.issuer, sub: 'user-1', aud: provider.settings.clientId },
    });
    const { expires_at } = app.tokens[0] as { expires_at: number };
    expect(Math.abs(expires_at - Date.now() / 1000 - 3600)).toBeLessThan(5);
  });

  it('[A6] with plain OAuth 2 ends with a token that calls the API', async ({
    provider,
    startApp,
    browser,
  }) => {
    provider.settings.openid = false;
    const app = await startApp(options);
    await browser.follow(`${app.url}/login/plain`);
    const [token] = app.tokens;
    const response = await app.client('plain').get('me', { token });
    expect(await response.json()).toMatchObject({ path: '/api/me', sub: 'user-1' });
  });

  it('[A5] with OAuth 1.0a ends with a token that signs calls (RFC 5849 §2)', async ({
    startApp,
    browser,
  }) => {
    const app = await startApp(options);
    const visit = await browser.follow(`${app.url}/login/one`);
    expect(visit.status).toBe(200);
    const [token] = app.tokens;
    expect(token).toMatchObject({ oauth_token: expect.any(String) as string });
    const response = await app.client('one').get('/me?a=1', { token });
    expect(response.status).toBe(200);
  });

  it('[X2] in two tabs finishes in both, in any order', async ({ startApp, browser }) => {
    const app = await startApp(options);
    const until = (url: URL): boolean => url.pathname.startsWith('/callback');
    const first = await browser.follow(`${app.url}/login/openid`, { until });
    const second = await browser.follow(`${app.url}/login/openid`, { until });
    const other = await browser.follow(`${app.url}/login/one`, { until });
    for (const tab of [second, other, first]) {
      expect((await browser.get(String(tab.pending?.url))).status).toBe(200);
    }
    expect(app.tokens).toHaveLength(3);
  });

  it('[A22] takes a form_post callback (OAuth 2.0 Form Post Response Mode)', async ({
    provider,
    startApp,
    browser,
  }) => {
    const clients = { openid: openidClient(provider, { responseMode: 'form_post' }) };
    const app = await startApp({ ...options, clients });
    const visit = await browser.follow(`${app.url}/login/openid`);
    expect(visit.request.method).toBe('POST');
    expect(visit.status).toBe(200);
  });

  it('stores nothing on HEAD and prefetch, and starts no login', async ({
    provider,
    startApp,
    browser,
  }) => {
    const app = await startApp(options);
    const head = await browser.head(`${app.url}/login/openid`);
    expect([head.status, head.setCookies, head.location]).toEqual([405, [], undefined]);
    for (const headers of [{ 'sec-purpose': 'prefetch;prerender' }, { 'x-moz': 'prefetch' }]) {
      const visit = await browser.get(`${app.url}/login/openid`, { headers });
      expect([visit.status, visit.setCookies, visit.location]).toEqual([204, [], undefined]);
    }
    expect(provider.requests).toEqual([]);
  });

  it('is not used up by HEAD or prefetch on the callback', async ({
    provider,
    startApp,
    browser,
  }) => {
    const app = await startApp(options);
    const until = (url: URL): boolean => url.pathname.startsWith('/callback');
    const { pending } = await browser.follow(`${app.url}/login/openid`, { until });
    const callback = String(pending?.url);
    expect((await browser.head(callback)).status).toBe(405);
    const prefetched = await browser.get(callback, { headers: { purpose: 'prefetch' } });
    expect(prefetched.json()).toMatchObject({ code: 'unwanted_request' });
    expect(provider.count('token')).toBe(0);
    expect((await browser.get(callback)).status).toBe(200);
  });

  it('[X4] works once: a replay is refused, without a second token request', async ({
    provider,
    startApp,
    browser,
  }) => {
    const app = await startApp(options);
    const until = (url: URL): boolean => url.pathname.startsWith('/callback');
    const { pending } = await browser.follow(`${app.url}/login/openid`, { until });
    const callback = String(pending?.url);
    expect((await browser.get(callback)).status).toBe(200);
    const replay = await browser.get(callback);
    expect(replay.json()).toMatchObject({ code: 'mismatching_state' });
    expect(replay.status).toBe(400);
    expect(provider.count('token')).toBe(1);
  });

  it('[X4] that fails reaches the error handler, with a status to respond with', async ({
    provider,
    startApp,
  }) => {
    const app = await startApp(options);
    provider.quirks.callback = 'error';
    const refused = await new Browser().follow(`${app.url}/login/openid`);
    expect([refused.status, refused.json()]).toMatchObject([403, { code: 'access_denied' }]);
    provider.quirks.oauth1Request = 'no-secret';
    const broken = await new Browser().follow(`${app.url}/login/one`);
    expect([broken.status, broken.json()]).toMatchObject([502, { code: 'invalid_response' }]);
    const unknown = await new Browser().get(`${app.url}/login/nobody`);
    expect([unknown.status, unknown.json()]).toMatchObject([404, { code: 'unknown_client' }]);
    expect(app.errors).toHaveLength(3);
  });

  it('forbids caching and referrers on both legs', async ({ startApp, browser }) => {
    const app = await startApp(options);
    const login = await browser.get(`${app.url}/login/openid`);
    const callback = await browser.continue(login);
    for (const visit of [login, callback]) {
      expect(visit.headers.get('cache-control')).toBe('no-store');
      expect(visit.headers.get('referrer-policy')).toBe('no-referrer');
    }
    expect(login.status).toBe(302);
  });
});
