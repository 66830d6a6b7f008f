import { describe, expect, it } from 'vitest';
import { FakeBrowser, login, memoryStore } from '../../../../../test/support/fake-browser.js';
import { OAuthError } from '../../model/errors.js';
import type { BrowserRequest, SessionPort } from '../../model/ports.js';
import { createSeal } from '../../platform/seal.js';
import { createSessionStorage, sessionKey } from './in-session.js';
import { loginId, type PendingLogin } from './pending-logins.js';

const limits = { count: 3, bytes: 7000 };
const secret = 'a secret of thirty-two characters';

const pending = (state: string, more: object = {}): PendingLogin => ({
  ...login(state),
  id: `id of ${state}`,
  expiresAt: Date.now() + 60_000,
  ...more,
});
const keyOf = async (state: string) => ({ state, id: await loginId(state) });

/** A request whose session has further members, or cannot be found. */
function request(browser: FakeBrowser, more: Partial<SessionPort> | Error = {}): BrowserRequest {
  const base = browser.request();
  return {
    ...base,
    session: async () => {
      if (more instanceof Error) throw more;
      return { ...(await base.session()), ...more };
    },
  };
}

const statesIn = (browser: FakeBrowser): unknown =>
  (browser.session[sessionKey] as PendingLogin[] | undefined)?.map(({ state }) => state);

describe('the storage of a session', () => {
  it('is its store, its encrypted cookies, or else the session itself', async () => {
    const storage = createSessionStorage(limits);
    const store = memoryStore();
    const browser = new FakeBrowser();
    await storage.put(request(browser, { store }), pending('in a store'));
    expect([store.entries.size, browser.cookies.size, statesIn(browser)]).toEqual([
      1,
      1,
      undefined,
    ]);
    expect(await storage.shared?.(request(browser, { store }))).toBeDefined();
    const seal = createSeal([secret], 'test');
    await storage.put(request(browser, { seal }), pending('in a cookie'));
    expect([store.entries.size, browser.cookies.size, statesIn(browser)]).toEqual([
      1,
      2,
      undefined,
    ]);
    await storage.put(request(browser), pending('in the session'));
    expect([store.entries.size, browser.cookies.size]).toEqual([1, 2]);
    expect(statesIn(browser)).toEqual(['in the session']);
    expect(browser.saves).toBe(3);
    expect(await storage.shared?.(request(browser))).toBeUndefined();
  });

  it('is that of the session the application finds', async () => {
    const other = new FakeBrowser();
    const found: unknown[] = [];
    const storage = createSessionStorage(limits, async (...given) => {
      found.push(given);
      return await other.request().session();
    });
    const browser = new FakeBrowser();
    const given = { ...browser.request(), request: 'request', response: 'response' };
    await storage.put(given, pending('s'));
    expect(found).toEqual([['request', 'response']]);
    expect([statesIn(browser), statesIn(other)]).toEqual([undefined, ['s']]);
  });

  it('has limits of its own for a store', async () => {
    const storage = createSessionStorage({ ...limits, stored: { count: 1, bytes: 7000 } });
    const store = memoryStore();
    const browser = new FakeBrowser();
    for (const state of ['a', 'b']) await storage.put(request(browser, { store }), pending(state));
    expect(store.entries.size).toBe(1);
  });

  it('knows a duplicate callback by the cookie that the browser still sends', async () => {
    const storage = createSessionStorage(limits);
    const browser = new FakeBrowser();
    const key = await keyOf('s');
    expect(await storage.binds?.(request(browser), key)).toBe(false);
    const store = memoryStore();
    await storage.put(request(browser, { store }), pending('s'));
    const cookies = new Map(browser.cookies);
    expect(await storage.binds?.(request(browser, { store }), key)).toBe(false);
    await storage.take(request(browser, { store }), key);
    browser.cookies = cookies;
    expect(await storage.binds?.(request(browser, { store }), key)).toBe(true);
    expect(await storage.binds?.(request(new FakeBrowser(), { store }), key)).toBe(false);
  });
});

