import { PGlite } from '@electric-sql/pglite';
import { memoryStore } from '@oauth-registry/core/stores/memory';
import { postgresMigrations, postgresStore } from '@oauth-registry/core/stores/postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeStore } from '../contract/describe-store.js';
import { requiredMethods } from '../support/required-methods.js';

const memory = memoryStore();
describeStore('memoryStore', () => [memory, memory]);

const required = requiredMethods(memory);
describeStore('a store with the required methods', () => [required, required]);

let database: PGlite;
beforeAll(async () => {
  database = await PGlite.create();
  await postgresStore(database).migrate();
}, 60_000);
afterAll(() => database.close());

describeStore('postgresStore in the process', () => {
  const store = postgresStore(database);
  return [store, store];
});

describe('the schema of postgresStore', () => {
  it('[A26] can be brought about again, and by a migration tool', async () => {
    await postgresStore(database).migrate();
    for (const statement of postgresMigrations()) await database.query(statement);
  });

  it('[A26] can live in another schema, under another name', async () => {
    await database.query('CREATE SCHEMA app');
    const store = postgresStore(database, { table: 'app.tokens' });
    await store.migrate();
    const key = { userId: 'ada', client: 'github', account: '' };
    const entry = { version: '1', value: 'v' };
    expect(await store.put(key, entry, undefined)).toEqual(entry);
    expect(await postgresStore(database).get(key)).toBeUndefined();
  });

  it.each(['', 'a b', 'tokens; DROP TABLE users', 'A', '"x"', 'a.b.c'])(
    '[A26] is not named by what no plain name is: %j',
    (table) => {
      expect(() => postgresStore(database, { table })).toThrow('"table"');
    },
  );
});
