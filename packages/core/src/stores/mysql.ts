import { isObject, toHex } from '../platform/encoding.js';
import { OAuthError, reasonOf } from '../model/errors.js';
import type { TokenKey, TokenStore } from '../model/ports.js';
import { checkTable } from '../platform/postgres-tables.js';
import { storeFailure } from '../platform/store-failure.js';
import { cursor, entryOf, pageOf } from '../platform/token-rows.js';
import { checkAll, text as textCheck, type Rules } from '../platform/validators.js';

/** A connection to MySQL or MariaDB: a pool of `mysql2/promise` or of `mariadb`. */
export interface MySqlQueryable {
  query(sql: string, values?: unknown[]): Promise<unknown>;
}

/** Options of {@link mysqlStore}. */
export interface MySqlStoreOptions {
  /**
   * The token table, optionally `database.table`; the lock table has the same name with `_locks`.
   * Default: `oauth_tokens`.
   */
  table?: string;
}

/** A token store in MySQL or MariaDB. */
export interface MySqlStore extends TokenStore {
  /**
   * Creates missing tables. Safe to run at every start, by several processes.
   *
   * @throws OAuthError `storage_failed` with the SQLSTATE or error code as `reason`
   */
  migrate(): Promise<void>;
}

const checks: Rules<MySqlStoreOptions> = { table: textCheck };

/** Maximum bytes of a user ID and an account; without strict mode, MySQL would cut longer ones off. */
const longest = 1000;

/**
 * Returns the statements that create the tables of {@link mysqlStore}, for your own migration tool.
 * Each can be run again; later versions append more.
 */
export function mysqlMigrations(table = 'oauth_tokens'): readonly string[] {
  checkTable(table, 'mysqlStore');
  // Bytes: the default collations make "a", "A" and "ä" one.
  const key = `user_id VARBINARY(${longest}) NOT NULL, client VARBINARY(255) NOT NULL,
      account VARBINARY(${longest}) NOT NULL`;
  return [
    `CREATE TABLE IF NOT EXISTS ${table} (
      ${key}, version VARBINARY(255) NOT NULL, value LONGBLOB NOT NULL, due_at BIGINT NULL,
      updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
      PRIMARY KEY (user_id, client, account), KEY due (due_at)
    ) ENGINE=InnoDB`,
    `CREATE TABLE IF NOT EXISTS ${table}_locks (
      ${key}, holder VARBINARY(255) NOT NULL, expires_at DATETIME(6) NOT NULL,
      PRIMARY KEY (user_id, client, account)
    ) ENGINE=InnoDB`,
  ];
}

/**
 * Stores tokens of all protocols in one table of MySQL 8 or MariaDB 10.6, or newer. Run `migrate()`
 * once, or {@link mysqlMigrations} with your own tool. User IDs and accounts have at most 1000 bytes.
 *
 * @example
 * ```ts
 * const tokenStore = mysqlStore(createPool(process.env.DATABASE_URL));
 * await tokenStore.migrate();
 * const oauth = new OAuth({ tokenStore, secret: process.env.OAUTH_SECRET });
 * ```
 */
