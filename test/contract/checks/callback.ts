import assert from 'node:assert/strict';
import { Browser } from '../../support/browser.js';
import type { CallbackQuirk, OAuth1CallbackQuirk } from '../../support/provider/index.js';
import {
  arrive,
  assertLoggedIn,
  assertRefused,
  assertTooLarge,
  callbackOf,
  logIn,
  me,
  outcome,
} from '../steps.js';
import type { ContractCheck, ContractContext } from '../types.js';

const malformed: CallbackQuirk[] = [
  'code-duplicated',
  'iss-duplicated',
  'error-duplicated',
  'code-absent',
  'code-empty',
  'id-token-in-query',
  'access-token-in-query',
  'response-in-query',
];

const wrongSenders: CallbackQuirk[] = [
  'iss-wrong',
  'iss-trailing-slash',
  'iss-absent',
  'iss-empty',
  'error-with-wrong-iss',
];

const oauth1: [OAuth1CallbackQuirk, string, number][] = [
  ['denied', 'access_denied', 403],
  ['user-refused', 'access_denied', 403],
  ['foreign-token', 'mismatching_state', 400],
  ['empty-token', 'mismatching_state', 400],
  ['no-token', 'mismatching_state', 400],
  ['duplicated-token', 'mismatching_state', 400],
  ['no-verifier', 'invalid_callback', 400],
  ['empty-verifier', 'invalid_callback', 400],
  ['duplicated-verifier', 'invalid_callback', 400],
];

