import { isObject, toHex } from '../platform/encoding.js';
import type { StateStore, TokenEntry, TokenKey, TokenStore } from '../model/ports.js';
import { now, sha256 } from '../platform/crypto.js';

/** A storage of `unstorage`, or of Nitro's `useStorage()`. */
export interface Unstorage {
  getItem(key: string): Promise<unknown>;
  setItem(key: string, value: never, options?: { ttl?: number }): Promise<void>;
  removeItem(key: string): Promise<void>;
  getKeys(base?: string): Promise<string[]>;
}

/**
 * Stores pending logins with any driver of unstorage, for the option `stateStorage`. An entry expires
 * even if the driver has no TTL. A driver cannot read and remove at once: of two callbacks with the
 * same state at the same moment both may be accepted here, and the provider rejects the second code.
 *
 * @example
 * ```ts
 * const storage = createStorage({ driver: cloudflareKVBinding({ binding: 'LOGINS' }) });
 * const oauth = new OAuth({ stateStorage: unstorageStateStore(storage), secret });
 * ```
 */
export function unstorageStateStore(storage: Unstorage): StateStore {
  return {
    async put(key, value, ttl) {
      const entry = { value, expiresAt: now() + ttl * 1000 };
      await storage.setItem(await nameOf(key), entry as never, { ttl });
    },
    async take(key) {
      const name = await nameOf(key);
      const entry = await storage.getItem(name);
      await storage.removeItem(name);
      if (!isObject(entry) || !(Number(entry['expiresAt']) > now())) return undefined;
      return typeof entry['value'] === 'string' ? entry['value'] : undefined;
    },
  };
}

/**
 * Stores tokens that are never refreshed with any driver of unstorage, such as Cloudflare KV. Drivers
 * have no compare-and-set, so two processes could spend one refresh token, which ends the user's
 * authorization: `saveToken()` of a token with a refresh token throws `invalid_options`. Use
 * PostgreSQL, MySQL, Redis or a Durable Object for such tokens.
 */
export function unstorageTokenStore(storage: Unstorage): TokenStore {
  const read = async (name: string): Promise<(TokenKey & TokenEntry) | undefined> => {
    const entry = await storage.getItem(name);
    return isObject(entry) ? (entry as unknown as TokenKey & TokenEntry) : undefined;
  };
  const get: TokenStore['get'] = async (key) => {
    const entry = await read(await tokenName(key));
    return entry && { version: entry.version, value: entry.value };
  };
  return {
    atomic: false,
    overwrites: true,
    get,
    async put({ userId, client, account }, { version, value }, replaces) {
      const entry = { userId, client, account, version, value };
      const there = replaces === '*' ? undefined : await get(entry);
      if (replaces !== '*' && there?.version !== replaces) return there;
      await storage.setItem(await tokenName(entry), entry as never);
      return { version, value };
    },
    async delete(key) {
      await storage.removeItem(await tokenName(key));
    },
    async list(userId) {
      const names = await storage.getKeys(await nameOf(userId));
      const entries = await Promise.all(names.map((name) => read(name)));
      return entries.filter((entry) => entry?.userId === userId) as (TokenKey & TokenEntry)[];
    },
    // Of two processes without a refresh token, both may request or store a token: the last one remains.
    lock: () => true,
    unlock: () => undefined,
  };
}

async function tokenName({ userId, client, account }: TokenKey): Promise<string> {
  return `${await nameOf(userId)}:${await nameOf(JSON.stringify([client, account]))}`;
}

/** Drivers change names: they normalize separators, and may not distinguish cases. */
async function nameOf(text: string): Promise<string> {
  return toHex(await sha256(text));
}
