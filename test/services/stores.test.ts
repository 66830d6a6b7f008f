import { randomBytes } from 'node:crypto';
import { OAuth } from '@oauth-registry/core';
import type { SessionIndex, TokenStore } from '@oauth-registry/core/types';
import { postgresStore } from '@oauth-registry/core/stores/postgres';
import { mysqlMigrations, mysqlStore, type MySqlStore } from '@oauth-registry/core/stores/mysql';
import { redisStore } from '@oauth-registry/core/stores/redis';
import { Redis } from 'ioredis';
import { createPool as createMariaPool } from 'mariadb';
import { createPool as createMySqlPool } from 'mysql2/promise';
import { Pool } from 'pg';
import { createClient } from 'redis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postgresSessionIndex } from '@oauth-registry/core/stores/postgres-session-index';
import { redisSessionIndex } from '@oauth-registry/core/stores/redis-session-index';
import { describeSessionIndex } from '../contract/describe-session-index.js';
import { describeStore } from '../contract/describe-store.js';
import { countRoundTrips } from '../support/round-trips.js';

const server = process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres';
const url = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379';
const mysqlServer = process.env['MYSQL_URL'] ?? 'mysql://root@127.0.0.1:3306/test';
const name = `store_test_${randomBytes(6).toString('hex')}`;

type Pair = readonly [TokenStore, TokenStore];
let postgres: Pair;
let mysql2: Pair;
let mariaDb: Pair;
let nodeRedis: Pair;
let ioRedis: Pair;
let indexes: Record<'postgres' | 'redis' | 'ioredis', readonly [SessionIndex, SessionIndex]>;
let close: () => Promise<void>;

beforeAll(async () => {
  const pools = [1, 2].map(() => new Pool({ connectionString: server, max: 5 }));
  const nodes = await Promise.all([1, 2].map(() => createClient({ url }).connect()));
  const ios = [1, 2].map(() => new Redis(url));
  const stores = pools.map((pool) => postgresStore(pool, { table: name }));
  await Promise.all(stores.map((store) => store.migrate()));
  postgres = stores as unknown as Pair;
  const mysqlPools = [1, 2].map(() => createMySqlPool({ uri: mysqlServer, connectionLimit: 5 }));
  // Neither a narrow character set nor a loose SQL mode changes what is stored.
  const sessions = { sessionVariables: { sql_mode: '' } };
  const uri = new URL(mysqlServer);
  const { hostname: host, username: user, password } = uri;
  const at = { host, user, password, port: Number(uri.port), database: uri.pathname.slice(1) };
  const mariaPools = [1, 2].map(() =>
    createMariaPool({ ...at, ...sessions, charset: 'latin1', connectionLimit: 5 }),
  );
  mysql2 = mysqlPools.map((pool) => mysqlStore(pool, { table: name })) as unknown as Pair;
  mariaDb = mariaPools.map((pool) => mysqlStore(pool, { table: `${name}_m` })) as unknown as Pair;
  for (const [store] of [mysql2, mariaDb]) await (store as MySqlStore).migrate();
  nodeRedis = nodes.map((node) => redisStore(node, { prefix: `${name}:` })) as unknown as Pair;
  ioRedis = ios.map((io) => redisStore(io, { prefix: `${name}:io:` })) as unknown as Pair;
  const inPostgres = pools.map((pool) => postgresSessionIndex(pool, { table: `${name}_s` }));
  await Promise.all(inPostgres.map((index) => index.migrate()));
  const prefix = `${name}:s:`;
  indexes = {
    postgres: inPostgres,
    redis: nodes.map((node) => redisSessionIndex(node, { prefix })),
    ioredis: ios.map((io) => redisSessionIndex(io, { prefix })),
  } as never;
  close = async () => {
    await pools[0]?.query(`DROP TABLE ${name}, ${name}_locks, ${name}_s`);
    for (const pool of pools) await pool.end();
    for (const table of [name, `${name}_m`])
      await mysqlPools[0]?.query(`DROP TABLE ${table}, ${table}_locks`);
    for (const pool of [...mysqlPools, ...mariaPools]) await pool.end();
    for await (const keys of nodes[0]?.scanIterator({ MATCH: `${name}:*` }) ?? [])
      if (keys.length > 0) await nodes[0]?.del(keys);
    for (const node of nodes) await node.close();
    for (const io of ios) io.disconnect();
  };
});
afterAll(() => close());

describeStore('postgresStore on a pg Pool', () => postgres);
describeStore('mysqlStore on mysql2', () => mysql2);
describeStore('mysqlStore on mariadb', () => mariaDb);
describeStore('redisStore on redis', () => nodeRedis);
describeStore('redisStore on ioredis', () => ioRedis);
describeSessionIndex('postgresSessionIndex on a pg Pool', () => indexes.postgres);
describeSessionIndex('redisSessionIndex on redis', () => indexes.redis);
describeSessionIndex('redisSessionIndex on ioredis', () => indexes.ioredis);

test.each([
  ['postgresStore', () => postgres],
  ['mysqlStore on mysql2', () => mysql2],
  ['mysqlStore on mariadb', () => mariaDb],
  ['redisStore on redis', () => nodeRedis],
  ['redisStore on ioredis', () => ioRedis],
] as const)('%s stores a login with one call, and refreshes with four', async (_, open) => {
  const { saves, refresh } = await countRoundTrips(open()[0]);
  expect(saves).toEqual([['put'], ['put']]);
  expect(refresh).toEqual(['lock', 'put', 'put', 'unlock']);
});