describe('a logout', () => {
  it('drops the logins of a session, and none without a session', async () => {
    const storage = createSessionStorage(limits);
    const browser = new FakeBrowser();
    await storage.put(request(browser), pending('s'));
    await storage.drop(request(browser));
    expect(statesIn(browser)).toBeUndefined();
    const missing = new OAuthError('missing_session', 'There is none.');
    await expect(storage.drop(request(browser, missing))).resolves.toBeUndefined();
    for (const failure of [new OAuthError('storage_failed', 'It fails.'), new TypeError('bug')])
      await expect(storage.drop(request(browser, failure))).rejects.toBe(failure);
  });

  it('at the request of the provider has no shared store if there is no session', async () => {
    const missing = request(new FakeBrowser(), new OAuthError('missing_session', 'There is none.'));
    expect(await createSessionStorage(limits).shared?.(missing)).toBeUndefined();
  });
});

describe('logins inside a session', () => {
  it('are taken once, and the session is saved', async () => {
    const storage = createSessionStorage(limits);
    const browser = new FakeBrowser();
    for (const state of ['a', 'b']) await storage.put(request(browser), pending(state));
    expect(await storage.take(request(browser), await keyOf('c'))).toBeUndefined();
    expect(browser.saves).toBe(2);
    expect(await storage.take(request(browser), await keyOf('a'))).toMatchObject({ state: 'a' });
    expect([browser.saves, statesIn(browser)]).toEqual([3, ['b']]);
    expect(await storage.take(request(browser), await keyOf('b'))).toMatchObject({ state: 'b' });
    expect(browser.session).not.toHaveProperty(sessionKey);
  });

  it('need no session that is saved by this package', async () => {
    const storage = createSessionStorage(limits);
    const browser = new FakeBrowser();
    const unsaved = (): BrowserRequest => {
      const base = browser.request();
      const session = async () => {
        const { save: _, ...rest } = await base.session();
        return rest;
      };
      return { ...base, session };
    };
    for (const state of ['a', 'b']) await storage.put(unsaved(), pending(state));
    expect(await storage.take(unsaved(), await keyOf('a'))).toMatchObject({ state: 'a' });
    await storage.drop(unsaved());
    expect([statesIn(browser), browser.saves]).toEqual([undefined, 0]);
  });

  it('are at most the limit, the newest, and none that is expired', async () => {
    const storage = createSessionStorage(limits);
    const browser = new FakeBrowser();
    await storage.put(request(browser), pending('old', { expiresAt: Date.now() - 1 }));
    for (const state of ['a', 'b', 'c', 'd']) await storage.put(request(browser), pending(state));
    expect(statesIn(browser)).toEqual(['b', 'c', 'd']);
  });

  it.each([
    ['no list', 'x'],
    ['entries of others', [null, 7, { state: 's' }]],
  ])('ignore %s in the session', async (_, value) => {
    const browser = new FakeBrowser();
    browser.session[sessionKey] = value;
    const storage = createSessionStorage(limits);
    expect(await storage.take(request(browser), await keyOf('s'))).toBeUndefined();
    await storage.put(request(browser), pending('s'));
    expect(statesIn(browser)).toEqual(['s']);
  });

  it('have no more bytes than the session has room for', async () => {
    const storage = createSessionStorage(limits);
    const browser = new FakeBrowser();
    const [a, b] = [pending('a'), pending('ü')];
    const bytes = Buffer.byteLength(JSON.stringify([a, b]));
    await storage.put(request(browser, { room: () => bytes }), a);
    await storage.put(request(browser, { room: () => bytes }), b);
    expect(statesIn(browser)).toEqual(['a', 'ü']);
    browser.session = {};
    await storage.put(request(browser, { room: () => bytes - 1 }), a);
    await storage.put(request(browser, { room: () => bytes - 1 }), b);
    expect(statesIn(browser)).toEqual(['ü']);
  });

  it('remain if a further one does not fit', async () => {
    const storage = createSessionStorage(limits);
    const browser = new FakeBrowser();
    const room = () => 500;
    await storage.put(request(browser, { room }), pending('a'));
    const large = pending('b', { carry: { returnTo: `/${'x'.repeat(500)}` } });
    await expect(storage.put(request(browser, { room }), large)).rejects.toMatchObject({
      code: 'invalid_options',
    });
    expect(statesIn(browser)).toEqual(['a']);
  });
});
