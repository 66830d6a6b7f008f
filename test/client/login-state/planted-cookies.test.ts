import type { OAuthOptions } from '@oauth-registry/express';
import type { StateStore } from '@oauth-registry/core/types';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Browser, type Visit } from '../../support/browser.js';
import { memoryStore } from '../../support/fake-browser.js';
import { startProvider, type FakeProvider } from '../../support/provider/index.js';
import { plainClient, startExpress, type TestApp } from '../../support/apps/express.js';

let provider: FakeProvider;
let app: TestApp;

beforeAll(async () => {
  provider = await startProvider({ openid: false });
});
afterAll(() => provider.close());
afterEach(() => app.close());

const secret = 'a secret of thirty-two characters';

const places: Record<string, () => OAuthOptions> = {
  'encrypted cookies': () => ({ stateStorage: 'cookie', secret }),
  'a store': () => ({ stateStorage: memoryStore() satisfies StateStore }),
};

/** An application behind https, whose own redirect URI can be given in the query of `/own`. */
async function start(oauth: OAuthOptions): Promise<void> {
  app = await startExpress({
    clients: { plain: plainClient(provider) },
    session: false,
    oauth: { baseUrl: 'https://app.example', ...oauth },
    before: [
      async (req, res, next) => {
        if (req.path !== '/own') return next();
        const redirectUri = String(req.query['redirect_uri']);
        await app.client('plain').authorizeRedirect(req, res, redirectUri);
      },
    ],
  });
}

interface Started {
  /** The path and query of the callback. */
  callback: string;
  /** The login's cookie, name and value. */
  cookie: string;
}

/** Starts a login and lets the provider answer it. */
async function startLogin(browser = new Browser()): Promise<Started> {
  const login = await browser.get(`${app.url}/login/plain`);
  const answer = await browser.get(login.location ?? '');
  const [cookie = ''] = login.setCookies[0]?.split(';') ?? [];
  return { callback: `/callback/plain${answer.location?.search}`, cookie };
}

const comeBack = ({ callback }: Started, cookie: string): Promise<Visit> =>
  new Browser().get(app.url + callback, { headers: { cookie } });

const removed = (visit: Visit): string[] =>
  visit.setCookies.filter((cookie) => /; Max-Age=0;/.test(cookie));

describe.each(Object.entries(places))('over https, with %s', (_name, oauth) => {
  it('[X4] the cookie has the __Host- prefix, without which it does not count (RFC 6265bis §4.1.3.2)', async () => {
    await start(oauth());
    const login = await startLogin();
    expect(login.cookie).toMatch(/^__Host-oauth-registry\./);
    const bare = await comeBack(login, login.cookie.replace('__Host-', ''));
    expect(bare.json()).toMatchObject({ code: 'mismatching_state' });
    expect((await comeBack(login, login.cookie)).status).toBe(200);
  });

  it.each([
    ['A0', '\u00A0'],
    ['C2 A0', '\u00C2\u00A0'],
    ['E2 80 80', '\u00E2\u0080\u0080'],
    ['85', '\u0085'],
    ['EF BB BF', '\u00EF\u00BB\u00BF'],
  ])(
    '[X4] the bytes %s in front of its name make another name of it, which an attacker may plant',
    async (_bytes, blank) => {
      await start(oauth());
      const login = await startLogin();
      for (const others of ['', 'a=b; ', 'a=b;']) {
        const visit = await comeBack(login, `${others}${blank}${login.cookie}`);
        expect(visit.json()).toMatchObject({ code: 'mismatching_state' });
        expect(visit.setCookies).toEqual([]);
      }
      const real = await comeBack(login, `${blank}${login.cookie}x; ${login.cookie}`);
      expect(real.status).toBe(200);
    },
  );

  it.each(['HTTPS://app.example/cb', 'hTTps://app.example/cb'])(
    '[X4] the scheme may be written in any case: %s (RFC 3986 §3.1)',
    async (redirectUri) => {
      await start(oauth());
      const visit = await new Browser().get(
        `${app.url}/own?redirect_uri=${encodeURIComponent(redirectUri)}`,
      );
      expect(visit.location?.searchParams.get('redirect_uri')).toBe(redirectUri);
      expect(visit.setCookies).toHaveLength(1);
      expect(visit.setCookies[0]).toMatch(/^__Host-oauth-registry\..*; Secure$/);
    },
  );

  it('[X4] cookies that a sibling domain planted drop none of it', async () => {
    await start(oauth());
    const login = await startLogin();
    const planted = Array.from({ length: 19 }, (_, i) => `oauth-registry.planted${i}=zzzzzzzz.x`);
    const cookie = [...planted, login.cookie].join('; ');
    const next = await new Browser().get(`${app.url}/login/plain`, { headers: { cookie } });
    expect(next.status).toBe(302);
    expect(removed(next)).toEqual([]);
    expect((await comeBack(login, cookie)).status).toBe(200);
  });

  it('[X4] many planted cookies make one response remove no more than the limit', async () => {
    for (const limits of [{ pendingLogins: 5 }, { pendingLogins: 5, pendingCookieBytes: 100 }]) {
      await start({ ...oauth(), limits });
      const planted = (prefix: string): string[] =>
        Array.from({ length: 150 }, (_, i) => `${prefix}oauth-registry.p${i}=1.x`);
      const cookie = [...planted('__Host-'), ...planted('')].join('; ');
      const visit = await new Browser().get(`${app.url}/login/plain`, { headers: { cookie } });
      expect(removed(visit)).toHaveLength(5);
      expect(visit.setCookies).toHaveLength(6);
      await app.close();
    }
  });
});

it('[A8] the bytes of all login cookies are limited; the oldest goes first', async () => {
  await start({ stateStorage: 'cookie', secret, limits: { pendingCookieBytes: 1200 } });
  const cookies: string[] = [];
  const dropped: string[] = [];
  for (let i = 0; i < 6; i++) {
    const headers = { cookie: cookies.join('; ') };
    const visit = await new Browser().get(`${app.url}/login/plain`, { headers });
    const names = removed(visit).map((cookie) => cookie.split('=')[0] ?? '');
    dropped.push(...names);
    const kept = cookies.filter((cookie) => !names.includes(cookie.split('=')[0] ?? ''));
    const added = visit.setCookies.find((cookie) => !/; Max-Age=0;/.test(cookie)) ?? '';
    cookies.splice(0, cookies.length, ...kept, added.split(';')[0] ?? '');
    expect(cookies.join('; ').length).toBeLessThanOrEqual(1200);
  }
  expect(cookies.length).toBeGreaterThan(1);
  expect(dropped).toHaveLength(6 - cookies.length);
});
