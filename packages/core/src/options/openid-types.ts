import type { ClaimsOptions, ResponseType } from '../model/types.js';
import type { PrivateKeyOption } from './client-auth-types.js';

/** Options of `register()` for OpenID Connect: id_tokens, userinfo and their keys. */
export interface OpenIdRegisterOptions {
  /**
   * The provider's issuer identifier, compared exactly. Without `serverMetadataUrl`, it is also
   * used for discovery. For a provider with several issuers: a list, in which entries after the
   * first may be bare hosts, or a template such as `https://login.example/{tenantid}/v2.0`, with
   * the allowed `tenants`.
   */
  issuer?: string | readonly string[] | undefined;
  /**
   * Tenants of an `issuer` template that are accepted: a list, or a function that returns whether a
   * tenant is accepted.
   */
  tenants?: readonly string[] | ((tenant: string) => boolean) | undefined;
  /** JWKS URL of the provider. Default: from the metadata. */
  jwksUri?: string | undefined;
  /**
   * The `response_type` of authorization requests. Default: `code`, with which no token passes
   * through the browser. The others need `responseMode` `form_post` (their default) or `fragment`.
   */
  responseType?: ResponseType | undefined;
  /**
   * Treats the id_token of a `code id_token` callback as a detached signature of the response: its
   * `c_hash` and `s_hash` are required (FAPI 1.0 Advanced §5.2.2.1, §5.2.3.1). Default: `false`;
   * `s_hash` is optional.
   */
  enableDetachedSignatureResponseChecks?: boolean | undefined;
  /** The provider's JSON Web Key Set, inline (RFC 7517 §5). */
  jwks?: { readonly keys: readonly Record<string, unknown>[] } | undefined;
  /**
   * The only `alg` accepted for id_tokens. Default: the asymmetric algorithms listed in the
   * metadata.
   */
  idTokenSignedResponseAlg?: string | undefined;
  /**
   * The only `alg` accepted for encrypted id_tokens, decrypted with one of the `decryptionKeys`. If
   * set, unencrypted id_tokens are rejected.
   */
  idTokenEncryptedResponseAlg?: string | undefined;
  /** The only `enc` accepted for encrypted id_tokens. Default: `A128CBC-HS256`. */
  idTokenEncryptedResponseEnc?: string | undefined;
  /** The only `alg` accepted for signed userinfo. If set, unsigned userinfo is rejected. */
  userinfoSignedResponseAlg?: string | undefined;
  /** The only `alg` accepted for encrypted userinfo. If set, unencrypted userinfo is rejected. */
  userinfoEncryptedResponseAlg?: string | undefined;
  /** The only `enc` accepted for encrypted userinfo. Default: `A128CBC-HS256`. */
  userinfoEncryptedResponseEnc?: string | undefined;
  /**
   * Private keys that decrypt id_tokens, userinfo and responses: PEM text (PKCS #8, PKCS #1 or SEC
   * 1), JWKs or `CryptoKey`s. Use `{ key, kid }` if the provider refers to keys by `kid`.
   */
  decryptionKeys?: readonly PrivateKeyOption[] | undefined;
  /** Clock tolerance in seconds for id_token timestamps. Default: 30. */
  leeway?: number | undefined;
  /**
   * Additional audiences that an id_token may contain (OpenID Connect Core §3.1.3.7). If set, an
   * id_token with other audiences is rejected and `azp` is optional. Default: with several
   * audiences, `azp` must be this client.
   */
  trustedAudiences?: readonly string[] | undefined;
  /**
   * Makes `acr_values` essential: an id_token whose `acr` is missing or not among them is rejected.
   * Default: `false`; `acr_values` requests a voluntary claim (OpenID Connect Core §5.5.1.1), and
   * the application checks `acr` itself.
   */
  essentialAcr?: boolean | undefined;
  /**
   * The claims providers that `aggregatedClaims()` and `distributedClaims()` trust, by issuer
   * identifier. Their keys are discovered unless given here.
   */
  claimSources?: Readonly<Record<string, ClaimsProvider>> | undefined;
  /** Additional validation of id_token claims. It never replaces the standard validation. */
  claimsOptions?: ClaimsOptions | undefined;
}

/** A trusted claims provider (OpenID Connect Core §5.6.2). */
export interface ClaimsProvider {
  /** The JSON Web Key Set, inline (RFC 7517 §5). */
  readonly jwks?: { readonly keys: readonly Record<string, unknown>[] } | undefined;
  /** The JWKS URL. */
  readonly jwksUri?: string | undefined;
  /**
   * The endpoint of distributed claims; only its origin is compared. Default: the issuer's origin.
   */
  readonly endpoint?: string | undefined;
  /** The only `alg` accepted for signatures. Default: any asymmetric algorithm. */
  readonly alg?: string | undefined;
}
