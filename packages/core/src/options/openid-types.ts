import type { ClaimsOptions, ResponseType } from '../model/types.js';
import type { PrivateKeyOption } from './client-auth-types.js';

/** Options of `register()` about who the person is: id_tokens and the keys they are signed with. */
export interface OpenIdRegisterOptions {
  /**
   * The provider's issuer identifier, compared exactly. Alone, it also leads to the metadata. A provider
   * with several: a list of them, of which those after the first may be bare hosts; or a template such as
   * `https://login.example/{tenantid}/v2.0`, with the `tenants` that may log in.
   */
  issuer?: string | readonly string[] | undefined;
  /** The tenants of an `issuer` template that are accepted, or a function that says so of one. */
  tenants?: readonly string[] | ((tenant: string) => boolean) | undefined;
  /** Where the provider's signing keys are; from the metadata unless given. */
  jwksUri?: string | undefined;
  /**
   * What the provider answers with. Default `code`, with which no token travels through the browser; the
   * others need `responseMode` `form_post`, which is their default, or `fragment`.
   */
  responseType?: ResponseType | undefined;
  /**
   * Takes the id_token of a `code id_token` callback for a detached signature of the response: its hashes of
   * the code (`c_hash`) and of the state (`s_hash`) must be there (FAPI 1.0 Advanced §5.2.2.1, §5.2.3.1).
   * Default `false`: an `s_hash` may be missing.
   */
  enableDetachedSignatureResponseChecks?: boolean | undefined;
  /** The provider's signing keys themselves (RFC 7517 §5). */
  jwks?: { readonly keys: readonly Record<string, unknown>[] } | undefined;
  /** The one `alg` accepted of id_tokens. Default: the asymmetric ones the metadata lists. */
  idTokenSignedResponseAlg?: string | undefined;
  /**
   * The one `alg` id_tokens are encrypted with, to one of the `decryptionKeys`; with it, an unencrypted
   * one is refused.
   */
  idTokenEncryptedResponseAlg?: string | undefined;
  /** The one `enc` of encrypted id_tokens. Default `A128CBC-HS256`. */
  idTokenEncryptedResponseEnc?: string | undefined;
  /** The one `alg` userinfo is signed with; with it, unsigned userinfo is refused. */
  userinfoSignedResponseAlg?: string | undefined;
  /** The one `alg` userinfo is encrypted with; with it, unencrypted userinfo is refused. */
  userinfoEncryptedResponseAlg?: string | undefined;
  /** The one `enc` of encrypted userinfo. Default `A128CBC-HS256`. */
  userinfoEncryptedResponseEnc?: string | undefined;
  /**
   * Private keys for what is encrypted to this client: PEM text (PKCS #8, PKCS #1 or SEC 1), JWKs or `CryptoKey`s; in
   * `{ key, kid }` where the provider names them.
   */
  decryptionKeys?: readonly PrivateKeyOption[] | undefined;
  /** Tolerated clock difference in seconds, for id_tokens. Default 30. */
  leeway?: number | undefined;
  /**
   * The audiences beside this client that an id_token may name (OpenID Connect Core §3.1.3.7). With the list, an
   * id_token with others is refused, and `azp` may be missing. Default: `azp` must name this client
   * when there are several.
   */
  trustedAudiences?: readonly string[] | undefined;
  /**
   * Makes `acr_values` binding: an id_token whose `acr` is none of them, or missing, is refused. Default `false`:
   * `acr_values` asks for a voluntary claim (OpenID Connect Core §5.5.1.1), and the `acr` is for the
   * application to read.
   */
  essentialAcr?: boolean | undefined;
  /**
   * The issuers whose claims `aggregatedClaims()` and `distributedClaims()` believe, by issuer
   * identifier. Their keys are found by discovery unless they are given here.
   */
  claimSources?: Readonly<Record<string, ClaimsProvider>> | undefined;
  /** Further checks on id_token claims; they add to the standard ones and replace none. */
  claimsOptions?: ClaimsOptions | undefined;
}

/** A claims provider that is trusted (OpenID Connect Core §5.6.2). */
export interface ClaimsProvider {
  /** Its signing keys themselves (RFC 7517 §5). */
  readonly jwks?: { readonly keys: readonly Record<string, unknown>[] } | undefined;
  /** Where its signing keys are. */
  readonly jwksUri?: string | undefined;
  /** Where distributed claims are asked for; only the origin counts. Default: that of the issuer. */
  readonly endpoint?: string | undefined;
  /** The one `alg` its signatures may have. Default: any asymmetric one. */
  readonly alg?: string | undefined;
}
