import { randomUUID } from 'node:crypto';
import type { OAuthOptions } from '@oauth-registry/core';
import type { SessionPort, UserLogoutEvent } from '@oauth-registry/core/types';
import { memorySessionIndex } from '@oauth-registry/core/stores/memory-session-index';
import { afterEach, describe, expect, vi } from 'vitest';
import { oauth1Client, openidClient } from '../support/apps/express.js';
import {
  frameworks,
  onExpress,
  onFastify,
  onNext,
  onSecureSession,
  type Open,
  type RoutesApp,
  type RoutesAppOptions,
} from '../support/apps/routes.js';
import { Browser, type Visit } from '../support/browser.js';
import { it } from '../support/fixtures.js';
import { signJws, type FakeProvider, type JsonObject } from '../support/provider/index.js';

let apps: RoutesApp[] = [];
afterEach(async () => {
  await Promise.all(apps.map((app) => app.close()));
  apps = [];
  vi.restoreAllMocks();
});

const sameSite = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'navigate' };
const event = 'http://schemas.openid.net/event/backchannel-logout';
const now = (): number => Math.floor(Date.now() / 1000);

async function start(
  open: Open,
  provider: FakeProvider,
  { clients, ...options }: Partial<RoutesAppOptions> = {},
): Promise<RoutesApp> {
  const app = await open({
    clients: {
      openid: openidClient(provider),
      other: openidClient(provider),
      one: oauth1Client(provider),
      ...clients,
    },
    ...options,
  });
  apps.push(app);
  provider.settings.postLogoutRedirectUris = ['openid', 'other'].map(
    (name) => `${app.url}/auth/logout/${name}`,
  );
  return app;
}

/** Logs in, with this session at the provider. */
async function logIn(
  app: RoutesApp,
  provider: FakeProvider,
  { sid = 'session-1', client = 'openid' }: { sid?: string | undefined; client?: string } = {},
): Promise<Browser> {
  const browser = new Browser();
  await browser.get(`${app.url}/`);
  provider.idToken = ({ claims, sign }) => sign({ ...claims, sid });
  expect((await browser.follow(`${app.url}/auth/login/${client}`)).url.pathname).toBe('/');
  return browser;
}

const whoIs = async (app: RoutesApp, browser: Browser): Promise<unknown> =>
  ((await browser.get(`${app.url}/`)).json() as { user: unknown }).user;

const logOut = (
  app: RoutesApp,
  browser: Browser,
  form: Record<string, string> = {},
): Promise<Visit> => browser.post(`${app.url}/auth/logout`, form, { headers: sameSite });

/** Posts a logout token of the provider, as the provider does. */
async function notify(
  app: RoutesApp,
  provider: FakeProvider,
  { client = 'openid', ...change }: JsonObject & { client?: string } = {},
): Promise<number> {
  const claims = {
    iss: provider.issuer,
    aud: provider.settings.clientId,
    jti: randomUUID(),
    events: { [event]: {} },
    iat: now(),
    exp: now() + 120,
    ...change,
  };
  const token = signJws(claims, { alg: 'RS256', kid: provider.keys.rsa.kid }, provider.keys.rsa);
  const body = new URLSearchParams({ logout_token: token });
  const url = `${app.url}/auth/backchannel/${client}`;
  return (await fetch(url, { method: 'POST', body })).status;
}

const withSession = { Express: onExpress, 'Fastify with @fastify/session': onFastify };

