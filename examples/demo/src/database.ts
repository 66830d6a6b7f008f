import { PGlite } from '@electric-sql/pglite';
import { Pool } from 'pg';

/** The little that the demo needs of a database; PGlite and `pg` both have this shape. */
export interface Database {
  query(text: string, params?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
  close(): Promise<void>;
}

/**
 * Opens the database: a PostgreSQL server for a `postgres://` address, else PostgreSQL inside this
 * process, in the folder given, or in memory.
 */
export async function openDatabase(location?: string): Promise<Database> {
  return location !== undefined && /^postgres(ql)?:\/\//.test(location)
    ? openServer(location)
    : openEmbedded(location);
}

async function openEmbedded(folder: string | undefined): Promise<Database> {
  const database = await (folder === undefined ? PGlite.create() : PGlite.create(folder));
  return {
    query: (text, params) => database.query<Record<string, unknown>>(text, params),
    close: () => database.close(),
  };
}

function openServer(connectionString: string): Database {
  const pool = new Pool({ connectionString, connectionTimeoutMillis: 5000 });
  // Without a listener, a server that closes an idle connection would end this process.
  pool.on('error', (error) => console.error(`The database closed a connection: ${error.message}`));
  return {
    query: (text, params) => pool.query<Record<string, unknown>>(text, params),
    close: () => pool.end(),
  };
}
