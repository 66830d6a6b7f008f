import { memorySessionIndex } from '@oauth-registry/core/stores/memory-session-index';
import { memoryStore } from '@oauth-registry/core/stores/memory';
import type { RegisterOptions } from '@oauth-registry/core';
import { OAuth } from '@oauth-registry/express';
import { afterEach, describe, expect, vi } from 'vitest';
import { oauth1Client, openidClient } from '../support/apps/express.js';
import {
  guardedFrameworks,
  type GuardedApp,
  type GuardedOptions,
  type OpenGuarded,
} from '../support/apps/guarded.js';
import { Browser, type Visit } from '../support/browser.js';
import { it } from '../support/fixtures.js';
import type { FakeProvider } from '../support/provider/index.js';

let apps: GuardedApp[] = [];
afterEach(async () => {
  await Promise.all(apps.map((app) => app.close()));
  apps = [];
  vi.restoreAllMocks();
});

async function start(
  open: OpenGuarded,
  provider: FakeProvider,
  { corp, ...options }: Partial<GuardedOptions> & { corp?: Partial<RegisterOptions> } = {},
): Promise<{ app: GuardedApp; browser: Browser }> {
  const clients = { corp: openidClient(provider, corp as never), other: openidClient(provider) };
  const app = await open({ clients, ...options });
  apps.push(app);
  const browser = new Browser();
  await browser.get(`${app.url}/open`);
  return { app, browser };
}

/** What a browser sends with a navigation. */
const page = {
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'document',
  'sec-fetch-site': 'none',
};
const accepting = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

const locationOf = ({ status, location }: Visit, app: GuardedApp): [number, string | undefined] => [
  status,
  location?.href.replace(app.url, ''),
];

