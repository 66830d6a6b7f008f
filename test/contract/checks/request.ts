import assert from 'node:assert/strict';
import { Browser, type Visit } from '../../support/browser.js';
import {
  authorizationResponse,
  arrive,
  assertLoggedIn,
  assertRefused,
  callbackOf,
  json,
  logIn,
} from '../steps.js';
import type { ContractCheck, ContractContext } from '../types.js';

const base64url43 = /^[\w-]{43}$/;

function assertPrivate({ headers, url }: Visit): void {
  assert.match(headers.get('cache-control') ?? '', /\bno-store\b/, url.href);
  assert.equal(headers.get('referrer-policy'), 'no-referrer', url.href);
}

/** What is sent to the provider, and which inputs can change it. */
export const request: readonly ContractCheck[] = [
  {
    id: 'request-params',
    clause: 'RFC 6749 §4.1.1, RFC 7636 §4.3, OpenID Connect Core §3.1.2.1',
    title: 'an authorization request has state, nonce and an S256 challenge, new each time',
    async run({ start }) {
      const app = await start();
      const browser = new Browser();
      const [a, b] = await Promise.all(
        [1, 2].map(async () => (await browser.get(`${app.url}/login/openid`)).location),
      );
      for (const name of ['state', 'nonce', 'code_challenge']) {
        assert.match(a?.searchParams.get(name) ?? '', base64url43);
        assert.notEqual(a?.searchParams.get(name), b?.searchParams.get(name));
      }
      assert.equal(a?.searchParams.get('code_challenge_method'), 'S256');
      assert.equal(a?.searchParams.get('response_type'), 'code');
    },
  },
  {
    id: 'pkce-downgrade',
    clause: 'RFC 9700 §4.8',
    title: 'S256 is used whatever the metadata says of it',
    async run({ start, p }) {
      for (const quirk of ['no-pkce', 'plain-pkce'] as const) {
        p.quirks.metadata = quirk;
        assertLoggedIn(await logIn(await start()));
        assert.equal(p.last('authorize').params.get('code_challenge_method'), 'S256');
        assert.match(p.last('token').form.get('code_verifier') ?? '', base64url43);
      }
    },
  },
  {
    id: 'redirect-uri-host',
    clause: 'RFC 9700 §2.1',
    title: 'the redirect URI never comes from the Host header or a proxy’s',
    async run({ start, p }) {
      const app = await start();
      const headers = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' };
      for (const host of [new URL(app.url).host, 'evil.example']) {
        const browser = new Browser();
        const login = await browser.get(`${app.url}/login/openid`, {
          headers: { ...headers, host, forwarded: 'host=evil.example' },
        });
        const sent = login.location?.searchParams.get('redirect_uri');
        assert.equal(sent, `${app.url}/callback/openid`);
        assertLoggedIn(await arrive(browser, await authorizationResponse(login, browser)));
        assert.equal(p.last('token').form.get('redirect_uri'), sent);
      }
    },
  },
  {
    id: 'redirect-uri-registered',
    clause: 'RFC 6749 §4.1.3',
    title: 'the registered redirect URI goes to both endpoints, byte for byte',
    async run({ start, p }) {
      const app = await start();
      for (const client of ['openid', 'posted']) {
        p.settings.redirectUris = [`${app.url}/callback/${client}`];
        assertLoggedIn(await logIn(app, client));
      }
    },
  },
  {
    id: 'params-from-the-query',
    clause: 'CVE-2025-67716',
    title: 'the query of the login page changes nothing',
    async run({ start, p }) {
      const app = await start();
      const planted = {
        scope: 'admin',
        redirect_uri: 'https://evil.example/',
        client_id: 'evil',
        state: 'planted',
        nonce: 'planted',
        code_challenge: 'planted',
        response_mode: 'fragment',
        prompt: 'none',
        request_uri: 'https://evil.example/',
      };
      const browser = new Browser();
      const login = await browser.get(`${app.url}/login/openid?${new URLSearchParams(planted)}`);
      const sent = login.location?.searchParams;
      for (const [name, value] of Object.entries(planted))
        assert.notEqual(sent?.get(name), value, name);
      assert.equal(sent?.get('scope'), 'openid email');
      assertLoggedIn(await arrive(browser, await authorizationResponse(login, browser)));
      assert.equal(p.count('token'), 1);
    },
  },
  {
    id: 'params-of-the-call',
    clause: 'OpenID Connect Core §3.1.2.1',
    title: 'the application’s own parameters are sent, encoded',
    async run({ start }) {
      const app = await start({ params: { prompt: 'login', login_hint: 'a&b=c ü' } });
      const { location } = await new Browser().get(`${app.url}/login/openid`);
      assert.equal(location?.searchParams.get('prompt'), 'login');
      assert.equal(location?.searchParams.get('login_hint'), 'a&b=c ü');
    },
  },
  ...['state', 'nonce', 'redirect_uri', 'client_id', 'response_type', 'code_challenge'].map(
    (name) => ({
      id: `params-protected/${name}`,
      clause: 'security: parameters that protect the login',
      title: `the application cannot replace ${name} by accident`,
      async run({ start }: ContractContext) {
        const app = await start({ params: { [name]: 'planted' } });
        const visit = await new Browser().get(`${app.url}/login/openid`);
        assertRefused(visit, 'invalid_options', 500);
        assert.deepEqual([visit.setCookies, visit.location], [[], undefined]);
      },
    }),
  ),
  {
    id: 'max-age',
    clause: 'OpenID Connect Core §3.1.2.1, nextjs-auth0 4.23.1',
    title: 'a max_age of the call is stored until the id_token is validated',
    async run({ start, p }) {
      const app = await start({ params: { max_age: '60' } });
      assertLoggedIn(await logIn(app));
      p.idToken = ({ claims, sign }) => sign({ ...claims, auth_time: Number(claims['iat']) - 600 });
      assertRefused(await logIn(app), 'invalid_id_token', 502);
    },
  },
  {
    id: 'granted-scope',
    clause: 'RFC 6749 §5.1, CVE-2022-31690',
    title: 'the granted scope is the provider’s word, not the one asked for',
    async run({ start, p }) {
      const app = await start();
      p.quirks.tokenResponse = 'scope-narrower';
      assert.equal(json(await logIn(app))['scope'], 'openid');
    },
  },
  {
    id: 'redirect-status',
    clause: 'RFC 9700 §4.12',
    title: 'a login redirects with 302, never 307',
    async run({ start }) {
      const app = await start();
      for (const client of ['openid', 'posted', 'plain', 'one'])
        assert.equal((await new Browser().get(`${app.url}/login/${client}`)).status, 302);
    },
  },
  {
    id: 'no-store/login',
    clause: 'CVE-2025-48947, RFC 9700 §4.2.4',
    title: 'the redirect to the provider is not cached and sends no Referer',
    async run({ start }) {
      const app = await start();
      for (const client of ['openid', 'posted', 'one'])
        assertPrivate(await new Browser().get(`${app.url}/login/${client}`));
    },
  },
  {
    id: 'no-store/callback',
    clause: 'CVE-2025-48947, RFC 9700 §4.2.4',
    title: 'the callback’s response is not cached and sends no Referer, whatever the outcome',
    async run({ start, p }) {
      const app = await start();
      const browser = new Browser();
      assertPrivate(await logIn(app, 'openid', browser));
      p.quirks.callback = 'error';
      assertPrivate(await arrive(browser, await callbackOf(app, browser, 'posted')));
      assertPrivate(await new Browser().get(`${app.url}/callback/openid?state=x&code=y`));
    },
  },
];
