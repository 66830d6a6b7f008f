import { describe, expect, it } from 'vitest';
import { FakeBrowser, login, memoryStore } from '../../../../../test/support/fake-browser.js';
import { loginId, PendingLogins } from './pending-logins.js';
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

describe('the cookie of a login in a store', () => {
  const secret = 'a'.repeat(22);
  const setUp = (more: Partial<typeof limits> = {}) => {
    const store = memoryStore();
    const logins = new PendingLogins(new StoreStorage(store, { ...limits, ...more }), 600);
    return { store, logins, browser: new FakeBrowser() };
  };
  const idOf = async (state: string) => await loginId(state);

  it('is sent with a POST of the provider only if it was asked for one', async () => {
    const { logins, browser } = setUp();
    await logins.put(browser.request(), login('get'));
    await logins.put(browser.request(), { ...login('post'), formPost: true });
    await logins.put(browser.request(), { ...login('http'), redirectUri: 'http://localhost/cb' });
    const name = async (state: string) => `__Host-oauth-registry.${await idOf(state)}`;
    const attributes = 'Path=/; Max-Age=1200; HttpOnly';
    const plain = `oauth-registry.${await idOf('http')}`;
    expect(Object.fromEntries(browser.attributes)).toEqual({
      [await name('get')]: `${await name('get')}=; ${attributes}; SameSite=Lax; Secure`,
      [await name('post')]: `${await name('post')}=; ${attributes}; SameSite=None; Secure`,
      [plain]: `${plain}=; ${attributes}; SameSite=Lax`,
    });
    expect(browser.cookies.get(await name('get'))).toMatch(/^l[\w-]{22}$/);
    expect(browser.cookies.get(await name('post'))).toMatch(/^p[\w-]{22}$/);
  });

  it('is found behind planted ones with its name', async () => {
    const { logins, browser } = setUp();
    const id = await idOf('s1');
    browser.cookies.set(`oauth-registry.${id}`, `l${secret}`);
    browser.cookies.set('oauth-registry.slot-01', `l${secret}${id}`);
    await logins.put(browser.request(), login('s1'));
    expect(await logins.take(browser.request(), 's1')).toMatchObject({ state: 's1' });
    expect([...browser.cookies.keys()]).toEqual([`oauth-registry.${id}`, 'oauth-registry.slot-01']);
  });

  it('replaces those of the same scheme that belong to no login, at most twelve', async () => {
    const { logins, browser } = setUp();
    const others = ['oauth-registry.planted', '__Host-oauth-registry.pending-login-01'];
    for (const name of others) browser.cookies.set(name, 'x');
    // Too long for a login's identifier, of another format, and without one.
    browser.cookies.set('__Host-oauth-registry.named-without-login', `l${secret}`);
    for (let i = 0; i < 13; i++) browser.cookies.set(`__Host-oauth-registry.p${i}`, 'x');
    await logins.put(browser.request(), login('s1'));
    expect(browser.cookies.size).toBe(16 - 12 + 1);
    await logins.put(browser.request(), login('s2'));
    expect([...browser.cookies.keys()].slice(0, 2)).toEqual(others);
    expect(browser.cookies.size).toBe(4);
    const few = setUp({ count: 2 });
    for (let i = 0; i < 5; i++) few.browser.cookies.set(`__Host-oauth-registry.p${i}`, 'x');
    await few.logins.put(few.browser.request(), login('s1'));
    expect(few.browser.cookies.size).toBe(4);
  });

  it('does not count those of http, which a sibling domain may have planted', async () => {
    const { logins, browser } = setUp({ count: 1 });
    for (let i = 10; i < 40; i++)
      browser.cookies.set(`oauth-registry.aaaaaaaaaaaaaa${i}`, `l${secret}`);
    await logins.put(browser.request(), login('s1'));
    expect(browser.cookies.get(`__Host-oauth-registry.${await idOf('s1')}`)).toBeDefined();
  });

  it('drops the oldest login at the limit, with its entry', async () => {
    const { logins, browser, store } = setUp({ count: 2 });
    for (const state of ['s1', 's2', 's3']) await logins.put(browser.request(), login(state));
    expect([browser.cookies.size, store.entries.size]).toEqual([2, 2]);
    await expect(logins.take(browser.request(), 's1')).rejects.toThrow(/no pending login/);
    expect(await logins.take(browser.request(), 's2')).toMatchObject({ state: 's2' });
  });

  it('is one that later logins share beyond the limit of bytes, and remains after a callback', async () => {
    const { logins, browser } = setUp({ count: 100, bytes: 150 });
    const states = ['s1', 's2', 's3', 's4'];
    for (const state of states) await logins.put(browser.request(), login(state));
    const shared = [...browser.cookies.keys()].filter((name) => name.includes('.shared-'));
    expect([shared.length, browser.cookies.size]).toEqual([1, 3]);
    expect(shared[0]).toMatch(/^__Host-oauth-registry\.shared-[\w-]{9}$/);
    for (const state of states)
      expect(await logins.take(browser.request(), state)).toMatchObject({ state });
    expect([...browser.cookies.keys()]).toEqual(shared);
    expect(browser.attributes.get(shared[0] ?? '')).toContain('SameSite=Lax');
  });

  it('is the same for parallel starts of several processes', async () => {
    const store = memoryStore();
    const processes = [1, 2].map(
      () => new PendingLogins(new StoreStorage(store, { count: 100, bytes: 1 }), 600),
    );
    const browser = new FakeBrowser();
    await processes[0]?.put(browser.request(), login('s0'));
    const request = browser.request();
    await Promise.all(processes.map((one, index) => one.put(request, login(`s${index + 1}`))));
    expect(browser.cookies.size).toBe(2);
    for (const state of ['s0', 's1', 's2'])
      expect(await processes[0]?.take(browser.request(), state)).toMatchObject({ state });
  });

  it('has one of few names beside many other cookies, with the login in its value', async () => {
    const { logins, browser } = setUp();
    browser.cookies.set('other', 'x'.repeat(6000));
    await logins.put(browser.request(), login('s1'));
    const [, [name, value] = []] = [...browser.cookies];
    expect(name).toMatch(/^__Host-oauth-registry\.slot-0\d$/);
    expect(value).toMatch(new RegExp(`^l[\\w-]{22}${await idOf('s1')}$`));
    expect(await logins.take(browser.request(), 's1')).toMatchObject({ state: 's1' });
  });

  it('drops the oldest of its kind if the header would be too large', async () => {
    const { logins, browser, store } = setUp();
    for (let i = 0; i < 3; i++) await logins.put(browser.request(), login(`s${i}`));
    browser.cookies.set('other', 'x'.repeat(7780));
    await logins.put(browser.request(), login('last'));
    expect(await logins.take(browser.request(), 'last')).toMatchObject({ state: 'last' });
    expect(store.entries.size).toBeLessThan(3);
    expect(browser.cookies.has(`__Host-oauth-registry.${await idOf('s0')}`)).toBe(false);
  });

  it('is shared only among logins whose callbacks arrive by the same method', async () => {
    const { logins, browser } = setUp({ count: 100, bytes: 1 });
    const posted = (state: string) => ({ ...login(state), formPost: true });
    for (const state of ['a', 'b', 'c']) {
      await logins.put(browser.request(), login(state));
      await logins.put(browser.request(), posted(`${state} posted`));
    }
    const shared = [...browser.attributes].filter(([name]) => name.includes('.shared-'));
    expect(shared.map(([, text]) => /SameSite=\w+/.exec(text)?.[0]).toSorted()).toEqual([
      'SameSite=Lax',
      'SameSite=None',
    ]);
    for (const state of ['a', 'b posted', 'c', 'c posted'])
      expect(await logins.take(browser.request(), state)).toMatchObject({ state });
  });

  it('is removed at a logout, first those that later logins would share', async () => {
    const { logins, browser, store } = setUp({ count: 100, bytes: 150 });
    for (const state of ['s1', 's2', 's3']) await logins.put(browser.request(), login(state));
    const cookies = [...browser.cookies];
    const removed: string[] = [];
    const request = browser.request();
    const setCookie = ({ name }: { name: string }): void => void removed.push(name);
    await logins.drop({ ...request, setCookie });
    const [oldest, second, shared] = cookies.map(([name]) => name);
    expect(removed).toEqual([shared, oldest, second]);
    expect(store.entries.size).toBe(1);
  });
});
