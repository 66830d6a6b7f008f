import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TokenEntry, TokenKey, TokenStore } from '@oauth-registry/core/types';

/** One thing every token store must do. */
export interface StoreCheck {
  /** Stable. */
  id: string;
  title: string;
  /**
   * Rejects with an AssertionError if the store fails. `one` and `two` are the same store seen from two
   * processes, or twice the same object.
   */
  run(one: TokenStore, two: TokenStore): Promise<void>;
}

const entry = (name: string, value = `value of ${name}`) => ({ version: name, value });

/** A key that no other check uses. */
const fresh = (more: Partial<TokenKey> = {}): TokenKey => ({
  userId: `owner-${randomUUID()}`,
  client: 'github',
  account: '',
  ...more,
});

/** Puts an entry, and returns whether it was written: a store resolves to that, or to what is then stored. */
async function written(
  store: TokenStore,
  key: TokenKey,
  given: TokenEntry,
  replaces: string | undefined,
): Promise<boolean> {
  const result = await store.put(key, given, replaces);
  if (typeof result === 'boolean') return result;
  if (result?.version !== given.version) return false;
  assert.deepEqual(result, given);
  return true;
}

const many = 20;

/** Runs something many times at once and counts how often it was granted. */
async function granted(run: (index: number) => unknown): Promise<number> {
  const results = await Promise.all(Array.from({ length: many }, async (_, i) => run(i)));
  return results.filter((result) => result === true).length;
}

/**
 * What every token store must do. Run each check with any test runner:
 *
 * @example
 * ```ts
 * for (const check of storeContract) {
 *   test(check.title, () => check.run(myStore(connection), myStore(anotherConnection)));
 * }
 * ```
 */
