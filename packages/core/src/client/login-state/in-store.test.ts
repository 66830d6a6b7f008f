import { describe, expect, it } from 'vitest';
import { FakeBrowser, login, memoryStore } from '../../../../../test/support/fake-browser.js';
import { PendingLogins } from './pending-logins.js';
import { createSessionStorage } from './in-session.js';
import { StoreStorage } from './in-store.js';

const limits = { count: 20, bytes: 8192 };

describe('a session whose store is at hand', () => {
  it('[X2] stores each login beside the session, which may be lost or renewed meanwhile', async () => {
    const store = memoryStore();
    const logins = new PendingLogins(createSessionStorage(limits), 600);
    const browser = Object.assign(new FakeBrowser(), { store });
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => logins.put(browser.request(), login(`s${i}`))),
    );
    browser.session = {};
    for (let i = 0; i < 20; i++) {
      expect(await logins.take(browser.request(), `s${i}`)).toMatchObject({ state: `s${i}` });
    }
    expect(store.entries.size).toBe(0);
  });

  it('[A8] saves what the application put into the session before the redirect', async () => {
    const logins = new PendingLogins(createSessionStorage(limits), 600);
    const browser = Object.assign(new FakeBrowser(), { store: memoryStore() });
    await logins.put(browser.request(), login('s1'));
    expect(browser.saves).toBe(1);
  });
});

describe('a store', () => {
  it('[A8] holds entries that cannot be named without the browser’s cookie (CVE-2025-68158)', async () => {
    const store = memoryStore();
    const logins = new PendingLogins(new StoreStorage(store, limits), 600);
    const attacker = new FakeBrowser();
    const victim = new FakeBrowser();
    const state = 'a state longer than a key by chance';
    await logins.put(attacker.request(), login(state));
    for (const name of attacker.cookies.keys()) victim.cookies.set(name, 'x.guess');
    await expect(logins.take(victim.request(), state)).rejects.toThrow(/no pending login/);
    expect(store.entries.size).toBe(1);
    expect([...store.entries.keys()].join()).not.toContain(state);
  });

  it('[A8] loses the entries of dropped logins too', async () => {
    const store = memoryStore();
    const logins = new PendingLogins(new StoreStorage(store, limits), 600);
    const browser = new FakeBrowser();
    for (let i = 0; i < 30; i++) await logins.put(browser.request(), login(`s${i}`));
    expect(store.entries.size).toBe(20);
  });
});
