import type { Awaitable, Params } from '../model/types.js';

/** Options of `register()` that only OAuth 2 clients have a use for. */
export interface OAuth2RegisterOptions {
  /** Token endpoint for refreshing, where it differs. */
  refreshTokenUrl?: string | undefined;
  /** Extra parameters of refresh requests. */
  refreshTokenParams?: Params | undefined;
  /** Address of the provider's metadata (RFC 8414, OpenID Connect Discovery), loaded on first use. */
  serverMetadataUrl?: string | undefined;
  /**
   * `client_credentials`: this client acts for itself, and resource calls get its token by themselves
   * (RFC 6749 §4.4). Default: it logs people in.
   */
  grantType?: 'authorization_code' | 'client_credentials' | undefined;
  /** Insecure grants that OAuth 2.1 has removed, for providers that have nothing else. Default: none. */
  allowLegacyGrants?: readonly ('password' | 'implicit')[] | undefined;
  /** Where tokens are revoked (RFC 7009); from the metadata unless given. */
  revocationEndpoint?: string | undefined;
  /** Where tokens are introspected (RFC 7662); from the metadata unless given. */
  introspectionEndpoint?: string | undefined;
  /** The `alg` of signed introspection answers (RFC 9701); with it, plain ones are refused. */
  introspectionSignedResponseAlg?: string | undefined;
  /** Where devices without a browser begin (RFC 8628); from the metadata unless given. */
  deviceAuthorizationEndpoint?: string | undefined;
  /** Where backchannel authentication (CIBA) begins; from the metadata unless given. */
  backchannelAuthenticationEndpoint?: string | undefined;
  /** Hooks for a provider's deviations. */
  complianceFix?: ComplianceFix | undefined;
  /** The challenge of PKCE (RFC 7636 §4.3). There is no other; see `pkce` for providers that refuse it. */
  codeChallengeMethod?: 'S256' | undefined;
  /** Where resource calls put a bearer token (RFC 6750 §2). Default `header`. */
  tokenPlacement?: TokenPlacement | undefined;
}

/**
 * Where a bearer token goes: by the standard, or for a provider with its own habits under another name,
 * or in an `Authorization` header with another scheme.
 */
export type TokenPlacement =
  | 'header'
  | 'body'
  | 'uri'
  | { readonly header: string }
  | { readonly scheme: string }
  | { readonly uri: string }
  | { readonly body: string };

/** Hooks for a provider's deviations from RFC 6749; each receives plain data and returns it mended. */
export interface ComplianceFix {
  /** Mends the parsed token response before it is checked. */
  accessTokenResponse?: (body: Record<string, unknown>) => Awaitable<Record<string, unknown>>;
  /** Edits the token request before it is sent. */
  accessTokenRequest?: (request: HookRequest) => Awaitable<void>;
  /** Mends the parsed answer to a refresh before it is checked. */
  refreshTokenResponse?: (body: Record<string, unknown>) => Awaitable<Record<string, unknown>>;
  /** Edits the refresh request before it is sent. */
  refreshTokenRequest?: (request: HookRequest) => Awaitable<void>;
  /** Edits the revocation request before it is sent (RFC 7009 §2.1). */
  revokeTokenRequest?: (request: HookRequest, client: HookClient) => Awaitable<void>;
  /** Edits the introspection request before it is sent (RFC 7662 §2.1). */
  introspectTokenRequest?: (request: HookRequest) => Awaitable<void>;
  /** Edits a resource request after the token was attached. The URL stays on its origin. */
  protectedRequest?: (
    request: { url: URL; headers: Headers },
    client: HookClient,
  ) => Awaitable<void>;
}

/**
 * A request that a hook edits in place: to the token endpoint, or another that knows the client. The path and the
 * query of `url` may be changed, not the origin.
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
