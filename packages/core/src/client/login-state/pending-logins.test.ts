import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeBrowser, login, memoryStore } from '../../../../../test/support/fake-browser.js';
import { createCookieStorage } from './in-cookie.js';
import { isPendingLogin, PendingLogins, type LoginStorage } from './pending-logins.js';
import { createSeal } from '../../platform/seal.js';
import { createSessionStorage } from './in-session.js';
import { StoreStorage } from './in-store.js';

const secret = 'a secret of thirty-two characters';
const limits = { count: 20, bytes: 8192 };

const storages: Record<string, () => LoginStorage> = {
  'a session': () => createSessionStorage(limits),
  'encrypted cookies': () => createCookieStorage(createSeal([secret], 'test'), limits),
  'a store': () => new StoreStorage(memoryStore(), limits),
};

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
    await logins.put(browser.request(), login('s1'));
    expect(await logins.take(browser.request(), 's1')).toMatchObject(login('s1'));
    await expect(logins.take(browser.request(), 's1')).rejects.toMatchObject({
      code: 'mismatching_state',
    });
  });

  it('[A8] finds nothing in another browser (RFC 6749 §10.12)', async () => {
    const logins = make();
    const victim = new FakeBrowser();
    await logins.put(new FakeBrowser().request(), login('s1'));
    await expect(logins.take(victim.request(), 's1')).rejects.toMatchObject({
      code: 'mismatching_state',
    });
    expect(victim.saves).toBe(0);
    expect(victim.attributes.size).toBe(0);
  });

  it('[X2] stores logins of several tabs separately, whichever finishes first', async () => {
    const logins = make();
    const browser = new FakeBrowser();
    await logins.put(browser.request(), login('s1'));
    await logins.put(browser.request(), login('s2'));
    expect(await logins.take(browser.request(), 's2')).toMatchObject({ nonce: 'nonce of s2' });
    expect(await logins.take(browser.request(), 's1')).toMatchObject({ nonce: 'nonce of s1' });
  });

  it('[A8] gives a login to one of two callbacks at the same moment', async () => {
    const logins = make();
    const browser = new FakeBrowser();
    await logins.put(browser.request(), login('s1'));
    const copy = Object.assign(new FakeBrowser(), { cookies: new Map(browser.cookies) });
    copy.session = JSON.parse(JSON.stringify(browser.session)) as Record<string, unknown>;
    const taken = await Promise.allSettled([
      logins.take(browser.request(), 's1'),
      logins.take(copy.request(), 's1'),
    ]);
    expect(taken.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  it('[A8] refuses a copy of an old cookie or session after its use', async () => {
    const logins = make();
    const browser = new FakeBrowser();
    await logins.put(browser.request(), login('s1'));
    const cookies = new Map(browser.cookies);
    const session = JSON.parse(JSON.stringify(browser.session)) as Record<string, unknown>;
    await logins.take(browser.request(), 's1');
    Object.assign(browser, { cookies, session });
    await expect(logins.take(browser.request(), 's1')).rejects.toThrow(/used/);
  });

  it.each([
    [599, undefined],
    [601, 'expired_state'],
  ])('[A8] after %i s of 600: %s, whatever the cookie says', async (seconds, code) => {
    const logins = make();
    const browser = new FakeBrowser();
    await logins.put(browser.request(), login('s1'));
    vi.setSystemTime(Date.now() + seconds * 1000);
    const outcome = await logins.take(browser.request(), 's1').catch((error: unknown) => error);
    if (code === undefined) expect(outcome).toMatchObject({ state: 's1' });
    else expect(outcome).toMatchObject({ code });
  });

  it('[A8] stores at most 20 logins, dropping the oldest', async () => {
    const logins = make();
    const browser = new FakeBrowser();
    for (let i = 0; i <= 20; i++) {
      if (i % 7 === 0) vi.setSystemTime(Date.now() + 1000);
      await logins.put(browser.request(), login(`s${i}`));
    }
    await expect(logins.take(browser.request(), 's0')).rejects.toThrow(/no pending login/);
    for (let i = 1; i <= 20; i++) {
      expect(await logins.take(browser.request(), `s${i}`)).toMatchObject({ state: `s${i}` });
    }
  });

  it.each(['__proto__', 'constructor', '', 'a;b=c', 'x'.repeat(1_000_000)])(
    '[A8] looks up the odd state "%.20s" without harm',
    async (state) => {
      const logins = make();
      const browser = new FakeBrowser();
      await logins.put(browser.request(), login('s1'));
      await expect(logins.take(browser.request(), state)).rejects.toMatchObject({
        code: 'mismatching_state',
      });
      expect(await logins.take(browser.request(), 's1')).toMatchObject({ state: 's1' });
    },
  );
});

describe('a session', () => {
  it('[A8] stays bounded over ten thousand logins', async () => {
    const logins = new PendingLogins(createSessionStorage(limits), 600);
    const browser = new FakeBrowser();
    for (let i = 0; i < 10_000; i++) await logins.put(browser.request(), login(`s${i}`));
    expect(JSON.stringify(browser.session).length).toBeLessThan(20 * 300);
  });

  it('[A8] forgets expired logins', async () => {
    const logins = new PendingLogins(createSessionStorage(limits), 600);
    const browser = new FakeBrowser();
    await logins.put(browser.request(), login('old'));
    vi.setSystemTime(Date.now() + 601_000);
    await logins.put(browser.request(), login('new'));
    expect(JSON.stringify(browser.session)).not.toContain('verifier of old');
  });

  it('[A8] that cannot be saved is a typed error without the store’s words', async () => {
    const logins = new PendingLogins(createSessionStorage(limits), 600);
    const browser = new FakeBrowser();
    browser.failSaving = Object.assign(new Error('redis://user:canary@host'), {
      code: 'ECONNREFUSED',
    });
    const error = await logins.put(browser.request(), login('s1')).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'storage_failed', reason: 'ECONNREFUSED' });
    expect(String(error)).not.toContain('canary');
  });
});

