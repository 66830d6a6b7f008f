import { randomBytes } from 'node:crypto';
import type { TokenStore } from '@oauth-registry/core';
import { postgresStore } from '@oauth-registry/core/stores/postgres';
import { redisStore } from '@oauth-registry/core/stores/redis';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { createClient } from 'redis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeStore } from '../store/describe.js';

const server = process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres';
const url = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379';
const name = `store_test_${randomBytes(6).toString('hex')}`;

type Pair = readonly [TokenStore, TokenStore];
let postgres: Pair;
let nodeRedis: Pair;
let ioRedis: Pair;
let close: () => Promise<void>;

beforeAll(async () => {
  const pools = [1, 2].map(() => new Pool({ connectionString: server, max: 5 }));
  const nodes = await Promise.all([1, 2].map(() => createClient({ url }).connect()));
  const ios = [1, 2].map(() => new Redis(url));
  const stores = pools.map((pool) => postgresStore(pool, { table: name }));
  await Promise.all(stores.map((store) => store.migrate()));
  postgres = stores as unknown as Pair;
  nodeRedis = nodes.map((node) => redisStore(node, { prefix: `${name}:` })) as unknown as Pair;
  ioRedis = ios.map((io) => redisStore(io, { prefix: `${name}:io:` })) as unknown as Pair;
  close = async () => {
    await pools[0]?.query(`DROP TABLE ${name}, ${name}_locks`);
    for (const pool of pools) await pool.end();
    for await (const keys of nodes[0]?.scanIterator({ MATCH: `${name}:*` }) ?? [])
      if (keys.length > 0) await nodes[0]?.del(keys);
    for (const node of nodes) await node.close();
    for (const io of ios) io.disconnect();
  };
});
afterAll(() => close());

describeStore('postgresStore on a pg Pool', () => postgres);
describeStore('redisStore on redis', () => nodeRedis);
describeStore('redisStore on ioredis', () => ioRedis);

test('[A26] processes that start at the same moment all find the tables made', async () => {
  const pool = new Pool({ connectionString: server, max: 8 });
  const table = `${name}_start`;
  const starts = Array.from({ length: 8 }, () => postgresStore(pool, { table }).migrate());
  await Promise.all(starts);
  expect(await postgresStore(pool, { table }).list('nobody')).toEqual([]);
  await pool.query(`DROP TABLE ${table}, ${table}_locks`);
  await pool.end();
});

test('[A26] what one Redis client wrote, the other reads', async () => {
  const node = await createClient({ url }).connect();
  const io = new Redis(url);
  const [one, two] = [node, io].map((client) => redisStore(client, { prefix: `${name}:both:` }));
  const key = { owner: 'ada', client: 'github', account: '' };
  await one?.put(key, { version: '1', value: 'v' }, undefined);
  expect(await two?.get(key)).toEqual({ version: '1', value: 'v' });
  await node.close();
  io.disconnect();
});
