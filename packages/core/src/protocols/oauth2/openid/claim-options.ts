import { OAuthError } from '../../../model/errors.js';
import type { ClaimOptions } from '../../../model/types.js';

/** Tells whether a claim is what an entry of `claimsOptions` asks for. */
export async function meetsOption(
  value: unknown,
  option: ClaimOptions,
  claims: Record<string, unknown>,
): Promise<boolean> {
  if (option.essential && isEmpty(value)) return false;
  if (!hasAllowedValue(value, option)) return false;
  // Awaited, so that the promise of an asynchronous function does not pass as a yes.
  if (!option.validate) return true;
  const valid: unknown = await option.validate(value, claims);
  if (valid !== undefined) return Boolean(valid);
  throw new OAuthError(
    'invalid_options',
    'A "validate" of "claimsOptions" returned nothing, so the login was refused; it must return true or false. ' +
      'Check that every path through it ends with "return".',
  );
}

/** Nothing, a text or list without anything in it, or an object without members. */
function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}

/** A list, such as "groups", meets the option with any of its items. A claim that must have a value must be there. */
function hasAllowedValue(value: unknown, { value: wanted, values }: ClaimOptions): boolean {
  const allowed = values ?? (wanted === undefined ? undefined : [wanted]);
  const found = [value, ...(Array.isArray(value) ? value : [])].map((item) => JSON.stringify(item));
  return allowed === undefined || allowed.some((item) => found.includes(JSON.stringify(item)));
}
