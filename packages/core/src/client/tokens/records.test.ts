import { describe, expect, it } from 'vitest';
import type { TokenEntry, TokenStore } from '../../model/ports.js';
import { readRegistryOptions } from '../../options/read-registry-options.js';
import type { OAuthOptions } from '../../options/registry-options.js';
import { guardTokenStore } from '../../platform/store-failure.js';
import { memoryStore } from '../../stores/memory.js';
import { buried, TokenRecords, type TokenRecord } from './records.js';

const secret = 'a secret of thirty-two characters';
const key = { userId: 'ada', client: 'corp', account: '' };
const token = { access_token: 'an-access-token', token_type: 'Bearer' };
const record: TokenRecord = { token, createdAt: 1, updatedAt: 2 };

function recordsOf(store: TokenStore, options: OAuthOptions = {}): TokenRecords<typeof token> {
  const all = readRegistryOptions({ tokenStore: store, refresh: { lockTtl: 1 }, ...options });
  return new TokenRecords(guardTokenStore(store, 1000), all);
}

const other = (name: string): TokenRecord<typeof token> => ({
  token: { ...token, access_token: name },
});
const whatever = { version: undefined };
const never = { mayReplace: () => false };

describe('a record', () => {
  it('is read as it was written, with its version', async () => {
    const records = recordsOf(memoryStore());
    expect(await records.read(key)).toBeUndefined();
    const written = await records.write(key, other('a'), whatever);
    expect(written.record).toEqual(other('a'));
    expect(await records.read(key)).toEqual(written);
    const again = await records.write(key, other('b'), { version: written.version });
    expect(again.version).not.toBe(written.version);
    expect(await records.read(key)).toEqual(again);
  });

  it('is encrypted with a secret, for its user, client and account', async () => {
    const store = memoryStore();
    const records = recordsOf(store, { secret });
    await records.write(key, record as TokenRecord<typeof token>, whatever);
    const entry = (await store.get(key)) as TokenEntry;
    expect(entry.value).not.toContain('access');
    for (const moved of [
      { ...key, userId: 'eve' },
      { ...key, client: 'other' },
      { ...key, account: 'x' },
    ]) {
      await store.put(moved, entry, undefined);
      await expect(records.read(moved)).rejects.toMatchObject({
        code: 'storage_failed',
        client: moved.client,
        message: expect.stringContaining('was changed, or encrypted for another') as string,
      });
    }
    const rotated = recordsOf(store, { secret: ['another secret of 32 characters!!', secret] });
    expect((await rotated.read(key))?.record).toEqual(record);
    const renewed = recordsOf(store, { secret: 'another secret of 32 characters!!' });
    await expect(renewed.read(key)).rejects.toThrow('a secret that is not configured here');
  });

  it('that is not encrypted is rejected if there is a secret, unless the application allows it', async () => {
    const store = memoryStore();
    await recordsOf(store).write(key, record as TokenRecord<typeof token>, whatever);
    await expect(recordsOf(store, { secret }).read(key)).rejects.toThrow('it is not encrypted');
    const lenient = recordsOf(store, { secret, allowPlaintextTokens: true });
    expect((await lenient.read(key))?.record).toEqual(record);
  });

  it.each(['{}', '{"token":7}', 'x', '[]'])('that is %s contains no token', async (value) => {
    const store = memoryStore();
    await store.put(key, { version: 'v', value }, undefined);
    await expect(recordsOf(store).read(key)).rejects.toMatchObject({ code: 'storage_failed' });
    expect(await recordsOf(store).peek(key)).toEqual({ version: 'v' });
  });

  it('is peeked at with its version', async () => {
    const records = recordsOf(memoryStore());
    expect(await records.peek(key)).toEqual({});
    const written = await records.write(key, other('a'), whatever);
    expect(await records.peek(key)).toEqual(written);
  });

  it('is listed with those of the same user and client, readable or not', async () => {
    const store = memoryStore();
    const records = recordsOf(store);
    await records.write(key, other('a'), whatever);
    await records.write({ ...key, client: 'else' }, other('b'), whatever);
    await records.write({ ...key, userId: 'eve' }, other('c'), whatever);
    await store.put({ ...key, account: 'x' }, { version: 'v', value: 'x' }, undefined);
    const listed = await records.list('ada', 'corp');
    expect(listed).toEqual([
      { account: '', record: other('a') },
      { account: 'x', error: expect.objectContaining({ code: 'storage_failed' }) as unknown },
    ]);
  });

  it('of an ended authorization has no refresh metadata', () => {
    const ended = buried({ ...record, sentAt: 1, waitUntil: 2 }, 'lost');
    expect(ended).toStrictEqual({ ...record, dead: 'lost' });
  });
});

