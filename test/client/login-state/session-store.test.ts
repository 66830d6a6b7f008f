import { connectStore } from '@oauth-registry/core/adapter';
import { MemoryStore } from 'express-session';
import { expect, it } from 'vitest';
import { PendingLogins } from '../../../packages/core/src/client/login-state/pending-logins.js';
import { createSessionStorage } from '../../../packages/core/src/client/login-state/in-session.js';
import { FakeBrowser, login } from '../../support/fake-browser.js';

const limits = { count: 20, bytes: 8192 };

function entriesOf(store: MemoryStore): Promise<number> {
  return new Promise((resolve, reject) => {
    store.length((error, count) => (error ? reject(error) : resolve(count ?? 0)));
  });
}

it('[A8] a hundred logins of one browser leave twenty entries beside the sessions', async () => {
  const memory = new MemoryStore();
  const logins = new PendingLogins(createSessionStorage(limits), 600);
  const browser = Object.assign(new FakeBrowser(), { store: connectStore(memory) });
  for (let i = 0; i < 100; i++) await logins.put(browser.request(), login(`s${i}`));
  expect(await entriesOf(memory)).toBe(20);
  expect(await logins.take(browser.request(), 's99')).toMatchObject(login('s99'));
  expect(await entriesOf(memory)).toBe(19);
});

it('[X12] what is used up beside the sessions is used up in every process', async () => {
  const store = connectStore(new MemoryStore());
  const browser = Object.assign(new FakeBrowser(), { store }).request();
  const [one, two] = [1, 2].map(() => new PendingLogins(createSessionStorage(limits), 600));
  const used = { id: 'logout corp 1', until: Date.now() / 1000 + 120 };
  expect([await one?.spend(browser, used), await two?.spend(browser, used)]).toEqual([true, false]);
  await one?.unspend(browser, used);
  expect(await one?.spend(browser, used)).toBe(true);
});

it('[X12] what has ended by itself is forgotten, and no session is needed', async () => {
  const none = (): never => {
    throw new Error('There is no session.');
  };
  const browser = { ...new FakeBrowser().request(), session: none };
  const logins = new PendingLogins(createSessionStorage(limits), 600);
  const [over, good] = [-1, 60].map((seconds) => Date.now() / 1000 + seconds) as [number, number];
  expect(await logins.spend(browser, { id: 'a', until: good })).toBe(true);
  expect(await logins.spend(browser, { id: 'b', until: over })).toBe(true);
  expect(await logins.spend(browser, { id: 'b', until: over })).toBe(true);
  expect(await logins.spend(browser, { id: 'a', until: good })).toBe(false);
});
