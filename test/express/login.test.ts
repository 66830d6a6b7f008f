import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../browser.js';
import { startProvider, type FakeProvider } from '../provider/index.js';
import {
  oauth1Client,
  openidClient,
  plainClient,
  startExpress,
  type TestApp,
  type TestAppOptions,
} from './app.js';

let provider: FakeProvider;
let app: TestApp;

async function start(options: Partial<TestAppOptions> = {}): Promise<TestApp> {
  app = await startExpress({
    clients: {
      openid: openidClient(provider),
      plain: plainClient(provider),
      one: oauth1Client(provider),
    },
    ...options,
  });
  return app;
}

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
afterEach(async () => {
  await app.close();
  provider.reset();
  provider.settings.issParameter = true;
  provider.settings.openid = true;
  provider.settings.tokenEndpointAuthMethod = 'client_secret_basic';
  provider.settings.redirectUris = [];
});

const storages: Record<string, Partial<TestAppOptions>> = {
  'express-session': {},
  'sealed cookies': {
    session: false,
    oauth: { stateStorage: 'cookie', secret: 'a secret of thirty-two characters' },
  },
};

describe.each(Object.entries(storages))('a login on %s', (_name, options) => {
  it('[A20] with OpenID Connect ends with verified claims (OpenID Connect Core §3.1.3.7)', async () => {
    await start(options);
    const visit = await new Browser().follow(`${app.url}/login/openid`);
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

  it('[A6] with plain OAuth 2 ends with a token that calls the API', async () => {
    provider.settings.openid = false;
    await start(options);
    await new Browser().follow(`${app.url}/login/plain`);
    const [token] = app.tokens;
    const response = await app.client('plain').get('me', { token });
    expect(await response.json()).toMatchObject({ path: '/api/me', sub: 'user-1' });
  });

  it('[A5] with OAuth 1.0a ends with a token that signs calls (RFC 5849 §2)', async () => {
    await start(options);
    const visit = await new Browser().follow(`${app.url}/login/one`);
    expect(visit.status).toBe(200);
    const [token] = app.tokens;
    expect(token).toMatchObject({ oauth_token: expect.any(String) as string });
    const response = await app.client('one').get('/me?a=1', { token });
    expect(response.status).toBe(200);
  });

  it('[X2] in two tabs finishes in both, in any order', async () => {
    await start(options);
    const browser = new Browser();
    const until = (url: URL): boolean => url.pathname.startsWith('/callback');
    const first = await browser.follow(`${app.url}/login/openid`, { until });
    const second = await browser.follow(`${app.url}/login/openid`, { until });
    const other = await browser.follow(`${app.url}/login/one`, { until });
    for (const tab of [second, other, first]) {
      expect((await browser.get(String(tab.pending?.url))).status).toBe(200);
    }
    expect(app.tokens).toHaveLength(3);
  });

  it('[A22] takes a form_post callback (OAuth 2.0 Form Post Response Mode)', async () => {
    const clients = { openid: openidClient(provider, { responseMode: 'form_post' }) };
    await start({ ...options, clients });
    const visit = await new Browser().follow(`${app.url}/login/openid`);
    expect(visit.request.method).toBe('POST');
    expect(visit.status).toBe(200);
  });

  it('stores nothing on HEAD and prefetch, and answers no login', async () => {
    await start(options);
    const browser = new Browser();
    const head = await browser.head(`${app.url}/login/openid`);
    expect([head.status, head.setCookies, head.location]).toEqual([405, [], undefined]);
    for (const headers of [{ 'sec-purpose': 'prefetch;prerender' }, { 'x-moz': 'prefetch' }]) {
      const visit = await browser.get(`${app.url}/login/openid`, { headers });
      expect([visit.status, visit.setCookies, visit.location]).toEqual([204, [], undefined]);
    }
    expect(provider.requests).toEqual([]);
  });

  it('is not used up by HEAD or prefetch on the callback', async () => {
    await start(options);
    const browser = new Browser();
    const until = (url: URL): boolean => url.pathname.startsWith('/callback');
    const { pending } = await browser.follow(`${app.url}/login/openid`, { until });
    const callback = String(pending?.url);
    expect((await browser.head(callback)).status).toBe(405);
    const prefetched = await browser.get(callback, { headers: { purpose: 'prefetch' } });
    expect(prefetched.json()).toMatchObject({ code: 'unwanted_request' });
    expect(provider.count('token')).toBe(0);
    expect((await browser.get(callback)).status).toBe(200);
  });

  it('forbids caching and referrers on both legs', async () => {
    await start(options);
    const browser = new Browser();
    const login = await browser.get(`${app.url}/login/openid`);
    const callback = await browser.continue(login);
    for (const visit of [login, callback]) {
      expect(visit.headers.get('cache-control')).toBe('no-store');
      expect(visit.headers.get('referrer-policy')).toBe('no-referrer');
    }
    expect(login.status).toBe(302);
  });
});

describe('an authorization request', () => {
  it('[A17] always carries state, S256 and, with openid, a nonce; all fresh (RFC 7636 §4.3)', async () => {
    await start();
    const browser = new Browser();
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

  it.each(['no-pkce', 'plain-pkce'] as const)(
    '[A17] uses S256 whatever the metadata says: %s (RFC 9700 §4.8)',
    async (metadata) => {
      provider.quirks.metadata = metadata;
      await start();
      const visit = await new Browser().follow(`${app.url}/login/openid`);
      expect(visit.status).toBe(200);
      expect(provider.last('authorize').query.get('code_challenge_method')).toBe('S256');
    },
  );

  it('[A17] proves each login with its own verifier', async () => {
    await start();
    await new Browser().follow(`${app.url}/login/openid`);
    await new Browser().follow(`${app.url}/login/openid`);
    const [a, b] = provider.requests
      .filter(({ endpoint }) => endpoint === 'token')
      .map(({ form }) => form.get('code_verifier'));
    expect(a).toMatch(/^[\w-]{43}$/);
    expect(a).not.toBe(b);
  });

  it('[A20] asks for openid and sends a nonce also when scope is a list, of the call', async () => {
    await start({ params: { scope: ['openid', 'email'] } as never });
    const { location } = await new Browser().get(`${app.url}/login/plain`);
    expect(location?.searchParams.getAll('scope')).toEqual(['openid email']);
    expect(location?.searchParams.has('nonce')).toBe(true);
  });

  it('[A9] carries extra parameters, of the client and of the call', async () => {
    const clients = {
      openid: openidClient(provider, { authorizeParams: { prompt: 'consent', ui_locales: 'de' } }),
    };
    await start({ clients, params: { prompt: 'login', login_hint: 'a&b=c' } });
    const { location } = await new Browser().get(`${app.url}/login/openid`);
    const params = location?.searchParams;
    expect(params?.getAll('prompt')).toEqual(['login']);
    expect(params?.get('ui_locales')).toBe('de');
    expect(params?.get('login_hint')).toBe('a&b=c');
  });

  it.each(['state', 'nonce', 'redirect_uri', 'client_id', 'response_type', 'code_challenge'])(
    'lets nobody replace %s',
    async (name) => {
      await start({ params: { [name]: 'planted' } });
      const visit = await new Browser().get(`${app.url}/login/openid`);
      expect(visit.json()).toMatchObject({ code: 'invalid_options' });
      expect(visit.setCookies).toEqual([]);
    },
  );

  it('takes the redirect URI from baseUrl, never from the Host header', async () => {
    await start();
    const headers = { host: 'evil.example', 'x-forwarded-host': 'evil.example' };
    const { location } = await new Browser().get(`${app.url}/login/openid`, { headers });
    expect(location?.searchParams.get('redirect_uri')).toBe(`${app.url}/callback/openid`);
  });

  it('without a redirect URI or baseUrl says what to give', async () => {
    await start({ oauth: { baseUrl: undefined } as object });
    const visit = await new Browser().get(`${app.url}/login/openid`);
    expect(visit.json()).toMatchObject({
      code: 'invalid_options',
      message: expect.stringContaining('baseUrl') as string,
    });
  });

  it('[A6] can be kept and redirected to by the application itself', async () => {
    await start({
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
    expect((await new Browser().follow(`${app.url}/own`)).status).toBe(200);
    expect(app.tokens).toHaveLength(1);
  });

  it('sends the registered redirect URI byte for byte to both endpoints', async () => {
    await start();
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

describe('client authentication', () => {
  it.each(['client_secret_basic', 'client_secret_post', 'none'] as const)(
    '[A10] with %s (RFC 6749 §2.3)',
    async (method) => {
      provider.settings.tokenEndpointAuthMethod = method;
      const clients = { plain: plainClient(provider, { tokenEndpointAuthMethod: method }) };
      provider.settings.openid = false;
      await start({ clients });
      expect((await new Browser().follow(`${app.url}/login/plain`)).status).toBe(200);
      const { headers, form } = provider.last('token');
      expect(headers['authorization'] !== undefined).toBe(method === 'client_secret_basic');
      expect(form.has('client_secret')).toBe(method === 'client_secret_post');
    },
  );

  it('[A10] in the body where the metadata offers nothing else (RFC 8414 §2)', async () => {
    provider.settings.tokenEndpointAuthMethod = 'client_secret_post';
    provider.quirks.metadata = { token_endpoint_auth_methods_supported: ['client_secret_post'] };
    await start();
    expect((await new Browser().follow(`${app.url}/login/openid`)).status).toBe(200);
  });

  it('[A10] leaves plain characters alone, for servers that forget to decode Basic', async () => {
    provider.settings.openid = false;
    const clients = {
      plain: plainClient(provider, { clientId: 'Az09-._*', clientSecret: 'a-b_c.d*e' }),
    };
    await start({ clients });
    await app
      .client('plain')
      .fetchAccessToken(
        { state: 's', code: 'c' },
        { state: 's', redirectUri: 'https://a.example', codeVerifier: 'v' },
      )
      .catch(() => undefined);
    const basic = provider.last('token').headers['authorization']?.slice('Basic '.length);
    expect(atob(basic ?? '')).toBe('Az09-._*:a-b_c.d*e');
  });

  it('[A11] with a method of the application’s own', async () => {
    provider.settings.openid = false;
    provider.settings.tokenEndpointAuthMethod = 'client_secret_post';
    const clients = {
      plain: plainClient(provider, {
        tokenEndpointAuthMethod: 'mine',
        clientAuthMethods: {
          mine: ({ body, headers }, { clientId, clientSecret }) => {
            headers.set('x-mine', 'yes');
            body.set('client_id', clientId);
            body.set('client_secret', clientSecret ?? '');
          },
        },
      }),
    };
    await start({ clients });
    expect((await new Browser().follow(`${app.url}/login/plain`)).status).toBe(200);
    expect(provider.last('token').headers['x-mine']).toBe('yes');
  });

  it('[A10] refused by the provider says what to check', async () => {
    provider.settings.tokenEndpointAuthMethod = 'client_secret_post';
    await start({
      clients: {
        openid: openidClient(provider, { tokenEndpointAuthMethod: 'client_secret_basic' }),
      },
    });
    const visit = await new Browser().follow(`${app.url}/login/openid`);
    expect(visit.json()).toMatchObject({
      code: 'invalid_client',
      status: 401,
      message: expect.stringContaining('tokenEndpointAuthMethod') as string,
    });
  });
});

describe('the session', () => {
  it('missing is an error that shows the line to add', async () => {
    await start({ session: false });
    const visit = await new Browser().get(`${app.url}/login/openid`);
    expect(visit.json()).toMatchObject({
      code: 'missing_session',
      message: expect.stringContaining('app.use(session(') as string,
    });
  });

  it('[A8] is saved before the redirect is answered', async () => {
    const { MemoryStore } = (await import('express-session')).default;
    const store = new MemoryStore();
    const set = store.set.bind(store);
    let saved = 0;
    store.set = (sid, data, done) => {
      setTimeout(() => {
        saved += 1;
        set(sid, data, done);
      }, 100);
    };
    await start({ session: { store } as never });
    const visit = await new Browser().get(`${app.url}/login/openid`);
    expect(visit.status).toBe(302);
    expect(saved).toBeGreaterThan(0);
  });

  it('[A8] that cannot be saved starts no login', async () => {
    const { MemoryStore } = (await import('express-session')).default;
    const store = new MemoryStore();
    store.set = (_sid, _data, done) => done?.(new Error('canary: the disk is full'));
    await start({ session: { store } as never });
    const visit = await new Browser().get(`${app.url}/login/openid`);
    expect(visit.status).toBe(500);
    expect(visit.location).toBeUndefined();
    expect(app.errors[0]).toMatchObject({ code: 'storage_failed' });
  });

  it('with a secure cookie over http is an error instead of silence', async () => {
    await start({ session: { cookie: { secure: true } } as never });
    const visit = await new Browser().get(`${app.url}/login/openid`);
    expect(visit.json()).toMatchObject({
      code: 'missing_session',
      message: expect.stringContaining('trust proxy') as string,
    });
  });

  it('[A8] stays bounded over many logins of one browser', async () => {
    await start();
    const browser = new Browser();
    for (let i = 0; i < 60; i++) await browser.get(`${app.url}/login/plain`);
    const visit = await browser.follow(`${app.url}/login/plain`);
    expect(visit.status).toBe(200);
  });
});
