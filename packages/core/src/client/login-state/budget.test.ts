import { describe, expect, it } from 'vitest';
import { FakeBrowser, login, memoryStore } from '../../../../../test/support/fake-browser.js';
import { chooseStorage } from './choose.js';
import { PendingLogins } from './pending-logins.js';
import { readRegistryOptions } from '../../options/read-registry-options.js';
import { randomToken } from '../../platform/crypto.js';
import type { OAuthOptions } from '../../options/registry-options.js';

const secret = 'a secret of thirty-two characters';
const sealed: OAuthOptions = {
  stateStorage: 'cookie',
  secret,
  baseUrl: 'https://app.example',
};

const pending = (options: OAuthOptions): PendingLogins =>
  new PendingLogins(chooseStorage(readRegistryOptions(options)), 600);

/** A login with the fresh texts that a real one has. */
const fresh = (state: string): ReturnType<typeof login> => ({
  ...login(state),
  codeVerifier: randomToken(),
  nonce: randomToken(),
});

const headerOf = (browser: FakeBrowser): string => browser.request().header('cookie') ?? '';

/** Starts logins one after another, and says which of them can be finished. */
async function finished(logins: PendingLogins, browser: FakeBrowser, count: number) {
  const states = Array.from({ length: count }, (_, index) => `state ${index}`);
  for (const state of states) await logins.put(browser.request(), fresh(state));
  const good: string[] = [];
  for (const state of states) {
    const taken = await logins.take(browser.request(), state).catch(() => undefined);
    if (taken) good.push(state);
  }
  return { good, newest: states.slice(-good.length) };
}

const places: Record<string, () => OAuthOptions> = {
  'encrypted cookies': () => sealed,
  'a store': () => ({ stateStorage: memoryStore() }),
};

describe.each(Object.entries(places))('the header budget of logins in %s', (_name, options) => {
  it.each([0, 500, 2900, 5000])(
    'holds when sixty logins start at once beside %i bytes of other cookies',
    async (bytes) => {
      const logins = pending(options());
      const browser = new FakeBrowser();
      if (bytes > 0) browser.cookies.set('other', 'x'.repeat(bytes));
      const start = (state: string) => logins.put(browser.request(), fresh(state));
      for (const round of [1, 2, 3]) {
        const states = Array.from({ length: 60 }, (_, index) => `state ${round} ${index}`);
        await Promise.all(states.map(start));
        expect(headerOf(browser).length).toBeLessThanOrEqual(7000);
      }
      await start('the last');
      expect(await logins.take(browser.request(), 'the last')).toMatchObject({
        state: 'the last',
      });
    },
  );

  it('leaves one login even beside more cookies than the budget', async () => {
    const logins = pending(options());
    const browser = new FakeBrowser();
    browser.cookies.set('other', 'x'.repeat(7500));
    const { good } = await finished(logins, browser, 5);
    expect(good).toContain('state 4');
  });

  it('makes room for a session that has grown since', async () => {
    const logins = pending(options());
    const browser = new FakeBrowser();
    for (let i = 0; i < 20; i++) await logins.put(browser.request(), fresh(`state ${i}`));
    browser.cookies.set('session', 'x'.repeat(5000));
    for (let i = 0; i < 3; i++) await logins.put(browser.request(), fresh(`later ${i}`));
    expect(headerOf(browser).length).toBeLessThanOrEqual(7000);
    for (let i = 0; i < 3; i++) {
      expect(await logins.take(browser.request(), `later ${i}`)).toMatchObject({
        state: `later ${i}`,
      });
    }
  });
});

describe('logins that start one after another', () => {
  it.each([
    ['a store', () => ({ stateStorage: memoryStore() }), 100],
    [
      'a store, as the application sets it',
      () => ({ stateStorage: memoryStore(), limits: { pendingLogins: 100 } }),
      100,
    ],
    [
      'a store, with an uneven limit',
      () => ({ stateStorage: memoryStore(), limits: { pendingLogins: 47 } }),
      47,
    ],
    ['encrypted cookies', () => sealed, 20],
  ])('in %s all finish, the newest of them', async (_name, options, count) => {
    const { good, newest } = await finished(pending(options()), new FakeBrowser(), count);
    expect(good).toEqual(newest);
    expect(good).toHaveLength(count);
  });

  it('in encrypted cookies beside a session of the largest size: at least twelve finish', async () => {
    const browser = new FakeBrowser();
    browser.cookies.set('__Host-session.0', 'x'.repeat(2900));
    const { good, newest } = await finished(pending(sealed), browser, 100);
    expect(good).toEqual(newest);
    expect(good.length).toBeGreaterThanOrEqual(12);
  });

  it('beyond a small limit of a store drop old ones, and their entries', async () => {
    const store = memoryStore();
    const logins = pending({ stateStorage: store, limits: { pendingLogins: 12 } });
    const browser = new FakeBrowser();
    for (let i = 0; i < 40; i++) await logins.put(browser.request(), fresh(`state ${i}`));
    expect(store.entries.size).toBe(12);
    expect(browser.cookies.size).toBe(12);
    for (let i = 28; i < 40; i++) {
      expect(await logins.take(browser.request(), `state ${i}`)).toMatchObject({
        state: `state ${i}`,
      });
    }
    expect(store.entries.size).toBe(0);
    expect(browser.cookies.size).toBe(0);
  });

  it('share one cookie of a store beyond twenty', async () => {
    const logins = pending({ stateStorage: memoryStore() });
    const browser = new FakeBrowser();
    for (let i = 0; i < 300; i++) await logins.put(browser.request(), fresh(`state ${i}`));
    expect(browser.cookies.size).toBe(21);
    for (let i = 0; i < 300; i++) {
      expect(await logins.take(browser.request(), `state ${i}`)).toMatchObject({
        state: `state ${i}`,
      });
    }
  });

  it('share a cookie that comes along with a POST only among those that need it', async () => {
    const logins = pending({ stateStorage: memoryStore() });
    const browser = new FakeBrowser();
    for (let i = 0; i < 40; i++) {
      await logins.put(browser.request(), fresh(`state ${i}`));
      await logins.put(browser.request(), { ...fresh(`posted ${i}`), formPost: true });
    }
    const shared = [...browser.attributes].filter(([name]) => name.includes('.shared-'));
    expect(shared.map(([, text]) => /SameSite=\w+/.exec(text)?.[0]).toSorted()).toEqual([
      'SameSite=Lax',
      'SameSite=None',
    ]);
    for (const state of ['state 39', 'posted 39'])
      expect(await logins.take(browser.request(), state)).toMatchObject({ state });
  });

  it.each([0, 5, 25])(
    'in a store all finish if sixty start in parallel on many processes beside %i others',
    async (before) => {
      const store = memoryStore();
      const processes = Array.from({ length: 6 }, () => pending({ stateStorage: store }));
      const browser = new FakeBrowser();
      const first = processes[0] as PendingLogins;
      const states = Array.from({ length: before }, (_, index) => `earlier ${index}`);
      for (const state of states) await first.put(browser.request(), fresh(state));
      const parallel = Array.from({ length: 60 }, (_, index) => `state ${index}`);
      await Promise.all(
        parallel.map((state, index) =>
          (processes[index % 6] as PendingLogins).put(browser.request(), fresh(state)),
        ),
      );
      for (const state of [...parallel, ...states])
        expect(await first.take(browser.request(), state)).toMatchObject({ state });
    },
  );
});