describe.each(Object.entries(guardedFrameworks))('requireLogin on %s', (name, open) => {
  it('redirects a page to the sign-in page, and shows it after the login', async ({ provider }) => {
    const { app, browser } = await start(open, provider);
    const wanted = '/account/files?sort=name&q=a%26b';
    for (const headers of [page, accepting]) {
      const visit = await browser.get(app.url + wanted, { headers });
      const query = new URLSearchParams({ returnTo: wanted });
      expect(locationOf(visit, app)).toEqual([302, `/auth/login?${query}`]);
      expect(visit.headers.get('cache-control')).toContain('no-store');
    }
    const signIn = await browser.follow(app.url + wanted, { headers: page });
    const [, href = ''] = /href="([^"]*\/auth\/login\/corp[^"]*)"/.exec(signIn.text()) ?? [];
    const shown = await browser.follow(app.url + href.replaceAll('&amp;', '&'), { headers: page });
    expect(shown.url.href).toBe(app.url + wanted);
    expect(shown.json()).toEqual({ page: '/account/files', user: 'corp-user-1' });
  });

  it.for([
    ['fetch()', { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', accept: '*/*' }],
    ['an image', { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' }],
    ['a frame', { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe', ...accepting }],
    ['a prefetch', { ...page, 'sec-purpose': 'prefetch' }],
    ['a script of an old browser', { ...accepting, 'x-requested-with': 'XMLHttpRequest' }],
    ['a program', { accept: 'application/json' }],
  ] as const)('responds with 401 in JSON to %s', async ([, headers], { provider }) => {
    const { app, browser } = await start(open, provider);
    const visit = await browser.get(`${app.url}/account`, { headers });
    expect([visit.status, visit.location]).toEqual([401, undefined]);
    expect(visit.headers.get('content-type')).toBe('application/json');
    expect(visit.headers.get('cache-control')).toContain('no-store');
    expect(visit.json()).toMatchObject({ error: 'login_required' });
  });

  it('remembers no page for a form, which the browser would lose', async ({ provider }) => {
    const { app, browser } = await start(open, provider);
    const visit = await browser.post(`${app.url}/account`, { a: '1' }, { headers: page });
    expect(locationOf(visit, app)).toEqual([303, '/auth/login']);
    const head = await browser.head(`${app.url}/account`, { headers: page });
    expect(locationOf(head, app)).toEqual([302, '/auth/login?returnTo=%2Faccount']);
  });

  it('never leads to another origin', async ({ provider }) => {
    const { app, browser } = await start(open, provider);
    const paths = [
      '//evil.example/x',
      '/%5cevil.example',
      '/%2f%2fevil.example',
      '/.//evil.example',
    ];
    for (const path of paths) {
      const visit = await browser.get(app.url + path, { headers: page });
      const back = visit.location?.searchParams.get('returnTo') ?? '/';
      expect(new URL(back, app.url).origin).toBe(app.url);
      expect(visit.location?.origin).toBe(app.url);
    }
    const long = await browser.get(`${app.url}/account?q=${'x'.repeat(2048)}`, { headers: page });
    expect(locationOf(long, app)).toEqual([302, '/auth/login']);
  });

  it('starts the login of one client at once, and returns', async ({ provider }) => {
    const { app, browser } = await start(open, provider, { login: { client: 'corp' } });
    const shown = await browser.follow(`${app.url}/account?a=1`, { headers: page });
    expect(shown.url.href).toBe(`${app.url}/account?a=1`);
    expect(shown.json()).toEqual({ page: '/account', user: 'corp-user-1' });
  });

  it('never starts logins over and over: the second time it says so', async ({ provider }) => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const login = { client: 'corp' };
    const { app, browser } = await start(open, provider, { login, forgetful: true });
    const shown = await browser.follow(`${app.url}/account`, { headers: page });
    expect([shown.status, shown.url.pathname]).toEqual([403, '/account']);
    expect(app.logins).toHaveLength(1);
    expect(shown.text()).toContain('onLogin');
    expect(shown.text()).toContain('href="/auth/login/corp?returnTo=%2Faccount"');
    expect(logged.mock.calls.length === 1 || name === 'Fastify').toBe(true);
    // Another page starts a login of its own.
    const second = await browser.get(`${app.url}/account/2`, { headers: page });
    expect(second.location?.pathname).toBe('/auth/login/corp');
  });

  it('lets the routes pass, and nothing else below their path', async ({ provider }) => {
    const { app, browser } = await start(open, provider);
    for (const path of ['/auth/login', '/auth/login/corp?returnTo=%2Fx']) {
      const visit = await browser.get(app.url + path, { headers: page });
      expect(visit.location?.pathname).not.toBe('/auth/login');
    }
    if (name === 'Fastify') return;
    for (const path of ['/auth/other', '/auth/login/../x', '/auth/login/a/b', '/auth/callback']) {
      const visit = await browser.get(app.url + path, { headers: page });
      expect(visit.location?.pathname).toBe('/auth/login');
    }
  });

  it('shows a sign-in page of the application, which must pass', async ({ provider }) => {
    const { app, browser } = await start(open, provider, { login: { page: '/sign-in' } });
    const visit = await browser.get(`${app.url}/account`, { headers: page });
    expect(locationOf(visit, app)).toEqual([302, '/sign-in?returnTo=%2Faccount']);
    const shown = await browser.get(visit.location ?? '', { headers: page });
    expect(shown.json()).toEqual({ page: '/sign-in', user: null });
  });

  it('asks for a login after the provider has ended the session', async ({ provider }) => {
    if (!/Express|Fastify/.test(name)) return;
    const index = memorySessionIndex();
    let isThere = true;
    const oauth = {
      sessionIndex: { ...index, has: async (id: string) => isThere && index.has(id) },
    };
    const { app, browser } = await start(open, provider, { oauth, login: { client: 'corp' } });
    await browser.follow(`${app.url}/account`, { headers: page });
    isThere = false;
    const visit = await browser.get(`${app.url}/account/2`, { headers: page });
    expect(visit.location?.pathname).toBe('/auth/login/corp');
  });
});

describe.each(Object.entries(guardedFrameworks))('required on %s', (name, open) => {
  const token = { scope: 'files' };

  it('logs in with the scope that the page needs, and returns to the page', async ({
    provider,
  }) => {
    const { app, browser } = await start(open, provider, { token });
    const first = await browser.get(`${app.url}/files?a=1`, { headers: page });
    expect(first.location?.pathname).toBe('/auth/login/corp');
    const shown = await browser.follow(`${app.url}/files?a=1`, { headers: page });
    expect(shown.url.href).toBe(`${app.url}/files?a=1`);
    expect(shown.json()).toEqual({ page: 'files', user: 'corp-user-1' });
    expect(provider.last('authorize').query.get('scope')).toBe('openid email files');
    expect(app.logins).toHaveLength(1);
  });

  it('asks again for a scope that the token lacks, and for those it has', async ({ provider }) => {
    const { app, browser } = await start(open, provider, { token });
    await browser.follow(`${app.url}/auth/login/corp`, { headers: page });
    expect(app.logins).toHaveLength(1);
    const shown = await browser.follow(`${app.url}/files`, { headers: page });
    expect(shown.json()).toMatchObject({ page: 'files' });
    const asked = provider.last('authorize').query.get('scope')?.split(' ');
    expect(asked?.toSorted()).toEqual(['email', 'files', 'openid']);
    const user = 'corp-user-1 corp';
    app.tokens.set(user, {
      ...app.tokens.get(user),
      expires_at: 1,
      refresh_token: undefined,
    } as never);
    const later = await browser.get(`${app.url}/files?later`, { headers: page });
    expect(later.location?.pathname).toBe('/auth/login/corp');
  });

  it('responds with 401 or 403 to fetch()', async ({ provider }) => {
    const { app, browser } = await start(open, provider, { token });
    const headers = { 'sec-fetch-mode': 'cors' };
    const none = await browser.get(`${app.url}/files`, { headers });
    expect([none.status, none.json()]).toMatchObject([401, { error: 'missing_token' }]);
    await browser.follow(`${app.url}/auth/login/corp`, { headers: page });
    const less = await browser.get(`${app.url}/files`, { headers });
    expect([less.status, less.json()]).toMatchObject([403, { error: 'insufficient_scope' }]);
  });

  it('never starts logins over and over if the scope is not granted', async ({ provider }) => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    provider.on('token', async (_request, respond) => {
      const response = await respond();
      return { ...response, body: { ...(response.body as object), scope: 'openid email' } };
    });
    const { app, browser } = await start(open, provider, { token });
    const shown = await browser.follow(`${app.url}/files`, { headers: page });
    expect([shown.status, shown.url.pathname]).toEqual([403, '/files']);
    expect(shown.text()).toContain('insufficient_scope');
    expect(app.logins).toHaveLength(1);
  });

  it('links the account of the signed-in user after a click', async ({ provider }) => {
    const { app, browser } = await start(open, provider, { token: { ...token, link: true } });
    await browser.follow(`${app.url}/auth/login/other`, { headers: page });
    const asked = await browser.get(`${app.url}/files`, { headers: page });
    expect([asked.status, asked.text()]).toEqual([200, expect.stringContaining('Connect corp')]);
    const fields = [...asked.text().matchAll(/name="(\w+)" value="([^"]*)"/g)].map(
      ([, field = '', value = '']): [string, string] => [field, value],
    );
    expect(Object.fromEntries(fields)).toMatchObject({
      link: '1',
      returnTo: '/files',
      scope: 'files',
    });
    const headers = { ...page, 'sec-fetch-site': 'same-origin' };
    const started = await browser.post(`${app.url}/auth/login/corp`, fields, { headers });
    const shown = await browser.continue(started, { headers: page });
    expect(shown.json()).toEqual({ page: 'files', user: 'other-user-1' });
    expect(app.logins.map(({ client, link }) => [client, link])).toEqual([
      ['other', undefined],
      ['corp', 'other-user-1'],
    ]);
  });

  it('finds tokens in the store by the user', async ({ provider }) => {
    if (name !== 'Express') return;
    const oauth = { fetchToken: undefined, tokenStore: memoryStore() };
    const userId = ({ request }: { request: never }): string | undefined =>
      (request as { session: { user?: string } }).session.user;
    const { app, browser } = await start(open, provider, { oauth, token: { ...token, userId } });
    const visit = await browser.get(`${app.url}/files`, { headers: page });
    expect(visit.location?.pathname).toBe('/auth/login/corp');
  });
});

describe('the options of guards', () => {
  const { express: registry } = { express: new OAuth({ config: {} }) };
  const oauth = registry.register('corp', {
    clientId: 'a',
    clientSecret: 'b',
    issuer: 'https://a.example',
  });

  it.for([
    [{ prefix: 'auth' }, '"prefix"'],
    [{ prefix: '/auth/' }, '"prefix"'],
    [{ prefix: '//evil.example' }, '"prefix"'],
    [{ page: 'https://evil.example' }, '"page"'],
    [{ page: '/\\evil.example' }, '"page"'],
    [{ client: 'corp', page: '/x' }, 'only one'],
    [{ userId: 'ada' }, '"userId"'],
    [{ user: () => 'ada' }, '"userId"'],
  ] as const)('are checked when the guard is made: %j', ([options, message]) => {
    expect(() => oauth.requireLogin(options as never)).toThrow(message);
  });

  it.for([
    [{ scope: 1 }, '"scope"'],
    [{ scope: [''] }, '"scope"'],
    [{ link: 'yes' }, '"link"'],
    [{ scopes: 'x' }, '"scope"'],
  ] as const)('of required(): %j', ([options, message]) => {
    expect(() => oauth.corp.required(options as never)).toThrow(message);
  });

  it.for(Object.entries(guardedFrameworks))(
    'say at the first request what is missing, and show no page: %s',
    async ([, open], { provider }) => {
      vi.spyOn(console, 'error').mockImplementation(() => undefined);
      const { app, browser } = await start(open, provider, {
        oauth: { fetchToken: undefined },
        login: { userId: undefined },
        routes: { userId: undefined },
      });
      expect((await browser.get(`${app.url}/account`, { headers: page })).status).toBe(500);
      expect((await browser.get(`${app.url}/files`, { headers: page })).status).toBe(500);
    },
  );

  it('accept no client without a user, and no scope of OAuth 1', async ({ provider }) => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const { Express: open } = guardedFrameworks;
    if (!open) return;
    for (const corp of [
      oauth1Client(provider),
      openidClient(provider, { grantType: 'client_credentials', scope: 'files' }),
    ]) {
      const { app, browser } = await start(open, provider, {
        clients: { corp },
        token: { scope: 'files' },
      });
      expect((await browser.get(`${app.url}/files`, { headers: page })).status).toBe(500);
    }
  });
});
