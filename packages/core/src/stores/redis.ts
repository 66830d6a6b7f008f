import { checkAll, must, type Rules } from '../platform/validators.js';
import { parseJson } from '../platform/encoding.js';
import { OAuthError } from '../model/errors.js';
import type { TokenEntry, TokenKey, TokenStore } from '../model/ports.js';
import { runScript, type IoRedis, type NodeRedis } from '../platform/redis-scripts.js';

export type { IoRedis, NodeRedis } from '../platform/redis-scripts.js';

/** Options of {@link redisStore}. */
export interface RedisStoreOptions {
  /** Prefix of every key. Default: `oauth:`. */
  prefix?: string;
}

const checks: Rules<RedisStoreOptions> = {
  prefix: must((v) => typeof v === 'string', 'must be text'),
};

const scripts = {
  get: `return redis.call('HGET', KEYS[1], ARGV[1])`,
  // A missing field is false in Lua, and a version is never empty.
  put: `local old = redis.call('HGET', KEYS[1], ARGV[1])
    local version = ''
    if old then version = cjson.decode(old)[1] end
    if ARGV[2] ~= '*' and version ~= ARGV[2] then return old end
    redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
    return ARGV[3]`,
  delete: `return redis.call('HDEL', KEYS[1], ARGV[1])`,
  list: `return redis.call('HGETALL', KEYS[1])`,
  lock: `local holder = redis.call('GET', KEYS[1])
    if holder and holder ~= ARGV[1] then return 0 end
    redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
    return 1`,
  unlock: `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
    return 1`,
} as const;

/**
 * Stores tokens in Redis or a compatible server: one hash per user, and one key per held lock. All
 * keys of a user share a hash tag, so that a cluster stores them in one slot. Enable the
 * append-only file in Redis (`appendfsync always` if losing a second is not acceptable) and disable
 * eviction.
 *
 * @example
 * ```ts
 * const tokenStore = redisStore(await createClient({ url: process.env.REDIS_URL }).connect());
 * const oauth = new OAuth({ tokenStore, secret: process.env.OAUTH_SECRET });
 * ```
 */
export function redisStore(
  client: NodeRedis | IoRedis,
  options: RedisStoreOptions = {},
): TokenStore {
  checkAll(options, checks, 'redisStore()');
  const { prefix = 'oauth:' } = options;
  checkPrefix(prefix);
  const run = (script: keyof typeof scripts, key: string, args: string[] = []): Promise<unknown> =>
    runScript(client, scripts[script], { key, args });
  const hash = (userId: string): string => `${prefix}{${encodeURIComponent(userId)}}`;
  const lockKey = (key: TokenKey): string => `${hash(key.userId)}:lock:${field(key)}`;
  return {
    overwrites: true,
    async get(key) {
      return readEntry(await run('get', hash(key.userId), [field(key)]));
    },
    async put(key, { version, value }, replaces = '') {
      const entry = JSON.stringify([version, value]);
      return readEntry(await run('put', hash(key.userId), [field(key), replaces, entry]));
    },
    async delete(key) {
      await run('delete', hash(key.userId), [field(key)]);
    },
    async list(userId) {
      return pairs(await run('list', hash(userId))).flatMap(([name, text]) => {
        const entry = readEntry(text);
        const [clientName, account] = parseJson(name) as [string, string];
        return entry ? [{ userId, client: clientName, account, ...entry }] : [];
      });
    },
    async lock(key, holder, ttl) {
      const milliseconds = String(Math.max(1, Math.ceil(ttl)));
      return (await run('lock', lockKey(key), [holder, milliseconds])) === 1;
    },
    async unlock(key, holder) {
      await run('unlock', lockKey(key), [holder]);
    },
  };
}

function field({ client, account }: TokenKey): string {
  return JSON.stringify([client, account]);
}

function readEntry(text: unknown): TokenEntry | undefined {
  if (text === null || text === undefined) return undefined;
  const [version, value] = parseJson(String(text)) as [string, string];
  return { version, value };
}

/** Converts a hash, which a script returns as a list of alternating names and values. */
function pairs(reply: unknown): [string, string][] {
  const list = Array.isArray(reply) ? reply.map(String) : [];
  return list.flatMap((name, index) =>
    index % 2 === 0 ? [[name, list[index + 1] ?? ''] as [string, string]] : [],
  );
}

/** Rejects braces, which would change the hash tag. */
function checkPrefix(prefix: string): void {
  if (!/[{}]/.test(prefix)) return;
  throw new OAuthError('invalid_options', 'The "prefix" of a redisStore must not contain braces.');
}
