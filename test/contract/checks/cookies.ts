import assert from 'node:assert/strict';
import { Browser, type Visit } from '../../support/browser.js';
import {
  authorizationResponse,
  assertLoggedIn,
  callbackOf,
  loginCookies,
  sessionCookies,
} from '../steps.js';
import { arrive, logIn } from '../steps.js';
import type { ContractApp, ContractCheck } from '../types.js';

/** An application that is reached through https, by way of a proxy that the test leaves out. */
const https = { oauth: { baseUrl: 'https://app.example' } };

/** The one cookie of the login that a response started. */
function cookieOf(visit: Visit): string {
  const [cookie, ...others] = loginCookies(visit);
  assert.ok(cookie !== undefined && others.length === 0, 'A login sets one cookie of its own.');
  return cookie;
}

/** Sends the provider's response, whose URL is https, to the application itself. */
async function comeBack(app: ContractApp, login: Visit, cookie: string): Promise<Visit> {
  const { url, form } = await authorizationResponse(login, new Browser());
  const target = new URL(app.url + url.pathname);
  target.search = url.search;
  const headers = { cookie };
  return form
    ? new Browser().post(target, form, { headers })
    : new Browser().get(target, { headers });
}

const pair = (cookie: string): string => cookie.split(';')[0] ?? '';

/** The cookies of pending logins: names, flags, SameSite. */
export const cookies: readonly ContractCheck[] = [
  {
    id: 'cookie-http',
    clause: 'RFC 6265bis §4.1.2',
    title: 'over http a login’s cookie is HttpOnly and Lax, for the whole site, and expires',
    async run({ start }) {
      const app = await start();
      const cookie = cookieOf(await new Browser().get(`${app.url}/login/openid`));
      assert.match(cookie, /^oauth-registry\.[\w-]{16}=[\w.~!*'()-]+; Path=\/; Max-Age=1200; /);
      assert.match(cookie, /; HttpOnly; SameSite=Lax$/);
    },
  },
  {
    id: 'cookie-https',
    clause: 'RFC 6265bis §4.1.3.2',
    title: 'over https it is __Host- and Secure, and works',
    async run({ start }) {
      const app = await start(https);
      const login = await new Browser().get(`${app.url}/login/openid`);
      const cookie = cookieOf(login);
      assert.match(cookie, /^__Host-oauth-registry\.[\w-]{16}=/);
      assert.match(cookie, /; Path=\/; Max-Age=1200; HttpOnly; SameSite=Lax; Secure$/);
      assertLoggedIn(await comeBack(app, login, pair(cookie)));
    },
  },
  {
    id: 'cookie-https-unprefixed',
    clause: 'RFC 6265bis §4.1.3.2, CVE-2023-27490',
    title: 'over https a cookie that a sibling domain could have planted does not count',
    async run({ start, p }) {
      const app = await start(https);
      const login = await new Browser().get(`${app.url}/login/openid`);
      const planted = pair(cookieOf(login)).replace('__Host-', '');
      const visit = await comeBack(app, login, planted);
      assert.equal(visit.status, 400);
      assert.equal(p.count('token'), 0);
    },
  },
  {
    id: 'cookie-form-post',
    clause: 'OAuth 2.0 Form Post Response Mode, RFC 6265bis §5.4.7',
    title: 'a login whose response is a POST has a cookie that is sent with it: None and Secure',
    async run({ start }) {
      const app = await start(https);
      const login = await new Browser().get(`${app.url}/login/posted`);
      const cookie = cookieOf(login);
      assert.match(cookie, /^__Host-oauth-registry\..*; HttpOnly; SameSite=None; Secure$/);
      assert.deepEqual(
        sessionCookies(login).filter((other) => /samesite=none/i.test(other)),
        [],
      );
      assertLoggedIn(await comeBack(app, login, pair(cookie)));
    },
  },
  {
    id: 'cookie-form-post-http',
    clause: 'RFC 6265bis §5.4.7.1',
    title: 'over plain http that cookie goes unmarked, as None would be dropped',
    async run({ start }) {
      const app = await start();
      const cookie = cookieOf(await new Browser().get(`${app.url}/login/posted`));
      assert.doesNotMatch(cookie, /samesite|secure/i);
      assertLoggedIn(await logIn(app, 'posted'));
    },
  },
  {
    id: 'cookie-secrets',
    clause: 'RFC 9700 §4.7.1',
    title: 'cookies show nothing of a login',
    async run({ start, p }) {
      const app = await start();
      const browser = new Browser();
      const login = await browser.get(`${app.url}/login/openid`);
      assertLoggedIn(await browser.continue(login));
      const { state = '', nonce = '' } = Object.fromEntries(login.location?.searchParams ?? []);
      const verifier = p.last('token').form.get('code_verifier') ?? '';
      const clear = loginCookies(login).join() + decodeURIComponent(loginCookies(login).join());
      const decoded = Buffer.from(pair(cookieOf(login)).split('=').at(-1) ?? '', 'base64url');
      for (const secret of [state, nonce, verifier, p.settings.clientSecret])
        assert.ok(!clear.includes(secret) && !decoded.toString('latin1').includes(secret));
    },
  },
  {
    id: 'cookie-removed',
    clause: 'RFC 6265 §3.1',
    title: 'a finished login leaves no cookie of its own behind, nor does a refused one',
    async run({ start, p }) {
      const app = await start();
      const browser = new Browser();
      const left = (): string[] =>
        browser.jar.cookies.map(({ name }) => name).filter((name) => /oauth-registry/.test(name));
      for (const client of ['openid', 'one', 'posted']) await logIn(app, client, browser);
      assert.deepEqual(left(), []);
      p.quirks.callback = 'error';
      await logIn(app, 'openid', browser);
      assert.deepEqual(left(), []);
    },
  },
  {
    id: 'cookie-planted',
    clause: 'security: cookies of sibling domains',
    title: 'planted cookies of any shape stop no login and start none',
    async run({ start }) {
      const app = await start();
      const browser = new Browser();
      const callback = await callbackOf(app, browser);
      const [mine] = browser.jar.cookies.filter(({ name }) => name.startsWith('oauth-registry.'));
      assert.ok(mine);
      const own = browser.jar.header({ url: callback.url, method: 'GET', crossSite: false }) ?? '';
      const planted = [
        `${mine.name}=`,
        `${mine.name}=zz.x`,
        'oauth-registry.=',
        'oauth-registry.x',
      ];
      const headers = { cookie: `${planted.join('; ')}; ${own}; ${mine.name}=1.y` };
      assertLoggedIn(await new Browser().get(callback.url, { headers }));
      assertLoggedIn(await arrive(browser, await callbackOf(app, browser)));
    },
  },
];
