import assert from 'node:assert/strict';
import { Browser, type Visit } from '../../support/browser.js';
import type { FakeProvider } from '../../support/provider/index.js';
import { assertLoggedIn, assertRefused, me } from '../steps.js';
import type { ContractApp, ContractCheck } from '../types.js';

const oneHandler = 'OpenID Connect Core §3.1.2.5, in one route';
const dropIn = 'drop-in routes';

/** The path of the application, for `returnTo`. */
const pathOf = (app: ContractApp, page: string): string =>
  new URL(app.url).pathname.replace(/\/$/, '') + page;

/** The callback of the provider when the user declines. */
function declined(login: Visit, { issuer: iss }: FakeProvider): string {
  const state = login.location?.searchParams.get('state') ?? '';
  return `?${new URLSearchParams({ error: 'access_denied', state, iss }).toString()}`;
}

/** `login()`, which handles a login at one URL, and the drop-in routes. */
export const routes: readonly ContractCheck[] = [
  ...['openid', 'posted', 'plain', 'one'].map((client) => ({
    id: `one-handler/${client}`,
    clause: oneHandler,
    title: `one route starts a login and completes it (${client})`,
    async run({ start }: Parameters<ContractCheck['run']>[0]) {
      const app = await start();
      const browser = new Browser();
      const visit = await browser.follow(`${app.url}/both/${client}`);
      assertLoggedIn(visit);
      assert.deepEqual(await me(app, browser), { client });
      assert.equal(visit.url.pathname, new URL(`${app.url}/both/${client}`).pathname);
    },
  })),
  {
    id: 'one-handler/declined',
    clause: 'RFC 6749 §4.1.2.1',
    title: 'one route returns the error of a login that the user declined',
    async run({ start, p }) {
      const app = await start();
      const browser = new Browser();
      const login = await browser.get(`${app.url}/both/openid`);
      const visit = await browser.get(`${app.url}/both/openid${declined(login, p)}`);
      assertRefused(visit, 'access_denied', 403);
      assert.deepEqual(await me(app, browser), {});
    },
  },
  {
    id: 'one-handler/foreign-state',
    clause: 'RFC 6749 §10.12',
    title: 'one route rejects a callback that another browser started',
    async run({ start, p }) {
      const app = await start();
      const login = await new Browser().get(`${app.url}/both/openid`);
      const visit = await new Browser().get(`${app.url}/both/openid${declined(login, p)}`);
      assertRefused(visit, 'mismatching_state');
    },
  },
  {
    id: 'routes/sign-in-page',
    clause: dropIn,
    title: 'the sign-in page has a link or a form for every client, and is not cached',
    async run({ start }) {
      const app = await start();
      const { status, headers, ...visit } = await new Browser().get(`${app.url}/auth/login`);
      assert.equal(status, 200);
      assert.match(headers.get('content-type') ?? '', /^text\/html\b/);
      assert.match(headers.get('cache-control') ?? '', /\bno-store\b/);
      assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'/);
      for (const client of ['openid', 'posted', 'plain', 'one', 'other'])
        assert.ok(visit.text().includes(`/auth/login/${client}`), `There is no "${client}".`);
    },
  },
  ...['openid', 'posted', 'plain', 'one'].map((client) => ({
    id: `routes/login/${client}`,
    clause: dropIn,
    title: `the routes log in, store the login by onLogin, and return to the page (${client})`,
    async run({ start }: Parameters<ContractCheck['run']>[0]) {
      const app = await start();
      const browser = new Browser();
      const returnTo = encodeURIComponent(pathOf(app, '/me'));
      const visit = await browser.follow(`${app.url}/auth/login/${client}?returnTo=${returnTo}`);
      assert.equal(visit.url.href, `${app.url}/me`);
      assert.deepEqual(visit.json(), { client });
    },
  })),
  {
    id: 'routes/return-to',
    clause: 'RFC 9700 §4.11',
    title: 'the routes return to no other site',
    async run({ start }) {
      const app = await start();
      for (const returnTo of ['https://evil.example/', '//evil.example/', '/\\evil.example']) {
        const browser = new Browser();
        const query = new URLSearchParams({ returnTo }).toString();
        const login = await browser.get(`${app.url}/auth/login/openid?${query}`);
        if (login.status >= 400) continue;
        const until = (url: URL): boolean => url.hostname === 'evil.example';
        const { pending } = await browser.continue(login, { until });
        assert.equal(pending, undefined, `The routes return to ${returnTo}.`);
      }
    },
  },
  {
    id: 'routes/declined',
    clause: 'RFC 6749 §4.1.2.1',
    title: 'the routes show a page when the user declined, and log in no user',
    async run({ start, p }) {
      const app = await start();
      const browser = new Browser();
      const login = await browser.get(`${app.url}/auth/login/openid`);
      const visit = await browser.get(`${app.url}/auth/callback/openid${declined(login, p)}`);
      assert.equal(visit.status, 403);
      assert.match(visit.headers.get('content-type') ?? '', /^text\/html\b/);
      assert.deepEqual(await me(app, browser), {});
    },
  },
  {
    id: 'routes/logout',
    clause: dropIn,
    title: 'the routes end the session by a POST of the own site, and by nothing else',
    async run({ start }) {
      const app = await start();
      const browser = new Browser();
      const returnTo = encodeURIComponent(pathOf(app, '/me'));
      await browser.follow(`${app.url}/auth/login/openid?returnTo=${returnTo}`);
      await browser.get(`${app.url}/auth/logout`);
      const foreign = {
        headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
      };
      await browser.post(`${app.url}/auth/logout`, {}, foreign);
      assert.deepEqual(await me(app, browser), { client: 'openid' });
      const own = { headers: { origin: new URL(app.url).origin, 'sec-fetch-site': 'same-origin' } };
      const { status } = await browser.post(`${app.url}/auth/logout`, {}, own);
      assert.ok(status < 400, `The logout was rejected: ${status}.`);
      assert.deepEqual(await me(app, browser), {});
    },
  },
  {
    id: 'routes/unknown',
    clause: dropIn,
    title: 'an unknown client or path of the routes is not found',
    async run({ start }) {
      const app = await start();
      for (const path of ['login/unknown', 'callback/unknown', 'nothing'])
        assert.equal((await new Browser().get(`${app.url}/auth/${path}`)).status, 404, path);
    },
  },
];
