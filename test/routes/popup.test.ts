import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Browser, type Visit } from '../support/browser.js';
import { oauth1Client, openidClient } from '../support/apps/express.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import {
  onExpress,
  onFastify,
  onNext,
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
  vi.restoreAllMocks();
  await app.close();
  provider.reset();
});

const frameworks = { Express: onExpress, Fastify: onFastify, 'Next.js': onNext };
const popup = '0123456789abcdef0123456789abcdef';
const inFront = (url: URL): boolean => url.pathname.startsWith('/auth/callback');

async function start(open: Open, options: Partial<RoutesAppOptions> = {}): Promise<void> {
  app = await open({
    clients: {
      openid: openidClient(provider),
      one: oauth1Client(provider),
      down: openidClient(provider, { serverMetadataUrl: 'http://127.0.0.1:9/nothing' }),
    },
    ...options,
  });
}

const loginUrl = (query: Record<string, string>, client = 'openid'): string =>
  `${app.url}/auth/login/${client}?${new URLSearchParams(query)}`;

/** What the page tells the one that opened it; `undefined` where it is no such page. */
function toldBy(visit: Visit): unknown {
  const found = /data-message="([^"]*)"/.exec(visit.text())?.[1];
  const letters: Record<string, string> = { quot: '"', '#39': "'", lt: '<', gt: '>', amp: '&' };
  const json = found?.replaceAll(/&([\w#]+);/g, (_, name: string) => letters[name] ?? '?');
  return json === undefined ? undefined : JSON.parse(json);
}

/** Comes back from the provider with a refusal. */
async function decline(query: Record<string, string>): Promise<Visit> {
  const browser = new Browser();
  const visit = await browser.follow(loginUrl(query), { until: inFront });
  const callback = new URL(visit.pending?.url ?? '');
  callback.searchParams.delete('code');
  callback.searchParams.set('error', 'access_denied');
  callback.searchParams.set('error_description', '</p><script>alert("said")</script>');
  return await browser.get(callback);
}

describe.each(Object.entries(frameworks))('a login in a popup on %s', (_name, open) => {
  it('[M9] ends with a page that tells the public claims of the user, and no token', async () => {
    await start(open);
    const visit = await new Browser().follow(loginUrl({ popup, returnTo: '/shop' }));
    const { user } = provider.settings;

    expect([visit.status, visit.url.pathname]).toEqual([200, '/auth/callback/openid']);
    expect(toldBy(visit)).toEqual({
      id: popup,
      user: expect.objectContaining({ sub: 'user-1', email: user['email'] }),
    });
    const { token } = app.logins[0] ?? {};
    for (const secret of [token?.['access_token'], token?.['id_token'], token?.['refresh_token']]) {
      if (secret !== undefined) expect(visit.text()).not.toContain(secret);
    }
    for (const claim of ['raw', 'nonce', 'at_hash', 'aud']) {
      expect(toldBy(visit)).not.toHaveProperty(`user.${claim}`);
    }
    expect(app.logins).toMatchObject([{ client: 'openid', popup: true, returnTo: '/shop' }]);
  });

  it('[M9] ends in a page in which nothing runs but its own script', async () => {
    await start(open);
    const visit = await new Browser().follow(loginUrl({ popup }));

    expect(visit.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; base-uri 'none'; frame-ancestors 'none'$/,
    );
    expect(visit.headers.get('cache-control')).toContain('no-store');
    expect(visit.headers.get('referrer-policy')).toBe('same-origin');
    expect(visit.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('[M9] reports a denied login in our words alone', async () => {
    await start(open);
    const visit = await decline({ popup });

    expect(toldBy(visit)).toEqual({
      id: popup,
      error: { code: 'access_denied', message: expect.any(String), declined: true },
    });
    expect(visit.text()).not.toContain('said');
    expect(app.failures).toMatchObject([{ declined: true, popup: true }]);
  });

  it.each(['onLogin', 'onError', 'publicUser', 'data', 'userId'] as const)(
    'tells that it failed when %s throws, and nothing of what was thrown',
    async (hook) => {
      vi.spyOn(console, 'error').mockReturnValue();
      const broken = (): never => {
        throw new TypeError('a secret of the application');
      };
      const routes = hook === 'publicUser' || hook === 'data' ? { [hook]: broken } : {};
      const own = hook === 'onLogin' || hook === 'onError' ? { [hook]: broken } : {};
      await start(open, { routes, ...own, ...(hook === 'userId' ? { userId: broken } : {}) });
      if (hook === 'onError') provider.quirks.callback = 'error';
      const browser = new Browser();
      const begun = await browser.post(
        `${app.url}/auth/login/openid`,
        { popup, ...(hook === 'userId' ? { link: '1' } : {}) },
        { from: app.url },
      );
      const visit = await browser.continue(begun);

      expect(visit.status).toBe(500);
      expect(toldBy(visit)).toEqual({
        id: popup,
        error: {
          code: 'application_error',
          message: expect.stringMatching(/Reference: \w{8}\./),
          declined: false,
        },
      });
      expect(visit.text()).not.toContain('a secret');
      expect(console.error).toHaveBeenCalledTimes(1);
    },
  );

  it('[M9] tells of a login that cannot even start', async () => {
    await start(open);
    const browser = new Browser();
    const down = await browser.get(loginUrl({ popup }, 'down'));
    const nosuch = await browser.get(loginUrl({ popup }, 'nosuch'));

    expect(toldBy(down)).toMatchObject({ id: popup, error: { code: 'provider_unavailable' } });
    expect(toldBy(nosuch)).toMatchObject({ id: popup, error: { code: 'unknown_client' } });
  });

  it('[M9] can be started by a form, if logins are', async () => {
    await start(open, { routes: { start: 'post' } });
    const browser = new Browser();
    const linked = await browser.get(loginUrl({ popup }));
    expect(linked.text()).toContain(`name="popup" value="${popup}"`);
    const begun = await browser.post(`${app.url}/auth/login/openid`, { popup });

    expect(toldBy(await browser.continue(begun))).toMatchObject({ user: { sub: 'user-1' } });
  });

  it('[M9] does not depend on the callback: only what is stored at the start counts', async () => {
    await start(open);
    const browser = new Browser();
    const visit = await browser.follow(loginUrl({ returnTo: '/shop' }), { until: inFront });
    const callback = visit.pending?.url ?? new URL(app.url);
    callback.searchParams.set('popup', popup);

    expect((await browser.get(callback)).location?.href).toBe(`${app.url}/shop`);
    expect(app.logins[0]).not.toHaveProperty('popup');
  });
});

describe('a login in a popup', () => {
  it.each([
    ['too short to be beyond guessing', 'popup=1'],
    ['no plain text', `popup=${encodeURIComponent(`"><script>alert(1)</script>${popup}`)}`],
    ['there twice', `popup=${popup}&popup=${popup}`],
    ['too long', `popup=${'a'.repeat(65)}`],
  ])('[M9] is none if the number is %s', async (_why, query) => {
    await start(onExpress);
    const visit = await new Browser().follow(`${app.url}/auth/login/openid?${query}`);

    expect(visit.url.href).toBe(`${app.url}/`);
  });

  it('[M9] works with OAuth 1.0a', async () => {
    await start(onExpress);
    const visit = await new Browser().follow(loginUrl({ popup }, 'one'));

    expect(toldBy(visit)).toMatchObject({ id: popup });
  });

  it('[M9] tells what the application wants to be told, escaped', async () => {
    const name = `</p><script>alert("1")</script>&quot;'`;
    await start(onExpress, {
      routes: { publicUser: ({ client, user }) => ({ id: user?.sub, client, name }) },
    });
    const visit = await new Browser().follow(loginUrl({ popup }));

    expect(toldBy(visit)).toEqual({ id: popup, user: { id: 'user-1', client: 'openid', name } });
    expect(visit.text()).not.toContain('<script>alert');
  });

  it('[M9] leads the page behind it to where onLogin wants the user', async () => {
    await start(onExpress, { onLogin: () => '/welcome', onError: () => '/sorry' });
    const welcome = await new Browser().follow(loginUrl({ popup }));
    const sorry = await decline({ popup });

    expect(toldBy(welcome)).toMatchObject({ user: { sub: 'user-1' }, goTo: '/welcome' });
    expect(toldBy(sorry)).toMatchObject({ error: { code: 'access_denied' }, goTo: '/sorry' });
  });

  it('[M9] leads the page behind it to no script', async () => {
    const script = 'javascript:alert(1)';
    await start(onExpress, { onLogin: () => script, onError: () => script });

    for (const visit of [
      await new Browser().follow(loginUrl({ popup })),
      await decline({ popup }),
    ]) {
      expect(toldBy(visit)).toMatchObject({ id: popup });
      expect(visit.text()).not.toContain('javascript:');
    }
  });

  it('[M9] shows the application’s own response in the popup', async () => {
    await start(onExpress, { onLogin: () => new Response('Choose a name', { status: 201 }) });
    const visit = await new Browser().follow(loginUrl({ popup }));

    expect([visit.status, visit.text()]).toEqual([201, 'Choose a name']);
  });
});
