import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { openDatabase, type Database } from '../../examples/demo/src/database.js';
import { openUsers, type Users } from '../../examples/demo/src/users.js';

const server = process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres';
const schema = `users_test_${randomBytes(6).toString('hex')}`;

/** The same server, with every connection in the schema of this test. */
function inSchema(): string {
  const url = new URL(server);
  url.searchParams.set('options', `-c search_path=${schema}`);
  return url.href;
}

async function administer(statement: string): Promise<void> {
  const client = new Client({ connectionString: server });
  await client.connect();
  await client.query(statement);
  await client.end();
}

let database: Database;
let users: Users;

beforeAll(() => administer(`CREATE SCHEMA ${schema}`));
afterAll(() => administer(`DROP SCHEMA ${schema} CASCADE`));

beforeEach(async () => {
  database = await openDatabase(inSchema());
  users = await openUsers(database);
});

afterEach(async () => {
  await database.query('TRUNCATE users');
  await database.close();
});

test('[F1] creates an account at the first login and finds it at the second', async () => {
  const first = await users.signIn('openid', { sub: 'ada', name: 'Ada', email: 'ada@x.example' });
  const second = await users.signIn('openid', { sub: 'ada', name: 'Ada L.' });

  expect(first).toMatchObject({ id: 'openid$ada', nickname: 'Ada', email: 'ada@x.example' });
  expect(second).toEqual({ id: 'openid$ada', nickname: 'Ada L.', createdAt: first.createdAt });
  expect(await users.list()).toEqual([second]);
});

test('[F1] preserves the accounts when the application starts again', async () => {
  const user = await users.signIn('photos', { sub: 'u-1926', name: 'Vivian' });
  const restarted = await openDatabase(inSchema());

  expect(await (await openUsers(restarted)).find('photos$u-1926')).toEqual(user);
  await restarted.close();
});

test('[F2] distinguishes two users to whom two providers gave the same identifier', async () => {
  await users.signIn('octo', { sub: '7', name: 'Mona' });
  await users.signIn('photos', { sub: '7', name: 'Vivian' });

  expect((await users.list()).map(({ id }) => id).toSorted()).toEqual(['octo$7', 'photos$7']);
});

test('[F2] accepts a provider that gives no email address', async () => {
  expect(await users.signIn('octo', { sub: '7', name: 'Mona' })).not.toHaveProperty('email');
});

test('makes one account of many first logins at the same time', async () => {
  const login = () => users.signIn('octo', { sub: '583231', name: 'Mona' });
  await Promise.all(Array.from({ length: 20 }, login));

  expect(await users.list()).toHaveLength(1);
});
