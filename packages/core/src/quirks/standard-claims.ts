import { withoutNulls, withoutUndefined } from '../platform/encoding.js';
import type { UserInfo } from '../model/types.js';

/** The claims that are true or false (OpenID Connect Core §5.1). */
export const booleanClaims: ReadonlySet<string> = new Set([
  'email_verified',
  'phone_number_verified',
]);

/**
 * Brings a provider's claims into the types of the standard: of a claim that is true or false, `true` and
 * `"true"` are true and all else is false, so that no text passes for true. A claim that is `null` is absent.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#StandardClaims
 */
export function typedClaims<T extends Record<string, unknown>>(claims: T): T {
  const typed = Object.entries(withoutNulls(claims)).map(([claim, value]) => [
    claim,
    booleanClaims.has(claim) ? value === true || value === 'true' : value,
  ]);
  return Object.fromEntries(typed) as T;
}

/**
 * Adds to the verified claims of a user what another source says of the same user. A verified claim wins, and
 * whether an email or phone number is verified comes from where the email or phone number does.
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
