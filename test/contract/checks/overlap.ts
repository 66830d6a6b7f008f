import assert from 'node:assert/strict';
import { Browser, type Visit } from '../../support/browser.js';
import {
  authorizationResponse,
  arrive,
  assertLoggedIn,
  callbackOf,
  me,
  type Arrival,
} from '../steps.js';
import type { ContractApp, ContractCheck, ContractContext } from '../types.js';

const slow = { get: 'slow', set: 'slow', destroy: 'slow' } as const;

/** Twenty clients' names: one and the same, or of every protocol and both providers. */
const same: string[] = Array.from({ length: 20 }, () => 'openid');
const different: string[] = ['openid', 'other', 'plain', 'one', 'posted']
  .map((name) => [name, name, name, name])
  .flat();

const orders: Record<string, (arrivals: Arrival[]) => Arrival[]> = {
  'in order': (arrivals) => arrivals,
  backwards: (arrivals) => arrivals.toReversed(),
  shuffled: (arrivals) => arrivals.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)),
};

/** Anything that has nothing to do with the order of the logins. */
function key({ url, form }: Arrival): string {
  return (form ?? url.searchParams).toString().slice(-12);
}

/** Any number of logins at once in one browser. */
export const overlap: readonly ContractCheck[] = [
  {
    id: 'two-tabs',
    clause: 'parity X2',
    title: 'two tabs and two providers finish in any order',
    async run({ start }) {
      const app = await start();
      const browser = new Browser();
      const first = await callbackOf(app, browser);
      const second = await callbackOf(app, browser);
      const one = await callbackOf(app, browser, 'one');
      const other = await callbackOf(app, browser, 'other');
      for (const tab of [second, other, one, first]) assertLoggedIn(await arrive(browser, tab));
    },
  },
  {
    id: 'two-tabs-of-a-session',
    clause: 'parity X2',
    title: 'a login survives another one that renews the session, and a logout',
    async run({ start }) {
      const app = await start();
      const browser = new Browser();
      await browser.get(`${app.url}/remember/before`);
      const waiting = await callbackOf(app, browser);
      assertLoggedIn(await arrive(browser, await callbackOf(app, browser, 'plain')));
      assert.deepEqual(await me(app, browser), { client: 'plain' });
      await browser.get(`${app.url}/logout`);
      assertLoggedIn(await arrive(browser, waiting));
      assert.deepEqual(await me(app, browser), { client: 'openid' });
    },
  },
  ...twenty('same', same),
  ...twenty('different', different),
  {
    id: 'twenty-in-a-session',
    clause: 'parity X2',
    title: 'twenty logins at once in a browser with a session, while other pages write it',
    async run({ start }) {
      const app = await start({ store: slow });
      const browser = new Browser();
      await browser.get(`${app.url}/remember/before`);
      const pages = [1, 2, 3].map((n) => browser.get(`${app.url}/remember/word${n}`));
      const arrivals = await atOnce(app, browser, different);
      await Promise.all(pages);
      assertAll(await Promise.all(arrivals.map((arrival) => arrive(browser, arrival))));
    },
  },
  {
    id: 'exhaustion',
    clause: 'CVE-2021-22119',
    title:
      'after a hundred unfinished logins the browser’s cookies are small, and the newest login works',
    async run({ start }) {
      const app = await start();
      const browser = new Browser();
      for (let count = 0; count < 100; count += 1) await browser.get(`${app.url}/login/plain`);
      const newest = await callbackOf(app, browser);
      const url = new URL(app.url);
      const cookies = browser.jar.header({ url, method: 'GET', crossSite: false }) ?? '';
      assert.ok(cookies.split('; ').length <= 25, `${cookies.split('; ').length} cookies`);
      assert.ok(cookies.length <= 12_000, `${cookies.length} bytes of cookies`);
      assertLoggedIn(await arrive(browser, newest));
    },
  },
];

function twenty(what: string, names: string[]): ContractCheck[] {
  return Object.entries(orders).map(([order, sort]) => ({
    id: `twenty/${what}/${order.replaceAll(' ', '-')}`,
    clause: 'parity X2',
    title: `twenty logins at once in a fresh browser (${what} providers) all finish, ${order}`,
    async run({ start }: ContractContext) {
      const app = await start({ store: order === 'in order' ? {} : slow });
      const browser = new Browser();
      const arrivals = sort(await atOnce(app, browser, names));
      if (order === 'in order') {
        for (const arrival of arrivals) assertLoggedIn(await arrive(browser, arrival));
      } else {
        assertAll(await Promise.all(arrivals.map((arrival) => arrive(browser, arrival))));
      }
    },
  }));
}

/** Starts every login before the first response, and lets the provider respond to all of them. */
async function atOnce(app: ContractApp, browser: Browser, names: string[]): Promise<Arrival[]> {
  const logins = await Promise.all(names.map((name) => browser.get(`${app.url}/login/${name}`)));
  return await Promise.all(logins.map((login) => authorizationResponse(login, browser)));
}

function assertAll(visits: Visit[]): void {
  const failed = visits.filter(({ status }) => status !== 200).map((visit) => visit.text());
  assert.deepEqual(failed, [], `${visits.length - failed.length} of ${visits.length} finished`);
}
