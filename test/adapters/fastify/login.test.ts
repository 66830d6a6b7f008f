import { setTimeout as sleep } from 'node:timers/promises';
import type { Token } from '@oauth-registry/fastify';
import type { FastifyRequest } from 'fastify';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Browser, type Visit } from '../../support/browser.js';
import { oauth1Client, openidClient, plainClient } from '../../support/apps/express.js';
import { startProvider, type FakeProvider } from '../../support/provider/index.js';
import {
  startFastify,
  type FastifyApp,
  type FastifyAppOptions,
} from '../../support/apps/fastify.js';

let provider: FakeProvider;
let app: FastifyApp;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
afterEach(async () => {
  await app.close();
  provider.reset();
  provider.settings.openid = true;
});

async function start(options: Partial<FastifyAppOptions> = {}): Promise<FastifyApp> {
  app = await startFastify({
    clients: {
      openid: openidClient(provider),
      posted: openidClient(provider, { responseMode: 'form_post' }),
      plain: plainClient(provider),
      one: oauth1Client(provider),
    },
    ...options,
  });
  return app;
}

const inFront = (url: URL): boolean => url.pathname.startsWith('/callback');

function codeOf(visit: Visit): unknown {
  return (visit.json() as { code?: unknown }).code;
}

const places: [string, Partial<FastifyAppOptions>][] = [
  ['@fastify/session', { session: 'session' }],
  ['@fastify/secure-session', { session: 'secure-session' }],
  [
    'encrypted cookies',
    {
      session: 'none',
      oauth: { stateStorage: 'cookie', secret: 'a secret of thirty-two characters' },
    },
  ],
];

describe.each(places)('a login on Fastify with %s', (_name, options) => {
  it('[A20] with OpenID Connect ends with verified claims (OpenID Connect Core §3.1.3.7)', async () => {
    await start(options);
    const visit = await new Browser().follow(`${app.url}/login/openid`);
    expect(visit.status).toBe(200);
    expect(app.tokens[0]).toMatchObject({
      userinfo: { iss: provider.issuer, sub: 'user-1', aud: provider.settings.clientId },
    });
  });

  it('[A6] with plain OAuth 2 ends with a token that calls the API', async () => {
    provider.settings.openid = false;
    await start(options);
    expect((await new Browser().follow(`${app.url}/login/plain`)).status).toBe(200);
    const response = await app.client('plain').get('me', { token: app.tokens[0] });
    expect(await response.json()).toMatchObject({ path: '/api/me', sub: 'user-1' });
  });

  it('[A5] with OAuth 1.0a ends with a token that signs calls (RFC 5849 §2)', async () => {
    await start(options);
    expect((await new Browser().follow(`${app.url}/login/one`)).status).toBe(200);
    const response = await app.client('one').get('/me?a=1', { token: app.tokens[0] });
    expect(response.status).toBe(200);
  });

  it('[A22] takes a form_post callback (OAuth 2.0 Form Post Response Mode)', async () => {
    await start(options);
    const visit = await new Browser().follow(`${app.url}/login/posted`);
    expect([visit.request.method, visit.status]).toEqual(['POST', 200]);
  });

  it('[X2] in two tabs finishes in both, in any order', async () => {
    await start(options);
    const browser = new Browser();
    const tabs: Visit[] = [];
    for (const client of ['openid', 'openid', 'one']) {
      tabs.push(await browser.follow(`${app.url}/login/${client}`, { until: inFront }));
    }
    for (const tab of tabs.toReversed()) {
      expect((await browser.get(String(tab.pending?.url))).status).toBe(200);
    }
    expect(app.tokens).toHaveLength(3);
  });

  it('[X2] started twenty times at once in a fresh browser finishes twenty times', async () => {
    await start(options);
    const browser = new Browser();
    const tabs = await Promise.all(
      Array.from({ length: 20 }, () =>
        browser.follow(`${app.url}/login/openid`, { until: inFront }),
      ),
    );
    const visits = await Promise.all(tabs.map((tab) => browser.get(String(tab.pending?.url))));
    expect(visits.map(({ status }) => status)).toEqual(tabs.map(() => 200));
    expect(new Set(app.tokens.map((token) => token['access_token'])).size).toBe(20);
  });

  it('[X4] works once, and in no other browser (RFC 6749 §10.12)', async () => {
    await start(options);
    const browser = new Browser();
    const { pending } = await browser.follow(`${app.url}/login/openid`, { until: inFront });
    const callback = String(pending?.url);
    const copy = browser.clone();
    const stranger = await new Browser().get(callback);
    expect([stranger.status, codeOf(stranger)]).toEqual([400, 'mismatching_state']);
    expect((await browser.get(callback)).status).toBe(200);
    for (const again of [browser, copy]) {
      const replay = await again.get(callback);
      expect([replay.status, codeOf(replay)]).toEqual([400, 'mismatching_state']);
    }
    expect(provider.count('token')).toBe(1);
  });

  it('stores nothing on HEAD and prefetch, and is not used up by them', async () => {
    await start(options);
    const browser = new Browser();
    const head = await browser.head(`${app.url}/login/openid`);
    expect([head.status, head.location, head.headers.get('allow')]).toEqual([
      405,
      undefined,
      'GET, POST',
    ]);
    const early = await browser.get(`${app.url}/login/openid`, {
      headers: { 'sec-purpose': 'prefetch' },
    });
    expect([early.status, early.location]).toEqual([204, undefined]);
    const cookies = [...head.setCookies, ...early.setCookies].join();
    expect(cookies).not.toContain('oauth-registry');
    const { pending } = await browser.follow(`${app.url}/login/openid`, { until: inFront });
    expect((await browser.head(String(pending?.url))).status).toBe(405);
    expect((await browser.get(String(pending?.url))).status).toBe(200);
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
    expect([login.status, callback.status]).toEqual([302, 200]);
  });

  it('[X4] that fails reaches Fastify’s own error handler, which responds with the right status', async () => {
    await start(options);
    provider.quirks.callback = 'error';
    const refused = await new Browser().follow(`${app.url}/login/openid`);
    expect([refused.status, codeOf(refused)]).toEqual([403, 'access_denied']);
    provider.quirks.oauth1Request = 'no-secret';
    const broken = await new Browser().follow(`${app.url}/login/one`);
    expect([broken.status, codeOf(broken)]).toEqual([502, 'invalid_response']);
    expect(app.errors).toHaveLength(2);
  });
});

