import type { ProfileMapping } from '../../options/register-options.js';

/** The standard claims, for providers that send them unchanged (OpenID Connect Core §5.1). */
export const standardClaims: ProfileMapping = Object.fromEntries(
  [
    'sub name given_name family_name middle_name nickname preferred_username profile picture website',
    'email email_verified gender birthdate zoneinfo locale phone_number phone_number_verified updated_at',
  ]
    .flatMap((names) => names.split(' '))
    .map((claim) => [claim, `$.${claim}`]),
);