describe('the application data of a login', () => {
  const withCarry = (carry: object) => ({ ...login('s1'), carry });
  /** Takes a login, and again with the cookies from before; returns the data of the second time. */
  async function again(
    storage: LoginStorage,
    carry: object,
    other?: FakeBrowser,
  ): Promise<unknown[]> {
    const browser = new FakeBrowser();
    const logins = new PendingLogins(storage, 600);
    await logins.put(browser.request(), withCarry(carry));
    const cookies = new Map(browser.cookies);
    await logins.take(browser.request(), 's1');
    browser.cookies = cookies;
    const spent: unknown[] = [];
    const second = logins.take((other ?? browser).request(), 's1', (data) => void spent.push(data));
    await expect(second).rejects.toThrow(/It was used before: a callback works once/);
    return spent;
  }

  it('is returned for a duplicate callback of the same browser', async () => {
    const carry = { returnTo: '/page', data: { a: 1 } };
    const seal = createSeal([secret], 'test');
    expect(await again(createCookieStorage(seal, limits), carry)).toEqual([carry]);
    expect(await again(new StoreStorage(memoryStore(), limits), carry)).toEqual([
      { returnTo: '/page' },
    ]);
  });

  it('is empty if the login has none', async () => {
    const logins = new PendingLogins(
      createCookieStorage(createSeal([secret], 'test'), limits),
      600,
    );
    const browser = new FakeBrowser();
    await logins.put(browser.request(), login('s1'));
    const cookies = new Map(browser.cookies);
    await logins.take(browser.request(), 's1');
    browser.cookies = cookies;
    const spent: unknown[] = [];
    const second = logins.take(browser.request(), 's1', (data) => void spent.push(data));
    await expect(second).rejects.toThrow(/used before/);
    expect(spent).toEqual([{}]);
  });

  it('is not returned to another browser', async () => {
    const store = new StoreStorage(memoryStore(), limits);
    expect(await again(store, { returnTo: '/' }, new FakeBrowser())).toEqual([]);
  });

  it.each([
    [256, true],
    [257, false],
  ])('is cached with a URL of at most 256 characters: %d', async (length, cached) => {
    const returnTo = '/'.padEnd(length, 'x');
    const store = new StoreStorage(memoryStore(), limits);
    const expected = cached ? [{ popup: true, returnTo }] : [{ popup: true }];
    expect(await again(store, { popup: true, returnTo })).toEqual(expected);
  });
});