/** Which callbacks are accepted, and from which browser. */
export const callback: readonly ContractCheck[] = [
  ...malformed.map((quirk) => ({
    id: `callback/${quirk}`,
    clause: 'RFC 6749 §3.1',
    title: `a callback is refused with ${quirk}, in the query or the form`,
    async run({ start, p }: ContractContext) {
      p.quirks.callback = quirk;
      const app = await start();
      for (const client of ['openid', 'posted'])
        assertRefused(await logIn(app, client), 'invalid_callback');
      assert.equal(p.count('token'), 0);
    },
  })),
  ...(['extra-params', 'token-in-query'] satisfies CallbackQuirk[]).map((quirk) => ({
    id: `callback/${quirk}`,
    clause: 'RFC 6749 §4.1.2',
    title: `parameters that no specification knows are ignored: ${quirk}`,
    async run({ start, p }: ContractContext) {
      p.quirks.callback = quirk;
      const app = await start();
      for (const client of ['openid', 'posted']) assertLoggedIn(await logIn(app, client));
    },
  })),
  ...wrongSenders.map((quirk) => ({
    id: `callback/${quirk}`,
    clause: 'RFC 9207 §2.4',
    title: `a callback is refused with ${quirk}`,
    async run({ start, p }: ContractContext) {
      p.quirks.callback = quirk;
      const app = await start();
      for (const client of ['openid', 'posted'])
        assertRefused(await logIn(app, client), 'mismatching_issuer');
      assert.equal(p.count('token'), 0);
    },
  })),
  {
    id: 'mix-up/client',
    clause: 'RFC 9700 §4.4, GHSA-x445-f3h2-j279',
    title: 'a login of one client is refused at the callback of another, before any request',
    async run({ start, p, q }) {
      const app = await start();
      const browser = new Browser();
      const { url } = await callbackOf(app, browser);
      url.pathname = url.pathname.replace(/openid$/, 'other');
      assertRefused(await browser.get(url), 'mismatching_state');
      assert.deepEqual([p.count('token'), q.count()], [0, 0]);
    },
  },
  {
    id: 'mix-up/protocol',
    clause: 'RFC 9700 §4.4',
    title: 'a login of one protocol is refused at the callback of the other',
    async run({ start, p }) {
      const app = await start();
      const browser = new Browser();
      const two = (await callbackOf(app, browser)).url.searchParams.get('state') ?? '';
      const asOne = `${app.url}/callback/one?oauth_token=${two}&oauth_verifier=v`;
      assertRefused(await browser.get(asOne), 'mismatching_state');
      const one = (await callbackOf(app, browser, 'one')).url.searchParams.get('oauth_token') ?? '';
      const asTwo = `${app.url}/callback/openid?state=${one}&code=c`;
      assertRefused(await browser.get(asTwo), 'mismatching_state');
      assert.equal(p.count('token') + p.count('oauth1_access'), 0);
    },
  },
  {
    id: 'error-order',
    clause: 'RFC 6749 §4.1.2.1, CVE-2021-32702',
    title: 'an error is believed only after the state: one from nowhere is no error page',
    async run({ start, p }) {
      const app = await start();
      const planted = `${app.url}/callback/openid?error=access_denied&error_description=Call+us`;
      assertRefused(await new Browser().get(planted), 'mismatching_state');
      for (const quirk of ['error-without-state', 'error-with-wrong-state'] as const) {
        p.quirks.callback = quirk;
        assertRefused(await logIn(app), 'mismatching_state');
      }
    },
  },
  {
    id: 'error-and-code',
    clause: 'RFC 6749 §4.1.2.1',
    title: 'an error wins over a code',
    async run({ start, p }) {
      p.quirks.callback = 'code-and-error';
      assertRefused(await logIn(await start()), 'access_denied', 403);
      assert.equal(p.count('token'), 0);
    },
  },
  ...oauth1.map(([quirk, code, status]) => ({
    id: `oauth1-callback/${quirk}`,
    clause: 'RFC 5849 §2.2',
    title: `an OAuth 1.0a callback with ${quirk} is ${code}`,
    async run({ start, p }: ContractContext) {
      p.quirks.oauth1Callback = quirk;
      assertRefused(await logIn(await start(), 'one'), code, status);
      assert.equal(p.count('oauth1_access'), 0);
    },
  })),
  {
    id: 'response-mode',
    clause: 'OAuth 2.0 Multiple Response Types §2.1',
    title: 'rejects a response by another method than the requested one',
    async run({ start, p }) {
      const app = await start();
      const browser = new Browser();
      const { url } = await callbackOf(app, browser);
      const posted = await browser.post(url.origin + url.pathname, url.searchParams);
      assertRefused(posted, 'invalid_callback');
      const arrival = await callbackOf(app, browser, 'posted');
      assertRefused(await browser.get(`${arrival.url}?${arrival.form}`), 'invalid_callback');
      assert.equal(p.count('token'), 0);
    },
  },
  {
    id: 'post-query',
    clause: 'OAuth 2.0 Form Post Response Mode §2',
    title: 'the query of a posted callback counts for nothing',
    async run({ start, p }) {
      const app = await start();
      const browser = new Browser();
      const { url, form } = await callbackOf(app, browser, 'posted');
      assertRefused(await browser.post(`${url}?${form}`, {}), 'mismatching_state');
      assert.equal(p.count('token'), 0);
      assertLoggedIn(await browser.post(`${url}?state=x&code=y&error=access_denied`, form));
    },
  },
  {
    id: 'post-not-a-form',
    clause: 'OAuth 2.0 Form Post Response Mode §2',
    title: 'a posted callback that is no form is refused, and the login is still good',
    async run({ start, p }) {
      const app = await start();
      const browser = new Browser();
      const arrival = await callbackOf(app, browser, 'posted');
      for (const type of ['application/json', 'text/plain', 'application/xml']) {
        const headers = { 'content-type': type };
        const { status } = await browser.post(arrival.url, `${arrival.form}`, { headers });
        assert.ok(status >= 400 && status < 500, `${type}: ${status}`);
      }
      assert.equal(p.count('token'), 0);
      assertLoggedIn(await arrive(browser, arrival));
    },
  },
  {
    id: 'post-too-large',
    clause: 'security: requests of any size',
    title: 'a posted callback of more than 64 KB is refused, and the login is still good',
    async run({ start, p }) {
      const app = await start();
      const browser = new Browser();
      const { url, form } = await callbackOf(app, browser, 'posted');
      const big = new URLSearchParams(`${form}&filler=${'x'.repeat(65_536)}`);
      await assertTooLarge(browser.post(url, big));
      assert.equal(p.count('token'), 0);
      const small = new URLSearchParams(`${form}&filler=${'x'.repeat(60_000)}`);
      assertLoggedIn(await browser.post(url, small));
    },
  },
  {
    id: 'post-odd-fields',
    clause: 'security: parsers that make objects of fields',
    title: 'fields with brackets and prototypes in their names do no harm',
    async run({ start }) {
      const app = await start();
      const browser = new Browser();
      const { url, form } = await callbackOf(app, browser, 'posted');
      const odd = 'x[toString]=y&x[valueOf]=z&constructor[prototype][a]=b&hasOwnProperty=1';
      const nested = `state[a]=b&state[toString]=c&code=${form?.get('code')}`;
      assertRefused(await browser.post(url, nested), 'mismatching_state');
      assertLoggedIn(await browser.post(url, `${form}&${odd}`));
    },
  },
  {
    id: 'code-of-another-login',
    clause: 'RFC 9700 §4.5',
    title: 'a code is redeemed with its own verifier only',
    async run({ start }) {
      const app = await start();
      const browser = new Browser();
      const first = await callbackOf(app, browser);
      const second = await callbackOf(app, browser);
      first.url.searchParams.set('code', second.url.searchParams.get('code') ?? '');
      assert.equal(outcome(await arrive(browser, first)).code, 'invalid_grant');
      assert.deepEqual(await me(app, browser), {});
    },
  },
];