it('logins that share a cookie finish although a sibling domain has planted others of its kind', async () => {
  const logins = pending({ stateStorage: memoryStore() });
  const browser = new FakeBrowser();
  for (let i = 10; i < 20; i++)
    browser.cookies.set(`oauth-registry.shared-planted${i}`, `l${randomToken(16)}`);
  const { good } = await finished(logins, browser, 40);
  expect(good).toHaveLength(40);
});

describe('the keys of a store', () => {
  it('have at most 32 characters, which fit in the fields of session ids', async () => {
    const keys: string[] = [];
    const put = (key: string): void => void keys.push(key);
    const logins = pending({ stateStorage: { put, take: () => undefined } });
    const browser = new FakeBrowser().request();
    await logins.put(browser, fresh('state'));
    await logins.spend(browser, { id: 'logout corp 1', until: Date.now() / 1000 + 60 });
    expect(keys).toHaveLength(2);
    for (const key of keys) expect(key).toMatch(/^oauth-[\w-]{26}$/);
  });
});

describe('dropping the logins of a browser', () => {
  it.each([
    ['encrypted cookies', places['encrypted cookies'], 20, 0],
    ['a store', places['a store'], 40, 0],
    ['a store with many other cookies', places['a store'], 40, 5000],
  ] as const)(
    'in %s leaves none, however many there are, and none comes back with later logins',
    async (_name, options, count, bytes) => {
      const logins = pending(options?.() ?? {});
      const browser = new FakeBrowser();
      if (bytes > 0) browser.cookies.set('other', 'x'.repeat(bytes));
      const states = Array.from({ length: count }, (_, index) => `state ${index}`);
      for (const formPost of [false, true])
        for (const state of states)
          await logins.put(browser.request(), { ...fresh(`${state} ${formPost}`), formPost });
      await logins.drop(browser.request());
      for (const state of states) await logins.put(browser.request(), fresh(`later ${state}`));
      for (const state of states.flatMap((one) => [`${one} false`, `${one} true`]))
        await expect(logins.take(browser.request(), state)).rejects.toMatchObject({
          code: 'mismatching_state',
        });
    },
  );

  it.each([true, false])(
    'in a session without a store saves the session if a login was pending (%s), as nothing else may',
    async (started) => {
      const logins = pending({ stateStorage: 'session' });
      const browser = new FakeBrowser();
      if (started) await logins.put(browser.request(), fresh('state'));
      const before = browser.saves;
      await logins.drop(browser.request());
      expect(browser.saves - before).toBe(started ? 1 : 0);
    },
  );

  it('removes those of https although a sibling domain has planted twenty others', async () => {
    const logins = pending(sealed);
    const browser = new FakeBrowser();
    for (let i = 0; i < 5; i++) await logins.put(browser.request(), fresh(`state ${i}`));
    for (let i = 10; i < 30; i++) browser.cookies.set(`oauth-registry.planted-${i}`, 'zzzzzzzz.x');
    await logins.drop(browser.request());
    expect([...browser.cookies.keys()].filter((name) => name.startsWith('__Host-'))).toEqual([]);
  });

  it.each(Object.entries({ ...places, 'a session': () => ({ stateStorage: 'session' as const }) }))(
    'in %s leaves none that can be finished',
    async (_name, options) => {
      const logins = pending(options());
      const browser = new FakeBrowser();
      for (let i = 0; i < 5; i++) await logins.put(browser.request(), fresh(`state ${i}`));
      await logins.drop(browser.request());
      expect(browser.cookies.size).toBe(0);
      await expect(logins.take(browser.request(), 'state 4')).rejects.toMatchObject({
        code: 'mismatching_state',
      });
    },
  );
});
