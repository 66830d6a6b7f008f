import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RoutesOptions } from '@oauth-registry/core/types';
import { Browser, type Visit } from '../support/browser.js';
import { openidClient } from '../support/apps/express.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import { frameworks, onExpress, type Open, type RoutesApp } from '../support/apps/routes.js';

let provider: FakeProvider;
let app: RoutesApp;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
afterEach(async () => {
  vi.useRealTimers();
  await app.close();
  provider.reset();
});

const inFront = (url: URL): boolean => url.pathname.startsWith('/auth/callback');
const popup = '0123456789abcdef0123456789abcdef';

async function start(open: Open, routes: Partial<RoutesOptions> = {}): Promise<void> {
  app = await open({ clients: { corp: openidClient(provider) }, routes });
}

/** Delivers a callback twice, and loses the first response, as a browser does that loads a page anew. */
async function twice(browser: Browser, query = ''): Promise<Visit> {
  const visit = await browser.follow(`${app.url}/auth/login/corp?${query}`, { until: inFront });
  const callback = visit.pending?.url ?? '';
  const before = browser.clone();
  await before.get(callback);
  return await browser.get(callback);
}

describe.each(Object.entries(frameworks))(
  'a callback that is delivered twice on %s',
  (_n, open) => {
    it('signs a user in who is not, by one fresh start that remembers where to return to', async () => {
      await start(open);
      const browser = new Browser();
      const second = await twice(browser, 'returnTo=/cart?x=1');
      expect(second.location?.pathname).toBe('/auth/login/corp');
      const done = await browser.continue(second, {
        until: ({ pathname }) => pathname === '/cart',
      });
      expect(done.location?.href).toBe(`${app.url}/cart?x=1`);
      expect(app.logins.map(({ user }) => user?.sub)).toEqual(['user-1', 'user-1']);
    });
  },
);

describe('a callback that was used before', () => {
  it('starts a login once, and no more', async () => {
    await start(onExpress);
    const browser = new Browser();
    const second = await twice(browser);
    const again = await browser.continue(second, { until: inFront });
    await browser.clone().get(again.pending?.url ?? '');
    const fourth = await browser.get(again.pending?.url ?? '');
    expect([fourth.status, fourth.location]).toEqual([400, undefined]);
  });

  it('sends a user home who is signed in', async () => {
    await start(onExpress, { returnTo: '/home' });
    const browser = new Browser();
    const visit = await browser.follow(`${app.url}/auth/login/corp`, { until: inFront });
    await browser.get(visit.pending?.url ?? '');
    const reloaded = await browser.get(visit.pending?.url ?? '');
    expect([reloaded.status, reloaded.location?.pathname]).toEqual([302, '/home']);
  });

  it('sends a user home whose tab comes back too late, and who is signed in meanwhile', async () => {
    await start(onExpress);
    const browser = new Browser();
    const late = await browser.follow(`${app.url}/auth/login/corp`, { until: inFront });
    await browser.follow(`${app.url}/auth/login/corp`);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 700_000 });
    const back = await browser.get(late.pending?.url ?? '');
    expect([back.status, back.location?.pathname]).toEqual([302, '/']);
  });

  it('starts nothing in a browser that did not begin the login', async () => {
    await start(onExpress);
    const browser = new Browser();
    const visit = await browser.follow(`${app.url}/auth/login/corp`, { until: inFront });
    await browser.get(visit.pending?.url ?? '');
    const stranger = await new Browser().get(visit.pending?.url ?? '');
    expect([stranger.status, stranger.location]).toEqual([400, undefined]);
  });

  it.each([
    ['a login in a popup', `popup=${popup}`, {}],
    ['if logins start with a form', '', { start: 'post' }],
  ] as const)('starts nothing for %s', async (_what, query, routes) => {
    await start(onExpress, routes);
    const browser = new Browser();
    const form = Object.fromEntries(new URLSearchParams(query));
    const begun = await browser.post(`${app.url}/auth/login/corp`, form, { from: app.url });
    const visit = await browser.continue(begun, { until: inFront });
    const before = browser.clone();
    await before.get(visit.pending?.url ?? '');
    const second = await browser.get(visit.pending?.url ?? '');
    expect([second.status, second.location]).toEqual([400, undefined]);
  });

  it('starts nothing for a login that is added to an account', async () => {
    await start(onExpress);
    const browser = new Browser();
    await browser.follow(`${app.url}/auth/login/corp`);
    const begun = await browser.post(
      `${app.url}/auth/login/corp`,
      { link: '1' },
      { from: app.url },
    );
    const visit = await browser.continue(begun, { until: inFront });
    await browser.clone().get(visit.pending?.url ?? '');
    await browser.post(`${app.url}/auth/logout`, {}, { from: app.url });
    const second = await browser.get(visit.pending?.url ?? '');
    expect([second.status, second.location]).toEqual([400, undefined]);
  });

  it('is told to listeners and to onError as what it is, also if the user is led on', async () => {
    await start(onExpress);
    const told: unknown[] = [];
    app.oauth.events.on('login:failed', (event) => void told.push(event));
    await twice(new Browser());
    expect(told).toMatchObject([{ code: 'mismatching_state', client: 'corp' }]);
    expect(app.failures).toMatchObject([{ error: { code: 'mismatching_state' } }]);
  });
});
