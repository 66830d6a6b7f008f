import type { Awaitable } from '../model/types.js';
import type { CryptoKey } from '../model/web-types.js';
import type { HookRequest } from './oauth2-types.js';

/** Options of `register()` about how the client proves who it is (RFC 6749 §2.3, RFC 7591 §2). */
export interface ClientAuthRegisterOptions {
  /**
   * `client_secret_basic` (default with a secret), `client_secret_post`, `client_secret_jwt`,
   * `private_key_jwt` (default with a key alone), `tls_client_auth`, `self_signed_tls_client_auth`,
   * `none`, or one of your own.
   */
  tokenEndpointAuthMethod?: string | undefined;
  /** The `alg` of client assertions. Default: the first of the key's that the metadata lists. */
  tokenEndpointAuthSigningAlg?: string | undefined;
  /** Client authentication methods of your own, by name. */
  clientAuthMethods?: Record<string, ClientAuthMethod> | undefined;
  /**
   * How HTTP Basic carries id and secret: `form`-encoded first (RFC 6749 §2.3.1, default), or `raw`, for
   * servers that do not decode them.
   */
  basicEncoding?: 'form' | 'raw' | undefined;
  /**
   * The client's private key, for `private_key_jwt` and signed requests: a PEM text (PKCS #8, PKCS #1 or
   * SEC 1), a JWK or a `CryptoKey`; in `{ key, kid }` if the provider wants a `kid`.
   */
  privateKey?: PrivateKeyOption | undefined;
  /**
   * The `aud` of client assertions: the provider's `issuer` (default), its `token_endpoint`, or any
   * other text.
   */
  clientAssertionAudience?: string | undefined;
  /**
   * More members of the header of client assertions, such as `x5t#S256`, the thumbprint of the key's
   * certificate (RFC 7515 §4.1). `alg`, `kid`, `crit` and `b64` are the library's own.
   */
  clientAssertionHeader?: Readonly<Record<string, unknown>> | undefined;
  /**
   * More claims of client assertions. `iss`, `sub`, `aud`, `exp`, `iat` and `jti` are the library's own
   * (RFC 7523 §3).
   */
  clientAssertionClaims?: Readonly<Record<string, unknown>> | undefined;
  /** A client secret that is a JWT signed with a key of yours, made when needed and renewed in time. */
  clientSecretJwt?: ClientSecretJwt | undefined;
  /**
   * Uses the provider's `mtls_endpoint_aliases` and expects certificate-bound tokens (RFC 8705 §3).
   * Implied by the `tls_client_auth` methods. The certificate is the business of `fetch`.
   */
  tlsClientCertificateBoundAccessTokens?: boolean | undefined;
  /** Replaces the registry's `fetch` for this client, for example with one that has a certificate. */
  fetch?: typeof globalThis.fetch | undefined;
  /** Milliseconds this client's provider has for one response. Default: the registry's. */
  timeout?: number | undefined;
  /** The `User-Agent` of this client's requests. Default: the registry's. */
  userAgent?: string | undefined;
}

/**
 * A client authentication method of your own: edits the request to the token endpoint, or another that knows the
 * client, in place.
 */
export type ClientAuthMethod = (
  request: HookRequest,
  client: { clientId: string; clientSecret: string | undefined },
) => Awaitable<void>;

/** A private key: PEM text (PKCS #8, PKCS #1 or SEC 1), a JWK (RFC 7517), or a `CryptoKey` that may sign. */
export type PrivateKey = string | CryptoKey | PrivateJwk;

/** A private key as a JWK (RFC 7517). */
export interface PrivateJwk {
  readonly kty: string;
  readonly kid?: string | undefined;
  readonly alg?: string | undefined;
  readonly [member: string]: unknown;
}

/** A private key, alone or with the `kid` under which the provider knows it. */
export type PrivateKeyOption =
  PrivateKey | { readonly key: PrivateKey; readonly kid?: string | undefined };

/** How a client secret that is a signed JWT is made. */
export interface ClientSecretJwt {
  /** What signs it. */
  readonly key: PrivateKey;
  /** The `kid` in its header. */
  readonly kid?: string | undefined;
  /** Its `iss`: who you are to the provider. Its `sub` is the `clientId`. */
  readonly issuer: string;
  /** Its `aud`: the provider. */
  readonly audience: string;
  /** Seconds for which it is valid; renewed when a tenth is left. Default 3600. */
  readonly lifetime?: number | undefined;
}
