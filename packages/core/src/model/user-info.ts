/** Who the user is: OpenID Connect standard claims (OpenID Connect Core §5.1) and the raw profile. */
export interface UserInfo {
  /** The provider's identifier of the user; unique together with the issuer or the client's name. */
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
  /** The provider's answer as it arrived. */
  raw?: Record<string, unknown>;
  [claim: string]: unknown;
}

/** What a claim of an id_token must be, beyond the standard checks. */
export type ClaimsOptions = Record<string, ClaimOptions>;
/** What one claim must be. */
export interface ClaimOptions {
  /** The claim must be there, and must not be empty. */
  essential?: boolean;
  /** The claim must equal this value. */
  value?: unknown;
  /** The claim must equal one of these values. */
  values?: readonly unknown[];
  /** Returns `false` to refuse the claim. */
  validate?: (value: unknown, claims: Record<string, unknown>) => boolean;
}
