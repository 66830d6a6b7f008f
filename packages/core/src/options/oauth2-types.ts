import type { Awaitable, Params } from '../model/types.js';

/** Options of `register()` for OAuth 2 clients only. */
export interface OAuth2RegisterOptions {
  /** Token endpoint for refresh requests, if it differs from `accessTokenUrl`. */
  refreshTokenUrl?: string | undefined;
  /** Extra parameters of refresh requests. */
  refreshTokenParams?: Params | undefined;
  /** URL of the provider's metadata (RFC 8414, OpenID Connect Discovery), loaded on first use. */
  serverMetadataUrl?: string | undefined;
  /**
   * `client_credentials`: the client acts on its own behalf, and resource calls request its token
   * automatically (RFC 6749 §4.4). Default: `authorization_code`, which logs users in.
   */
  grantType?: 'authorization_code' | 'client_credentials' | undefined;
  /**
   * Enables insecure grants that OAuth 2.1 removes, for providers that support no other. Default:
   * none.
   */
  allowLegacyGrants?: readonly ('password' | 'implicit')[] | undefined;
  /** Revocation endpoint (RFC 7009). Default: from the metadata. */
  revocationEndpoint?: string | undefined;
  /** Introspection endpoint (RFC 7662). Default: from the metadata. */
  introspectionEndpoint?: string | undefined;
  /**
   * The `alg` of signed introspection responses (RFC 9701). If set, unsigned responses are
   * rejected.
   */
  introspectionSignedResponseAlg?: string | undefined;
  /** Device authorization endpoint (RFC 8628). Default: from the metadata. */
  deviceAuthorizationEndpoint?: string | undefined;
  /** Backchannel authentication endpoint (CIBA). Default: from the metadata. */
  backchannelAuthenticationEndpoint?: string | undefined;
  /** Hooks for a provider's deviations from RFC 6749. */
  complianceFix?: ComplianceFix | undefined;
  /**
   * PKCE code challenge method (RFC 7636 §4.3). Only `S256`, the default, is supported; see `pkce`
   * for providers that reject PKCE.
   */
  codeChallengeMethod?: 'S256' | undefined;
  /** How resource calls send a bearer token (RFC 6750 §2). Default: `header`. */
  tokenPlacement?: TokenPlacement | undefined;
}

/**
 * How a bearer token is sent: as in RFC 6750, under a provider-specific name, or in an
 * `Authorization` header with another scheme.
 */
export type TokenPlacement =
  | 'header'
  | 'body'
  | 'uri'
  | { readonly header: string }
  | { readonly scheme: string }
  | { readonly uri: string }
  | { readonly body: string };

/**
 * Hooks for a provider's deviations from RFC 6749. Each receives plain data and returns the
 * corrected data or edits it in place.
 */
export interface ComplianceFix {
  /** Corrects the parsed token response before it is validated. */
  accessTokenResponse?: (body: Record<string, unknown>) => Awaitable<Record<string, unknown>>;
  /** Edits the token request before it is sent. */
  accessTokenRequest?: (request: HookRequest) => Awaitable<void>;
  /** Corrects the parsed refresh response before it is validated. */
  refreshTokenResponse?: (body: Record<string, unknown>) => Awaitable<Record<string, unknown>>;
  /** Edits the refresh request before it is sent. */
  refreshTokenRequest?: (request: HookRequest) => Awaitable<void>;
  /** Edits the revocation request before it is sent (RFC 7009 §2.1). */
  revokeTokenRequest?: (request: HookRequest, client: HookClient) => Awaitable<void>;
  /** Edits the introspection request before it is sent (RFC 7662 §2.1). */
  introspectTokenRequest?: (request: HookRequest) => Awaitable<void>;
  /** Edits a resource request after the token is attached. The URL must stay on its origin. */
  protectedRequest?: (
    request: { url: URL; headers: Headers },
    client: HookClient,
  ) => Awaitable<void>;
}

/**
 * A request that a hook edits in place, to the token endpoint or another endpoint that
 * authenticates the client. The path and query of `url` may be changed, not the origin.
 */
export interface HookRequest {
  url: string;
  headers: Headers;
  body: URLSearchParams;
}

/** The client whose request a hook edits. */
export interface HookClient {
  readonly clientId: string;
  readonly clientSecret: string | undefined;
}
