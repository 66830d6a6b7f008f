import type { ClaimsOptions, ResponseType } from '../types.js';

/** Options of `register()` about who the person is: id_tokens and the keys they are signed with. */
export interface OpenIdRegisterOptions {
  /** The provider's issuer identifier, compared exactly. Alone, it also leads to the metadata. */
  issuer?: string | undefined;
  /** Where the provider's signing keys are; from the metadata unless given. */
  jwksUri?: string | undefined;
  /** Where people are logged out (RP-Initiated Logout 1.0); from the metadata unless given. */
  endSessionEndpoint?: string | undefined;
  /**
   * What the provider answers with. Default `code`, with which no token travels through the browser; the
   * others need `responseMode` `form_post`, which is their default, or `fragment`.
   */
  responseType?: ResponseType | undefined;
  /** The provider's signing keys themselves (RFC 7517 §5). */
  jwks?: { readonly keys: readonly Record<string, unknown>[] } | undefined;
  /** The one `alg` accepted of id_tokens. Default: the asymmetric ones the metadata lists. */
  idTokenSignedResponseAlg?: string | undefined;
  /** Tolerated clock difference in seconds, for id_tokens. Default 30. */
  leeway?: number | undefined;
  /** Further checks on id_token claims; they add to the standard ones and replace none. */
  claimsOptions?: ClaimsOptions | undefined;
}
