import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { Browser } from '../../support/browser.js';
import { arrive, assertLoggedIn, assertRefused, callbackOf, logIn, me } from '../steps.js';
import type { ContractCheck, ContractContext } from '../types.js';

const prefetches: Record<string, string>[] = [
  { purpose: 'prefetch' },
  { 'x-purpose': 'preview' },
  { 'sec-purpose': 'prefetch' },
  { 'sec-purpose': 'prefetch;prerender' },
  { 'x-moz': 'prefetch' },
  { 'next-router-prefetch': '1' },
  { 'next-router-segment-prefetch': '/_tree' },
  { rsc: '1' },
];

/** Headers of browsers for requests that are no navigation of a tab or window. */
const subresources: Record<string, Record<string, string>> = {
  image: { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image', 'sec-fetch-site': 'cross-site' },
  frame: { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
  object: { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'object' },
  script: { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'script' },
  poll: { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', 'sec-fetch-site': 'same-origin' },
  'mode alone': { 'sec-fetch-mode': 'same-origin' },
  'destination alone': { 'sec-fetch-dest': 'image' },
  // In middleware these have lost what the router of Next.js calls them.
  'router prefetch': { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', rsc: '1' },
};

/** Headers of requests that become logins; a service worker makes a navigation `empty`. */
const navigations: Record<string, Record<string, string>> = {
  link: { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', 'sec-fetch-user': '?1' },
  'link on another site': {
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
    'sec-fetch-site': 'cross-site',
  },
  'service worker': { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'empty' },
};

/** Requests that no user has clicked for. */
export const unwanted: readonly ContractCheck[] = [
  ...['HEAD', 'OPTIONS', 'PUT', 'DELETE'].map((method) => ({
    id: `method/${method}`,
    clause: 'RFC 9110 §9.2.1',
    title: `${method} starts no login and uses none up`,
    async run({ start, p }: ContractContext) {
      const app = await start();
      const login = await send(method, `${app.url}/login/openid`);
      assert.ok(login.status === 405 || login.status === 204, `${login.status}`);
      assert.deepEqual([login.setCookie, login.location], [undefined, undefined]);
      assert.equal(p.count(), 0);
      const browser = new Browser();
      const { url } = await callbackOf(app, browser);
      const cookie = browser.jar.header({ url, method: 'GET', crossSite: false }) ?? '';
      const callback = await send(method, url.href, { cookie });
      assert.ok(callback.status === 405 || callback.status === 204, `${callback.status}`);
      assert.equal(p.count('token'), 0);
      assertLoggedIn(await browser.get(url));
    },
  })),
  ...prefetches.map((headers) => ({
    id: `prefetch/${Object.entries(headers).flat().join('=')}`,
    clause: 'security: prefetches',
    title: 'a prefetch starts no login and uses none up',
    async run({ start, p }: ContractContext) {
      const app = await start();
      const browser = new Browser();
      // Some frameworks first redirect such a request to another URL of the same page.
      const until = (to: URL): boolean => to.origin !== new URL(app.url).origin;
      const login = await browser.follow(`${app.url}/login/openid`, { headers, until });
      assert.deepEqual([login.status, login.setCookies, login.location], [204, [], undefined]);
      assert.match(login.headers.get('cache-control') ?? '', /\bno-store\b/);
      assert.equal(p.count(), 0);
      const { url } = await callbackOf(app, browser);
      const callback = await browser.follow(url, { headers, until });
      assertRefused(callback, 'unwanted_request', 405);
      assert.equal(p.count('token'), 0);
      assertLoggedIn(await browser.get(url));
    },
  })),
  ...Object.entries(subresources).flatMap(([what, headers]) =>
    ['openid', 'one'].map((client) => ({
      id: `subresource/${what.replaceAll(' ', '-')}/${client}`,
      clause: 'Fetch Metadata §2',
      title: 'a request that cannot become a login starts none, and says so',
      async run({ start, p }: ContractContext) {
        const app = await start();
        const browser = new Browser();
        const until = (to: URL): boolean => to.origin !== new URL(app.url).origin;
        const waiting = await callbackOf(app, browser);
        const before = p.count();
        const visit = await browser.follow(`${app.url}/login/${client}`, { headers, until });
        assert.deepEqual([visit.status, visit.setCookies, visit.location], [403, [], undefined]);
        assert.match(visit.headers.get('content-type') ?? '', /^text\/plain\b/);
        assert.match(visit.headers.get('cache-control') ?? '', /\bno-store\b/);
        assert.match(visit.text(), /^Nothing was started: only a navigation/);
        assert.equal(p.count(), before);
        assertLoggedIn(await arrive(browser, waiting));
      },
    })),
  ),
  ...Object.entries(navigations).map(([what, headers]) => ({
    id: `navigation/${what.replaceAll(' ', '-')}`,
    clause: 'Fetch Metadata §2',
    title: 'a navigation starts a login, wherever it comes from',
    async run({ start }: ContractContext) {
      const app = await start();
      const browser = new Browser();
      const login = await browser.get(`${app.url}/login/openid`, { headers });
      assertLoggedIn(await browser.continue(login));
    },
  })),
  {
    id: 'link-scanner',
    clause: 'security: mail scanners',
    title: 'a scanner that opens the callback without cookies uses nothing up',
    async run({ start, p }) {
      const app = await start();
      const browser = new Browser();
      const { url } = await callbackOf(app, browser);
      await new Browser().head(url);
      assertRefused(await new Browser().get(url), 'mismatching_state');
      assert.equal(p.count('token'), 0);
      assertLoggedIn(await browser.get(url));
    },
  },
  {
    id: 'double-click',
    clause: 'parity X2',
    title: 'a double click starts two logins, and both are good',
    async run({ start }) {
      const app = await start();
      const browser = new Browser();
      const [a, b] = await Promise.all([callbackOf(app, browser), callbackOf(app, browser)]);
      assertLoggedIn(await arrive(browser, b));
      assertLoggedIn(await arrive(browser, a));
    },
  },
  {
    id: 'back-button',
    clause: 'RFC 6749 §10.5',
    title: 'going back to the callback is refused kindly: still logged in, no second token request',
    async run({ start, p }) {
      const app = await start();
      const browser = new Browser();
      const callback = await callbackOf(app, browser);
      assertLoggedIn(await arrive(browser, callback));
      assertRefused(await arrive(browser, callback), 'mismatching_state');
      assert.equal(p.count('token'), 1);
      assert.deepEqual(await me(app, browser), { client: 'openid' });
      assertLoggedIn(await logIn(app, 'openid', browser));
    },
  },
  {
    id: 'back-to-the-provider',
    clause: 'RFC 6749 §10.5',
    title: 'rejects a second response to the same request: a new code with an old state',
    async run({ start, p }) {
      const app = await start();
      const browser = new Browser();
      const login = await browser.get(`${app.url}/login/openid`);
      const again = new URL(String(login.location));
      assertLoggedIn(await browser.continue(login));
      assertRefused(await browser.follow(again), 'mismatching_state');
      assert.equal(p.count('token'), 1);
    },
  },
];

/** A request by any method; its response has no body worth reading. */
function send(
  method: string,
  url: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; setCookie: string[] | undefined; location: string | undefined }> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(url, { method, headers, agent: false }, (incoming) => {
      incoming.resume();
      const { 'set-cookie': setCookie, location } = incoming.headers;
      resolve({ status: incoming.statusCode ?? 0, setCookie, location });
    });
    sent.on('error', reject).end();
  });
}