describe.each(Object.entries(withSession))('logout: provider on %s', (_, open) => {
  const routes = { logout: 'provider' } as const;

  it('ends the session, logs out at the provider, and returns to the page (RP-Initiated Logout §2)', async ({
    provider,
  }) => {
    const app = await start(open, provider, { routes });
    const events: UserLogoutEvent[] = [];
    app.oauth.events.on('logout', (one) => void events.push(one));
    const browser = await logIn(app, provider);
    const response = await logOut(app, browser, { returnTo: '/?bye=1' });
    expect([response.status, response.headers.get('cache-control')]).toEqual([303, 'no-store']);
    const asked = response.location?.searchParams;
    expect(response.location?.href).toContain(`${provider.base}/end_session?`);
    expect(asked?.get('id_token_hint')).toBe(app.logins[0]?.token['id_token']);
    expect(asked?.get('post_logout_redirect_uri')).toBe(`${app.url}/auth/logout/openid`);
    expect(await whoIs(app, browser)).toBeNull();
    const back = await browser.continue(response);
    expect(back.url.href).toBe(`${app.url}/?bye=1`);
    expect(events).toEqual([{ client: 'openid', sub: 'user-1' }]);
  });

  it('returns home from a return that this browser did not start', async ({ provider }) => {
    const app = await start(open, provider, { routes });
    const browser = await logIn(app, provider);
    for (const query of ['', '?state=x', '?state=x&state=y']) {
      const visit = await browser.get(`${app.url}/auth/logout/openid${query}`);
      expect([visit.status, visit.location?.href]).toEqual([302, `${app.url}/`]);
    }
    expect(await whoIs(app, browser)).toBe('user-1');
    const posted = await browser.post(`${app.url}/auth/logout/openid`, {}, { headers: sameSite });
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET']);
  });

  it('returns once only, and only to the client that started it', async ({ provider }) => {
    const app = await start(open, provider, { routes });
    const browser = await logIn(app, provider);
    const until = (url: URL): boolean => url.pathname.startsWith('/auth/logout/');
    const response = await logOut(app, browser, { returnTo: '/?bye=1' });
    const { pending } = await browser.continue(response, { until });
    const elsewhere = new URL(pending?.url ?? '');
    elsewhere.pathname = '/auth/logout/other';
    expect((await browser.clone().get(elsewhere)).location?.search).toBe('');
    const other = new Browser();
    expect((await other.get(pending?.url ?? '')).location?.search).toBe('');
  });

  it('logs out here if the provider offers no logout, or fails', async ({ provider }) => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    provider.quirks.metadata = { end_session_endpoint: undefined };
    const app = await start(open, provider, { routes });
    const browser = await logIn(app, provider);
    expect((await logOut(app, browser)).location?.href).toBe(`${app.url}/`);
    expect(await whoIs(app, browser)).toBeNull();
    expect(logged).not.toHaveBeenCalled();
    const again = new Browser();
    await again.follow(`${app.url}/auth/login/one`);
    expect((await logOut(app, again)).location?.href).toBe(`${app.url}/`);
    expect(await whoIs(app, again)).toBeNull();
  });

  it('tells a script where to go on, because fetch() cannot', async ({ provider }) => {
    const app = await start(open, provider, { routes });
    const browser = await logIn(app, provider);
    const headers = { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors' };
    const response = await browser.post(`${app.url}/auth/logout`, {}, { headers });
    expect(response.status).toBe(200);
    expect(response.json()).toEqual({
      location: expect.stringContaining('/end_session?') as string,
    });
  });

  it('goes on to what onLogout returns, of any origin, after the provider', async ({
    provider,
  }) => {
    const onLogout = ({ request }: { request: { session: { destroy(done: () => void): void } } }) =>
      new Promise<string>((resolve) => {
        request.session.destroy(() => resolve('https://www.example/bye'));
      });
    const app = await start(open, provider, { routes: { ...routes, onLogout: onLogout as never } });
    const browser = await logIn(app, provider);
    const until = (url: URL): boolean => url.host === 'www.example';
    const visit = await browser.continue(await logOut(app, browser), { until });
    expect(visit.pending?.url.href).toBe('https://www.example/bye');
  });

  it('refuses a logout from another site, and one by GET', async ({ provider }) => {
    const app = await start(open, provider, { routes });
    const browser = await logIn(app, provider);
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect((await browser.post(`${app.url}/auth/logout`, {}, { headers })).status).toBe(403);
    expect((await browser.get(`${app.url}/auth/logout`)).status).toBe(405);
    expect(await whoIs(app, browser)).toBe('user-1');
  });

  it('stores no id_token in the session unless the provider needs it', async ({ provider }) => {
    const app = await start(open, provider);
    const browser = await logIn(app, provider);
    const response = await logOut(app, browser);
    expect(response.location?.href).toBe(`${app.url}/`);
    expect((await browser.get(`${app.url}/auth/logout/openid`)).status).toBe(404);
  });
});

