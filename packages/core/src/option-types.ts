import type { FindSession, StateStore } from './ports.js';
import type {
  Awaitable,
  ClaimsOptions,
  FetchToken,
  Params,
  UpdateToken,
  UserInfo,
} from './types.js';

/** Options of `register()`. Names are Authlib's, in camelCase; values of the wire keep their wire form. */
export interface RegisterOptions {
  /** The client identifier the provider gave you (RFC 6749 §2.2). Default: `{NAME}_CLIENT_ID`. */
  clientId?: string | undefined;
  /** The client secret; without one the client is public. Default: `{NAME}_CLIENT_SECRET`. */
  clientSecret?: string | undefined;
  /** Temporary credential request URI (RFC 5849 §2.1). Its presence selects OAuth 1.0a. */
  requestTokenUrl?: string | undefined;
  /** Extra signed parameters of the temporary credential request. */
  requestTokenParams?: Params | undefined;
  /** Token endpoint (RFC 6749 §3.2), or OAuth 1 token request URI. */
  accessTokenUrl?: string | undefined;
  accessTokenParams?: Params | undefined;
  /** Token endpoint for refreshing, where it differs. */
  refreshTokenUrl?: string | undefined;
  refreshTokenParams?: Params | undefined;
  /** Authorization endpoint (RFC 6749 §3.1), or OAuth 1 resource owner authorization URI. */
  authorizeUrl?: string | undefined;
  /** Extra parameters of every authorization request; those of a single call win. */
  authorizeParams?: Params | undefined;
  /** Where the provider's API begins; relative URLs of resource calls are appended to it. */
  apiBaseUrl?: string | undefined;
  /** Address of the provider's metadata (RFC 8414, OpenID Connect Discovery), loaded on first use. */
  serverMetadataUrl?: string | undefined;
  /** The provider's issuer identifier, compared exactly. Alone, it also leads to the metadata. */
  issuer?: string | undefined;
  /** Where the provider's signing keys are; from the metadata unless given. */
  jwksUri?: string | undefined;
  /** The provider's signing keys themselves (RFC 7517 §5). */
  jwks?: { readonly keys: readonly Record<string, unknown>[] } | undefined;
  /** The one `alg` accepted of id_tokens. Default: the asymmetric ones the metadata lists. */
  idTokenSignedResponseAlg?: string | undefined;
  userinfoEndpoint?: string | undefined;
  /** Turns the provider's profile into claims. Receives the parsed body and a way to ask for more. */
  userinfoComplianceFix?: UserinfoComplianceFix | undefined;
  /** Hooks for a provider's deviations. */
  complianceFix?: ComplianceFix | undefined;
  /** Client authentication methods of your own, by name. */
  clientAuthMethods?: Record<string, ClientAuthMethod> | undefined;
  /** `client_secret_basic` (default with a secret), `client_secret_post`, `none`, or one of your own. */
  tokenEndpointAuthMethod?: string | undefined;
  /** Requested scope: space separated, or a list. With `openid` an id_token must come back. */
  scope?: string | readonly string[] | undefined;
  /** PKCE (RFC 7636 §4.3); always on. */
  codeChallengeMethod?: 'S256' | undefined;
  /** How the provider sends its answer: in the `query` (default), or as a `form_post`. */
  responseMode?: 'query' | 'form_post' | undefined;
  /** Where resource calls put a bearer token (RFC 6750 §2). Default `header`. */
  tokenPlacement?: 'header' | 'body' | 'uri' | undefined;
  /** Tolerated clock difference in seconds, for id_tokens. Default 30. */
  leeway?: number | undefined;
  /** Further checks on id_token claims; they add to the standard ones and replace none. */
  claimsOptions?: ClaimsOptions | undefined;
  /** Loads this client's stored token for a resource call; wins over the registry's hook. */
  fetchToken?: FetchToken | undefined;
  /** Stores this client's refreshed token; wins over the registry's hook. */
  updateToken?: UpdateToken | undefined;
  /** OAuth 1 signature method (RFC 5849 §3.4). Default `HMAC-SHA1`. */
  signatureMethod?: SignatureMethod | undefined;
  /** Where OAuth 1 parameters travel (RFC 5849 §3.5). Default `HEADER`. */
  signatureType?: 'HEADER' | 'QUERY' | 'BODY' | undefined;
  /** The `realm` of OAuth 1 Authorization headers (RFC 5849 §3.5.1). */
  realm?: string | undefined;
  /** Lets configuration win over these options. */
  overwrite?: boolean | undefined;
}

