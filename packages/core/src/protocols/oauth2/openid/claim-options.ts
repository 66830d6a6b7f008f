import { OAuthError } from '../../../model/errors.js';
import type { ClaimOptions } from '../../../model/types.js';

/** Whether a claim matches an entry of `claimsOptions`. */
export async function meetsOption(
  value: unknown,
  option: ClaimOptions,
  claims: Record<string, unknown>,
): Promise<boolean> {
  if (option.essential && isEmpty(value)) return false;
  if (!hasAllowedValue(value, option)) return false;
  // Awaited, because the promise of an async function is always truthy.
  if (!option.validate) return true;
  const valid: unknown = await option.validate(value, claims);
  if (valid !== undefined) return Boolean(valid);
  throw new OAuthError(
    'invalid_options',
    'A "validate" of "claimsOptions" returned undefined, so the login was rejected. It must ' +
      'return true or false: check that every path ends with "return".',
  );
}

/** Whether a value is missing, an empty string or list, or an object without members. */
function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** Whether a value is allowed. A list, such as "groups", matches with any of its items. */
function hasAllowedValue(value: unknown, { value: wanted, values }: ClaimOptions): boolean {
  const allowed = values ?? (wanted === undefined ? undefined : [wanted]);
  const found = [value, ...(Array.isArray(value) ? value : [])].map((item) => JSON.stringify(item));
  return allowed === undefined || allowed.some((item) => found.includes(JSON.stringify(item)));
}
