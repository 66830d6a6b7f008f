import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { UserInfo } from '@oauth-registry/core/types';
import { Browser } from '../support/browser.js';
import { oauth1Client, openid2Client, openidClient, plainClient } from '../support/apps/express.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import {
  frameworks,
  type Open,
  type RoutesApp,
  type RoutesAppOptions,
} from '../support/apps/routes.js';

let provider: FakeProvider;
let app: RoutesApp;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
afterEach(async () => {
  await app.close();
  provider.reset();
});

const inFront = (url: URL): boolean => url.pathname.startsWith('/auth/callback');

function starter(open: Open): (options?: Partial<RoutesAppOptions>) => Promise<RoutesApp> {
  return async (options = {}) => {
    app = await open({
      clients: {
        openid: openidClient(provider, { displayName: 'Corp <ID>', brandColor: '#ffffff' }),
        posted: openidClient(provider, { responseMode: 'form_post' }),
        plain: plainClient(provider),
        one: oauth1Client(provider),
        old: openid2Client(provider),
        'old-posted': openid2Client(provider, { responseMode: 'form_post' }),
      },
      ...options,
    });
    return app;
  };
}

async function whoIs(browser: Browser): Promise<{ user: string | null; id: string | null }> {
  return (await browser.get(`${app.url}/`)).json() as { user: string | null; id: string | null };
}