export const storeContract: readonly StoreCheck[] = [
  {
    id: 'absent',
    title: 'finds nothing if nothing was put',
    run: async (one) => {
      const key = fresh();
      assert.equal(await one.get(key), undefined);
      assert.deepEqual(await one.list(key.userId), []);
      await one.delete(key);
    },
  },
  {
    id: 'put-get',
    title: 'gives back what was put, also to another process',
    run: async (one, two) => {
      const key = fresh();
      assert.equal(await written(one, key, entry('a'), undefined), true);
      assert.deepEqual(await one.get(key), entry('a'));
      assert.deepEqual(await two.get(key), entry('a'));
    },
  },
  {
    id: 'values',
    title: 'preserves values: long, and in any script',
    run: async (one, two) => {
      const value = `{"é":"日本 😀 \\" ' $1 {x}"}${'x'.repeat(100_000)}`;
      const key = fresh();
      await one.put(key, entry('a', value), undefined);
      assert.equal((await two.get(key))?.value, value);
    },
  },
  {
    id: 'compare-and-set',
    title: 'replaces the version that is named, and no other',
    run: async (one, two) => {
      const key = fresh();
      assert.equal(await written(one, key, entry('a'), 'z'), false);
      assert.equal(await one.get(key), undefined);
      await one.put(key, entry('a'), undefined);
      assert.equal(await written(two, key, entry('b'), undefined), false);
      assert.equal(await written(two, key, entry('b'), 'z'), false);
      assert.deepEqual(await one.get(key), entry('a'));
      assert.equal(await written(two, key, entry('b'), 'a'), true);
      assert.equal(await written(one, key, entry('c'), 'a'), false);
      assert.deepEqual(await one.get(key), entry('b'));
    },
  },
  {
    id: 'put-result',
    title: 'resolves a put to whether it was written, or to the entry that is then stored',
    run: async (one, two) => {
      const key = fresh();
      const results = [
        await one.put(key, entry('a'), 'z'),
        await one.put(key, entry('a'), undefined),
        await two.put(key, entry('b'), undefined),
        await two.put(key, entry('b'), 'z'),
        await two.put(key, entry('c'), 'a'),
      ];
      const stored = [undefined, entry('a'), entry('a'), entry('a'), entry('c')];
      const isBoolean = typeof results[1] === 'boolean';
      assert.deepEqual(results, isBoolean ? [false, true, false, false, true] : stored);
    },
  },
  {
    id: 'overwrites',
    title: 'replaces any entry, or none, for the version "*", if it announces "overwrites"',
    run: async (one, two) => {
      const key = fresh();
      assert.equal(await written(one, key, entry('a'), '*'), one.overwrites === true);
      if (!one.overwrites) return assert.equal(await two.get(key), undefined);
      assert.equal(await written(two, key, entry('b'), '*'), true);
      assert.deepEqual(await one.get(key), entry('b'));
      assert.deepEqual(await one.list(key.userId), [{ ...key, ...entry('b') }]);
    },
  },
  {
    id: 'race',
    title: 'lets one of many writers win, at the first write and at any later one',
    run: async (one, two) => {
      const key = fresh();
      const write = (replaces?: string) => (index: number) =>
        written(index % 2 === 0 ? one : two, key, entry(`${replaces}-${index}`), replaces);
      assert.equal(await granted(write()), 1);
      const there = await one.get(key);
      assert.equal(await granted(write(there?.version)), 1);
    },
  },
  {
    id: 'delete',
    title: 'deletes an entry completely, so that its version replaces nothing',
    run: async (one, two) => {
      const key = fresh();
      await one.put(key, entry('a'), undefined);
      await two.delete(key);
      assert.equal(await one.get(key), undefined);
      assert.equal(await written(one, key, entry('b'), 'a'), false);
      assert.equal(await one.get(key), undefined);
      assert.equal(await written(one, key, entry('c'), undefined), true);
    },
  },
  {
    id: 'keys',
    title: 'distinguishes owners, clients and accounts, whatever characters their names have',
    run: async (one) => {
      const odd = [
        'a',
        'a:b',
        'b',
        '{a}',
        'a"b',
        "a'b",
        'a\\b',
        'ä😀',
        'a b',
        'x'.repeat(200),
        '%',
        '*',
        // Databases may compare text without case, accents or trailing spaces.
        'A',
        'a ',
        'jurgen',
        'JURGEN',
        'jürgen',
        'ju\u0308rgen',
        'ss',
        'ß',
      ];
      const id = randomUUID();
      const keys = odd.flatMap((name) => [
        { userId: `${id}${name}`, client: 'c', account: '' },
        { userId: id, client: name, account: '' },
        { userId: id, client: 'c', account: name },
      ]);
      for (const [index, key] of keys.entries()) {
        assert.equal(
          await written(one, key, entry(`v${index}`), undefined),
          true,
          JSON.stringify(key),
        );
      }
      for (const [index, key] of keys.entries()) {
        assert.equal((await one.get(key))?.version, `v${index}`, JSON.stringify(key));
      }
      assert.equal((await one.list(id)).length, 2 * odd.length);
    },
  },
  {
    id: 'list',
    title: 'lists every entry of an owner, and of no other',
    run: async (one, two) => {
      const { userId } = fresh();
      const first = { userId, client: 'github', account: '' };
      const second = { userId, client: 'github', account: 'work' };
      const third = { userId, client: 'google', account: '' };
      for (const key of [first, second, third, fresh()]) await one.put(key, entry('a'), undefined);
      await two.put(second, entry('b'), 'a');
      await one.delete(third);
      const listed = (await two.list(userId)).toSorted((a, b) =>
        a.account.localeCompare(b.account),
      );
      assert.deepEqual(
        listed.map(({ userId: o, client, account, version, value }) => [
          o,
          client,
          account,
          version,
          value,
        ]),
        [
          [userId, 'github', '', 'a', 'value of a'],
          [userId, 'github', 'work', 'b', 'value of b'],
        ],
      );
    },
  },
  {
    id: 'lock',
    title: 'gives a lock to one holder, who may extend it and alone can give it back',
    run: async (one, two) => {
      const key = fresh();
      assert.equal(await one.lock(key, 'first', 60_000), true);
      assert.equal(await two.lock(key, 'second', 60_000), false);
      assert.equal(await one.lock(key, 'first', 60_000), true);
      await two.unlock(key, 'second');
      assert.equal(await two.lock(key, 'second', 60_000), false);
      await one.unlock(key, 'first');
      assert.equal(await two.lock(key, 'second', 60_000), true);
      assert.equal(await one.lock(key, 'first', 60_000), false);
    },
  },
  {
    id: 'lock-race',
    title: 'gives a lock to one of many who ask at once',
    run: async (one, two) => {
      const key = fresh();
      const take = (index: number) => (index % 2 === 0 ? one : two).lock(key, `h${index}`, 60_000);
      assert.equal(await granted(take), 1);
    },
  },
  {
    id: 'lock-keys',
    title: 'locks one token, and not its neighbours or its entry',
    run: async (one, two) => {
      const key = fresh();
      await one.lock(key, 'first', 60_000);
      const others = [fresh(), { ...key, client: 'google' }, { ...key, account: 'work' }];
      for (const other of others) assert.equal(await two.lock(other, 'second', 60_000), true);
      assert.equal(await written(two, key, entry('a'), undefined), true);
      assert.equal((await two.list(key.userId)).length, 1);
    },
  },
  {
    id: 'lock-takeover',
    title: 'gives the lock of a holder who is gone to the next one, once its TTL has passed',
    run: async (one, two) => {
      const key = fresh();
      await one.lock(key, 'dead', 50);
      const deadline = Date.now() + 10_000;
      while (!(await two.lock(key, 'heir', 60_000))) {
        assert.ok(Date.now() < deadline, 'The lock was never given away.');
        await sleep(10);
      }
      assert.equal(await one.lock(key, 'dead', 50), false);
      await one.unlock(key, 'dead');
      assert.equal(await one.lock(key, 'another', 50), false);
    },
  },
  {
    id: 'lock-extend',
    title: 'preserves an extended lock beyond its first TTL',
    run: async (one, two) => {
      const key = fresh();
      await one.lock(key, 'first', 400);
      assert.equal(await one.lock(key, 'first', 60_000), true);
      await sleep(500);
      assert.equal(await two.lock(key, 'second', 60_000), false);
    },
  },
  {
    id: 'page-lists-all',
    title: 'page: lists every entry once, a page at a time, if the store has it',
    async run(one, two) {
      if (!one.page || !two.page) return;
      const userId = `owner-${randomUUID()}`;
      const names = ['a', 'b', 'c', 'd', 'e'];
      for (const account of names)
        await one.put(fresh({ userId, account }), entry(account), undefined);
      const seen: string[] = [];
      let after: string | undefined;
      for (let pages = 0; pages < 100_000; pages += 1) {
        const page = await two.page(2, after);
        assert.ok(page.entries.length <= 2, 'a page has more entries than its limit');
        for (const found of page.entries) if (found.userId === userId) seen.push(found.account);
        after = page.next;
        if (after === undefined) break;
      }
      assert.deepEqual(seen.toSorted(), names);
    },
  },
  {
    id: 'due-by-time',
    title:
      'due: lists the entries whose `dueAt` is before a time, earliest first, if the store has it',
    async run(one, two) {
      if (!one.due || !two.due) return;
      const userId = `owner-${randomUUID()}`;
      const put = async (account: string, dueAt: number | undefined): Promise<void> => {
        const key = fresh({ userId, account });
        await one.put(
          key,
          { ...entry(account), ...(dueAt === undefined ? {} : { dueAt }) },
          undefined,
        );
      };
      await put('third', 103);
      await put('never', undefined);
      await put('first', 101);
      await put('second', 102);
      await put('later', 4_000_000_000);
      const all = async (): Promise<string[]> => {
        const seen: string[] = [];
        let after: string | undefined;
        do {
          const page = await two.due?.(1000, 2, after);
          for (const found of page?.entries ?? []) {
            if (found.userId === userId) seen.push(found.account);
          }
          after = page?.next;
        } while (after !== undefined);
        return seen;
      };
      assert.deepEqual(await all(), ['first', 'second', 'third']);
      // Replaced and deleted entries are due no longer.
      await one.put(fresh({ userId, account: 'first' }), entry('new'), 'first');
      await one.delete(fresh({ userId, account: 'second' }));
      assert.deepEqual(await all(), ['third']);
    },
  },
];
