import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fakeClock, startOfTest } from '../../../../../test/support/clock.js';
import {
  bareToken,
  tokenOf,
  tokensConfig,
  type TokensSetUp,
} from '../../../../../test/support/tokens-config.js';
import type { OAuthErrorCode } from '../../model/error-codes.js';
import { OAuthError } from '../../model/errors.js';
import type { TokenStore } from '../../model/ports.js';
import type { Token } from '../../model/types.js';
import { memoryStore } from '../../stores/memory.js';
import { StoredTokens } from './stored-tokens.js';
import type { TokenRecord } from './records.js';

const { pass, advanceMonotonic } = fakeClock();

const key = { userId: 'ada', client: 'corp', account: '' };
const failing =
  (code: OAuthErrorCode, details: ConstructorParameters<typeof OAuthError>[2] = {}) =>
  () =>
    Promise.reject(new OAuthError(code, 'It failed.', details));
const refused = failing('invalid_grant', { providerStatus: 400, error: 'invalid_grant' });

/** A process with a store, whose calls are counted. */
function setUp(given: TokensSetUp = {}, store: TokenStore = memoryStore()) {
  const calls: string[] = [];
  const faults: { [name in keyof TokenStore]?: () => void } = {};
  const counted = Object.fromEntries(
    Object.entries(store).map(([name, value]) => [
      name,
      typeof value === 'function'
        ? (...args: unknown[]) => {
            calls.push(name);
            faults[name as keyof TokenStore]?.();
            return (value as (...all: unknown[]) => unknown)(...args);
          }
        : value,
    ]),
  ) as unknown as TokenStore;
  const all = tokensConfig({
    ...given,
    registry: { tokenStore: counted, refresh: { lockTtl: 1 }, ...given.registry },
  });
  const tokens = new StoredTokens(all.config, counted);
  const renew = async (): Promise<Token> => {
    const found = await tokens.find(key, 'request');
    return await (found?.renew?.() ?? Promise.reject(new Error('It cannot be refreshed.')));
  };
  return { ...all, tokens, calls, faults, store, renew };
}

const recordIn = async (store: TokenStore): Promise<TokenRecord> =>
  JSON.parse((await store.get(key))?.value ?? '{}') as TokenRecord;
const change = async (store: TokenStore, more: object): Promise<void> => {
  const value = JSON.stringify({ ...(await recordIn(store)), ...more });
  await store.put(key, { version: randomUUID(), value }, '*');
};
const survivable = (code: string) =>
  expect.objectContaining({ error: expect.objectContaining({ code }) as unknown });