describe('the session of Fastify', () => {
  it('missing is an error that shows the line to add', async () => {
    await start({ session: 'none' });
    const visit = await new Browser().get(`${app.url}/login/openid`);
    expect([visit.status, visit.json()]).toMatchObject([
      500,
      {
        code: 'missing_session',
        message: expect.stringContaining('app.register(session') as string,
      },
    ]);
  });

  it('with a secure cookie over http is an error instead of silence', async () => {
    await start({ sessionOptions: { cookie: { secure: true } } });
    const visit = await new Browser().get(`${app.url}/login/openid`);
    expect(visit.json()).toMatchObject({
      code: 'missing_session',
      message: expect.stringContaining('trustProxy') as string,
    });
  });
});

describe('the plugin', () => {
  it('[A13] tells fetchToken which request is being handled, also of many at once', async () => {
    const asked: [string, string][] = [];
    const tokens = new Map<string, Token>();
    provider.settings.openid = false;
    await start({
      oauth: {
        fetchToken: async (name, request) => {
          const { headers } = request as FastifyRequest;
          const user = String(headers['x-user']);
          asked.push([name, user]);
          await sleep(user === 'alice' ? 20 : 1);
          return tokens.get(user);
        },
      },
      prepare: (instance, oauth) => {
        instance.get('/me', async () => {
          await sleep(5);
          return await (await oauth.createClient('plain').get('me')).json();
        });
      },
    });
    for (const user of ['alice', 'bob']) {
      await new Browser().follow(`${app.url}/login/plain`);
      tokens.set(user, app.tokens.at(-1) as Token);
    }
    const me = async (user: string): Promise<unknown> => {
      const visit = await new Browser().get(`${app.url}/me`, { headers: { 'x-user': user } });
      return (visit.json() as { headers: Record<string, string> }).headers['authorization'];
    };
    const seen = await Promise.all(['alice', 'bob', 'alice', 'bob'].map(me));
    const bearer = (user: string): string => `Bearer ${String(tokens.get(user)?.['access_token'])}`;
    expect(seen).toEqual(['alice', 'bob', 'alice', 'bob'].map(bearer));
    expect(asked.map(([name]) => name)).toEqual(['plain', 'plain', 'plain', 'plain']);
  });

  it('decorates the application with the registry, and leaves other form parsers alone', async () => {
    await start({
      prepare: (instance) => {
        instance.addContentTypeParser(
          'application/x-www-form-urlencoded',
          { parseAs: 'buffer' },
          (_request, body, done) => done(null, body),
        );
      },
    });
    expect(app.app.oauth).toBe(app.oauth);
    expect((await new Browser().follow(`${app.url}/login/posted`)).status).toBe(200);
  });

  it('left out, is asked for if the reply is missing', async () => {
    await start({ plugin: false });
    const visit = await new Browser().follow(`${app.url}/login/openid`);
    expect(visit.status).toBe(500);
    expect(visit.text()).toContain('app.register(fastifyOAuth');
  });
});

describe('a login cookie that @fastify/secure-session has sealed', () => {
  it('[A20] says nothing to an application that gets it as its session', async () => {
    await start({ session: 'secure-session' });
    const answer = await new Browser().get(`${app.url}/login/openid`);
    const [pair = ''] = answer.setCookies.filter((cookie) => cookie.startsWith('oauth-registry.'));
    const [value = ''] = pair.split(';');
    const sealed = value.slice(value.indexOf('=') + 1).replace(/^\w+\./, '');
    const asSession = sealed.replace('.', ';').replaceAll('-', '+').replaceAll('_', '/');
    const fields = Object.keys(app.app.decodeSecureSession(asSession)?.data() ?? {});
    expect(fields.map((field) => field.replace(/^oauth-registry\..*/, 'ours'))).toEqual(['ours']);
  });
});
