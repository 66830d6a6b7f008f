import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { Browser } from '../../support/browser.js';
import type { CallbackQuirk } from '../../support/provider/index.js';
import {
  arrive,
  assertLoggedIn,
  assertRefused,
  assertTooLarge,
  callbackOf,
  logIn,
  me,
  outcome,
  sessionCookies,
} from '../steps.js';
import type { ContractCheck } from '../types.js';

const mismatch = 'mismatching_state';

const badStates: CallbackQuirk[] = [
  'state-wrong',
  'state-absent',
  'state-empty',
  'state-duplicated',
  'state-array',
  'state-long',
];

/** A callback is accepted once, in the browser of the request, within its lifetime. */
export const state: readonly ContractCheck[] = [
  {
    id: 'csrf-no-login',
    clause: 'RFC 6749 §10.12, CVE-2025-68158',
    title: 'a callback is refused in a browser that started nothing',
    async run({ start, p }) {
      const app = await start();
      for (const client of ['openid', 'posted']) {
        const callback = await callbackOf(app, new Browser(), client);
        const victim = new Browser();
        const visit = await arrive(victim, callback);
        assertRefused(visit, mismatch);
        assert.deepEqual(sessionCookies(visit), []);
        assert.deepEqual(await me(app, victim), {});
      }
      assert.equal(p.count('token'), 0);
    },
  },
  {
    id: 'csrf-other-login',
    clause: 'RFC 9700 §4.7',
    title:
      'an attacker’s callback is refused in a browser with a login of its own, which still works',
    async run({ start, p }) {
      const app = await start();
      const victim = new Browser();
      const own = await callbackOf(app, victim);
      assertRefused(await arrive(victim, await callbackOf(app, new Browser())), mismatch);
      assert.equal(p.count('token'), 0);
      assertLoggedIn(await arrive(victim, own));
    },
  },
  {
    id: 'csrf-in-a-session',
    clause: 'RFC 9700 §4.7',
    title: 'an attacker’s callback leaves a logged-in session as it is',
    async run({ start }) {
      const app = await start();
      const victim = new Browser();
      assertLoggedIn(await logIn(app, 'plain', victim));
      assertRefused(await arrive(victim, await callbackOf(app, new Browser())), mismatch);
      assert.deepEqual(await me(app, victim), { client: 'plain' });
    },
  },
  {
    id: 'csrf-oauth1',
    clause: 'OAuth Security Advisory 2009.1',
    title: 'an attacker’s request token is refused in another browser',
    async run({ start, p }) {
      const app = await start();
      const callback = await callbackOf(app, new Browser(), 'one');
      assertRefused(await arrive(new Browser(), callback), mismatch);
      assert.equal(p.count('oauth1_access'), 0);
    },
  },
  ...['openid', 'posted', 'plain', 'one'].map((client) => ({
    id: `replay/${client}`,
    clause: 'RFC 6749 §10.5',
    title: `a callback works once (${client})`,
    async run({ start, p }: Parameters<ContractCheck['run']>[0]) {
      const app = await start();
      const browser = new Browser();
      const callback = await callbackOf(app, browser, client);
      assertLoggedIn(await arrive(browser, callback));
      assertRefused(await arrive(browser, callback), mismatch);
      assert.equal(p.count('token') + p.count('oauth1_access'), 1);
    },
  })),
  {
    id: 'replay-old-cookies',
    clause: 'RFC 6749 §10.5',
    title: 'a callback is spent for copies of the browser’s cookies as well',
    async run({ start, p }) {
      const app = await start();
      const browser = new Browser();
      const callback = await callbackOf(app, browser);
      const copy = browser.clone();
      assertLoggedIn(await arrive(browser, callback));
      assertRefused(await arrive(copy, callback), mismatch);
      assert.equal(p.count('token'), 1);
    },
  },
  {
    id: 'race',
    clause: 'RFC 6749 §10.5',
    title: 'of many callbacks at the same moment one finishes, with one token request',
    async run({ start, p }) {
      for (const store of [{}, { get: 'slow' as const, destroy: 'slow' as const }]) {
        const app = await start({ store });
        const browser = new Browser();
        const callback = await callbackOf(app, browser);
        const before = p.count('token');
        const visits = await Promise.all([1, 2, 3, 4].map(() => arrive(browser, callback)));
        const statuses = visits.map(({ status }) => status).toSorted((a, b) => a - b);
        assert.deepEqual(statuses, [200, 400, 400, 400]);
        assert.equal(p.count('token') - before, 1);
      }
    },
  },
  {
    id: 'spent-by-failure',
    clause: 'RFC 9700 §4.7.1',
    title: 'a callback that failed at the token endpoint is spent',
    async run({ start, p }) {
      const app = await start();
      const browser = new Browser();
      const callback = await callbackOf(app, browser);
      p.quirks.tokenResponse = 'error-400';
      assert.equal(outcome(await arrive(browser, callback)).code, 'invalid_grant');
      p.quirks.tokenResponse = undefined;
      assertRefused(await arrive(browser, callback), mismatch);
      assert.equal(p.count('token'), 1);
      assert.deepEqual(await me(app, browser), {});
    },
  },
  {
    id: 'spent-by-error',
    clause: 'RFC 6749 §4.1.2.1',
    title: 'a login that ended with an error response is used up too, and reported once',
    async run({ start, p }) {
      const app = await start();
      p.quirks.callback = 'error';
      const browser = new Browser();
      const callback = await callbackOf(app, browser);
      assertRefused(await arrive(browser, callback), 'access_denied', 403);
      assertRefused(await arrive(browser, callback), mismatch);
    },
  },
  {
    id: 'expiry',
    clause: 'RFC 9700 §4.7.1',
    title: 'a login past its time is refused, and another one can be started',
    async run({ start, p }) {
      const app = await start({ oauth: { limits: { stateTtl: 2 } } });
      const browser = new Browser();
      const callback = await callbackOf(app, browser);
      // The cookies outlive the login: its time is checked on the server.
      for (const cookie of browser.jar.cookies) cookie.expires = undefined;
      await sleep(2100);
      assertRefused(await arrive(browser, callback), 'expired_state');
      assert.equal(p.count('token'), 0);
      assertLoggedIn(await logIn(app, 'openid', browser));
    },
  },
  ...badStates.map((quirk) => ({
    id: `bad-state/${quirk}`,
    clause: 'RFC 6749 §4.1.2, §3.1',
    title: `a callback is refused with ${quirk}`,
    async run({ start, p }: Parameters<ContractCheck['run']>[0]) {
      p.quirks.callback = quirk;
      const app = await start();
      for (const client of ['openid', 'posted']) assertRefused(await logIn(app, client), mismatch);
      assert.equal(p.count('token'), 0);
    },
  })),
  {
    id: 'state-huge',
    clause: 'security: requests of any size',
    title: 'a state of a megabyte is refused, and the application goes on',
    async run({ start }) {
      const app = await start();
      const huge = 's'.repeat(1e6);
      await assertTooLarge(new Browser().get(`${app.url}/callback/openid?state=${huge}`));
      const form = { state: huge, code: 'c' };
      await assertTooLarge(new Browser().post(`${app.url}/callback/posted`, form));
      assertLoggedIn(await logIn(app));
    },
  },
];