describe.each(Object.entries(frameworks))('logout with a function on %s', (_, open) => {
  it('logs out the login that it returns', async ({ provider }) => {
    let idToken: string | undefined;
    const logout = () => (idToken === undefined ? undefined : { client: 'openid', idToken });
    const app = await start(open, provider, {
      routes: { logout, onLogout: () => undefined },
      onLogin: ({ token }) => void (idToken = String(token['id_token'])),
    });
    const browser = await logIn(app, provider);
    const response = await logOut(app, browser, { returnTo: '/?bye=1' });
    expect(response.location?.searchParams.get('id_token_hint')).toBe(idToken);
    expect((await browser.continue(response)).url.href).toBe(`${app.url}/?bye=1`);
    idToken = undefined;
    expect((await logOut(app, browser)).location?.href).toBe(`${app.url}/`);
  });
});

describe.each(Object.entries(withSession))('back-channel logout of the routes on %s', (_, open) => {
  const oauth = (): OAuthOptions => ({ sessionIndex: memorySessionIndex() });

  it('ends the sessions with this sid, and no others (Back-Channel Logout §2.5)', async ({
    provider,
  }) => {
    const app = await start(open, provider, { oauth: oauth() });
    const [one, same, two] = [
      await logIn(app, provider),
      await logIn(app, provider),
      await logIn(app, provider, { sid: 'session-2' }),
    ];
    expect(await notify(app, provider, { sid: 'session-1', sub: 'user-1' })).toBe(200);
    expect(await Promise.all([one, same, two].map((browser) => whoIs(app, browser)))).toEqual([
      null,
      null,
      'user-1',
    ]);
  });

  it('ends all sessions of a user for a token without a sid', async ({ provider }) => {
    const app = await start(open, provider, { oauth: oauth() });
    const browsers = [
      await logIn(app, provider),
      await logIn(app, provider, { sid: 'session-2' }),
      await logIn(app, provider, { client: 'other' }),
    ];
    expect(await notify(app, provider, { sub: 'user-2' })).toBe(200);
    expect(await whoIs(app, browsers[0] as Browser)).toBe('user-1');
    expect(await notify(app, provider, { sub: 'user-1' })).toBe(200);
    expect(await Promise.all(browsers.map((browser) => whoIs(app, browser)))).toEqual([
      null,
      null,
      'user-1',
    ]);
  });

  it('ends sessions whose id_token had no sid by the sub of any token', async ({ provider }) => {
    const app = await start(open, provider, { oauth: oauth() });
    const browser = await logIn(app, provider, { sid: undefined });
    const named = await logIn(app, provider, { sid: 'session-2' });
    expect(await notify(app, provider, { sub: 'user-1', sid: 'session-1' })).toBe(200);
    expect(await whoIs(app, browser)).toBeNull();
    expect(await whoIs(app, named)).toBe('user-1');
  });

  it('refuses a token that is invalid or was used (§2.6), and other requests', async ({
    provider,
  }) => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const app = await start(open, provider, { oauth: oauth() });
    const browser = await logIn(app, provider);
    const named = { sid: 'session-1' };
    for (const change of [
      { nonce: 'n' },
      { events: {} },
      { aud: 'x' },
      { iss: `${provider.issuer}/x` },
      { exp: now() - 600 },
      { jti: undefined },
    ]) {
      expect(await notify(app, provider, { ...named, ...change })).toBe(400);
    }
    expect((await fetch(`${app.url}/auth/backchannel/openid`)).status).toBe(400);
    expect(await notify(app, provider, { ...named, client: 'unknown' })).toBe(404);
    expect(await whoIs(app, browser)).toBe('user-1');
    const jti = randomUUID();
    expect(await notify(app, provider, { ...named, jti })).toBe(200);
    expect(await whoIs(app, browser)).toBeNull();
    const later = await logIn(app, provider);
    expect(await notify(app, provider, { ...named, jti })).toBe(400);
    expect(await whoIs(app, later)).toBe('user-1');
  });

  it('calls the hook of the client as well, and works with it alone', async ({ provider }) => {
    const told: unknown[] = [];
    const hook = { onBackchannelLogout: (one: object) => void told.push(one) };
    const clients = { openid: openidClient(provider, hook), other: openidClient(provider) };
    const app = await start(open, provider, { clients, oauth: oauth() });
    const browser = await logIn(app, provider);
    expect(await notify(app, provider, { sid: 'session-1' })).toBe(200);
    expect(await whoIs(app, browser)).toBeNull();
    const alone = await start(open, provider, { clients });
    expect(await notify(alone, provider, { sid: 'session-1' })).toBe(200);
    expect(told).toMatchObject([{ sid: 'session-1' }, { sid: 'session-1' }]);
    expect(await notify(alone, provider, { client: 'other', sid: 'session-1' })).toBe(404);
  });

  it('ends the oldest session of a user above the limit', async ({ provider }) => {
    const limits = { userSessions: 2 };
    const app = await start(open, provider, { oauth: { ...oauth(), limits } });
    const browsers: Browser[] = [];
    for (const sid of ['a', 'b', 'c']) browsers.push(await logIn(app, provider, { sid }));
    expect(await Promise.all(browsers.map((browser) => whoIs(app, browser)))).toEqual([
      null,
      'user-1',
      'user-1',
    ]);
  });

  it('responds with 400 if the index fails, and can be repeated', async ({ provider }) => {
    vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const index = memorySessionIndex();
    let failing = false;
    const remove: typeof index.remove = (by, key) => {
      if (failing) throw new Error('secret detail');
      return index.remove(by, key);
    };
    const sessionIndex = { ...index, remove };
    const app = await start(open, provider, { oauth: { sessionIndex } });
    const browser = await logIn(app, provider);
    failing = true;
    const jti = randomUUID();
    expect(await notify(app, provider, { sid: 'session-1', jti })).toBe(400);
    failing = false;
    expect(await notify(app, provider, { sid: 'session-1', jti })).toBe(200);
    expect(await whoIs(app, browser)).toBeNull();
  });

  it('forgets a session that ended here', async ({ provider }) => {
    const index = memorySessionIndex();
    const ids: string[] = [];
    const add: typeof index.add = (session, ttl, limit) => {
      ids.push(session.id);
      expect([ttl, limit]).toEqual([2_592_000, 100]);
      expect(JSON.stringify(session)).not.toMatch(/user-1|session-1/);
      return index.add(session, ttl, limit);
    };
    const app = await start(open, provider, { oauth: { sessionIndex: { ...index, add } } });
    const browser = await logIn(app, provider);
    expect(await index.has(ids[0] ?? '')).toBe(true);
    await logOut(app, browser);
    expect(await index.has(ids[0] ?? '')).toBe(false);
  });
});

