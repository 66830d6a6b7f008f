import { checkAll, text as textCheck, type Rules } from '../platform/validators.js';
import { reasonOf } from '../model/errors.js';
import type { TokenStore } from '../model/ports.js';
import { checkTable, createOnce, type Queryable } from '../platform/postgres-tables.js';
import { storeFailure } from '../platform/store-failure.js';
import { cursor, entryOf, pageOf } from '../platform/token-rows.js';

export type { Queryable } from '../platform/postgres-tables.js';

/** Options of {@link postgresStore}. */
export interface PostgresStoreOptions {
  /** The token table, optionally `schema.table`; the lock table has the same name with `_locks`. */
  table?: string;
}

/** A token store in PostgreSQL. */
export interface PostgresStore extends TokenStore {
  /**
   * Creates missing tables and columns. Safe to run at every start, by several processes, and by a
   * role without the right to create tables if they exist.
   *
   * @throws OAuthError `storage_failed` with the SQLSTATE as `reason`
   */
  migrate(): Promise<void>;
}

const defaultTable = 'oauth_tokens';

const checks: Rules<PostgresStoreOptions> = { table: textCheck };

/**
 * Returns the statements that migrate a database to this version, in order, for your own migration
 * tool. Each can be run again; later versions append more.
 */
export function postgresMigrations(table: string = defaultTable): readonly string[] {
  checkTable(table, 'postgresStore');
  return [
    `CREATE TABLE IF NOT EXISTS ${table} (
      user_id text NOT NULL,
      client text NOT NULL,
      account text NOT NULL,
      version text NOT NULL,
      value text NOT NULL,
      updated_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (user_id, client, account)
    )`,
    `CREATE TABLE IF NOT EXISTS ${table}_locks (
      user_id text NOT NULL,
      client text NOT NULL,
      account text NOT NULL,
      holder text NOT NULL,
      expires_at timestamptz NOT NULL,
      PRIMARY KEY (user_id, client, account)
    )`,
    `ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS due_at bigint`,
    `CREATE INDEX IF NOT EXISTS ${table.split('.').at(-1)}_due
      ON ${table} (due_at, user_id, client, account) WHERE due_at IS NOT NULL`,
  ];
}

/**
 * Stores tokens of all protocols in one PostgreSQL table. Run `migrate()` once, or {@link
 * postgresMigrations} with your own tool.
 *
 * @example
 * ```ts
 * const tokenStore = postgresStore(new Pool({ connectionString: process.env.DATABASE_URL }));
 * await tokenStore.migrate();
 * const oauth = new OAuth({ tokenStore, secret: process.env.OAUTH_SECRET });
 * ```
 */
export function postgresStore(
  database: Queryable,
  options: PostgresStoreOptions = {},
): PostgresStore {
  checkAll(options, checks, 'postgresStore()');
  const { table = defaultTable } = options;
  checkTable(table, 'postgresStore');
  const key = 'user_id, client, account';
  const same = 'user_id = $1 AND client = $2 AND account = $3';
  // Each returns the entry that is then stored. RETURNING omits a row that a statement leaves alone,
  // so a conflict writes the row again unchanged.
  const insertOr = (change: string): string =>
    `INSERT INTO ${table} AS stored (user_id, client, account, version, value, due_at)
     VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (user_id, client, account) DO UPDATE SET ${change} RETURNING version, value`;
  const insert = insertOr('version = stored.version');
  const overwrite = insertOr(
    'version = excluded.version, value = excluded.value, due_at = excluded.due_at, updated_at = now()',
  );
  const replace = `UPDATE ${table} SET
    version = CASE WHEN version = $7 THEN $4 ELSE version END,
    value = CASE WHEN version = $7 THEN $5 ELSE value END,
    due_at = CASE WHEN version = $7 THEN $6 ELSE due_at END,
    updated_at = CASE WHEN version = $7 THEN now() ELSE updated_at END
    WHERE ${same} RETURNING version, value`;
  const run = async (text: string, params: unknown[]): Promise<Record<string, unknown>[]> =>
    (await database.query(text, params)).rows as Record<string, unknown>[];
  return {
    overwrites: true,
    async get({ userId, client, account }) {
      const text = `SELECT version, value FROM ${table} WHERE ${same}`;
      const [row] = await run(text, [userId, client, account]);
      return row && entryOf(row);
    },
    async put({ userId, client, account }, { version, value, dueAt = null }, replaces) {
      const params = [userId, client, account, version, value, dueAt];
      const [row] =
        replaces === undefined || replaces === '*'
          ? await run(replaces === '*' ? overwrite : insert, params)
          : await run(replace, [...params, replaces]);
      return row && entryOf(row);
    },
    async delete({ userId, client, account }) {
      await run(`DELETE FROM ${table} WHERE ${same}`, [userId, client, account]);
    },
    async list(userId) {
      const text = `SELECT client, account, version, value FROM ${table} WHERE user_id = $1`;
      const rows = await run(text, [userId]);
      return rows.map((row) => ({
        userId,
        client: String(row['client']),
        account: String(row['account']),
        ...entryOf(row),
      }));
    },
    async page(limit, after) {
      const [where, from] =
        after === undefined ? ['', []] : [`WHERE (${key}) > ($2, $3, $4)`, cursor(after, 3)];
      const text = `SELECT ${key}, version, value FROM ${table} ${where} ORDER BY ${key} LIMIT $1`;
      return pageOf(await run(text, [limit + 1, ...from]), limit);
    },
    async due(before, limit, after) {
      const [where, from] =
        after === undefined
          ? ['', []]
          : [`AND (due_at, ${key}) > ($3::bigint, $4, $5, $6)`, cursor(after, 4)];
      const text = `SELECT due_at, ${key}, version, value FROM ${table}
        WHERE due_at < $2 ${where} ORDER BY due_at, ${key} LIMIT $1`;
      return pageOf(await run(text, [limit + 1, Math.floor(before), ...from]), limit);
    },
    async lock({ userId, client, account }, holder, ttl) {
      // clock_timestamp(): now() is constant within a transaction, and only the database's clock is
      // shared.
      const text = `INSERT INTO ${table}_locks AS held (user_id, client, account, holder, expires_at)
        VALUES ($1, $2, $3, $4, clock_timestamp() + $5::float8 * interval '1 millisecond')
        ON CONFLICT (user_id, client, account)
        DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
        WHERE held.holder = excluded.holder OR held.expires_at <= clock_timestamp()
        RETURNING holder`;
      return (await run(text, [userId, client, account, holder, ttl])).length === 1;
    },
    async unlock({ userId, client, account }, holder) {
      const text = `DELETE FROM ${table}_locks WHERE ${same} AND holder = $4`;
      await run(text, [userId, client, account, holder]);
    },
    async migrate() {
      try {
        for (const statement of postgresMigrations(table)) await createOnce(database, statement);
      } catch (error) {
        // PostgreSQL checks the right to create before it checks whether the table exists.
        const isThere = reasonOf(error) === '42501' && (await hasTables(database, table));
        if (!isThere)
          throw storeFailure('migrate()', error, 'Check the connection, and try again.');
      }
    },
  };
}

/** Returns whether the tables exist with all columns. */
async function hasTables(database: Queryable, table: string): Promise<boolean> {
  try {
    const key = 'user_id, client, account';
    await database.query(`SELECT ${key}, version, value, due_at, updated_at FROM ${table} LIMIT 0`);
    await database.query(`SELECT ${key}, holder, expires_at FROM ${table}_locks LIMIT 0`);
    return true;
  } catch {
    return false;
  }
}
