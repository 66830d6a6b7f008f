/**
 * The user's profile: standard claims (OpenID Connect Core §5.1) and the provider's raw profile.
 */
export interface UserInfo {
  /**
   * The user's identifier at the provider; unique only together with the issuer or the client's
   * name.
   */
  sub?: string;
  name?: string;
  given_name?: string;
  family_name?: string;
  middle_name?: string;
  nickname?: string;
  preferred_username?: string;
  profile?: string;
  picture?: string;
  website?: string;
  email?: string;
  email_verified?: boolean;
  gender?: string;
  birthdate?: string;
  zoneinfo?: string;
  locale?: string;
  phone_number?: string;
  phone_number_verified?: boolean;
  updated_at?: number;
  /** The provider's response, unchanged. */
  raw?: Record<string, unknown>;
  [claim: string]: unknown;
}

/** Additional validation rules for id_token claims, by claim. */
export type ClaimsOptions = Record<string, ClaimOptions>;
/** The validation rule for one claim. */
export interface ClaimOptions {
  /** The claim must be present and not empty. */
  essential?: boolean;
  /** The claim must equal this value. */
  value?: unknown;
  /** The claim must equal one of these values. */
  values?: readonly unknown[];
  /** Returns `false` to reject the claim. */
  validate?: (value: unknown, claims: Record<string, unknown>) => boolean;
}
