import { PGlite } from '@electric-sql/pglite';
import { memorySessionIndex } from '@oauth-registry/core/stores/memory-session-index';
import {
  postgresSessionIndex,
  postgresSessionIndexMigrations,
} from '@oauth-registry/core/stores/postgres-session-index';
import { redisSessionIndex } from '@oauth-registry/core/stores/redis-session-index';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeSessionIndex } from '../contract/describe-session-index.js';

const memory = memorySessionIndex();
describeSessionIndex('memorySessionIndex', () => [memory, memory]);

let database: PGlite;
beforeAll(async () => {
  database = await PGlite.create();
  await postgresSessionIndex(database).migrate();
}, 60_000);
afterAll(() => database.close());

describeSessionIndex('postgresSessionIndex in the process', () => {
  const index = postgresSessionIndex(database);
  return [index, index];
});

describe('memorySessionIndex', () => {
  it('has no more than the given number of sessions', async () => {
    const index = memorySessionIndex({ sessions: 2 });
    const entries = ['a', 'b', 'c'].map((id) => ({ id, user: id, session: `s${id}`, value: id }));
    const removed = [];
    for (const entry of entries) removed.push(...(await index.add(entry, 60, 100)));
    expect(removed).toEqual(entries.slice(0, 1));
    expect(await Promise.all(entries.map(({ id }) => index.has(id)))).toEqual([false, true, true]);
  });

  it('rejects a number of sessions that is none', () => {
    expect(() => memorySessionIndex({ sessions: 0 })).toThrow('"sessions"');
  });
});

describe('postgresSessionIndex', () => {
  it('can be migrated again, and by a migration tool', async () => {
    await postgresSessionIndex(database).migrate();
    for (const statement of postgresSessionIndexMigrations()) await database.query(statement);
  });

  it('removes sessions whose time is over at the next login', async () => {
    const index = postgresSessionIndex(database, { table: 'swept' });
    await index.migrate();
    await index.add({ id: 'old', user: 'u', session: 's', value: '' }, -1, 100);
    await index.add({ id: 'new', user: 'v', session: 't', value: '' }, 60, 100);
    const { rows } = await database.query('SELECT id FROM swept');
    expect(rows).toEqual([{ id: 'new' }]);
  });

  it('reports a missing table with what to do', async () => {
    expect(() => postgresSessionIndex(database, { table: 'a b' })).toThrow('"table"');
    expect(() => postgresSessionIndexMigrations('x; DROP TABLE users')).toThrow('"table"');
  });
});

describe('redisSessionIndex', () => {
  it('rejects a prefix that is no text', () => {
    const client = { eval: async () => null };
    expect(() => redisSessionIndex(client, { prefix: 1 as never })).toThrow('"prefix"');
  });
});
