import { isPlain } from '../platform/validators.js';
import { OAuthError } from '../model/errors.js';
import type { BrowserRequest } from '../model/ports.js';
import { requestOf } from './request.js';
import type { RoutesOptions } from './options.js';

/** The options of the routes, and what they know of sessions that the provider has ended. */
export interface RoutesSettings extends RoutesOptions {
  /** Returns whether the provider has ended the session of a request. */
  hasEnded?(browser: BrowserRequest): Promise<boolean>;
}

/**
 * Returns the ID of the signed-in user as text; `undefined` if no user is signed in, for which
 * applications also return `''` and `false`. IDs are compared as text, so values without a unique
 * text are rejected.
 *
 * @throws OAuthError `invalid_options` if the `userId` hook returned an invalid ID
 */
export async function userIdOf(
  browser: BrowserRequest,
  { userId, hasEnded }: Pick<RoutesSettings, 'userId' | 'hasEnded'>,
): Promise<string | undefined> {
  if (await hasEnded?.(browser)) return undefined;
  const id: unknown = await userId?.(requestOf(browser));
  if (id === undefined || id === null || id === '' || id === false) return undefined;
  if (isId(id)) return String(id);
  throw new OAuthError(
    'invalid_options',
    'The function "userId" returned an invalid ID. Return the ID of the signed-in user, ' +
      'a string or a number, or undefined if no user is signed in.',
  );
}

/** IDs of databases are objects with a text representation of their own. */
function isId(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'string' || typeof value === 'bigint') return true;
  if (typeof value !== 'object' || Array.isArray(value) || isPlain(value)) return false;
  return !/^(?:\[object .*\])?$/.test(String(value));
}