describe.each(Object.entries(frameworks))('the drop-in routes on %s', (name, open) => {
  const start = starter(open);

  it.each(['query', 'form_post'] as const)(
    '[D1] [M11] log in with OpenID 2.0 if the provider responds by %s',
    async (responseMode) => {
      provider.quirks.responseMode = responseMode;
      await start();
      const client = responseMode === 'query' ? 'old' : 'old-posted';
      const visit = await new Browser().follow(`${app.url}/auth/login/${client}?returnTo=/shop`);
      expect(visit.url.pathname).toBe('/shop');
      expect(app.logins).toMatchObject([{ client, user: { sub: 'user-1' } }]);
    },
  );

  it.each(['openid', 'posted', 'plain', 'one'])(
    '[D1] log in with %s in two lines, and go home',
    async (client) => {
      await start();
      const browser = new Browser();
      const visit = await browser.follow(`${app.url}/auth/login/${client}`);
      expect([visit.status, visit.url.pathname]).toEqual([200, '/']);
      expect(app.logins).toMatchObject([{ client, returnTo: '/' }]);
      if (client === 'openid') expect(app.logins[0]?.user?.sub).toBe('user-1');
    },
  );

  it('[D3] return to the page for which the login was started, with the data of the start', async () => {
    await start({ routes: { data: ({ client }) => ({ cart: client }) } });
    const back = encodeURIComponent('/shop?a=1&scope=admin#top');
    const visit = await new Browser().follow(`${app.url}/auth/login/openid?returnTo=${back}`);
    expect(visit.url.href).toBe(`${app.url}/shop?a=1&scope=admin#top`);
    expect(app.logins[0]).toMatchObject({
      data: { cart: 'openid' },
      returnTo: visit.url.href.slice(app.url.length),
    });
  });

  it.each([
    '//evil.example',
    '/\\evil.example',
    'https://evil.example/x',
    '/.//evil.example',
    '/%252f%252fevil.example/..//evil',
    'javascript:alert(1)',
  ])('[D3] never lead away from the application: %s', async (returnTo) => {
    await start();
    const query = new URLSearchParams({ returnTo });
    const visit = await new Browser().follow(`${app.url}/auth/login/openid?${query}`);
    expect(visit.url.href).toBe(`${app.url}/`);
  });

  it('take nothing else from the URL (parameter injection)', async () => {
    await start();
    const query =
      'scope=admin&redirect_uri=https://evil.example&client_id=x&nonce=y&returnTo=/a&returnTo=/b';
    const visit = await new Browser().get(`${app.url}/auth/login/openid?${query}`);
    const asked = visit.location?.searchParams;
    expect(asked?.get('scope')).toBe('openid email');
    expect(asked?.get('redirect_uri')).toBe(`${app.url}/auth/callback/openid`);
    expect(asked?.get('client_id')).toBe(provider.settings.clientId);
    expect(asked?.get('nonce')).not.toBe('y');
  });

  it('[D2] ask for more scopes if the application allows them', async () => {
    await start({ routes: { scopes: { openid: ['files', 'mail'] } } });
    const visit = await new Browser().get(`${app.url}/auth/login/openid?scope=files+admin`);
    expect(visit.location?.searchParams.get('scope')).toBe('openid email files');
  });

  it('[D4] tell a denied login from a failure, and respond with a page', async () => {
    await start();
    const browser = new Browser();
    const visit = await browser.follow(`${app.url}/auth/login/openid`, { until: inFront });
    const callback = new URL(visit.pending?.url ?? '');
    callback.searchParams.delete('code');
    callback.searchParams.set('error', 'access_denied');
    callback.searchParams.set('error_description', '<script>alert(1)</script>');
    const answer = await browser.get(callback);
    expect(app.failures).toMatchObject([{ declined: true, client: 'openid' }]);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      403,
      'text/html; charset=utf-8',
    ]);
    expect(answer.text()).not.toContain('alert(1)');
    expect(answer.text()).toContain('/auth/login');
    expect((await whoIs(browser)).user).toBeNull();
  });

  it('[D4] let the application respond by itself, with a URL or a response', async () => {
    await start({
      onLogin: ({ client }) =>
        client === 'openid' ? '/welcome' : new Response('Hello', { status: 201 }),
      onError: ({ error }) => `/sorry?${error.code}`,
    });
    const browser = new Browser();
    const welcome = await browser.follow(`${app.url}/auth/login/openid`);
    expect(welcome.url.href).toBe(`${app.url}/welcome`);
    const hello = await browser.follow(`${app.url}/auth/login/plain`);
    expect([hello.status, hello.text()]).toEqual([201, 'Hello']);
    const sorry = await browser.get(`${app.url}/auth/callback/openid?state=no&code=no`);
    expect(sorry.location?.href).toBe(`${app.url}/sorry?mismatching_state`);
  });

  it('pass the identity of the user to onLogin', async () => {
    await start();
    for (const client of ['openid', 'plain', 'old']) {
      await new Browser().follow(`${app.url}/auth/login/${client}`);
      const { token, user, identity } = app.logins.at(-1) ?? {};
      const known = app.oauth.createClient(client);
      const userinfo = user as UserInfo;
      expect(identity, client).toBe(known.identity({ ...token, userinfo } as never));
      expect(identity, client).toContain('user-1');
    }
  });

  it('pass no identity if the provider has no profile', async () => {
    await start();
    await new Browser().follow(`${app.url}/auth/login/one`);
    expect(app.logins).toMatchObject([{ user: undefined, identity: undefined }]);
  });

  it('know the client of every path, and no other', async () => {
    await start();
    const browser = new Browser();
    for (const path of ['/auth/login/nosuch', '/auth/callback/nosuch', '/auth/login/__proto__']) {
      expect((await browser.get(app.url + path)).status, path).toBe(404);
    }
    expect((await browser.get(`${app.url}/auth/other`)).status).toBe(404);
    expect((await browser.get(`${app.url}/auth/callback`)).status).toBe(404);
  });

  it('neither start nor burn a login for HEAD and prefetches', async () => {
    await start();
    const browser = new Browser();
    const head = await browser.head(`${app.url}/auth/login/openid`);
    expect([head.status, head.location]).toEqual([405, undefined]);
    expect((await browser.head(`${app.url}/auth/login`)).status).toBe(200);
    const headers = { 'sec-purpose': 'prefetch' };
    const fetched = await browser.get(`${app.url}/auth/login/openid`, { headers });
    expect(fetched.status).toBe(204);
    const visit = await browser.follow(`${app.url}/auth/login/openid`, { until: inFront });
    const callback = visit.pending?.url ?? '';
    expect((await browser.get(callback, { headers })).status).toBe(405);
    const probe = await browser.head(callback);
    expect([probe.status, probe.headers.get('allow')]).toEqual([405, 'GET, POST']);
    expect((await browser.follow(callback)).url.href).toBe(`${app.url}/`);
  });

  it.each([
    ['an image', { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }],
    ['a frame', { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }],
    ['a poll', { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }],
  ])(
    'start nothing for %s, and ask neither hook nor provider (Fetch Metadata §2)',
    async (_what, headers) => {
      const asked: string[] = [];
      await start({ routes: { data: ({ client }) => void asked.push(client) } });
      const paths = ['openid', 'one', 'old', 'openid?popup=1234567890123456789012', 'nosuch'];
      for (const path of paths) {
        const visit = await new Browser().get(`${app.url}/auth/login/${path}`, { headers });
        expect([visit.status, visit.location]).toEqual([403, undefined]);
        // @fastify/session gives every visitor its own.
        expect(visit.setCookies.filter((one) => !one.startsWith('sessionId='))).toEqual([]);
        expect(visit.headers.get('content-type')).toMatch(/^text\/plain\b/);
        expect(visit.headers.get('cache-control')).toBe('no-store');
        expect(visit.text()).toMatch(/^Nothing was started: only a navigation/);
      }
      const posted = await new Browser().post(`${app.url}/auth/login/openid`, {}, { headers });
      expect(posted.status).toBe(403);
      expect([asked, provider.count()]).toEqual([[], 0]);
    },
  );

  it('list the clients on a sign-in page, escaped, with colours that can be read', async () => {
    await start();
    const page = await new Browser().get(`${app.url}/auth/login?returnTo=/x`);
    expect(page.text()).toContain('Continue with Corp &lt;ID&gt;');
    expect(page.text()).toContain('/auth/login/plain?returnTo=%2Fx');
    // White cannot be made out on white; in the dark it can.
    expect(page.text()).toContain('.oauth-login-openid { --_mark: light-dark(#0f172a, #ffffff) }');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(page.headers.get('cache-control')).toContain('no-store');
  });

  it('[D1] start with a form only, if the application wants that (CVE-2015-9284)', async () => {
    await start({ routes: { start: 'post' } });
    const browser = new Browser();
    const page = await browser.get(`${app.url}/auth/login/openid`);
    expect([page.status, page.location]).toEqual([200, undefined]);
    expect(page.text()).toContain('method="post"');
    const begun = await browser.post(`${app.url}/auth/login/openid`, { returnTo: '/y' });
    expect(begun.status).toBe(303);
    expect((await browser.continue(begun)).url.href).toBe(`${app.url}/y`);
  });

  it.each([
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': '' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
  ])('refuse a form of another site, to start and to log out: %o', async (headers) => {
    await start();
    const browser = new Browser();
    await browser.follow(`${app.url}/auth/login/openid`);
    for (const path of ['/auth/login/openid', '/auth/logout']) {
      const answer = await browser.post(app.url + path, {}, { headers: headers as never });
      expect(answer.status, path).toBe(403);
    }
    expect(app.failures.map(({ error }) => error.code)).toEqual([
      'cross_site_request',
      'cross_site_request',
    ]);
  });

  it('go home from a callback that was used, if a user is signed in', async () => {
    await start();
    const browser = new Browser();
    const visit = await browser.follow(`${app.url}/auth/login/openid`, { until: inFront });
    const callback = visit.pending?.url ?? '';
    await browser.follow(callback);
    const again = await browser.get(callback);
    if (!name.startsWith('Next.js')) expect(again.location?.href).toBe(`${app.url}/`);
    expect(app.logins).toHaveLength(1);
  });
});

