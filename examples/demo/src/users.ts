import type { UserInfo } from '@oauth-registry/core';
import type { Database } from './database.js';

/** An account of this application. */
export interface User {
  /** The client's name and the provider's identifier, e.g. `octo$583231`. */
  id: string;
  nickname: string;
  /** Absent when the provider shares none. */
  email?: string;
  createdAt: Date;
}

/** The users table. */
export interface Users {
  /** Returns the account of a person who logged in; their first login creates it. */
  signIn(client: string, profile: UserInfo): Promise<User>;
  find(id: string): Promise<User | undefined>;
  /** Lists the accounts, newest first. */
  list(limit?: number): Promise<User[]>;
}

/** Opens the users table, and creates it where it does not exist. */
export async function openUsers(database: Database): Promise<Users> {
  await database.query(createTable);
  return {
    async signIn(client, profile) {
      const values = [accountId(client, profile), nickname(profile), text(profile.email) ?? null];
      const { rows } = await database.query(upsert, values);
      return readUser(rows[0] ?? {});
    },
    async find(id) {
      const { rows } = await database.query('SELECT * FROM users WHERE id = $1', [id]);
      return rows[0] && readUser(rows[0]);
    },
    async list(limit = 20) {
      const { rows } = await database.query(newest, [limit]);
      return rows.map(readUser);
    },
  };
}

const createTable = `
  CREATE TABLE IF NOT EXISTS users (
    id         text PRIMARY KEY,
    nickname   text NOT NULL,
    email      text,
    created_at timestamptz NOT NULL DEFAULT now()
  )`;

// One statement, so that two first logins of one person at the same time make one account.
const upsert = `
  INSERT INTO users (id, nickname, email) VALUES ($1, $2, $3)
  ON CONFLICT (id) DO UPDATE SET nickname = EXCLUDED.nickname, email = EXCLUDED.email
  RETURNING *`;

const newest = 'SELECT * FROM users ORDER BY created_at DESC, id LIMIT $1';

/**
 * Names an account by client and `sub`, never by email: an address can change hands, and two providers
 * may give the same `sub` to two people.
 */
function accountId(client: string, profile: UserInfo): string {
  const sub = text(profile.sub);
  if (sub === undefined) throw new TypeError(`"${client}" did not say who logged in: no "sub".`);
  return `${client}$${sub}`;
}

function nickname(profile: UserInfo): string {
  const names = [profile.name, profile.nickname, profile.preferred_username, profile.sub];
  return names.map(text).find((name) => name !== undefined) ?? '';
}

/** Reads a claim as text; some providers send their identifiers as numbers. */
function text(claim: unknown): string | undefined {
  return (typeof claim === 'string' && claim !== '') || typeof claim === 'number'
    ? String(claim)
    : undefined;
}

function readUser(row: Record<string, unknown>): User {
  const email = text(row['email']);
  return {
    id: String(row['id']),
    nickname: String(row['nickname']),
    ...(email === undefined ? {} : { email }),
    createdAt: new Date(String(row['created_at'])),
  };
}
