import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Browser, type Visit } from '../support/browser.js';
import { openidClient, plainClient } from '../support/apps/express.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import { onExpress, onFastify, onSecureSession, type RoutesApp } from '../support/apps/routes.js';

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

const isOurs = (name: string): boolean => name.startsWith('oauth-registry.');

/** A callback on its way: of a query, a form, or a fragment that the page of the routes posts. */
type Way = 'query' | 'form_post' | 'fragment';

/** Signs user-1 in, and has the provider answer a login that is to be added to it. */
async function linking(browser: Browser, way: Way): Promise<() => Promise<Visit>> {
  provider.settings.user['sub'] = 'user-1';
  await browser.follow(`${app.url}/auth/login/openid`);
  const begun = await browser.post(`${app.url}/auth/login/${way}`, { link: '1' });
  provider.settings.user['sub'] = 'account-2';
  if (way === 'fragment') {
    const answer = await browser.get(begun.location ?? '');
    const callback = new URL(answer.location ?? '');
    const fields = callback.hash.slice(1);
    callback.hash = '';
    return async () => browser.continue(await browser.post(callback, fields, { from: app.url }));
  }
  const { pending } = await browser.continue(begun, { until: inFront });
  if (!pending) throw new Error('There was no callback.');
  const { url, form } = pending;
  if (!form) return () => browser.follow(url);
  return async () => {
    // Over https the login's cookie alone is SameSite=None; over http the test leaves the others behind.
    const crossSite = browser.clone();
    crossSite.jar.cookies = crossSite.jar.cookies.filter(({ name }) => isOurs(name));
    const visit = await crossSite.post(url, form);
    // @fastify/session gives a request without its cookie a new session, unless saveUninitialized is false.
    const ours = visit.setCookies.filter(isOurs);
    browser.jar.store(url, ours);
    return browser.continue(visit);
  };
}

/** Those of the test applications that have a session. */
const sessions = {
  Express: onExpress,
  'Fastify with @fastify/session': onFastify,
  'Fastify with @fastify/secure-session': onSecureSession,
};

describe.each(Object.entries(sessions))(
  'a login that is added to an account, on %s',
  (_name, open) => {
    const start = async (): Promise<void> => {
      app = await open({
        clients: {
          openid: openidClient(provider),
          query: openidClient(provider),
          form_post: openidClient(provider, { responseMode: 'form_post' }),
          fragment: openidClient(provider, { responseMode: 'fragment' }),
          plain: plainClient(provider),
        },
      });
    };

    it.each(['query', 'form_post', 'fragment'] as const)(
      'is added by %s while that account is signed in, although the session stays behind at a form_post',
      async (way) => {
        await start();
        const arrive = await linking(new Browser(), way);
        const visit = await arrive();
        expect(visit.status).toBe(200);
        expect(app.failures).toEqual([]);
        expect(app.logins.at(-1)).toMatchObject({ client: way, link: 'user-1' });
      },
    );

    it.each(['query', 'form_post', 'fragment'] as const)(
      'is dropped by a log out: a callback by %s adds nothing, whoever signs in next',
      async (way) => {
        await start();
        const browser = new Browser();
        const arrive = await linking(browser, way);
        await browser.post(`${app.url}/auth/logout`);
        expect(browser.jar.cookies.filter(({ name }) => isOurs(name))).toEqual([]);
        provider.settings.user['sub'] = 'user-9';
        await browser.follow(`${app.url}/auth/login/openid`);
        const before = app.logins.length;
        await arrive();
        expect(app.logins).toHaveLength(before);
      },
    );

    it.each(['', false, undefined, null])(
      'is not started if no user is signed in, for which "userId" returns %j',
      async (id) => {
        app = await open({
          clients: { openid: openidClient(provider) },
          userId: () => id as undefined,
        });
        const visit = await new Browser().post(`${app.url}/auth/login/openid`, { link: '1' });
        expect([visit.status, visit.location]).toEqual([400, undefined]);
        expect(app.failures.at(-1)?.error.code).toBe('mismatching_account');
      },
    );

    it.each([{ id: 1 }, [], [1], true, NaN, new Map([[1, 1]])])(
      'is refused if "userId" returns %s, whose text is that of other accounts',
      async (id) => {
        app = await open({
          clients: { openid: openidClient(provider) },
          userId: () => id as unknown as string,
        });
        const visit = await new Browser().post(`${app.url}/auth/login/openid`, { link: '1' });
        expect([visit.status, visit.location]).toEqual([500, undefined]);
        expect(app.failures.at(-1)?.error).toMatchObject({
          code: 'invalid_options',
          message: expect.stringContaining('Return the ID'),
        });
      },
    );

    it.each([
      [0, '0'],
      [BigInt(7), '7'],
      [{ id: 1, toString: () => 'abc' }, undefined],
      [new URL('https://id.example/1'), 'https://id.example/1'],
    ])('takes ids with a text of their own: %s', async (id, link) => {
      app = await open({
        clients: { openid: openidClient(provider) },
        userId: () => id as unknown as string,
      });
      const browser = new Browser();
      const begun = await browser.post(`${app.url}/auth/login/openid`, { link: '1' });
      if (begun.location) await browser.continue(begun);
      expect(app.logins.map((login) => login.link)).toEqual(link === undefined ? [] : [link]);
    });

    it.each(['query', 'form_post', 'fragment'] as const)(
      'by %s adds nothing once another session is there, or none',
      async (way) => {
        await start();
        for (const next of ['user-9', undefined]) {
          const browser = new Browser();
          const arrive = await linking(browser, way);
          // The application ends its session by itself, and knows nothing of logins on their way.
          browser.jar.cookies = browser.jar.cookies.filter(({ name }) => isOurs(name));
          if (next !== undefined) {
            provider.settings.user['sub'] = next;
            await browser.follow(`${app.url}/auth/login/openid`);
          }
          const before = app.logins.length;
          const visit = await arrive();
          expect(visit.status).toBe(400);
          expect(app.failures.at(-1)?.error.code).toBe('mismatching_account');
          expect(app.logins).toHaveLength(before);
        }
      },
    );
  },
);