describe('a stored token', () => {
  it('is read from the store once in the TTL of the cache', async () => {
    const { tokens, calls } = setUp();
    expect(await tokens.find(key, undefined)).toBeUndefined();
    await tokens.save(key, tokenOf('a'));
    calls.length = 0;
    expect(await tokens.read(key)).toEqual(tokenOf('a'));
    pass(59);
    await tokens.read(key);
    expect(calls).toEqual([]);
    pass(1);
    await Promise.all([tokens.read(key), tokens.read(key)]);
    expect(calls).toEqual(['get']);
  });

  it('is used from the cache while the store fails and it is valid', async () => {
    const { tokens, faults } = setUp();
    await tokens.save(key, tokenOf('a', 3600));
    faults.get = () => {
      throw new Error('down');
    };
    pass(1000);
    expect(await tokens.read(key)).toMatchObject({ access_token: 'at-a' });
    pass(2601);
    await expect(tokens.read(key)).rejects.toMatchObject({ code: 'storage_failed' });
    await expect(tokens.read({ ...key, userId: 'eve' })).rejects.toMatchObject({
      code: 'storage_failed',
    });
  });

  it('is that of its user and account, in the cache as well', async () => {
    const { tokens, calls, sent } = setUp({
      refresh: async (token) =>
        ({ ...token, access_token: `new ${token['access_token']}` }) as Token,
    });
    const keys = ['ada', 'eve'].flatMap((userId) =>
      ['', 'x'].map((account) => ({ ...key, userId, account })),
    );
    const name = ({ userId, account }: typeof key) => `${userId}/${account}`;
    await Promise.all(keys.map((one) => tokens.save(one, tokenOf(name(one)))));
    calls.length = 0;
    for (const one of keys)
      expect((await tokens.read(one))?.['access_token']).toBe(`at-${name(one)}`);
    expect(calls).toEqual([]);
    const renewed = keys.map(async (one) => await (await tokens.find(one, '-'))?.renew?.());
    expect((await Promise.all(renewed)).map((one) => one?.['access_token'])).toEqual(
      keys.map((one) => `new at-${name(one)}`),
    );
    expect(sent).toHaveLength(4);
  });

  it('without an expiry is used for a day while the store fails', async () => {
    const { tokens, faults } = setUp();
    const { expires_at: _, ...endless } = tokenOf('a');
    await tokens.save(key, endless);
    faults.get = () => {
      throw new Error('down');
    };
    pass(86_399);
    expect(await tokens.read(key)).toEqual(endless);
    pass(2);
    await expect(tokens.read(key)).rejects.toMatchObject({ code: 'storage_failed' });
  });

  it('is deleted, also from the cache', async () => {
    const { tokens, store } = setUp();
    await tokens.save(key, tokenOf('a'));
    await tokens.delete(key);
    expect(await tokens.read(key)).toBeUndefined();
    expect(await store.get(key)).toBeUndefined();
  });

  it('is saved with one call of the store, whatever was there', async () => {
    const { tokens, calls, store } = setUp();
    await tokens.save(key, tokenOf('a'));
    await tokens.save(key, tokenOf('b'));
    expect(calls).toEqual(['put', 'put']);
    expect(await recordIn(store)).toEqual({
      token: tokenOf('b'),
      createdAt: startOfTest,
      updatedAt: startOfTest,
    });
    const other = setUp({}, { ...store, overwrites: false });
    await other.tokens.save(key, tokenOf('c'));
    expect(other.calls).toEqual(['get', 'put']);
  });

  it('is listed with its times, and whether its authorization has ended', async () => {
    const { tokens, store } = setUp();
    expect(await tokens.list('ada')).toEqual([]);
    await tokens.save(key, tokenOf('a'));
    await change(store, { dead: 'refused', createdAt: undefined });
    const other = { ...key, account: 'other' };
    await tokens.save(other, tokenOf('b'));
    const [one, two] = await tokens.list('ada');
    expect(one).toMatchObject({ account: '', token: tokenOf('a'), dead: true });
    expect([one?.createdAt, one?.updatedAt]).toEqual([undefined, new Date(startOfTest * 1000)]);
    expect(two).toMatchObject({ account: 'other', dead: false });
    expect(two?.createdAt).toEqual(new Date(startOfTest * 1000));
    await store.put(other, { version: 'x', value: 'x' }, '*');
    expect(await tokens.list('ada')).toHaveLength(1);
    await store.put(key, { version: 'x', value: 'x' }, '*');
    await expect(tokens.list('ada')).rejects.toMatchObject({ code: 'storage_failed' });
  });

  it('of an ended authorization is an error', async () => {
    const { tokens, store } = setUp();
    await tokens.save(key, tokenOf('a'));
    await change(store, { dead: 'mismatch' });
    pass(60);
    await expect(tokens.read(key)).rejects.toThrow('another user');
    await store.delete(key);
    expect(await tokens.read(key)).toBeUndefined();
  });
});

