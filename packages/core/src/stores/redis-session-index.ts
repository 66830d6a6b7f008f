import { checkAll, must, type Rules } from '../platform/validators.js';
import { parseJson } from '../platform/encoding.js';
import type { IndexedSession, SessionIndex } from '../model/ports.js';
import { runScript, type IoRedis, type NodeRedis } from '../platform/redis-scripts.js';

/** Options of {@link redisSessionIndex}. */
export interface RedisSessionIndexOptions {
  /** Prefix of every key. Default: `oauth:session:`. */
  prefix?: string;
}

const checks: Rules<RedisSessionIndexOptions> = {
  prefix: must((v) => typeof v === 'string', 'must be text'),
};

const clock = `local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/** Each script uses one key, so that a cluster may store the keys in different slots. */
const scripts = {
  set: `redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) return 1`,
  has: `return redis.call('EXISTS', KEYS[1])`,
  take: `local value = redis.call('GET', KEYS[1])
    redis.call('DEL', KEYS[1])
    return value`,
  // Adds an id to those of a key, which are sorted by their expiry, and returns those above the limit.
  list: `${clock}
    redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
    redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
    if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then
      redis.call('PEXPIRE', KEYS[1], ARGV[2])
    end
    local over = redis.call('ZCARD', KEYS[1]) - ARGV[3]
    if over <= 0 then return {} end
    local ids = redis.call('ZRANGE', KEYS[1], 0, over - 1)
    redis.call('ZREM', KEYS[1], unpack(ids))
    return ids`,
  takeList: `local ids = redis.call('ZRANGE', KEYS[1], 0, -1)
    redis.call('DEL', KEYS[1])
    return ids`,
} as const;

/**
 * Indexes sessions in Redis or a compatible server, for applications whose sessions are there, too.
 * Entries expire by themselves.
 *
 * @example
 * ```ts
 * const client = await createClient({ url: process.env.REDIS_URL }).connect();
 * const oauth = new OAuth({ sessionIndex: redisSessionIndex(client) });
 * ```
 */
export function redisSessionIndex(
  client: NodeRedis | IoRedis,
  options: RedisSessionIndexOptions = {},
): SessionIndex {
  checkAll(options, checks, 'redisSessionIndex()');
  const { prefix = 'oauth:session:' } = options;
  const run = (script: keyof typeof scripts, key: string, args: string[] = []): Promise<unknown> =>
    runScript(client, scripts[script], { key: prefix + key, args });

  async function take(ids: unknown): Promise<IndexedSession[]> {
    const list = Array.isArray(ids) ? ids.map(String) : [];
    const found = await Promise.all(
      list.map(async (id) => readSession(id, await run('take', `id:${id}`))),
    );
    return found.flatMap((session) => session ?? []);
  }

  return {
    async add({ id, user, session, value }, ttl, limit) {
      const milliseconds = String(Math.max(1, Math.ceil(ttl * 1000)));
      await run('set', `id:${id}`, [JSON.stringify([user, session, value]), milliseconds]);
      const args = [id, milliseconds, String(limit)];
      const lists = [`user:${user}`, `session:${session}`];
      const over = await Promise.all(lists.map((key) => run('list', key, args)));
      return await take([...new Set(over.flat())]);
    },
    has: async (id) => (await run('has', `id:${id}`)) === 1,
    remove: async (by, key) => await take(await run('takeList', `${by}:${key}`)),
    delete: async (id) => void (await take([id])),
  };
}

function readSession(id: string, text: unknown): IndexedSession | undefined {
  if (text === null || text === undefined) return undefined;
  const [user, session, value] = parseJson(String(text)) as [string, string, string];
  return { id, user, session, value };
}