describe.each(
  Object.entries({ ...withSession, 'Fastify with @fastify/secure-session': onSecureSession }),
)('front-channel logout of the routes on %s', (_, open) => {
  const frame = (app: RoutesApp, query: Record<string, string>, client = 'openid'): string =>
    `${app.url}/auth/frontchannel/${client}?${new URLSearchParams(query)}`;

  it('ends only the session whose cookie came with the request, and never reads the index', async ({
    provider,
  }) => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const index = memorySessionIndex();
    const { has, remove } = index;
    const sessionIndex = { ...index, has: vi.fn(has), remove: vi.fn(remove) };
    const app = await start(open, provider, { oauth: { sessionIndex } });
    const [one, two] = [
      await logIn(app, provider),
      await logIn(app, provider, { sid: 'session-2' }),
    ];
    const named = { iss: provider.issuer, sid: 'session-1' };
    // An attacker who knows the sid, and a browser of another session.
    expect((await new Browser().get(frame(app, named))).status).toBe(400);
    expect((await two.get(frame(app, named))).status).toBe(400);
    expect((await one.get(frame(app, { sid: 'session-1' }))).status).toBe(400);
    expect((await one.get(frame(app, { ...named, iss: 'https://evil.example' }))).status).toBe(400);
    expect((await one.get(frame(app, named, 'other'))).status).toBe(400);
    expect(await whoIs(app, one)).toBe('user-1');
    const response = await one.get(frame(app, named));
    expect([response.status, response.headers.get('cache-control')]).toEqual([200, 'no-store']);
    expect(response.headers.get('x-frame-options')).toBeNull();
    expect(await whoIs(app, one)).toBeNull();
    expect(await whoIs(app, two)).toBe('user-1');
    expect(sessionIndex.has).not.toHaveBeenCalled();
    expect(sessionIndex.remove).not.toHaveBeenCalled();
    expect(warned).toHaveBeenCalled();
  });
});