const withSession = Object.entries(frameworks).filter(([name]) => !name.startsWith('Next.js'));

describe.each(withSession)('the session of the drop-in routes on %s', (_name, open) => {
  const start = starter(open);

  it('give the session another id at the login (fixation)', async () => {
    await start();
    const browser = new Browser();
    await browser.get(`${app.url}/auth/login/openid`);
    const before = await whoIs(browser);
    await browser.follow(`${app.url}/auth/login/openid`);
    const after = await whoIs(browser);
    expect(after.user).toBe('user-1');
    if (before.id !== null) expect(after.id).not.toBe(before.id);
  });

  it('log out by POST only', async () => {
    await start();
    const browser = new Browser();
    await browser.follow(`${app.url}/auth/login/openid`);
    expect((await browser.get(`${app.url}/auth/logout`)).status).toBe(405);
    expect((await whoIs(browser)).user).toBe('user-1');
    const out = await browser.post(`${app.url}/auth/logout`, { returnTo: '/bye' });
    expect([out.status, out.location?.href]).toEqual([303, `${app.url}/bye`]);
    expect((await whoIs(browser)).user).toBeNull();
  });

  it('[D1] add a login to the account that is signed in', async () => {
    await start();
    const browser = new Browser();
    const link = { link: '1' };
    expect((await browser.post(`${app.url}/auth/login/plain`, link)).status).toBe(400);
    await browser.follow(`${app.url}/auth/login/openid`);
    const other = browser.clone();
    const begun = await browser.post(`${app.url}/auth/login/plain`, link);
    expect((await browser.continue(begun)).status).toBe(200);
    expect(app.logins.at(-1)).toMatchObject({ client: 'plain', link: 'user-1' });
    expect((await browser.get(`${app.url}/auth/login/plain?link=1`)).status).toBe(403);
    // Signed out meanwhile: the login is dropped, and nothing is added.
    const late = await other.post(`${app.url}/auth/login/plain`, link);
    const stopped = await other.continue(late, { until: inFront });
    await other.post(`${app.url}/auth/logout`);
    expect((await other.get(stopped.pending?.url ?? '')).status).toBe(400);
    expect(app.failures.at(-1)?.error.code).toBe('mismatching_state');
    expect(app.logins).toHaveLength(2);
  });
});
