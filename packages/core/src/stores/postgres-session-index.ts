import { checkAll, text as textCheck, type Rules } from '../platform/validators.js';
import { reasonOf } from '../model/errors.js';
import type { IndexedSession, SessionIndex } from '../model/ports.js';
import { checkTable, createOnce, type Queryable } from '../platform/postgres-tables.js';
import { storeFailure } from '../platform/store-failure.js';

/** Options of {@link postgresSessionIndex}. */
export interface PostgresSessionIndexOptions {
  /** The table, optionally `schema.table`. Default: `oauth_sessions`. */
  table?: string;
}

/** A session index in PostgreSQL. */
export interface PostgresSessionIndex extends SessionIndex {
  /**
   * Creates missing tables and indexes. Safe to run at every start, by several processes, and by a
   * role without the right to create tables if they exist.
   *
   * @throws OAuthError `storage_failed` with the SQLSTATE as `reason`
   */
  migrate(): Promise<void>;
}

const defaultTable = 'oauth_sessions';

const checks: Rules<PostgresSessionIndexOptions> = { table: textCheck };

/** Maximum number of expired sessions that a login removes. */
const swept = 100;

/**
 * Returns the statements that create the table of {@link postgresSessionIndex}, in order, for your
 * own migration tool. Each can be run again; later versions append more.
 */
export function postgresSessionIndexMigrations(table: string = defaultTable): readonly string[] {
  checkTable(table, 'postgresSessionIndex');
  const name = table.replace(/^.*\./, '');
  return [
    `CREATE TABLE IF NOT EXISTS ${table} (
      id text PRIMARY KEY,
      user_key text NOT NULL,
      session_key text NOT NULL,
      value text NOT NULL,
      expires_at timestamptz NOT NULL
    )`,
    `CREATE INDEX IF NOT EXISTS ${name}_user ON ${table} (user_key, expires_at)`,
    `CREATE INDEX IF NOT EXISTS ${name}_session ON ${table} (session_key, expires_at)`,
    `CREATE INDEX IF NOT EXISTS ${name}_expiry ON ${table} (expires_at)`,
  ];
}

/**
 * Indexes sessions in one PostgreSQL table. Run `migrate()` once, or {@link
 * postgresSessionIndexMigrations} with your own tool. Each login removes expired sessions.
 *
 * @example
 * ```ts
 * const sessionIndex = postgresSessionIndex(new Pool({ connectionString: process.env.DATABASE_URL }));
 * await sessionIndex.migrate();
 * const oauth = new OAuth({ sessionIndex });
 * ```
 */
export function postgresSessionIndex(
  database: Queryable,
  options: PostgresSessionIndexOptions = {},
): PostgresSessionIndex {
  checkAll(options, checks, 'postgresSessionIndex()');
  const { table = defaultTable } = options;
  checkTable(table, 'postgresSessionIndex');
  const returned =
    'RETURNING id, user_key, session_key, value, expires_at > clock_timestamp() AS live';
  const run = async (text: string, params: unknown[]): Promise<IndexedSession[]> =>
    ((await database.query(text, params)).rows as Record<string, unknown>[])
      .filter((row) => row['live'] === true)
      .map(readSession);
  const over = (column: string): string =>
    `DELETE FROM ${table} WHERE id IN (
      SELECT id FROM ${table} WHERE ${column} = $1 ORDER BY expires_at DESC, id OFFSET $2
    ) ${returned}`;
  return {
    async add({ id, user, session, value }, ttl, limit) {
      await database.query(
        `DELETE FROM ${table} WHERE id IN (
          SELECT id FROM ${table} WHERE expires_at <= clock_timestamp() LIMIT ${swept}
        )`,
      );
      await database.query(
        `INSERT INTO ${table} (id, user_key, session_key, value, expires_at)
         VALUES ($1, $2, $3, $4, clock_timestamp() + $5::float8 * interval '1 second')`,
        [id, user, session, value, ttl],
      );
      return [
        ...(await run(over('user_key'), [user, limit])),
        ...(await run(over('session_key'), [session, limit])),
      ];
    },
    async has(id) {
      const text = `SELECT 1 FROM ${table} WHERE id = $1 AND expires_at > clock_timestamp()`;
      return (await database.query(text, [id])).rows.length > 0;
    },
    remove: (by, key) => run(`DELETE FROM ${table} WHERE ${by}_key = $1 ${returned}`, [key]),
    async delete(id) {
      await database.query(`DELETE FROM ${table} WHERE id = $1`, [id]);
    },
    async migrate() {
      try {
        for (const statement of postgresSessionIndexMigrations(table))
          await createOnce(database, statement);
      } catch (error) {
        // PostgreSQL checks the right to create before it checks whether the table exists.
        const isThere = reasonOf(error) === '42501' && (await hasTable(database, table));
        if (!isThere)
          throw storeFailure('migrate()', error, 'Check the connection, and try again.');
      }
    },
  };
}

function readSession(row: Record<string, unknown>): IndexedSession {
  return {
    id: String(row['id']),
    user: String(row['user_key']),
    session: String(row['session_key']),
    value: String(row['value']),
  };
}

/** Returns whether the table exists with all columns. */
async function hasTable(database: Queryable, table: string): Promise<boolean> {
  const columns = 'id, user_key, session_key, value, expires_at';
  return await database.query(`SELECT ${columns} FROM ${table} LIMIT 0`).then(
    () => true,
    () => false,
  );
}
