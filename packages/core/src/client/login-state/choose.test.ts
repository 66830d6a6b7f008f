import { describe, expect, it } from 'vitest';
import { FakeBrowser, login, memoryStore } from '../../../../../test/support/fake-browser.js';
import { OAuthError } from '../../model/errors.js';
import type { BrowserRequest } from '../../model/ports.js';
import type { OAuthOptions } from '../../options/registry-options.js';
import { readRegistryOptions } from '../../options/read-registry-options.js';
import { chooseStorage, noSession, strictCookie } from './choose.js';
import { sessionKey } from './in-session.js';
import { loginId, type PendingLogin } from './pending-logins.js';

const secret = 'a secret of thirty-two characters';
const choose = (options: OAuthOptions) => chooseStorage(readRegistryOptions(options));
const pending = (state = 's'): PendingLogin => ({
  ...login(state),
  id: 'x',
  expiresAt: Date.now() + 60_000,
});
const keyOf = async (state = 's') => ({ state, id: await loginId(state) });

function without(browser: FakeBrowser, reason: string): BrowserRequest {
  const error = new OAuthError('missing_session', 'There is no session.', { reason });
  return { ...browser.request(), session: () => Promise.reject(error) };
}

/** Where a login was stored. */
function storedIn(browser: FakeBrowser): string {
  if (browser.session[sessionKey] !== undefined) return 'the session';
  const [name = ''] = browser.cookies.keys();
  return name.includes('pending-login') ? 'a cookie' : name === '' ? 'nothing' : 'a store';
}

describe('a pending login is stored in', () => {
  it.each<[string, OAuthOptions]>([
    ['the session', {}],
    ['the session', { stateStorage: 'session', secret }],
    ['the session', { secret }],
    ['a cookie', { stateStorage: 'cookie', secret }],
    ['a store', { stateStorage: memoryStore() }],
  ])('%s with the options %j, if there is a session', async (place, options) => {
    const storage = choose(options);
    const browser = new FakeBrowser();
    await storage.put(browser.request(), pending());
    expect(storedIn(browser)).toBe(place);
    expect(await storage.take(browser.request(), await keyOf())).toMatchObject({ state: 's' });
    expect(storedIn(browser)).toBe('nothing');
    await storage.put(browser.request(), pending());
    await storage.drop(browser.request());
    expect(storedIn(browser)).toBe('nothing');
  });

  it.each<[string, OAuthOptions]>([
    ['a cookie', { secret }],
    ['a cookie', { stateStorage: 'cookie', secret }],
    ['a store', { stateStorage: memoryStore() }],
  ])('%s with the options %j, if there is no session', async (place, options) => {
    const storage = choose(options);
    const browser = new FakeBrowser();
    const request = () => without(browser, noSession);
    await storage.put(request(), pending());
    expect(storedIn(browser)).toBe(place);
    expect(await storage.take(request(), await keyOf())).toMatchObject({ state: 's' });
    await storage.put(request(), pending());
    await storage.drop(request());
    expect(storedIn(browser)).toBe('nothing');
  });

  it.each<[OAuthOptions]>([[{}], [{ stateStorage: 'session', secret }]])(
    'nothing with the options %j, if there is no session',
    async (options) => {
      const request = without(new FakeBrowser(), noSession);
      await expect(choose(options).put(request, pending())).rejects.toMatchObject({
        code: 'missing_session',
      });
    },
  );

  it.each<[OAuthOptions]>([
    [{ secret }],
    [{ stateStorage: 'cookie', secret }],
    [{ stateStorage: memoryStore() }],
  ])('nothing with the options %j, if the session cookie is SameSite=Strict', async (options) => {
    const browser = new FakeBrowser();
    await expect(
      choose(options).put(without(browser, strictCookie), pending()),
    ).rejects.toMatchObject({ reason: strictCookie });
    expect(storedIn(browser)).toBe('nothing');
  });

  it('nothing if the session is unusable for another reason, even with a secret', async () => {
    const browser = new FakeBrowser();
    const request = without(browser, 'OTHER');
    await expect(choose({ secret }).put(request, pending())).rejects.toMatchObject({
      reason: 'OTHER',
    });
    expect(storedIn(browser)).toBe('nothing');
  });

  it('the session that the application finds, never in a cookie instead', async () => {
    const session = () => Promise.reject(new OAuthError('missing_session', 'There is none.'));
    const browser = new FakeBrowser();
    const storage = choose({ secret, session });
    await expect(storage.put(browser.request(), pending())).rejects.toMatchObject({
      code: 'missing_session',
    });
    expect(storedIn(browser)).toBe('nothing');
  });
});

describe('the store that all processes share', () => {
  it('is that of the option or of the session', async () => {
    const browser = new FakeBrowser();
    const request = browser.request();
    expect(await choose({ stateStorage: memoryStore() }).shared?.(request)).toBeDefined();
    for (const options of [{}, { secret }, { stateStorage: 'cookie', secret } as const])
      expect(await choose(options).shared?.(request)).toBeUndefined();
    browser.store = memoryStore();
    for (const options of [{}, { secret }])
      expect(await choose(options).shared?.(browser.request())).toBeDefined();
  });
});

describe('a duplicate callback', () => {
  it.each<[string, () => OAuthOptions, boolean]>([
    ['a store', () => ({ stateStorage: memoryStore() }), true],
    ['a cookie', () => ({ stateStorage: 'cookie', secret }), false],
    ['a session', () => ({}), false],
    ['a session with a secret', () => ({ secret }), false],
  ])('is known by the cookie of %s: %s', async (_, options, known) => {
    const storage = choose(options());
    const browser = new FakeBrowser();
    await storage.put(browser.request(), pending());
    const cookies = new Map(browser.cookies);
    await storage.take(browser.request(), await keyOf());
    browser.cookies = cookies;
    expect(await storage.binds?.(browser.request(), await keyOf())).toBe(known);
  });
});

describe('the limits', () => {
  const started = async (options: OAuthOptions, count: number) => {
    const storage = choose(options);
    const browser = new FakeBrowser();
    for (let i = 0; i < count; i++) await storage.put(browser.request(), pending(`s${i}`));
    return browser;
  };

  it('are those of the options', async () => {
    const limits = { pendingLogins: 2 };
    const sealed = { stateStorage: 'cookie', secret } as const;
    expect((await started({ ...sealed, limits }, 5)).cookies.size).toBe(2);
    const store = memoryStore();
    await started({ stateStorage: store, limits }, 5);
    expect(store.entries.size).toBe(2);
    const { session } = await started({ limits }, 5);
    expect(session[sessionKey]).toHaveLength(2);
  });

  it('of the cookies of a store are those of the options as well', async () => {
    const small = await started(
      { stateStorage: memoryStore(), limits: { pendingCookieBytes: 300 } },
      9,
    );
    const large = await started({ stateStorage: memoryStore() }, 9);
    expect(small.cookies.size).toBeLessThan(large.cookies.size);
  });
});