export function mysqlStore(database: MySqlQueryable, options: MySqlStoreOptions = {}): MySqlStore {
  checkAll(options, checks, 'mysqlStore()');
  const { table = 'oauth_tokens' } = options;
  checkTable(table, 'mysqlStore');
  // Text is sent and read in hexadecimal, so no character set of a connection changes it.
  const bytes = 'UNHEX(?)';
  const same = `user_id = ${bytes} AND client = ${bytes} AND account = ${bytes}`;
  const columns = ['user_id', 'client', 'account', 'version', 'value'];
  const selected = columns.map((name) => `HEX(${name}) AS ${name}`).join(', ');
  const later = `(user_id, client, account) > (${bytes}, ${bytes}, ${bytes})`;
  const run = async (sql: string, values: unknown[]): Promise<unknown> => {
    for (let attempts = 1; ; attempts += 1) {
      try {
        const result = await database.query(sql, values);
        // mysql2 returns the rows or the header, then the columns.
        const [first] = Array.isArray(result) ? (result as unknown[]) : [];
        return Array.isArray(first) || isHeader(first) ? first : result;
      } catch (error) {
        if (reasonOf(error) !== 'ER_LOCK_DEADLOCK' || attempts === 5) throw error;
      }
    }
  };
  const rowsOf = async (sql: string, values: unknown[]): Promise<Record<string, unknown>[]> =>
    ((await run(sql, values)) as Record<string, unknown>[]).map((row) => decoded(row));
  /** Returns whether a statement changed a row; an insertion over an existing key changes none. */
  const changes = async (sql: string, values: unknown[]): Promise<boolean> => {
    try {
      const header = await run(sql, values);
      return isHeader(header) && header.affectedRows > 0;
    } catch (error) {
      if (reasonOf(error) === 'ER_DUP_ENTRY') return false;
      throw error;
    }
  };
  const get: TokenStore['get'] = async (key) => {
    const [row] = await rowsOf(`SELECT ${selected} FROM ${table} WHERE ${same}`, keyOf(key));
    return row && entryOf(row);
  };
  return {
    overwrites: true,
    get,
    async put(key, { version, value, dueAt = null }, replaces) {
      const written = [hex(version), hex(value), dueAt];
      const set = `version = ${bytes}, value = ${bytes}, due_at = ?`;
      const insert = `INSERT INTO ${table} (user_id, client, account, version, value, due_at)
        VALUES (${bytes}, ${bytes}, ${bytes}, ${bytes}, ${bytes}, ?)`;
      const isWritten =
        replaces === '*'
          ? await changes(`${insert} ON DUPLICATE KEY UPDATE ${set}`, [
              ...keyOf(key),
              ...written,
              ...written,
            ])
          : replaces === undefined
            ? await changes(insert, [...keyOf(key), ...written])
            : await changes(`UPDATE ${table} SET ${set} WHERE ${same} AND version = ${bytes}`, [
                ...written,
                ...keyOf(key),
                hex(replaces),
              ]);
      return isWritten ? { version, value } : await get(key);
    },
    async delete(key) {
      await run(`DELETE FROM ${table} WHERE ${same}`, keyOf(key));
    },
    async list(userId) {
      const sql = `SELECT ${selected} FROM ${table} WHERE user_id = ${bytes}`;
      return pageOf(await rowsOf(sql, [hex(userId)]), Infinity).entries;
    },
    async page(limit, after) {
      const from = after === undefined ? [] : cursor(after, 3).map((one) => hex(String(one)));
      const where = from.length === 0 ? '' : `WHERE user_id >= ${bytes} AND ${later}`;
      const sql = `SELECT ${selected} FROM ${table} ${where}
        ORDER BY ${table}.user_id, ${table}.client, ${table}.account LIMIT ?`;
      const values = [...from.slice(0, 1), ...from, limit + 1];
      return pageOf(await rowsOf(sql, values), limit);
    },
    async due(before, limit, after) {
      const [due, ...names] = after === undefined ? [] : cursor(after, 4);
      const from = after === undefined ? [] : [due, due, ...names.map((one) => hex(String(one)))];
      const where = after === undefined ? '' : `AND (due_at > ? OR (due_at = ? AND ${later}))`;
      const sql = `SELECT due_at, ${selected} FROM ${table} WHERE due_at < ? ${where}
        ORDER BY due_at, ${table}.user_id, ${table}.client, ${table}.account LIMIT ?`;
      return pageOf(await rowsOf(sql, [Math.floor(before), ...from, limit + 1]), limit);
    },
    async lock(key, holder, ttl) {
      const end = 'UTC_TIMESTAMP(6) + INTERVAL ? MICROSECOND';
      const times = [hex(holder), Math.ceil(ttl * 1000)];
      const insert = `INSERT INTO ${table}_locks (user_id, client, account, holder, expires_at)
        VALUES (${bytes}, ${bytes}, ${bytes}, ${bytes}, ${end})`;
      if (await changes(insert, [...keyOf(key), ...times])) return true;
      const update = `UPDATE ${table}_locks SET holder = ${bytes}, expires_at = ${end}
        WHERE ${same} AND (holder = ${bytes} OR expires_at <= UTC_TIMESTAMP(6))`;
      return await changes(update, [...times, ...keyOf(key), hex(holder)]);
    },
    async unlock(key, holder) {
      const sql = `DELETE FROM ${table}_locks WHERE ${same} AND holder = ${bytes}`;
      await run(sql, [...keyOf(key), hex(holder)]);
    },
    async migrate() {
      try {
        for (const statement of mysqlMigrations(table)) await database.query(statement);
      } catch (error) {
        throw storeFailure('migrate()', error, 'Check the connection, and try again.');
      }
    },
  };
}

function isHeader(value: unknown): value is { affectedRows: number } {
  return isObject(value) && typeof value['affectedRows'] === 'number';
}

function keyOf({ userId, client, account }: TokenKey): string[] {
  const key = [userId, client, account].map((name) => hex(name));
  if (key.every((name, index) => name.length <= 2 * (index === 1 ? 255 : longest))) return key;
  throw new OAuthError(
    'invalid_options',
    `"userId" and "account" have at most ${longest} bytes in mysqlStore(), and a client's name 255.`,
  );
}

/** Encodes text as UTF-8 in hexadecimal. */
function hex(text: string): string {
  return toHex(new TextEncoder().encode(text));
}

/** Decodes the columns of a row that were read in hexadecimal. */
function decoded({ due_at: due, ...row }: Record<string, unknown>): Record<string, unknown> {
  const texts = Object.entries(row).map(([name, value]) => {
    const pairs = String(value).match(/../g) ?? [];
    const bytes = Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
    return [name, new TextDecoder().decode(bytes)];
  });
  return { ...Object.fromEntries(texts), ...(due === undefined ? {} : { due_at: due }) };
}
