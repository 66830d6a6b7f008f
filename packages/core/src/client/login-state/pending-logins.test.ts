import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeBrowser, login, memoryStore } from '../../../../../test/support/fake-browser.js';
import { createCookieStorage } from './in-cookie.js';
import { PendingLogins, type LoginStorage } from './pending-logins.js';
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
