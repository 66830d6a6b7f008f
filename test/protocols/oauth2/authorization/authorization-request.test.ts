import { describe, expect } from 'vitest';
import { Browser } from '../../../support/browser.js';
import { openidClient } from '../../../support/apps/express.js';
import { it } from '../../../support/fixtures.js';

describe('an authorization request', () => {
  it('[A17] always carries state, S256 and, with openid, a nonce; all fresh (RFC 7636 §4.3)', async ({
    app,
    browser,
  }) => {
    const first = (await browser.get(`${app.url}/login/openid`)).location?.searchParams;
    const second = (await browser.get(`${app.url}/login/openid`)).location?.searchParams;
    expect(first?.get('code_challenge_method')).toBe('S256');
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(first?.get(name)).toMatch(/^[\w-]{43}$/);
      expect(first?.get(name)).not.toBe(second?.get(name));
    }
    const plain = (await browser.get(`${app.url}/login/plain`)).location?.searchParams;
    expect(plain?.has('nonce')).toBe(false);
    expect(plain?.get('code_challenge_method')).toBe('S256');
  });

  it.for(['no-pkce', 'plain-pkce'] as const)(
    '[A17] uses S256 whatever the metadata says: %s (RFC 9700 §4.8)',
    async (metadata, { provider, app, browser }) => {
      provider.quirks.metadata = metadata;
      const visit = await browser.follow(`${app.url}/login/openid`);
      expect(visit.status).toBe(200);
      expect(provider.last('authorize').query.get('code_challenge_method')).toBe('S256');
    },
  );

  it('[A17] proves each login with its own verifier', async ({ provider, app }) => {
    await new Browser().follow(`${app.url}/login/openid`);
    await new Browser().follow(`${app.url}/login/openid`);
    const [a, b] = provider.requests
      .filter(({ endpoint }) => endpoint === 'token')
      .map(({ form }) => form.get('code_verifier'));
    expect(a).toMatch(/^[\w-]{43}$/);
    expect(a).not.toBe(b);
  });

  it('[A20] asks for openid and sends a nonce also when scope is a list, of the call', async ({
    startApp,
    browser,
  }) => {
    const app = await startApp({ params: { scope: ['openid', 'email'] } as never });
    const { location } = await browser.get(`${app.url}/login/plain`);
    expect(location?.searchParams.getAll('scope')).toEqual(['openid email']);
    expect(location?.searchParams.has('nonce')).toBe(true);
  });

  it('[A20] sends the registered scope and its nonce if the call’s is undefined', async ({
    startApp,
    browser,
  }) => {
    const app = await startApp({ params: { scope: undefined, prompt: undefined } as never });
    const { location } = await browser.get(`${app.url}/login/openid`);
    expect(location?.searchParams.getAll('scope')).toEqual(['openid email']);
    expect(location?.searchParams.get('nonce')).toMatch(/^[\w-]{43}$/);
    expect(location?.searchParams.has('prompt')).toBe(false);
  });

  it.for([5, true, ['a', 5]])(
    'does not crash over the scope %j',
    async (scope, { startApp, browser }) => {
      const app = await startApp({ params: { scope } as never });
      const visit = await browser.get(`${app.url}/login/plain`);
      expect(visit.status).toBe(302);
      expect(visit.location?.searchParams.get('scope')).toBe([scope].flat().join(' '));
    },
  );

  it('[A9] carries extra parameters, of the client and of the call', async ({
    provider,
    startApp,
    browser,
  }) => {
    const clients = {
      openid: openidClient(provider, { authorizeParams: { prompt: 'consent', ui_locales: 'de' } }),
    };
    const app = await startApp({ clients, params: { prompt: 'login', login_hint: 'a&b=c' } });
    const { location } = await browser.get(`${app.url}/login/openid`);
    const params = location?.searchParams;
    expect(params?.getAll('prompt')).toEqual(['login']);
    expect(params?.get('ui_locales')).toBe('de');
    expect(params?.get('login_hint')).toBe('a&b=c');
  });

  it.for(['state', 'nonce', 'redirect_uri', 'client_id', 'response_type', 'code_challenge'])(
    'rejects a parameter that replaces %s',
    async (name, { startApp, browser }) => {
      const app = await startApp({ params: { [name]: 'planted' } });
      const visit = await browser.get(`${app.url}/login/openid`);
      expect(visit.json()).toMatchObject({ code: 'invalid_options' });
      expect(visit.setCookies).toEqual([]);
    },
  );

  it('takes the redirect URI from baseUrl, never from the Host header', async ({
    app,
    browser,
  }) => {
    const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example' };
    const { location } = await browser.get(`${app.url}/login/openid`, { headers });
    expect(location?.searchParams.get('redirect_uri')).toBe(`${app.url}/callback/openid`);
  });

  it('without a redirect URI or baseUrl says what to give', async ({ startApp, browser }) => {
    const app = await startApp({ oauth: { baseUrl: undefined } as object });
    const visit = await browser.get(`${app.url}/login/openid`);
    expect(visit.json()).toMatchObject({
      code: 'invalid_options',
      message: expect.stringContaining('baseUrl') as string,
    });
  });

  it('[A6] can be stored and redirected to by the application itself', async ({
    startApp,
    browser,
  }) => {
    const app = await startApp({
      before: [
        async (req, res, next) => {
          if (req.path !== '/own') return next();
          const client = app.client('openid');
          const request = await client.createAuthorizationUrl(`${app.url}/callback/openid`);
          await client.saveAuthorizeData(req, request);
          res.redirect(request.url);
        },
      ],
    });
    expect((await browser.follow(`${app.url}/own`)).status).toBe(200);
    expect(app.tokens).toHaveLength(1);
  });

  it('sends the registered redirect URI byte for byte to both endpoints', async ({
    provider,
    app,
  }) => {
    const redirectUri = `${app.url}/callback/openid?b=%7e&a=1`;
    provider.settings.redirectUris = [redirectUri];
    const request = await app.client('openid').createAuthorizationUrl(redirectUri);
    const callback = await fetch(request.url, { redirect: 'manual' });
    const params = new URL(callback.headers.get('location') ?? '').searchParams;
    params.delete('a');
    params.delete('b');
    await app.client('openid').fetchAccessToken(params, request);
    expect(provider.last('token').form.get('redirect_uri')).toBe(redirectUri);
  });
});
