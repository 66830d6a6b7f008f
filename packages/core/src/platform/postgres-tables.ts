import { OAuthError } from '../model/errors.js';

/** A connection to PostgreSQL: a `pg` Pool, PGlite, or a serverless driver. */
export interface Queryable {
  query(text: string, params?: unknown[]): Promise<{ rows: unknown[] }>;
}

/**
 * Creates a table; if two processes create it at the same time, one gets an "already exists" error.
 */
export async function createOnce(database: Queryable, statement: string): Promise<void> {
  try {
    await database.query(statement);
  } catch {
    await database.query(statement);
  }
}

/** Rejects table names that would need quotes. @throws OAuthError `invalid_options` */
export function checkTable(table: string, store: string): void {
  if (/^[a-z_][a-z0-9_]{0,50}(\.[a-z_][a-z0-9_]{0,50})?$/.test(table)) return;
  throw new OAuthError(
    'invalid_options',
    `The "table" of a ${store} must be lower-case letters, digits and "_", optionally after a schema and a dot.`,
  );
}