describe('a refresh', () => {
  it('is sent once, after its marker is written, and its token is stored before it is used', async () => {
    const steps: unknown[] = [];
    const store = memoryStore();
    const refresh = async () => {
      steps.push(await recordIn(store));
      return tokenOf('new');
    };
    const { tokens, updates, renew, calls } = setUp({ refresh }, store);
    await tokens.save(key, tokenOf('old', 0));
    const before = await recordIn(store);
    calls.length = 0;
    pass(5);
    expect(await Promise.all([renew(), renew()])).toEqual([tokenOf('new'), tokenOf('new')]);
    expect(steps).toEqual([{ ...before, sentAt: startOfTest + 5 }]);
    expect(await recordIn(store)).toEqual({
      token: tokenOf('new'),
      createdAt: startOfTest,
      updatedAt: startOfTest + 5,
    });
    expect(calls).toEqual(['lock', 'put', 'put', 'unlock']);
    const old = { accessToken: 'at-old', refreshToken: 'rt-old' };
    expect(updates).toEqual([['corp', tokenOf('new'), old, 'request']]);
    expect(await tokens.read(key)).toEqual(tokenOf('new'));
  });

  it('is not sent if another process has refreshed the token', async () => {
    const store = memoryStore();
    const [one, two] = [setUp({}, store), setUp({}, store)];
    await one.tokens.save(key, tokenOf('old', 0));
    await two.tokens.read(key);
    await one.renew();
    expect(await two.renew()).toEqual(tokenOf('new'));
    expect([one.sent, two.sent, two.updates]).toEqual([['rt-old'], [], []]);
  });

  it('of a token that was deleted is an error', async () => {
    const { tokens, store, sent, renew } = setUp();
    await tokens.save(key, tokenOf('old', 0));
    await store.delete(key);
    await expect(renew()).rejects.toMatchObject({ code: 'missing_token', client: 'corp' });
    expect(sent).toEqual([]);
    expect(await tokens.read(key)).toBeUndefined();
  });

  it('whose token was deleted meanwhile stores nothing', async () => {
    const store = memoryStore();
    const refresh = async () => {
      await store.delete(key);
      return tokenOf('new');
    };
    const { tokens, renew } = setUp({ refresh }, store);
    await tokens.save(key, tokenOf('old', 0));
    await expect(renew()).rejects.toMatchObject({ code: 'missing_token' });
    expect(await store.get(key)).toBeUndefined();
  });

  it('does not replace the token of a login that happened meanwhile', async () => {
    const store = memoryStore();
    const other = setUp({}, store);
    const refresh = async () => {
      await other.tokens.save(key, tokenOf('login'));
      return tokenOf('new');
    };
    const { tokens, renew, updates } = setUp({ refresh }, store);
    await tokens.save(key, tokenOf('old', 0));
    expect(await renew()).toEqual(tokenOf('login'));
    expect((await recordIn(store)).token).toEqual(tokenOf('login'));
    expect(updates).toEqual([]);
  });

  it('is sent again after one without an outcome only if the provider allows it, or the token expired', async () => {
    const { tokens, store, sent, renew, config } = setUp();
    await tokens.save(key, tokenOf('old', 20));
    await change(store, { sentAt: startOfTest });
    pass(1);
    config.memory.part('corp', 'stored').delete('["ada",""]');
    await expect(renew()).rejects.toEqual(survivable('provider_unavailable'));
    expect(sent).toEqual([]);
    pass(19);
    expect(await renew()).toMatchObject({ access_token: 'at-new' });
    const more = { options: { refreshReuseWindow: 10 } };
    const lenient = setUp({ more });
    await lenient.tokens.save(key, tokenOf('old', 20));
    await change(lenient.store, { sentAt: startOfTest + 20 });
    lenient.config.memory.part('corp', 'stored').delete('["ada",""]');
    pass(10);
    expect(await lenient.renew()).toMatchObject({ access_token: 'at-new' });
  });

  it('is not sent if the lock was lost before it', async () => {
    const { tokens, store, faults, sent, renew } = setUp();
    await tokens.save(key, tokenOf('old', 0));
    faults.put = () => {
      delete faults.put;
      advanceMonotonic(2000);
      void store.lock(key, 'other', 60_000);
    };
    await expect(renew()).rejects.toMatchObject({ code: 'storage_failed', reason: 'LOCK_LOST' });
    expect(sent).toEqual([]);
  });

  it('of another process is waited for', async () => {
    const store = memoryStore();
    const [one, two] = [setUp({}, store), setUp({}, store)];
    await one.tokens.save(key, tokenOf('old', 0));
    await store.lock(key, 'other', 60_000);
    const waiting = one.renew();
    await two.tokens.save(key, tokenOf('elsewhere'));
    expect(await waiting).toEqual(tokenOf('elsewhere'));
    expect(one.sent).toEqual([]);
  });

  it('of another process is waited for no longer than "lockTimeout"', async () => {
    const { tokens, store, faults, sent, renew } = setUp();
    await tokens.save(key, tokenOf('old', 0));
    await store.lock(key, 'other', 600_000);
    faults.lock = () => advanceMonotonic(10_000);
    await expect(renew()).rejects.toEqual(survivable('timeout'));
    expect(sent).toEqual([]);
  });

  it('without an outcome has both its marker and the time to wait', async () => {
    const details = { providerStatus: 503, retryAfter: 60 };
    const { tokens, store, renew } = setUp({ refresh: failing('provider_unavailable', details) });
    await tokens.save(key, tokenOf('old', 10));
    await expect(renew()).rejects.toEqual(survivable('provider_unavailable'));
    expect(await recordIn(store)).toMatchObject({
      sentAt: startOfTest,
      waitUntil: startOfTest + 60,
    });
  });

  it('waits as long as the provider asked, at most ten minutes', async () => {
    for (const [retryAfter, wait] of [
      [60, 60],
      [9999, 600],
    ] as const) {
      const refresh = failing('provider_unavailable', { providerStatus: 429, retryAfter });
      const { tokens, store, sent, renew } = setUp({ refresh });
      await tokens.save(key, tokenOf('old', 10));
      const before = await recordIn(store);
      await expect(renew()).rejects.toEqual(survivable('provider_unavailable'));
      const waitUntil = Math.floor(Date.now() / 1000) + wait;
      expect(await recordIn(store)).toEqual({
        ...before,
        waitUntil,
        lastError: 'provider_unavailable',
      });
      pass(61);
      if (wait === 600) {
        await expect(renew()).rejects.toMatchObject({ error: { retryAfter: wait - 61 } });
        expect(sent).toHaveLength(1);
        pass(600);
      }
      await expect(renew()).rejects.toEqual(survivable('provider_unavailable'));
      expect(sent).toHaveLength(2);
    }
  });

  it('that failed leaves the marker only if the refresh token may be spent', async () => {
    for (const [code, details, marked] of [
      ['timeout', {}, true],
      ['provider_refused', { providerStatus: 400 }, false],
    ] as const) {
      const { tokens, store, renew } = setUp({ refresh: failing(code, details) });
      await tokens.save(key, tokenOf('old', 10));
      await expect(renew()).rejects.toEqual(survivable(code));
      expect('sentAt' in (await recordIn(store))).toBe(marked);
    }
    const bug = setUp({ refresh: () => Promise.reject(new TypeError('bug')) });
    await bug.tokens.save(key, tokenOf('old', 10));
    await expect(bug.renew()).rejects.toThrow(TypeError);
    expect(await recordIn(bug.store)).toHaveProperty('sentAt');
  });

  it('whose token could not be stored is completed by the next call, without a request', async () => {
    const { tokens, store, sent, renew, faults, updates } = setUp({
      refresh: async () => {
        faults.put = () => {
          advanceMonotonic(2000);
          throw new Error('down');
        };
        return tokenOf('new');
      },
    });
    await tokens.save(key, tokenOf('old', 10));
    await expect(renew()).rejects.toMatchObject({ code: 'storage_failed' });
    expect(await recordIn(store)).toMatchObject({
      token: { access_token: 'at-old' },
      sentAt: startOfTest,
    });
    delete faults.put;
    expect(await renew()).toEqual(tokenOf('new'));
    expect([sent.length, updates.length]).toEqual([1, 1]);
    expect((await recordIn(store)).token).toEqual(tokenOf('new'));
  });
});

