import { describe, expect, it } from 'vitest';
import type { BrowserCookie } from '../../model/ports.js';
import { FakeBrowser, login } from '../../../../../test/support/fake-browser.js';
import { createCookieStorage } from './in-cookie.js';
import { PendingLogins } from './pending-logins.js';
import { createSeal } from '../../platform/seal.js';

const secret = 'a secret of thirty-two characters';
const limits = { count: 20, bytes: 8192 };

describe('encrypted cookies', () => {
  const seal = createSeal([secret], 'test');

  it('[A8] show nothing of the login, and are for https, the server and the whole site only', async () => {
    const logins = new PendingLogins(createCookieStorage(seal, limits), 600);
    const browser = new FakeBrowser();
    await logins.put(browser.request(), login('state-canary'));
    const [[name = '', value = ''] = []] = browser.cookies;
    expect(name).toMatch(/^__Host-oauth-registry\.[\w-]+$/);
    expect(`${name}${value}`).not.toMatch(/canary|verifier|github/);
    expect(browser.attributes.get(name)).toBe(
      `${name}=; Path=/; Max-Age=1200; HttpOnly; SameSite=Lax; Secure`,
    );
  });

  it('[A22] come along with a POST of the provider when it was asked for one', async () => {
    const logins = new PendingLogins(createCookieStorage(seal, limits), 600);
    const browser = new FakeBrowser();
    await logins.put(browser.request(), { ...login('s1'), formPost: true });
    expect([...browser.attributes.values()][0]).toContain('SameSite=None; Secure');
  });

  it('[A8] fit twenty times into a request', async () => {
    const logins = new PendingLogins(createCookieStorage(seal, limits), 600);
    const browser = new FakeBrowser();
    const state = () => crypto.randomUUID().padEnd(43, 'x');
    for (let i = 0; i < 25; i++) {
      const verifier = state();
      await logins.put(browser.request(), {
        ...login(state()),
        codeVerifier: verifier,
        nonce: state(),
      });
    }
    expect(browser.cookies.size).toBe(20);
    const header = browser.request().header('cookie') ?? '';
    expect(header.length).toBeLessThanOrEqual(8192);
  });

  it('[A8] are opened by older secrets, sealed by the first', async () => {
    const browser = new FakeBrowser();
    const put = new PendingLogins(createCookieStorage(seal, limits), 600);
    await put.put(browser.request(), login('s1'));
    const rotated = createSeal(['another secret of 32 characters!!', secret], 'test');
    const take = new PendingLogins(createCookieStorage(rotated, limits), 600);
    expect(await take.take(browser.request(), 's1')).toMatchObject({ state: 's1' });
  });

  it.each([
    ['flipped', (v: string) => v.replace(/(?<=\.)./, (c) => (c === 'A' ? 'B' : 'A'))],
    ['truncated', (v: string) => v.slice(0, -8)],
    ['emptied', () => ''],
    ['replaced', () => 'x.eyJhbGciOiJub25lIn0'],
  ])('[A8] that were %s count as absent', async (_how, change) => {
    const logins = new PendingLogins(createCookieStorage(seal, limits), 600);
    const browser = new FakeBrowser();
    await logins.put(browser.request(), login('s1'));
    for (const [name, value] of browser.cookies) browser.cookies.set(name, change(value));
    await expect(logins.take(browser.request(), 's1')).rejects.toMatchObject({
      code: 'mismatching_state',
    });
  });

  it('[A8] sealed for another purpose or moved to another name do not open', async () => {
    const browser = new FakeBrowser();
    const other = createCookieStorage(createSeal([secret], 'session'), limits);
    await other.put(browser.request(), { ...login('s1'), id: 'x', expiresAt: Date.now() + 1000 });
    const logins = new PendingLogins(createCookieStorage(seal, limits), 600);
    await expect(logins.take(browser.request(), 's1')).rejects.toThrow(/no pending login/);
    await logins.put(browser.request(), login('s2'));
    const [s1 = '', s2 = ''] = [...browser.cookies.keys()];
    browser.cookies.set(s1, browser.cookies.get(s2) ?? '');
    await expect(logins.take(browser.request(), 's1')).rejects.toThrow(/no pending login/);
  });

  it('[A8] without the __Host- prefix do not count for an https login', async () => {
    const logins = new PendingLogins(createCookieStorage(seal, limits), 600);
    const attacker = new FakeBrowser();
    await logins.put(attacker.request(), {
      ...login('s1'),
      redirectUri: 'http://localhost/callback',
    });
    const [[name = '', value = ''] = []] = attacker.cookies;
    expect(name).toMatch(/^oauth-registry\./);
    const https = new FakeBrowser();
    await logins.put(https.request(), login('s2'));
    const planted = new FakeBrowser();
    for (const [key, kept] of https.cookies) planted.cookies.set(key.replace('__Host-', ''), kept);
    await expect(logins.take(planted.request(), 's2')).rejects.toThrow(/no pending login/);
    attacker.cookies.set(`__Host-${name}`, value);
    attacker.cookies.delete(name);
    await expect(logins.take(attacker.request(), 's1')).rejects.toThrow(/no pending login/);
  });

  it('[A8] are set or removed once in a response', async () => {
    const logins = new PendingLogins(createCookieStorage(seal, { ...limits, count: 3 }), 600);
    const browser = new FakeBrowser();
    for (const state of ['s1', 's2', 's3']) await logins.put(browser.request(), login(state));
    browser.cookies.set('__Host-oauth-registry.planted', 'x');
    const set: [name: string, removed: boolean][] = [];
    const request = browser.request();
    const setCookie = (cookie: BrowserCookie): void =>
      void set.push([cookie.name, cookie.maxAge === 0]);
    await logins.put({ ...request, setCookie }, login('s4'));
    const oldest = '__Host-oauth-registry.planted';
    expect(set.slice(0, -1)).toEqual([[oldest, true]]);
    expect(set.at(-1)).toEqual([expect.stringContaining('pending-login'), false]);
  });

  it('[A8] are all removed after a logout, those of https first', async () => {
    const storage = createCookieStorage(seal, limits);
    const browser = new FakeBrowser();
    const names = Array.from({ length: 15 }, (_, index) => String(index));
    for (const name of names) {
      browser.cookies.set(`oauth-registry.${name}`, 'zzzzzzzz.x');
      browser.cookies.set(`__Host-oauth-registry.${name}`, 'a.x');
    }
    await storage.drop(browser.request());
    expect(browser.cookies.size).toBe(10);
    expect([...browser.cookies.keys()].filter((name) => name.startsWith('__Host-'))).toEqual([]);
  });
});