/** How OAuth 1 requests are signed (RFC 5849 §3.4). */
export type SignatureMethod = 'HMAC-SHA1' | 'HMAC-SHA256' | 'HMAC-SHA512' | 'PLAINTEXT';

/** A provider's profile, and the client it came through, turned into claims. */
export type UserinfoComplianceFix = (
  profile: Record<string, unknown>,
  app: { get(url: string): Promise<Response> },
) => Awaitable<UserInfo>;

/** Hooks for a provider's deviations from RFC 6749; each receives plain data and returns it mended. */
export interface ComplianceFix {
  /** Mends the parsed token response before it is checked. */
  accessTokenResponse?: (body: Record<string, unknown>) => Awaitable<Record<string, unknown>>;
  /** Edits the token request before it is sent. */
  accessTokenRequest?: (request: { headers: Headers; body: URLSearchParams }) => Awaitable<void>;
  /** Mends the parsed answer to a refresh before it is checked. */
  refreshTokenResponse?: (body: Record<string, unknown>) => Awaitable<Record<string, unknown>>;
  /** Edits the refresh request before it is sent. */
  refreshTokenRequest?: (request: { headers: Headers; body: URLSearchParams }) => Awaitable<void>;
  /** Edits a resource request after the token was attached. */
  protectedRequest?: (request: { url: URL; headers: Headers }) => Awaitable<void>;
}

/** A client authentication method of your own: edits the token request. */
export type ClientAuthMethod = (
  request: { headers: Headers; body: URLSearchParams },
  client: { clientId: string; clientSecret: string | undefined },
) => Awaitable<void>;

/** Options of `new OAuth()`. */
export interface OAuthOptions {
  /** Where `{NAME}_CLIENT_ID` and the like are read from. Default `process.env`. */
  config?: Readonly<Record<string, string | undefined>>;
  fetchToken?: FetchToken | undefined;
  updateToken?: UpdateToken | undefined;
  /** Seals what is kept in cookies; 32 characters or more. The first seals, all of them open. */
  secret?: string | readonly string[] | undefined;
  /** Where pending logins are kept. Default: the framework's session. */
  stateStorage?: 'session' | 'cookie' | StateStore | undefined;
  /** A session of your own in place of the framework's: anything with `get` and `set`. */
  session?: FindSession | undefined;
  /** The application's own address, e.g. `https://app.example`; redirect URIs are resolved against it. */
  baseUrl?: string | undefined;
  /** Replaces the global `fetch`. */
  fetch?: typeof globalThis.fetch | undefined;
  /** Milliseconds a provider has for one answer. Default 10 000. */
  timeout?: number | undefined;
  /** Allows plain http beyond loopback. For development only. */
  allowInsecureRequests?: boolean | undefined;
  /** Sizes and lifetimes. */
  limits?: Partial<Limits> | undefined;
}

/** Sizes and lifetimes, each with its default. */
export interface Limits {
  /** Seconds a login may take from redirect to callback: 600. */
  stateTtl: number;
  /** Pending logins kept for one browser; the oldest goes first: 20. */
  pendingLogins: number;
  /** Bytes of sealed cookies kept in one browser; the oldest goes first: 8192. */
  pendingCookieBytes: number;
  /** Bytes of a form_post callback: 65536. */
  formBytes: number;
  /** Seconds that loaded metadata is good for: 3600. */
  metadataTtl: number;
}
