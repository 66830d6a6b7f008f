import assert from 'node:assert/strict';
import { Browser } from '../../support/browser.js';
import { arrive, assertLoggedIn, assertRefused, callbackOf, json, logIn, me } from '../steps.js';
import { sessionCookies } from '../steps.js';
import type { ContractCheck } from '../types.js';

/** The application's session, and the store behind it. */
export const session: readonly ContractCheck[] = [
  {
    id: 'missing-session',
    clause: 'usability',
    title: 'without a session a login is an error that says what to add',
    async run({ start, p }) {
      const app = await start({ session: 'none', stateStorage: 'session' });
      const visit = await new Browser().get(`${app.url}/login/plain`);
      assertRefused(visit, 'missing_session', 500);
      assert.match(String(json(visit)['message']), /session/);
      assert.deepEqual([visit.location, visit.setCookies], [undefined, []]);
      const back = await new Browser().get(`${app.url}/callback/plain?state=s&code=c`);
      assertRefused(back, 'missing_session', 500);
      assert.equal(p.count(), 0);
    },
  },
  {
    id: 'secure-cookie-over-http',
    clause: 'security: TLS-terminating proxies',
    title: 'a secure session cookie over http is an error only if logins need it',
    async run({ start, platform }) {
      const app = await start({ secureCookie: true });
      const browser = new Browser();
      if (platform.pending === 'cookie') return assertLoggedIn(await logIn(app, 'openid', browser));
      const visit = await browser.get(`${app.url}/login/openid`);
      assertRefused(visit, 'missing_session', 500);
      assert.match(String(json(visit)['message']), /secure.*(trust ?proxy)/is);
      assert.deepEqual([visit.location, visit.setCookies], [undefined, []]);
    },
  },
  {
    id: 'fixation',
    clause: 'CVE-2022-25896, CVE-2021-41246',
    title: 'a session that an attacker knew before the login is not logged in by it',
    async run({ start }) {
      const app = await start();
      const attacker = new Browser();
      await attacker.get(`${app.url}/remember/trap`);
      const victim = attacker.clone();
      assertLoggedIn(await logIn(app, 'openid', victim));
      assert.deepEqual(await me(app, victim), { client: 'openid' });
      assert.equal((await me(app, attacker)).client, undefined);
    },
  },
  {
    id: 'fixation-pending',
    clause: 'RFC 9700 §4.7',
    title: 'sharing a session does not share its pending logins',
    async run({ start, p }) {
      const app = await start();
      const attacker = new Browser();
      await attacker.get(`${app.url}/remember/trap`);
      const victim = attacker.clone();
      assertRefused(await arrive(victim, await callbackOf(app, attacker)), 'mismatching_state');
      assert.equal(p.count('token'), 0);
      assert.equal((await me(app, victim)).client, undefined);
    },
  },
  {
    id: 'login-as-another',
    clause: 'GHSA-g38m-r43w-p2q7',
    title: 'logging in while logged in replaces the user, and merges nothing',
    async run({ start, q }) {
      q.settings.user['sub'] = 'user-2';
      const app = await start();
      const browser = new Browser();
      assertLoggedIn(await logIn(app, 'openid', browser));
      assertLoggedIn(await logIn(app, 'other', browser));
      assert.deepEqual(await me(app, browser), { client: 'other' });
      const profile = await browser.get(`${app.url}/profile/other`);
      assert.equal(json(profile)['sub'], 'user-2');
      assertRefused(await browser.get(`${app.url}/profile/openid`), 'missing_token', 500);
    },
  },
  {
    id: 'cookie-confusion',
    clause: 'CVE-2023-48309',
    title: 'a cookie of a pending login is no session, and a session’s is no pending login',
    async run({ start, p }) {
      const app = await start();
      const browser = new Browser();
      await browser.get(`${app.url}/remember/word`);
      const { url } = await callbackOf(app, browser);
      const [sessions, logins] = [browser.clone(), browser.clone()];
      const isLogin = (name: string): boolean => /^(__Host-)?oauth-registry\./.test(name);
      const login = browser.jar.cookies.find(({ name }) => isLogin(name));
      const other = browser.jar.cookies.find(({ name }) => !isLogin(name));
      assert.ok(login && other, 'There are a session and a pending login.');
      for (const cookie of sessions.jar.cookies)
        if (!isLogin(cookie.name)) cookie.value = login.value.slice(login.value.indexOf('.') + 1);
      assert.deepEqual(await me(app, sessions), {});
      const time = login.value.slice(0, login.value.indexOf('.'));
      for (const cookie of logins.jar.cookies)
        if (isLogin(cookie.name)) cookie.value = `${time}.${other.value}`;
      assertRefused(await logins.get(url), 'mismatching_state');
      assert.equal(p.count('token'), 0);
    },
  },
  {
    id: 'garbled-cookies',
    clause: 'CVE-2025-47275',
    title: 'garbled cookies count as none, and are never a 500',
    async run({ start, p }) {
      const app = await start();
      const garble: ((value: string) => string)[] = [
        (value) => value.slice(0, -8),
        (value) => value.replace(/[a-z]/g, (letter) => (letter === 'a' ? 'b' : 'a')),
        () => '',
        () => '%00%ff=;'.slice(0, -1),
        () => 'x.eyJhbGciOiJub25lIn0',
        (value) => `${value}${value}`,
      ];
      for (const spoil of garble) {
        const browser = new Browser();
        await browser.get(`${app.url}/remember/word`);
        const callback = await callbackOf(app, browser);
        for (const cookie of browser.jar.cookies) cookie.value = spoil(cookie.value);
        assertRefused(await arrive(browser, callback), 'mismatching_state');
        assert.deepEqual(await me(app, browser), {});
        assertLoggedIn(await logIn(app, 'openid', browser));
      }
      assert.equal(p.count('token'), garble.length);
    },
  },
  {
    id: 'post-without-cookies',
    clause: 'security: SameSite, ash_authentication_phoenix #669',
    title: 'a POST without cookies never overwrites an existing session',
    async run({ start }) {
      const app = await start();
      const browser = new Browser();
      await browser.get(`${app.url}/remember/word`);
      assertLoggedIn(await logIn(app, 'plain', browser));
      const { form } = await callbackOf(app, new Browser(), 'posted');
      const forms = [form ?? {}, { state: 'x', code: 'y' }, {}];
      for (const [index, fields] of forms.entries()) {
        const url = `${app.url}/callback/${index === 1 ? 'openid' : 'posted'}`;
        const from = 'https://evil.example';
        const visit = await browser.post(url, fields, { from });
        assert.ok(visit.status >= 400 && visit.status < 500, `${visit.status}`);
        assert.deepEqual(sessionCookies(visit), []);
      }
      assert.deepEqual(await me(app, browser), { client: 'plain' });
    },
  },
  {
    id: 'refusal-keeps-session',
    clause: 'RFC 6749 §4.1.2.1',
    title: 'an error response leaves the session unchanged',
    async run({ start, p }) {
      const app = await start();
      const browser = new Browser();
      await browser.get(`${app.url}/remember/word`);
      p.quirks.callback = 'error';
      assertRefused(await logIn(app, 'openid', browser), 'access_denied', 403);
      assert.deepEqual(await me(app, browser), { word: 'word' });
    },
  },
];