test('[A26] processes that start at the same moment all find the tables made', async () => {
  const pool = new Pool({ connectionString: server, max: 8 });
  const table = `${name}_start`;
  const starts = Array.from({ length: 8 }, () => postgresStore(pool, { table }).migrate());
  await Promise.all(starts);
  expect(await postgresStore(pool, { table }).list('nobody')).toEqual([]);
  await pool.query(`DROP TABLE ${table}, ${table}_locks`);
  await pool.end();
});

describe('migrate() by a role that may not create tables', () => {
  const role = `${name}_role`;
  let admin: Pool;
  let pool: Pool;

  beforeAll(async () => {
    admin = new Pool({ connectionString: server, max: 1 });
    await admin.query(`CREATE ROLE ${role} LOGIN`);
    await admin.query(`CREATE SCHEMA ${role}`);
    await admin.query(`GRANT USAGE ON SCHEMA ${role} TO ${role}`);
    const own = new URL(server);
    own.username = role;
    pool = new Pool({ connectionString: own.href, max: 2 });
  });
  afterAll(async () => {
    await pool.end();
    await admin.query(`DROP SCHEMA ${role} CASCADE`);
    await admin.query(`DROP ROLE ${role}`);
    await admin.end();
  });

  test('says which right is missing as long as there are no tables (SQLSTATE 42501)', async () => {
    const table = `${role}.tokens`;
    await expect(postgresStore(pool, { table }).migrate()).rejects.toMatchObject({
      code: 'storage_failed',
      reason: '42501',
      message: expect.stringContaining('postgresMigrations()') as string,
    });
  });

  test('succeeds once another role has made them', async () => {
    const table = `${role}.tokens`;
    await postgresStore(admin, { table }).migrate();
    const rights = 'SELECT, INSERT, UPDATE, DELETE';
    await admin.query(`GRANT ${rights} ON ALL TABLES IN SCHEMA ${role} TO ${role}`);
    const store = postgresStore(pool, { table });
    await store.migrate();
    expect(await store.list('nobody')).toEqual([]);
  });

  test('is named by the failure of a call that finds no tables (SQLSTATE 42P01)', async () => {
    const tokenStore = postgresStore(admin, { table: `${role}.forgotten` });
    const { app } = new OAuth({ config: {}, tokenStore, allowPlaintextTokens: true }).register(
      'app',
      { clientId: 'app', authorizeUrl: 'https://a.example', accessTokenUrl: 'https://a.example' },
    );
    await expect(app.listTokens({ userId: 'ada' })).rejects.toMatchObject({
      reason: '42P01',
      message: expect.stringContaining('migrate()') as string,
    });
  });
});

test('names the kind of a Redis error (WRONGTYPE)', async () => {
  const node = await createClient({ url }).connect();
  const io = new Redis(url);
  const prefix = `${name}:wrong:`;
  await node.set(`${prefix}{ada}`, 'no hash');
  for (const tokenStore of [redisStore(node, { prefix }), redisStore(io, { prefix })]) {
    const { app } = new OAuth({ config: {}, tokenStore, allowPlaintextTokens: true }).register(
      'app',
      { clientId: 'app', authorizeUrl: 'https://a.example', accessTokenUrl: 'https://a.example' },
    );
    await expect(app.listTokens({ userId: 'ada' })).rejects.toMatchObject({
      code: 'storage_failed',
      reason: 'WRONGTYPE',
    });
  }
  await node.close();
  io.disconnect();
});

test('[A26] what one Redis client wrote, the other reads', async () => {
  const node = await createClient({ url }).connect();
  const io = new Redis(url);
  const [one, two] = [node, io].map((client) => redisStore(client, { prefix: `${name}:both:` }));
  const key = { userId: 'ada', client: 'github', account: '' };
  await one?.put(key, { version: '1', value: 'v' }, undefined);
  expect(await two?.get(key)).toEqual({ version: '1', value: 'v' });
  await node.close();
  io.disconnect();
});

test('the statements for migration tools can be run again, and a long user ID is not cut off', async () => {
  const pool = createMySqlPool({ uri: mysqlServer, connectionLimit: 1 });
  for (const _ of [1, 2])
    for (const statement of mysqlMigrations(`${name}_again`)) await pool.query(statement);
  const store = mysqlStore(pool, { table: `${name}_again` });
  const long = { userId: 'ä'.repeat(501), client: 'github', account: '' };
  await expect(store.put(long, { version: '1', value: 'v' }, undefined)).rejects.toThrow(
    '1000 bytes',
  );
  await pool.query(`DROP TABLE ${name}_again, ${name}_again_locks`);
  expect(() => mysqlStore(pool, { table: 'a b' })).toThrow('"table"');
  const gone = mysqlStore(pool, { table: `${name}_gone` });
  const { app } = new OAuth({ config: {}, tokenStore: gone, allowPlaintextTokens: true }).register(
    'app',
    { clientId: 'app', authorizeUrl: 'https://a.example', accessTokenUrl: 'https://a.example' },
  );
  await expect(app.listTokens({ userId: 'ada' })).rejects.toMatchObject({
    code: 'storage_failed',
    reason: 'ER_NO_SUCH_TABLE',
  });
  await pool.end();
});