describe('an authorization that has ended', () => {
  it('is marked, reported once, and asked for no more', async () => {
    const { tokens, store, sent, ended, renew } = setUp({ refresh: refused });
    await tokens.save(key, tokenOf('old', 0));
    const error = { code: 'invalid_token', error: 'invalid_grant' };
    await expect(renew()).rejects.toMatchObject(error);
    const token = tokenOf('old', 0);
    expect(ended).toEqual([{ token, reason: 'refused', userId: 'ada', account: '' }]);
    expect(await recordIn(store)).toStrictEqual({
      token,
      createdAt: startOfTest,
      updatedAt: startOfTest,
      dead: 'refused',
    });
    await expect(renew()).rejects.toMatchObject({ code: 'invalid_token' });
    expect([sent.length, ended.length]).toEqual([1, 1]);
  });

  it('is lost if an earlier refresh had no outcome, and a mismatch if it was for another user', async () => {
    const { tokens, store, ended, renew } = setUp({ refresh: refused });
    await tokens.save(key, tokenOf('old', 0));
    await change(store, { sentAt: startOfTest - 100 });
    pass(60);
    await expect(renew()).rejects.toThrow('interrupted');
    expect(ended).toMatchObject([{ reason: 'lost' }]);
    const other = setUp({ refresh: failing('mismatching_account', { phase: 'refresh' }) });
    await other.tokens.save(key, tokenOf('old', 0));
    await expect(other.renew()).rejects.toThrow('another user');
    expect(other.ended).toMatchObject([{ reason: 'mismatch' }]);
  });

  it('has not, if another process has stored a newer token', async () => {
    const store = memoryStore();
    const other = setUp({}, store);
    const refresh = async () => {
      await other.tokens.save(key, tokenOf('login'));
      return await refused();
    };
    const { tokens, renew, ended } = setUp({ refresh }, store);
    await tokens.save(key, tokenOf('old', 0));
    expect(await renew()).toEqual(tokenOf('login'));
    expect(ended).toEqual([]);
  });

  it('is reported by the process that marked it only', async () => {
    const store = memoryStore();
    const refresh = async () => {
      await change(store, { dead: 'lost' });
      return await refused();
    };
    const { tokens, renew, ended } = setUp({ refresh }, store);
    await tokens.save(key, tokenOf('old', 0));
    await expect(renew()).rejects.toThrow('interrupted');
    expect(ended).toEqual([]);
  });
});

