import assert from 'node:assert/strict';
import { Browser } from '../../support/browser.js';
import { assertLoggedIn, assertRefused, json, logIn, me } from '../steps.js';
import type { ContractCheck } from '../types.js';

/** Logins as they should be, with each protocol, and what an application does with them. */
export const logins: readonly ContractCheck[] = [
  {
    id: 'login-openid',
    clause: 'OpenID Connect Core §3.1',
    title: 'a login with OpenID Connect ends with verified claims',
    async run({ start, p }) {
      const app = await start();
      const visit = await logIn(app);
      assertLoggedIn(visit);
      const { userinfo, token_type, expires_at } = json(visit);
      assert.equal(token_type, 'Bearer');
      assert.equal(typeof expires_at, 'number');
      const { iss, sub, aud } = userinfo as Record<string, unknown>;
      assert.deepEqual({ iss, sub, aud }, { iss: p.issuer, sub: 'user-1', aud: 'test-client.1' });
    },
  },
  {
    id: 'login-form-post',
    clause: 'OAuth 2.0 Form Post Response Mode §2',
    title: 'a login whose response is a POST ends the same way',
    async run({ start }) {
      const visit = await logIn(await start(), 'posted');
      assert.equal(visit.request.method, 'POST');
      assertLoggedIn(visit);
    },
  },
  {
    id: 'login-plain',
    clause: 'RFC 6749 §4.1',
    title: 'a login with plain OAuth 2 ends with a token',
    async run({ start, p }) {
      const visit = await logIn(await start(), 'plain');
      assertLoggedIn(visit);
      assert.ok(p.accessTokens.has(String(json(visit)['access_token'])));
    },
  },
  {
    id: 'login-oauth1',
    clause: 'RFC 5849 §2',
    title: 'a login with OAuth 1.0a ends with token credentials',
    async run({ start, p }) {
      const visit = await logIn(await start(), 'one');
      assertLoggedIn(visit);
      assert.ok(p.tokenCredentials.has(String(json(visit)['oauth_token'])));
    },
  },
  ...['openid', 'plain'].map((client) => ({
    id: `login-from-post/${client}`,
    clause: 'RFC 9110 §15.4.4',
    title: `a login that a form started goes on with GET: 303 (${client})`,
    async run({ start }: Parameters<ContractCheck['run']>[0]) {
      const app = await start();
      const browser = new Browser();
      const login = await browser.post(`${app.url}/login/${client}`);
      assert.equal(login.status, 303);
      assertLoggedIn(await browser.continue(login));
    },
  })),
  {
    id: 'profile',
    clause: 'RFC 6750 §2.1, OpenID Connect Core §5.3',
    title: 'a resource call finds the token through fetchToken and the request',
    async run({ start }) {
      const app = await start();
      for (const client of ['openid', 'plain']) {
        const browser = new Browser();
        assertLoggedIn(await logIn(app, client, browser));
        assert.deepEqual(await me(app, browser), { client });
        const profile = await browser.get(`${app.url}/profile/${client}`);
        assert.equal(profile.status, 200, profile.text());
        assert.equal(json(profile)['sub'], 'user-1');
      }
      assertRefused(await new Browser().get(`${app.url}/profile/openid`), 'missing_token', 500);
    },
  },
  {
    id: 'two-people',
    clause: 'RFC 6749 §10.12',
    title: 'two users at the same time get their own tokens (CVE-2026-40155)',
    async run({ start, p }) {
      const app = await start();
      const browsers = Array.from({ length: 6 }, () => new Browser());
      const slow = (index: number): Promise<void> =>
        new Promise((resolve) => setTimeout(resolve, (index % 3) * 40));
      let calls = 0;
      p.on('token', async () => void (await slow((calls += 1))));
      const tokens = await Promise.all(
        browsers.map(async (browser) => json(await logIn(app, 'openid', browser))['access_token']),
      );
      assert.equal(new Set(tokens).size, browsers.length);
      for (const [index, browser] of browsers.entries()) {
        assert.equal((await browser.get(`${app.url}/profile/openid`)).status, 200);
        const used = p.last('userinfo').headers['authorization'];
        assert.equal(used, `Bearer ${String(tokens[index])}`);
      }
    },
  },
  {
    id: 'logout',
    clause: 'OWASP ASVS 3.3.1',
    title: 'after logout no user is logged in',
    async run({ start }) {
      const app = await start();
      const browser = new Browser();
      assertLoggedIn(await logIn(app, 'openid', browser));
      await browser.get(`${app.url}/logout`);
      assert.deepEqual(await me(app, browser), {});
      assertLoggedIn(await logIn(app, 'openid', browser));
    },
  },
  {
    id: 'unknown-client',
    clause: 'security: names from the URL',
    title: 'an unregistered client is 404, whatever its name',
    async run({ start }) {
      const app = await start();
      for (const name of ['nobody', '__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
        for (const route of ['login', 'callback']) {
          const visit = await new Browser().get(`${app.url}/${route}/${name}`);
          assertRefused(visit, 'unknown_client', 404);
        }
      }
    },
  },
  {
    id: 'error-shape',
    clause: 'RFC 6749 §4.1.2.1',
    title: 'an error says its code, status, client and phase, and nothing of the provider’s words',
    async run({ start, p }) {
      const app = await start();
      p.quirks.callback = 'error-with-html';
      const visit = await logIn(app);
      const { code, statusCode, client, phase } = json(visit);
      const shape = { code, statusCode, client, phase };
      const expected = { code: 'provider_refused', statusCode: 400 };
      assert.deepEqual(shape, { ...expected, client: 'openid', phase: 'callback' });
      assert.equal(visit.status, statusCode);
      assert.doesNotMatch(visit.text(), /<script|onerror|javascript:/);
    },
  },
  {
    id: 'provider-down',
    clause: 'GHSA-8fpg-xm3f-6cx3',
    title: 'a provider that is down logs no user in, and logs in when it is back',
    async run({ start, p }) {
      const app = await start();
      const browser = new Browser();
      p.quirks.fault.metadata = 'reset';
      const down = await browser.get(`${app.url}/login/openid`);
      assertRefused(down, 'provider_unavailable', 502);
      assert.equal(down.location, undefined);
      assert.deepEqual(down.setCookies, []);
      assertLoggedIn(await logIn(app, 'other', new Browser()));
      p.quirks.fault = { token: 'html-500' };
      const fresh = await start();
      assertRefused(await logIn(fresh, 'plain', browser), 'provider_unavailable', 502);
      assert.deepEqual(await me(fresh, browser), {});
      p.quirks.fault = {};
      assertLoggedIn(await logIn(fresh, 'openid', browser));
    },
  },
];
