import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IndexedSession, SessionIndex } from '@oauth-registry/core/types';

/** One thing every session index must do. */
export interface SessionIndexCheck {
  /** Stable. */
  id: string;
  title: string;
  /**
   * Rejects with an AssertionError if the index fails. `one` and `two` are the same index seen from two
   * processes, or twice the same object.
   */
  run(one: SessionIndex, two: SessionIndex): Promise<void>;
}

/** A session that no other check uses. */
const fresh = (more: Partial<IndexedSession> = {}): IndexedSession => ({
  id: randomUUID(),
  user: `user-${randomUUID()}`,
  session: `session-${randomUUID()}`,
  value: `store-${randomUUID()}`,
  ...more,
});

const byId = (sessions: readonly IndexedSession[]): IndexedSession[] =>
  sessions.toSorted((a, b) => (a.id < b.id ? -1 : 1));

const minute = 60;
const many = 100;

/**
 * What every session index must do. Run each check with any test runner:
 *
 * @example
 * ```ts
 * for (const check of sessionIndexContract) {
 *   test(check.title, () => check.run(myIndex(connection), myIndex(anotherConnection)));
 * }
 * ```
 */
export const sessionIndexContract: readonly SessionIndexCheck[] = [
  {
    id: 'add',
    title: 'has what was added, in another process too, and nothing else',
    async run(one, two) {
      const session = fresh();
      assert.deepEqual(await one.add(session, minute, many), []);
      assert.equal(await two.has(session.id), true);
      assert.equal(await two.has(session.user), false);
      assert.equal(await two.has(randomUUID()), false);
    },
  },
  {
    id: 'remove-session',
    title: 'removes all sessions with one sid, and only those',
    async run(one, two) {
      const { user, session } = fresh();
      const same = [fresh({ user, session }), fresh({ session, value: '' })];
      const other = fresh({ user });
      for (const entry of [...same, other]) await one.add(entry, minute, many);
      assert.deepEqual(byId(await two.remove('session', session)), byId(same));
      assert.deepEqual(await two.remove('session', session), []);
      assert.equal(await one.has(same[0]?.id ?? ''), false);
      assert.equal(await one.has(other.id), true);
      assert.deepEqual(await one.remove('user', user), [other]);
    },
  },
  {
    id: 'remove-user',
    title: 'removes all sessions of one user, and only those',
    async run(one, two) {
      const { user } = fresh();
      const same = [fresh({ user }), fresh({ user }), fresh({ user })];
      const other = fresh();
      for (const entry of [...same, other]) await one.add(entry, minute, many);
      assert.deepEqual(byId(await two.remove('user', user)), byId(same));
      assert.deepEqual(await one.remove('session', same[0]?.session ?? ''), []);
      assert.equal(await one.has(other.id), true);
      assert.deepEqual(await two.remove('user', randomUUID()), []);
    },
  },
  {
    id: 'by',
    title: 'takes the key of a user for nothing else',
    async run(one) {
      const entry = fresh();
      await one.add(entry, minute, many);
      assert.deepEqual(await one.remove('user', entry.session), []);
      assert.deepEqual(await one.remove('session', entry.user), []);
      assert.equal(await one.has(entry.id), true);
    },
  },
  {
    id: 'delete',
    title: 'deletes one session, and accepts one that it does not have',
    async run(one, two) {
      const { user } = fresh();
      const [left, right] = [fresh({ user }), fresh({ user })];
      await one.add(left, minute, many);
      await one.add(right, minute, many);
      await two.delete(left.id);
      await two.delete(randomUUID());
      assert.equal(await one.has(left.id), false);
      assert.deepEqual(await one.remove('user', user), [right]);
    },
  },
  {
    id: 'expiry',
    title: 'forgets a session whose time is over',
    async run(one, two) {
      const { user } = fresh();
      const [short, long] = [fresh({ user }), fresh({ user })];
      await one.add(short, 0.05, many);
      await one.add(long, minute, many);
      await sleep(100);
      assert.equal(await two.has(short.id), false);
      assert.deepEqual(await two.remove('session', short.session), []);
      assert.deepEqual(await two.remove('user', user), [long]);
    },
  },
  {
    id: 'limit-user',
    title: 'removes the oldest sessions of a user above the limit, and returns them',
    async run(one, two) {
      const { user } = fresh();
      const entries = Array.from({ length: 5 }, () => fresh({ user }));
      const removed: IndexedSession[] = [];
      for (const entry of entries) {
        removed.push(...(await one.add(entry, minute, 3)));
        // So that no two are of the same age.
        await sleep(3);
      }
      assert.deepEqual(removed, entries.slice(0, 2));
      assert.equal(await two.has(entries[1]?.id ?? ''), false);
      assert.deepEqual(byId(await two.remove('user', user)), byId(entries.slice(2)));
    },
  },
  {
    id: 'limit-session',
    title: 'does the same for one sid, whoever its user is',
    async run(one) {
      const { session } = fresh();
      const entries = Array.from({ length: 3 }, () => fresh({ session }));
      const removed: IndexedSession[] = [];
      for (const entry of entries) {
        removed.push(...(await one.add(entry, minute, 2)));
        await sleep(3);
      }
      assert.deepEqual(removed, entries.slice(0, 1));
    },
  },
  {
    id: 'at-once',
    title: 'returns each session to only one of many removals at once',
    async run(one, two) {
      const { user } = fresh();
      const entries = Array.from({ length: 10 }, () => fresh({ user }));
      await Promise.all(entries.map((entry) => one.add(entry, minute, many)));
      const found = await Promise.all(
        Array.from({ length: 10 }, (_, i) => (i % 2 ? one : two).remove('user', user)),
      );
      assert.deepEqual(byId(found.flat()), byId(entries));
    },
  },
  {
    id: 'text',
    title: 'returns a value unchanged: quotes, backslashes, and letters outside ASCII',
    async run(one, two) {
      const entry = fresh({ value: `"'\\ %s $1 {}ü日本 ` });
      await one.add(entry, minute, many);
      assert.deepEqual(await two.remove('user', entry.user), [entry]);
    },
  },
];
