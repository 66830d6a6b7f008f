import type { Awaitable } from '../model/types.js';
import type { CryptoKey } from '../model/web-types.js';
import type { HookRequest } from './oauth2-types.js';

/** Client authentication options of `register()` (RFC 6749 §2.3, RFC 7591 §2). */
export interface ClientAuthRegisterOptions {
  /**
   * Client authentication method at the token endpoint: `client_secret_basic` (default with a
   * secret), `client_secret_post`, `client_secret_jwt`, `private_key_jwt` (default with only a
   * key), `tls_client_auth`, `self_signed_tls_client_auth`, `none`, or a name in
   * `clientAuthMethods`.
   */
  tokenEndpointAuthMethod?: string | undefined;
  /**
   * The `alg` of client assertions. Default: the first algorithm of the key that the metadata
   * lists.
   */
  tokenEndpointAuthSigningAlg?: string | undefined;
  /** Custom client authentication methods, by name. */
  clientAuthMethods?: Record<string, ClientAuthMethod> | undefined;
  /**
   * Encoding of client id and secret in HTTP Basic: `form`-encoded first (RFC 6749 §2.3.1,
   * default), or `raw`, for authorization servers that do not decode them.
   */
  basicEncoding?: 'form' | 'raw' | undefined;
  /**
   * The client's private key, for `private_key_jwt` and signed requests: PEM text (PKCS #8, PKCS #1
   * or SEC 1), a JWK or a `CryptoKey`. Use `{ key, kid }` if the provider requires a `kid`.
   */
  privateKey?: PrivateKeyOption | undefined;
  /**
   * The `aud` of client assertions: the provider's `issuer` (default), its `token_endpoint`, or any
   * other string.
   */
  clientAssertionAudience?: string | undefined;
  /**
   * Additional header parameters of client assertions, such as `x5t#S256`, the thumbprint of the
   * key's certificate (RFC 7515 §4.1). `alg`, `kid`, `crit` and `b64` are reserved.
   */
  clientAssertionHeader?: Readonly<Record<string, unknown>> | undefined;
  /**
   * Additional claims of client assertions. `iss`, `sub`, `aud`, `exp`, `iat` and `jti` are
   * reserved (RFC 7523 §3).
   */
  clientAssertionClaims?: Readonly<Record<string, unknown>> | undefined;
  /** Generates the client secret as a signed JWT and regenerates it before it expires. */
  clientSecretJwt?: ClientSecretJwt | undefined;
  /**
   * Uses the provider's `mtls_endpoint_aliases` and expects certificate-bound access tokens (RFC
   * 8705 §3). Implied by the `tls_client_auth` methods. The certificate itself is configured in
   * `fetch`.
   */
  tlsClientCertificateBoundAccessTokens?: boolean | undefined;
  /**
   * Replaces the registry's `fetch` for this client, for example with one that sends a client
   * certificate.
   */
  fetch?: typeof globalThis.fetch | undefined;
  /** Milliseconds before a request of this client times out. Default: the registry's. */
  timeout?: number | undefined;
  /** The `User-Agent` header of this client's requests. Default: the registry's. */
  userAgent?: string | undefined;
}

/**
 * A custom client authentication method. Edits in place a request to the token endpoint or another
 * endpoint that authenticates the client.
 */
export type ClientAuthMethod = (
  request: HookRequest,
  client: { clientId: string; clientSecret: string | undefined },
) => Awaitable<void>;

/**
 * A private key: PEM text (PKCS #8, PKCS #1 or SEC 1), a JWK (RFC 7517), or a `CryptoKey` with the
 * `sign` usage.
 */
export type PrivateKey = string | CryptoKey | PrivateJwk;

/** A private key as a JWK (RFC 7517). */
export interface PrivateJwk {
  readonly kty: string;
  readonly kid?: string | undefined;
  readonly alg?: string | undefined;
  readonly [member: string]: unknown;
}

/** A private key, optionally with the `kid` the provider expects. */
export type PrivateKeyOption =
  PrivateKey | { readonly key: PrivateKey; readonly kid?: string | undefined };

/** How to generate a client secret that is a signed JWT. */
export interface ClientSecretJwt {
  /** The signing key. */
  readonly key: PrivateKey;
  /** The `kid` of the JWT header. */
  readonly kid?: string | undefined;
  /** The `iss` claim: your identifier at the provider. The `sub` claim is the `clientId`. */
  readonly issuer: string;
  /** The `aud` claim: the provider. */
  readonly audience: string;
  /** Lifetime in seconds. The JWT is regenerated when a tenth of it remains. Default: 3600. */
  readonly lifetime?: number | undefined;
}
