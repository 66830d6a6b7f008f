import type { TokenStore } from '@oauth-registry/core/types';
import { postgresStore } from '@oauth-registry/core/stores/postgres';
import { redisStore } from '@oauth-registry/core/stores/redis';
import { Pool } from 'pg';
import { createClient } from 'redis';

export type StoreKind = 'postgres' | 'redis';

/** A store on a server, for one process. */
export interface OpenStore {
  store: TokenStore;
  /** Disconnects, and with `remove` takes everything away that the tests left. */
  close(remove?: boolean): Promise<void>;
}

/** Connects to the server of `DATABASE_URL` or `REDIS_URL`, which the test finds or names. */
export async function openStore(kind: StoreKind, name: string): Promise<OpenStore> {
  return kind === 'postgres' ? await openPostgres(name) : await openRedis(name);
}

async function openPostgres(table: string): Promise<OpenStore> {
  const server = process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/postgres';
  const pool = new Pool({ connectionString: server, max: 5 });
  pool.on('error', () => undefined);
  const store = postgresStore(pool, { table });
  await store.migrate();
  return {
    store,
    close: async (remove) => {
      if (remove) await pool.query(`DROP TABLE ${table}, ${table}_locks`);
      await pool.end();
    },
  };
}

async function openRedis(name: string): Promise<OpenStore> {
  const url = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379';
  const client = await createClient({ url }).connect();
  return {
    store: redisStore(client, { prefix: `${name}:` }),
    close: async (remove) => {
      for await (const keys of remove ? client.scanIterator({ MATCH: `${name}:*` }) : [])
        if (keys.length > 0) await client.del(keys);
      await client.close();
    },
  };
}