describe('a token without a refresh token', () => {
  it('is read again if it has expired, or was rejected', async () => {
    const store = memoryStore();
    const [one, two] = [setUp({}, store), setUp({}, store)];
    await one.tokens.save(key, bareToken('a', 10));
    await two.tokens.save(key, bareToken('b', 3600));
    const found = await one.tokens.find(key, undefined);
    expect([found?.token['access_token'], found?.renew]).toEqual(['at-a', undefined]);
    expect((await found?.reread?.())?.['access_token']).toBe('at-b');
    await one.tokens.save(key, bareToken('c', 10));
    await two.tokens.save(key, bareToken('d', 3600));
    pass(11);
    expect((await one.tokens.find(key, undefined))?.token['access_token']).toBe('at-d');
  });

  it('ends its authorization once, and only if it is still the stored one', async () => {
    const { tokens, store, ended } = setUp();
    await tokens.save(key, bareToken('a'));
    const found = await tokens.find(key, 'request');
    await found?.end?.(bareToken('other'));
    expect(ended).toEqual([]);
    await found?.end?.(bareToken('a'));
    await found?.end?.(bareToken('a'));
    expect(ended).toMatchObject([{ reason: 'refused', userId: 'ada', account: '' }]);
    expect((await recordIn(store)).dead).toBe('refused');
    await expect(tokens.read(key)).rejects.toMatchObject({ code: 'invalid_token' });
    await store.delete(key);
    await found?.end?.(bareToken('a'));
    expect(ended).toHaveLength(1);
  });
});

describe('a token that needs no user', () => {
  it('is requested once by all processes, and again if it is due or was rejected', async () => {
    const store = memoryStore();
    const [one, two] = [setUp({}, store), setUp({}, store)];
    const given: unknown[] = [];
    const grant = async (old?: Token) => {
      given.push(old?.['access_token']);
      return tokenOf(`granted-${given.length}`, 100);
    };
    const first = await one.tokens.obtain(key, grant);
    expect(await two.tokens.obtain(key, grant)).toEqual(first);
    expect(given).toEqual([undefined]);
    const second = await one.tokens.obtain(key, grant, first);
    expect(second['access_token']).toBe('at-granted-2');
    expect(await two.tokens.obtain(key, grant, first)).toEqual(second);
    pass(80);
    expect((await two.tokens.obtain(key, grant))['access_token']).toBe('at-granted-3');
    expect(given).toEqual([undefined, 'at-granted-1', 'at-granted-2']);
    await expect(
      one.tokens.obtain({ ...key, userId: 'x' }, failing('provider_unavailable')),
    ).rejects.toEqual(survivable('provider_unavailable'));
  });
});

describe('a second login', () => {
  const idToken = `e30.${Buffer.from('{"iss":"i","sub":"s"}').toString('base64url')}.x`;

  it('without a refresh token continues the stored one, after a refresh in progress', async () => {
    const { tokens, store, calls } = setUp();
    await tokens.save(key, { ...tokenOf('old'), id_token: idToken });
    calls.length = 0;
    pass(5);
    const fresh = { ...bareToken('new'), id_token: idToken };
    await tokens.save(key, fresh);
    expect(await tokens.read(key)).toMatchObject({
      access_token: 'at-new',
      refresh_token: 'rt-old',
    });
    expect(await recordIn(store)).toMatchObject({
      createdAt: startOfTest + 5,
      updatedAt: startOfTest + 5,
    });
    expect(calls).toEqual(['lock', 'get', 'put', 'unlock']);
  });
});