describe('a callback without a pending login', () => {
  const message = async (browser: FakeBrowser) =>
    await new PendingLogins(new StoreStorage(memoryStore(), limits), 600)
      .take(browser.request(), 's1')
      .catch(String);

  it('is explained by what the browser sent', async () => {
    expect(await message(new FakeBrowser())).toContain('The request has no cookie');
    const browser = new FakeBrowser();
    browser.cookies.set('other', 'x');
    expect(await message(browser)).toContain('It was used before and loaded again');
  });

  it('is one whose stored state differs, whatever the storage returns', async () => {
    const stored = { ...login('other'), id: 'x', expiresAt: Date.now() + 1000 };
    const storage = { take: async () => stored } as unknown as LoginStorage;
    const logins = new PendingLogins(storage, 600);
    await expect(logins.take(new FakeBrowser().request(), 's1')).rejects.toMatchObject({
      code: 'mismatching_state',
    });
    expect(await logins.take(new FakeBrowser().request(), 'other')).toBe(stored);
  });
});

it('rejects a login from the moment that it expires', async () => {
  const logins = new PendingLogins(createSessionStorage(limits), 600);
  const browser = new FakeBrowser();
  await logins.put(browser.request(), login('s1'));
  vi.setSystemTime(Date.now() + 600_000);
  await expect(logins.take(browser.request(), 's1')).rejects.toMatchObject({
    code: 'expired_state',
    message: expect.stringContaining('600 s') as string,
  });
});

it('knows a pending login by its members', () => {
  const whole = { ...login('s1'), id: 'x', expiresAt: 1 };
  expect(isPendingLogin(whole)).toBe(true);
  for (const name of ['state', 'id', 'client', 'kind', 'redirectUri', 'expiresAt'])
    expect(isPendingLogin({ ...whole, [name]: undefined })).toBe(false);
  for (const value of [undefined, null, 'x', []]) expect(isPendingLogin(value)).toBe(false);
});

describe('a value that may be used once', () => {
  const spendable = (seconds = 60) => ({ id: 'token', until: Date.now() / 1000 + seconds });
  const inStore = (store: ReturnType<typeof memoryStore>) =>
    new PendingLogins(new StoreStorage(store, limits), 600);
  const browser = new FakeBrowser().request();

  it('is used once in a process, and once in all that share a store', async () => {
    const alone = new PendingLogins(createCookieStorage(createSeal([secret], 'x'), limits), 600);
    expect(await alone.spend(browser, spendable())).toBe(true);
    expect(await alone.spend(browser, spendable())).toBe(false);
    const store = memoryStore();
    expect(await inStore(store).spend(browser, spendable())).toBe(true);
    expect(await inStore(store).spend(browser, spendable())).toBe(false);
    expect(await inStore(store).spend(browser, { ...spendable(), id: 'other' })).toBe(true);
  });

  it('may be used again after a failed operation', async () => {
    const store = memoryStore();
    const logins = inStore(store);
    await logins.spend(browser, spendable());
    await logins.unspend(browser, spendable());
    expect(store.entries.size).toBe(0);
    expect(await logins.spend(browser, spendable())).toBe(true);
    const alone = new PendingLogins(createCookieStorage(createSeal([secret], 'x'), limits), 600);
    await alone.spend(browser, spendable());
    await alone.unspend(browser, spendable());
    expect(await alone.spend(browser, spendable())).toBe(true);
  });

  it('may be used again if the store fails', async () => {
    const store = memoryStore();
    const logins = inStore(store);
    const { put } = store;
    store.put = () => {
      throw new Error('down');
    };
    await expect(logins.spend(browser, spendable())).rejects.toMatchObject({
      code: 'storage_failed',
    });
    store.put = put;
    expect(await logins.spend(browser, spendable())).toBe(true);
  });

  it.each([
    [60, 60],
    [59.5, 60],
    [-5, 1],
  ])('that expires in %d s is stored for %d s', async (seconds, ttl) => {
    vi.setSystemTime(1_800_000_000_000);
    const ttls: number[] = [];
    const put = (_key: string, _value: string, given: number): void => void ttls.push(given);
    const storage = new StoreStorage({ put, take: () => undefined }, limits);
    await new PendingLogins(storage, 600).spend(browser, spendable(seconds));
    expect(ttls).toEqual([ttl]);
  });
});
