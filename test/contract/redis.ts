import { RedisStore } from 'connect-redis';
import type { Store } from 'express-session';
import { createClient } from 'redis';

/** Session stores in one Redis, which share their entries. */
export interface RedisStores {
  store(): Store;
  /** Removes every entry that was left. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** Connects to the Redis of `REDIS_URL`. */
export async function openRedis(prefix: string): Promise<RedisStores> {
  const url = process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379';
  const client = createClient({ url });
  await client.connect();
  return {
    store: () => new RedisStore({ client, prefix }) as Store,
    clear: async () => {
      for await (const keys of client.scanIterator({ MATCH: `${prefix}*` }))
        if (keys.length > 0) await client.del(keys);
    },
    close: () => client.close(),
  };
}
