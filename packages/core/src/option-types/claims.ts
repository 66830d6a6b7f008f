/** What a claim of an id_token must be, beyond the standard checks. */
export type ClaimsOptions = Record<string, ClaimOptions>;
export interface ClaimOptions {
  /** The claim must be there. */
  essential?: boolean;
  /** The claim must equal this value. */
  value?: unknown;
  /** The claim must equal one of these values. */
  values?: readonly unknown[];
  /** Returns `false` to refuse the claim. */
  validate?: (value: unknown, claims: Record<string, unknown>) => boolean;
}