/** A store whose `put` is replaced, and how often it was called. */
function storeWith(put: (store: TokenStore, count: number) => TokenStore['put']) {
  const store = memoryStore();
  const calls = { count: 0 };
  const replaced: TokenStore = {
    ...store,
    put: (...given) => put(store, ++calls.count)(...given),
  };
  return { store, replaced, calls };
}

describe('a write', () => {
  it('replaces whatever is found', async () => {
    const store = memoryStore();
    const records = recordsOf(store);
    await records.write(key, other('a'), whatever);
    expect((await records.write(key, other('b'), { version: 'gone' })).record).toEqual(other('b'));
    expect((await records.write(key, other('c'), { version: '*' })).record).toEqual(other('c'));
    expect((await records.read(key))?.record).toEqual(other('c'));
  });

  it('returns the record that must not be replaced, or none if it was deleted', async () => {
    const records = recordsOf(memoryStore());
    const condition = { version: 'gone', ...never };
    expect(await records.write(key, other('b'), condition)).toBeUndefined();
    const first = await records.write(key, other('a'), whatever);
    expect(await records.write(key, other('b'), condition)).toEqual(first);
    const seen: unknown[] = [];
    const mayReplace = (there: unknown): boolean => seen.push(there) > 0;
    const second = await records.write(key, other('b'), { version: 'gone', mayReplace });
    expect(second?.record).toEqual(other('b'));
    expect(seen).toEqual([other('a')]);
  });

  it.each([
    ['whether it wrote', (stored: boolean) => stored],
    ['nothing', () => undefined],
  ])('is read back if the store returns %s', async (_, result) => {
    const { store, replaced } = storeWith((inner) => async (at, entry, replaces) => {
      const there = await inner.put(at, entry, replaces);
      return result(typeof there === 'object' && there.version === entry.version);
    });
    const records = recordsOf(replaced);
    const first = await records.write(key, other('a'), whatever);
    expect((await store.get(key))?.version).toBe(first.version);
    expect(await records.write(key, other('b'), { version: 'gone', ...never })).toEqual(first);
  });

  it('that was overwritten at once has happened, but not certainly if it replaced any version', async () => {
    const overwritten = () =>
      storeWith((inner, count) => async (at, entry, replaces) => {
        await inner.put(at, entry, replaces);
        if (count > 1) return await inner.put(at, entry, replaces);
        const value = JSON.stringify(other('later'));
        await inner.put(at, { version: 'later', value }, entry.version);
        return true;
      });
    const certain = overwritten();
    const { record: mine } = await recordsOf(certain.replaced).write(key, other('a'), whatever);
    expect([mine, certain.calls.count]).toEqual([other('a'), 1]);
    const uncertain = overwritten();
    await recordsOf(uncertain.replaced).write(key, other('a'), { version: '*' });
    expect(uncertain.calls.count).toBe(2);
  });

  it.each(['fails', 'reports a write that it did not make'])(
    'is repeated while the store %s, unless once is enough',
    async (how) => {
      const broken = (times: number) =>
        storeWith((inner, count) => (at, entry, replaces) => {
          if (count > times) return inner.put(at, entry, replaces);
          if (how === 'fails') throw new Error('down');
          return true;
        });
      const short = broken(2);
      const written = await recordsOf(short.replaced).write(key, other('a'), whatever);
      expect(written.record).toEqual(other('a'));
      expect(short.calls.count).toBe(3);
      const once = broken(2);
      const version = 'v';
      await once.store.put(key, { version, value: JSON.stringify(other('x')) }, undefined);
      const condition = { version, ...never, once: true };
      await expect(
        recordsOf(once.replaced).write(key, other('a'), condition),
      ).rejects.toMatchObject({ code: 'storage_failed' });
      expect(once.calls.count).toBe(1);
    },
  );

  it('fails after the TTL of the lock, or fifty conflicts', async () => {
    const down = storeWith(() => () => true);
    const records = recordsOf(down.replaced, { refresh: { lockTtl: 0.1 } } as OAuthOptions);
    await expect(records.write(key, other('a'), whatever)).rejects.toMatchObject({
      code: 'storage_failed',
      reason: 'NOT_WRITTEN',
    });
    expect(down.calls.count).toBeGreaterThan(1);
    const busy = storeWith((_, count) => () => ({ version: `${count}`, value: '{}' }));
    await expect(recordsOf(busy.replaced).write(key, other('a'), whatever)).rejects.toMatchObject({
      reason: 'NOT_WRITTEN',
    });
    expect(busy.calls.count).toBe(50);
  });
});
