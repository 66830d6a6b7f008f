import { isPlainText, withoutNulls, withoutUndefined } from './encoding.js';
import type { UserInfo } from '../model/types.js';

/** The boolean claims (OpenID Connect Core §5.1). */
export const booleanClaims: ReadonlySet<string> = new Set([
  'email_verified',
  'phone_number_verified',
]);

/**
 * Converts a provider's claims to the standard types: for a boolean claim, only `true` and `"true"`
 * are true, so that no other text counts as true. A claim that is `null` is absent.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims
 */
export function typedClaims<T extends Record<string, unknown>>(claims: T): T {
  const present = withoutNulls(claims) as Record<string, unknown>;
  const typed: Record<string, unknown> = { ...present };
  for (const claim of booleanClaims)
    if (Object.hasOwn(present, claim))
      typed[claim] = present[claim] === true || present[claim] === 'true';
  return typed as T;
}

/**
 * Adds claims of the same user from another source to the verified claims. Verified claims take
 * precedence, and `email_verified` and `phone_number_verified` come from the same source as their
 * value.
 */
export function completeClaims(verified: UserInfo, found: UserInfo): UserInfo {
  const pair = (value: 'email' | 'phone_number', flag: string): Record<string, unknown> => ({
    [flag]: (verified[value] === undefined && found.sub ? found : verified)[flag],
  });
  return withoutUndefined({
    ...found,
    ...verified,
    ...pair('email', 'email_verified'),
    ...pair('phone_number', 'phone_number_verified'),
  }) as UserInfo;
}

/** Maximum length of a subject in code points (OpenID Connect Core §2). */
const longest = 255;

/**
 * Returns whether a value is a valid user identifier: 1 to 255 code points of well-formed Unicode
 * without control characters. Subjects are compared exactly and never normalized, so two spellings
 * are two users.
 */
export function isSubject(value: unknown): value is string {
  if (!isPlainText(value) || value === '' || value.length > 2 * longest) return false;
  return [...value].length <= longest;
}
