import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { BrowserExchange, SessionPort, StateStore } from '../ports.js';
import { createCookieStorage } from './cookie-storage.js';
import { formatCookie } from './cookies.js';
import { PendingLogins, type LoginStorage, type PendingLogin } from './pending-logins.js';
import { createSeal } from './seal.js';
import { createSessionStorage } from './session-storage.js';
import { createStoreStorage } from './store-storage.js';

const secret = 'a secret of thirty-two characters';
const limits = { count: 20, bytes: 8192 };

/** A browser that keeps cookies, and the session the application would find for it. */
class FakeBrowser {
  cookies = new Map<string, string>();
  attributes = new Map<string, string>();
  session: Record<string, unknown> = {};
  saves = 0;
  failSaving: Error | undefined;
  store: StateStore | undefined;

  exchange(): BrowserExchange {
    const session: SessionPort = {
      ...(this.store ? { store: this.store } : {}),
      get: (key) => this.session[key],
      set: (key, value) => {
        this.session[key] = value;
      },
      save: async () => {
        if (this.failSaving) throw this.failSaving;
        this.saves += 1;
        // A store keeps a copy, as JSON does.
        this.session = JSON.parse(JSON.stringify(this.session)) as Record<string, unknown>;
      },
    };
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    return {
      request: undefined,
      response: undefined,
      method: 'GET',
      header: (name) => (name === 'cookie' && cookie !== '' ? cookie : undefined),
      query: '',
      body: () => undefined,
      session: () => session,
      setHeader: () => undefined,
      setCookie: (set) => {
        if (set.maxAge === 0) this.cookies.delete(set.name);
        else this.cookies.set(set.name, set.value);
        this.attributes.set(set.name, formatCookie({ ...set, value: '' }));
      },
    };
  }
}

function memoryStore() {
  const entries = new Map<string, string>();
  return {
    entries,
    put: (key: string, value: string) => void entries.set(key, value),
    take: (key: string) => {
      const value = entries.get(key);
      entries.delete(key);
      return value;
    },
  };
}

const storages: Record<string, () => LoginStorage> = {
  'a session': () => createSessionStorage(limits),
  'sealed cookies': () => createCookieStorage(createSeal([secret], 'test'), limits),
  'a store': () => createStoreStorage(memoryStore(), limits),
};

