import { isPlain } from '../platform/validators.js';
import { OAuthError } from '../model/errors.js';
import type { BrowserExchange } from '../model/ports.js';
import { requestOf } from './request.js';
import type { RoutesOptions } from './options.js';

/**
 * The id of the account that is signed in, as text; `undefined` if nobody is, for which applications also
 * write `''` and `false`. Ids are compared as text, so a value whose text is that of others is refused.
 *
 * @throws OAuthError `invalid_options` if the `account` hook returned what is no id
 */
export async function accountOf(
  browser: BrowserExchange,
  { account }: Pick<RoutesOptions, 'account'>,
): Promise<string | undefined> {
  const id: unknown = await account?.(requestOf(browser));
  if (id === undefined || id === null || id === '' || id === false) return undefined;
  if (isId(id)) return String(id);
  throw new OAuthError(
    'invalid_options',
    'routes({ account }) returned something else than an id. Return the id of the account that is signed in, ' +
      'a string or a number, or undefined if nobody is.',
  );
}

/** Ids of databases are objects with a text of their own. */
function isId(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'string' || typeof value === 'bigint') return true;
  if (typeof value !== 'object' || Array.isArray(value) || isPlain(value)) return false;
  return !/^(?:\[object .*\])?$/.test(String(value));
}
