import { PGlite } from '@electric-sql/pglite';
import { memoryStore } from '@oauth-registry/core/stores/memory';
import { postgresStore, type Queryable } from '@oauth-registry/core/stores/postgres';
import { expect, it } from 'vitest';
import { requiredMethods } from '../support/required-methods.js';
import { countRoundTrips } from '../support/round-trips.js';

const four = ['lock', 'put', 'put', 'unlock'];

it('memoryStore stores a login with one call, and refreshes with four', async () => {
  const { saves, refresh, coldRefresh } = await countRoundTrips(memoryStore());
  expect(saves).toEqual([['put'], ['put']]);
  expect(refresh).toEqual(four);
  expect(coldRefresh).toEqual(['get', ...four]);
});

it('postgresStore stores a login with one statement, and refreshes with four', async () => {
  const database = await PGlite.create();
  const statements: string[] = [];
  const counted: Queryable = {
    query: (text, params) => {
      statements.push(text);
      return database.query(text, params);
    },
  };
  const store = postgresStore(counted);
  await store.migrate();
  statements.length = 0;
  const { saves, refresh, coldRefresh } = await countRoundTrips(store);
  await database.close();
  expect(saves).toEqual([['put'], ['put']]);
  expect(refresh).toEqual(four);
  expect(coldRefresh).toEqual(['get', ...four]);
  // Two logins and a third, two refreshes, one read and one deletion.
  expect(statements).toHaveLength(3 + 2 * four.length + 2);
}, 60_000);

it('a store with the required methods reads before a login, and reads every write back', async () => {
  const { saves, refresh } = await countRoundTrips(requiredMethods(memoryStore()));
  expect(saves).toEqual([
    ['get', 'put', 'get'],
    ['get', 'put', 'get'],
  ]);
  expect(refresh).toEqual(['lock', 'put', 'get', 'put', 'get', 'unlock']);
});