const login = (state: string): Omit<PendingLogin, 'id' | 'expiresAt'> => ({
  state,
  client: 'github',
  kind: 'oauth2',
  redirectUri: 'https://app.example/callback',
  codeVerifier: `verifier of ${state}`,
  nonce: `nonce of ${state}`,
  openid: true,
});

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe.each(Object.keys(storages))('pending logins in %s', (name) => {
  const make = (): PendingLogins =>
    new PendingLogins((storages[name] as () => LoginStorage)(), 600);

  it('[A8] gives back what was put, once', async () => {
    const logins = make();
    const browser = new FakeBrowser();
    await logins.put(browser.exchange(), login('s1'));
    expect(await logins.take(browser.exchange(), 's1')).toMatchObject(login('s1'));
    await expect(logins.take(browser.exchange(), 's1')).rejects.toMatchObject({
      code: 'mismatching_state',
    });
  });

  it('[A8] finds nothing in another browser (RFC 6749 §10.12)', async () => {
    const logins = make();
    const victim = new FakeBrowser();
    await logins.put(new FakeBrowser().exchange(), login('s1'));
    await expect(logins.take(victim.exchange(), 's1')).rejects.toMatchObject({
      code: 'mismatching_state',
    });
    expect(victim.saves).toBe(0);
    expect(victim.attributes.size).toBe(0);
  });

  it('[X2] keeps logins of several tabs apart, whichever finishes first', async () => {
    const logins = make();
    const browser = new FakeBrowser();
    await logins.put(browser.exchange(), login('s1'));
    await logins.put(browser.exchange(), login('s2'));
    expect(await logins.take(browser.exchange(), 's2')).toMatchObject({ nonce: 'nonce of s2' });
    expect(await logins.take(browser.exchange(), 's1')).toMatchObject({ nonce: 'nonce of s1' });
  });

  it('[A8] gives a login to one of two callbacks at the same moment', async () => {
    const logins = make();
    const browser = new FakeBrowser();
    await logins.put(browser.exchange(), login('s1'));
    const copy = Object.assign(new FakeBrowser(), { cookies: new Map(browser.cookies) });
    copy.session = JSON.parse(JSON.stringify(browser.session)) as Record<string, unknown>;
    const taken = await Promise.allSettled([
      logins.take(browser.exchange(), 's1'),
      logins.take(copy.exchange(), 's1'),
    ]);
    expect(taken.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  it('[A8] refuses a copy of an old cookie or session after its use', async () => {
    const logins = make();
    const browser = new FakeBrowser();
    await logins.put(browser.exchange(), login('s1'));
    const cookies = new Map(browser.cookies);
    const session = JSON.parse(JSON.stringify(browser.session)) as Record<string, unknown>;
    await logins.take(browser.exchange(), 's1');
    Object.assign(browser, { cookies, session });
    await expect(logins.take(browser.exchange(), 's1')).rejects.toThrow(/used/);
  });

  it.each([
    [599, undefined],
    [601, 'expired_state'],
  ])('[A8] after %i s of 600: %s, whatever the cookie says', async (seconds, code) => {
    const logins = make();
    const browser = new FakeBrowser();
    await logins.put(browser.exchange(), login('s1'));
    vi.setSystemTime(Date.now() + seconds * 1000);
    const outcome = await logins.take(browser.exchange(), 's1').catch((error: unknown) => error);
    if (code === undefined) expect(outcome).toMatchObject({ state: 's1' });
    else expect(outcome).toMatchObject({ code });
  });

  it('[A8] keeps at most 20 logins, dropping the oldest', async () => {
    const logins = make();
    const browser = new FakeBrowser();
    for (let i = 0; i <= 20; i++) {
      if (i % 7 === 0) vi.setSystemTime(Date.now() + 1000);
      await logins.put(browser.exchange(), login(`s${i}`));
    }
    await expect(logins.take(browser.exchange(), 's0')).rejects.toThrow(/no pending login/);
    for (let i = 1; i <= 20; i++) {
      expect(await logins.take(browser.exchange(), `s${i}`)).toMatchObject({ state: `s${i}` });
    }
  });

  it.each(['__proto__', 'constructor', '', 'a;b=c', 'x'.repeat(1_000_000)])(
    '[A8] looks up the odd state "%.20s" without harm',
    async (state) => {
      const logins = make();
      const browser = new FakeBrowser();
      await logins.put(browser.exchange(), login('s1'));
      await expect(logins.take(browser.exchange(), state)).rejects.toMatchObject({
        code: 'mismatching_state',
      });
      expect(await logins.take(browser.exchange(), 's1')).toMatchObject({ state: 's1' });
    },
  );
});

describe('a session', () => {
  it('[A8] stays bounded over ten thousand logins', async () => {
    const logins = new PendingLogins(createSessionStorage(limits), 600);
    const browser = new FakeBrowser();
    for (let i = 0; i < 10_000; i++) await logins.put(browser.exchange(), login(`s${i}`));
    expect(JSON.stringify(browser.session).length).toBeLessThan(20 * 300);
  });

  it('[A8] forgets expired logins', async () => {
    const logins = new PendingLogins(createSessionStorage(limits), 600);
    const browser = new FakeBrowser();
    await logins.put(browser.exchange(), login('old'));
    vi.setSystemTime(Date.now() + 601_000);
    await logins.put(browser.exchange(), login('new'));
    expect(JSON.stringify(browser.session)).not.toContain('verifier of old');
  });

  it('[A8] that cannot be saved is a typed error without the store’s words', async () => {
    const logins = new PendingLogins(createSessionStorage(limits), 600);
    const browser = new FakeBrowser();
    browser.failSaving = Object.assign(new Error('redis://user:canary@host'), {
      code: 'ECONNREFUSED',
    });
    const error = await logins.put(browser.exchange(), login('s1')).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'storage_failed', reason: 'ECONNREFUSED' });
    expect(String(error)).not.toContain('canary');
  });
});

describe('a session whose store is at hand', () => {
  it('[X2] keeps each login beside the session, which may be lost or renewed meanwhile', async () => {
    const store = memoryStore();
    const logins = new PendingLogins(createSessionStorage(limits), 600);
    const browser = Object.assign(new FakeBrowser(), { store });
    await Promise.all(
      Array.from({ length: 20 }, (_, i) => logins.put(browser.exchange(), login(`s${i}`))),
    );
    browser.session = {};
    for (let i = 0; i < 20; i++) {
      expect(await logins.take(browser.exchange(), `s${i}`)).toMatchObject({ state: `s${i}` });
    }
    expect(store.entries.size).toBe(0);
  });

  it('[A8] saves what the application put into the session before the redirect', async () => {
    const logins = new PendingLogins(createSessionStorage(limits), 600);
    const browser = Object.assign(new FakeBrowser(), { store: memoryStore() });
    await logins.put(browser.exchange(), login('s1'));
    expect(browser.saves).toBe(1);
  });
});

describe('sealed cookies', () => {
  const seal = createSeal([secret], 'test');

  it('[A8] show nothing of the login, and are for https, the server and the whole site only', async () => {
    const logins = new PendingLogins(createCookieStorage(seal, limits), 600);
    const browser = new FakeBrowser();
    await logins.put(browser.exchange(), login('state-canary'));
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
    await logins.put(browser.exchange(), { ...login('s1'), formPost: true });
    expect([...browser.attributes.values()][0]).toContain('SameSite=None; Secure');
  });

  it('[A8] fit twenty times into a request', async () => {
    const logins = new PendingLogins(createCookieStorage(seal, limits), 600);
    const browser = new FakeBrowser();
    const state = () => crypto.randomUUID().padEnd(43, 'x');
    for (let i = 0; i < 25; i++) {
      const verifier = state();
      await logins.put(browser.exchange(), {
        ...login(state()),
        codeVerifier: verifier,
        nonce: state(),
      });
    }
    expect(browser.cookies.size).toBe(20);
    const header = browser.exchange().header('cookie') ?? '';
    expect(header.length).toBeLessThanOrEqual(8192);
  });

  it('[A8] are opened by older secrets, sealed by the first', async () => {
    const browser = new FakeBrowser();
    const put = new PendingLogins(createCookieStorage(seal, limits), 600);
    await put.put(browser.exchange(), login('s1'));
    const rotated = createSeal(['another secret of 32 characters!!', secret], 'test');
    const take = new PendingLogins(createCookieStorage(rotated, limits), 600);
    expect(await take.take(browser.exchange(), 's1')).toMatchObject({ state: 's1' });
  });

  it.each([
    ['flipped', (v: string) => v.replace(/(?<=\.)./, (c) => (c === 'A' ? 'B' : 'A'))],
    ['truncated', (v: string) => v.slice(0, -8)],
    ['emptied', () => ''],
    ['replaced', () => 'x.eyJhbGciOiJub25lIn0'],
  ])('[A8] that were %s count as absent', async (_how, change) => {
    const logins = new PendingLogins(createCookieStorage(seal, limits), 600);
    const browser = new FakeBrowser();
    await logins.put(browser.exchange(), login('s1'));
    for (const [name, value] of browser.cookies) browser.cookies.set(name, change(value));
    await expect(logins.take(browser.exchange(), 's1')).rejects.toMatchObject({
      code: 'mismatching_state',
    });
  });

  it('[A8] sealed for another purpose or moved to another name do not open', async () => {
    const browser = new FakeBrowser();
    const other = createCookieStorage(createSeal([secret], 'session'), limits);
    await other.put(browser.exchange(), { ...login('s1'), id: 'x', expiresAt: Date.now() + 1000 });
    const logins = new PendingLogins(createCookieStorage(seal, limits), 600);
    await expect(logins.take(browser.exchange(), 's1')).rejects.toThrow(/no pending login/);
    await logins.put(browser.exchange(), login('s2'));
    const [s1 = '', s2 = ''] = [...browser.cookies.keys()];
    browser.cookies.set(s1, browser.cookies.get(s2) ?? '');
    await expect(logins.take(browser.exchange(), 's1')).rejects.toThrow(/no pending login/);
  });

  it('[A8] without the __Host- prefix do not count for an https login', async () => {
    const logins = new PendingLogins(createCookieStorage(seal, limits), 600);
    const attacker = new FakeBrowser();
    await logins.put(attacker.exchange(), {
      ...login('s1'),
      redirectUri: 'http://localhost/callback',
    });
    const [[name = '', value = ''] = []] = attacker.cookies;
    expect(name).toMatch(/^oauth-registry\./);
    const https = new FakeBrowser();
    await logins.put(https.exchange(), login('s2'));
    const planted = new FakeBrowser();
    for (const [key, kept] of https.cookies) planted.cookies.set(key.replace('__Host-', ''), kept);
    await expect(logins.take(planted.exchange(), 's2')).rejects.toThrow(/no pending login/);
    attacker.cookies.set(`__Host-${name}`, value);
    attacker.cookies.delete(name);
    await expect(logins.take(attacker.exchange(), 's1')).rejects.toThrow(/no pending login/);
  });
});

describe('a store', () => {
  it('[A8] holds entries nobody can name without the browser’s cookie (CVE-2025-68158)', async () => {
    const store = memoryStore();
    const logins = new PendingLogins(createStoreStorage(store, limits), 600);
    const attacker = new FakeBrowser();
    const victim = new FakeBrowser();
    await logins.put(attacker.exchange(), login('s1'));
    for (const name of attacker.cookies.keys()) victim.cookies.set(name, 'x.guess');
    await expect(logins.take(victim.exchange(), 's1')).rejects.toThrow(/no pending login/);
    expect(store.entries.size).toBe(1);
    expect([...store.entries.keys()].join()).not.toContain('s1');
  });

  it('[A8] loses the entries of dropped logins too', async () => {
    const store = memoryStore();
    const logins = new PendingLogins(createStoreStorage(store, limits), 600);
    const browser = new FakeBrowser();
    for (let i = 0; i < 30; i++) await logins.put(browser.exchange(), login(`s${i}`));
    expect(store.entries.size).toBe(20);
  });
});
