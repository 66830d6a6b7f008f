import { OAuthError } from '../model/errors.js';
import type { TokenEntry, TokenPage } from '../model/ports.js';
import { parseJson } from './encoding.js';

/** Reads the cursor of a page. @throws OAuthError `invalid_options` */
export function cursor(after: string, members: number): unknown[] {
  const parts = readList(after);
  const isCursor = parts.length === members && parts.every((part) => typeof part === 'string');
  if (isCursor && (members === 3 || /^\d{1,15}$/.test(String(parts[0])))) return parts;
  throw new OAuthError(
    'invalid_options',
    '"after" is not the "next" of a previous page. Pass it unchanged, or leave it out to begin.',
  );
}

function readList(text: string): unknown[] {
  try {
    const list: unknown = parseJson(text);
    return Array.isArray(list) ? list : [];
  } catch {
    return [];
  }
}

/** Converts rows, one more than a page has if there is another page. */
export function pageOf(rows: readonly Record<string, unknown>[], limit: number): TokenPage {
  const entries = rows.slice(0, limit).map((row) => ({
    userId: String(row['user_id']),
    client: String(row['client']),
    account: String(row['account']),
    ...entryOf(row),
  }));
  const last = rows[limit - 1];
  if (rows.length <= limit || !last) return { entries };
  const { due_at: due, user_id: userId, client, account } = last;
  const place = [userId, client, account];
  return { entries, next: JSON.stringify(due === undefined ? place : [String(due), ...place]) };
}

/** Reads the version and the value of a row. */
export function entryOf(row: Record<string, unknown>): TokenEntry {
  return { version: String(row['version']), value: String(row['value']) };
}