describe('a session in a cookie, which cannot be destroyed from outside', () => {
  it('has ended for the routes: no call of the API, and no linking', async ({ provider }) => {
    const app: RoutesApp = await start(onSecureSession, provider, {
      oauth: {
        sessionIndex: memorySessionIndex(),
        fetchToken: () => app.logins[0]?.token,
      },
      clients: { openid: openidClient(provider, { apiBaseUrl: provider.base }) },
      routes: { access: { openid: ['/userinfo'] } },
    });
    const browser = await logIn(app, provider);
    const call = async (): Promise<number> => {
      const headers = { ...sameSite, 'oauth-request': 'GET /userinfo' };
      return (await browser.post(`${app.url}/auth/access/openid`, {}, { headers })).status;
    };
    const link = async (): Promise<number> => {
      const form = { link: '1' };
      return (await browser.post(`${app.url}/auth/login/openid`, form, { headers: sameSite }))
        .status;
    };
    expect([await call(), await link()]).toEqual([200, 303]);
    expect(await notify(app, provider, { sid: 'session-1' })).toBe(200);
    expect([await call(), await link()]).toEqual([401, 400]);
    await logIn(app, provider);
    expect([await call(), await link()]).toEqual([401, 400]);
  });
});

describe('a session of the application', () => {
  /** Sessions in memory, as an application of Next.js may have them. */
  function memorySessions(): {
    find(request: unknown): SessionPort;
    map: Map<string, Map<string, unknown>>;
  } {
    const map = new Map<string, Map<string, unknown>>();
    return {
      map,
      find(request) {
        const id = /sid=(\w+)/.exec((request as Request).headers.get('cookie') ?? '')?.[1];
        const data = (id !== undefined && map.get(id)) || new Map<string, unknown>();
        return {
          ...(id === undefined ? {} : { id }),
          get: (key) => data.get(key),
          set: (key, value) => void (id !== undefined && map.set(id, data.set(key, value))),
          end: async () => void map.delete(id ?? ''),
          endOther: async (other) => void map.delete(other),
        };
      },
    };
  }

  it('is ended by its provider, too', async ({ provider }) => {
    const sessions = memorySessions();
    const app = await start(onNext, provider, {
      oauth: { session: sessions.find, sessionIndex: memorySessionIndex() },
      routes: { logout: 'local' },
    });
    await logIn(app, provider);
    expect(sessions.map.size).toBe(1);
    expect(await notify(app, provider, { sid: 'session-1' })).toBe(200);
    expect(sessions.map.size).toBe(0);
  });
});
