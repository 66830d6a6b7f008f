import type { LogoutPort } from './logout.js';
import type { AuthorizeParams, Awaitable, GrantParams, Params, ResponseType } from './params.js';
import type { ClaimsOptions, UserInfo } from './user-info.js';
import type { BodyInit, HeadersInit } from './web-types.js';

export type * from './params.js';
export type { ClaimOptions, ClaimsOptions, UserInfo } from './user-info.js';

/**
 * The server a user chose at login, and what was discovered about it: enough to resolve it again in
 * any process. It contains no secrets.
 */
export type ChosenServer = Readonly<Record<string, string>>;

/** The token response of an OAuth 2 provider, with its wire names (RFC 6749 §5.1). */
export interface OAuth2Token {
  access_token: string;
  token_type: string;
  /** Lifetime in seconds, as sent by the provider. */
  expires_in?: number;
  /**
   * When the access token expires, in seconds since the epoch. Computed when the response arrives.
   */
  expires_at?: number;
  /**
   * The response contains an unreadable expiry. With a refresh token, the token is refreshed on the
   * next call; otherwise it is used until the API rejects it.
   */
  expires_unreadable?: true;
  refresh_token?: string;
  /**
   * The granted scope, space separated, as sent by the provider. If the response has no scope (RFC
   * 6749 §5.1), this is the requested scope for a client with a `resource` or a user-chosen server,
   * and after a refresh with a different `scope`; otherwise it is omitted.
   */
  scope?: string;
  id_token?: string;
  /** The verified claims of the id_token. */
  userinfo?: UserInfo;
  /**
   * The server that issued this token, if the user chose one. The token is never sent to another.
   */
  server?: ChosenServer;
  /** The private key this token is bound to (RFC 9449), as a JWK; as sensitive as the token. */
  dpop_key?: Readonly<Record<string, unknown>>;
  [field: string]: unknown;
}

/**
 * A field of a token response that was ignored although the token was accepted. It contains no
 * secrets.
 */
export interface TokenWarning {
  /** The ignored field; `server` stands for the check of a `serverLocator`. */
  field: 'id_token' | 'expires_in' | 'refresh_token' | 'server';
  /** What was seen, and its consequence. */
  message: string;
}

/** The token credentials of an OAuth 1.0a provider, with their wire names (RFC 5849 §2.3). */
export interface OAuth1Token {
  oauth_token: string;
  oauth_token_secret: string;
  /**
   * Lifetime in seconds, as sent by the provider. Most tokens have none and are valid until
   * revoked.
   */
  oauth_expires_in?: string;
  /** When the token expires, in seconds since the epoch. Computed when the response arrives. */
  expires_at?: number;
  /** The response contains an unreadable expiry. */
  expires_unreadable?: true;
  /** The session handle for renewing the token (OAuth Session 1.0). */
  oauth_session_handle?: string;
  userinfo?: UserInfo;
  [field: string]: unknown;
}

/** The result of an OpenID 2.0 login: a verified identifier, and no access token. */
export interface OpenID2Token {
  /** The verified claimed identifier (OpenID Authentication 2.0 §11). */
  claimed_id: string;
  userinfo?: UserInfo;
  [field: string]: unknown;
}

/** The protocols of a client. */
export type Protocol = 'oauth1' | 'oauth2' | 'openid2';

/** A token of any protocol. */
export type Token = OAuth1Token | OAuth2Token | OpenID2Token;

/** Data of a pending login. Store it so that only the callback of the same browser can read it. */
export interface AuthorizeData {
  /** The identifier of this pending login: the `state`, or the OAuth 1 request token. */
  state: string;
  redirectUri: string;
  /** PKCE (RFC 7636 §4.1). */
  codeVerifier?: string;
  /** OpenID Connect Core §3.1.2.1. */
  nonce?: string;
  /** Seconds; OpenID Connect Core §3.1.2.1 `max_age`, enforced on the way back. */
  maxAge?: number;
  /** `true` if the response was requested as a POST. */
  formPost?: boolean;
  /** The authorization server, if the client discovered it. */
  issuer?: string;
  /** The server the user chose, if any. */
  server?: ChosenServer;
  /** The client identifier at that server, if the client registered dynamically. */
  clientId?: string;
  /** The requested scope, if it differs from the client's. */
  scope?: string;
  /** The requested response type, if it is not `code`. */
  responseType?: ResponseType;
  /** `true` if the response is returned in the fragment, which the callback page posts. */
  fragment?: boolean;
  /** `true` if a signed response was requested (JARM). */
  jarm?: boolean;
  /** The `acr` values allowed in the id_token; an empty string allows a missing `acr`. */
  acrValues?: readonly string[];
  /** The private key the token will be bound to (RFC 9449 §10), as a JWK. */
  dpopKey?: Readonly<Record<string, unknown>>;
  /** `true` if an id_token was requested and is required. */
  openid?: boolean;
  /** The shared secret of the OAuth 1 temporary credentials. */
  requestTokenSecret?: string;
}

/** An authorization request: the URL to redirect to, and the data to store until the callback. */
export interface AuthorizationRequest extends AuthorizeData {
  /** The URL to redirect the browser to. */
  url: string;
}

/** Options of a resource call. Set at most one of `body`, `json`, `form`. */
export interface ResourceOptions<T extends Token = Token> {
  /** The token to use. Default: the result of the `fetchToken` hook. */
  token?: T | undefined;
  /** The framework's current request, passed to the `fetchToken` hook. */
  request?: unknown;
  /**
   * The ID of the token's user in your application: the token is read from the `tokenStore`, and a
   * refreshed one is stored there.
   */
  userId?: string | undefined;
  /** The user's account at this provider, as it was saved. */
  account?: string | undefined;
  /**
   * Calls with an access token for these resources (RFC 8707 §2): absolute URIs without a fragment. It
   * is requested with the refresh token of the user's authorization, which remains one, and stored
   * beside the token of the login. Needs `userId`. Default: the token of the login.
   */
  resource?: string | URL | readonly (string | URL)[] | undefined;
  /**
   * Calls with an access token of this scope (RFC 6749 §6), requested and stored as for `resource`.
   * Default: the token of the login.
   */
  scope?: string | readonly string[] | undefined;
  /** Sends no token; any absolute URL is then allowed. Default: `false`. */
  withholdToken?: boolean | undefined;
  /**
   * Calls the API as the client, without a user's token. OAuth 1: signed with the client
   * credentials only; OpenID 2.0: with the `apiKey`. Default: `false`.
   */
  twoLegged?: boolean | undefined;
  headers?: HeadersInit | undefined;
  body?: BodyInit | null | undefined;
  /** Sent as `application/json`. */
  json?: unknown;
  /** Sent as `application/x-www-form-urlencoded`. */
  form?: Params | URLSearchParams | undefined;
  /** Added to the URL's query. */
  query?: Params | URLSearchParams | undefined;
  /**
   * Resends an unsafe request (POST, PATCH, PUT, DELETE) once after a refresh, even if the first
   * response was a 401 without a reason and the token had not expired. Default: `false`; GET and
   * HEAD are always resent in this case.
   */
  retryUnsafe?: boolean | undefined;
  signal?: AbortSignal | undefined;
  /**
   * Milliseconds before the call times out waiting for the response to begin. Default: the client's
   * `timeout`.
   */
  timeout?: number | undefined;
}

/** The user of a token in your application, and the user's account at this provider. */
export interface TokenOwner {
  userId: string;
  /** Default: the only account. */
  account?: string | undefined;
}

/** Options that select the token of a call. */
export type TokenOptions<T extends Token = Token> = Pick<
  ResourceOptions<T>,
  'token' | 'request' | 'userId' | 'account' | 'signal'
>;

/** Options that select the token of a call, which may be another one of the user's authorization. */
export type CallTokenOptions<T extends Token = Token> = TokenOptions<T> &
  Pick<ResourceOptions<T>, 'resource' | 'scope'>;

/** Options of `activeToken()`. */
export interface ActiveTokenOptions<T extends Token = Token> extends CallTokenOptions<T> {
  /** Refreshes the token even if it is valid. Default: `false`. */
  fresh?: boolean | undefined;
}

/** Options of `check()`. */
export interface CheckOptions<T extends Token = Token> extends TokenOptions<T> {
  /** The scopes that the token must have. */
  scope?: string | readonly string[] | undefined;
}

/** Options of the last step of a login. */
export interface ExchangeOptions {
  /** Extra parameters of the token request. */
  params?: GrantParams | undefined;
  /** Additional validation of id_token claims, besides that of `register()`. */
  claimsOptions?: ClaimsOptions;
}

/**
 * A resource request with its URL resolved and its body serialized, before the token is attached.
 */
export interface ResourceRequest {
  method: string;
  url: URL;
  /** By their names in lower case. */
  headers: Record<string, string>;
  body: BodyInit | null;
  /** Milliseconds before the call times out waiting for the response to begin. */
  timeout?: number | undefined;
}

/** The part of an engine that needs no server. */
export interface EngineBase<T extends Token = Token> {
  readonly name: string;
  /** Data of a pending login of one protocol is never accepted by another. */
  readonly kind: Protocol;
  /**
   * `true` if the provider may use GET or POST for its response; a form then extends the query,
   * which always contains the state (OpenID Authentication 2.0 §5.2).
   */
  readonly acceptsGetAndPost?: boolean | undefined;
  /** `true` if a login only authenticates the user and returns no access token. */
  readonly identityOnly?: boolean | undefined;
  /** Returns the pending login that a callback names; `undefined` unless it names exactly one. */
  readCallback(params: URLSearchParams): Awaitable<string | undefined>;
  /** Token refresh without the user; absent if the protocol does not support it. */
  readonly renewal?: Pick<TokenRefresh<T>, 'handle'> | undefined;
  /** Tokens of the client itself, without a user; absent if the client logs users in. */
  readonly ownTokens?: object | undefined;
}

/**
 * A protocol engine bound to one client: the common interface of OAuth 1, OAuth 2 and OpenID 2.0.
 * The order of the callback steps is defined in `login.ts`, not here.
 */
export interface Engine<T extends Token = Token> extends EngineBase<T> {
  /**
   * Builds the authorization request; loads metadata or requests temporary credentials first if
   * needed.
   */
  createAuthorizationUrl(
    redirectUri: string,
    params: AuthorizeParams,
  ): Promise<AuthorizationRequest>;
  /**
   * Rejects a callback that is malformed, comes from another provider or belongs to another login,
   * then one that is the provider's error response. Returns the parameters to trust: those of the
   * signed response, if there is one.
   */
  validateCallback(params: URLSearchParams, data: AuthorizeData): Awaitable<URLSearchParams>;
  /** Exchanges the validated callback for a token, and validates all claims about the user in it. */
  completeLogin(
    params: URLSearchParams,
    data: AuthorizeData,
    options?: ExchangeOptions,
  ): Promise<T>;
  /** Requests the profile of the token's owner and returns it unchanged. */
  fetchProfile(token: T): Promise<Record<string, unknown>>;
  /**
   * Rejects a profile whose subject differs from the verified claims; returns their `sub`, if any.
   */
  checkSubject?(profile: Record<string, unknown>, token: T): string | undefined;
  /**
   * Attaches the token and sends the request. Credentials never follow a redirect to another
   * origin.
   */
  send(request: ResourceRequest, token: T | undefined, signal?: AbortSignal): Promise<Response>;
  /**
   * Asks the provider whether an access token is rejected; only an unambiguous rejection counts.
   * Absent if a rejection may concern the client as well.
   */
  isRefused?(token: T): Promise<boolean>;
  /** Returns what a response says about the token; absent if responses never indicate it. */
  judge?(response: Response): Awaitable<TokenVerdict>;
  /**
   * Sends the request as the client, without a token; absent if the protocol does not support it.
   */
  sendAsClient?(request: ResourceRequest, signal?: AbortSignal): Promise<Response>;
  /** Token refresh without the user, as in the base. */
  readonly renewal?: TokenRefresh<T>;
  /** Tokens of the client itself, as in the base. */
  readonly ownTokens?: OwnTokens<T>;
  /** Logout at the provider; absent if the protocol does not support it. */
  readonly logout?: LogoutPort;
  /** Protocol-specific methods, which are added to the client. */
  readonly verbs: object;
}

/**
 * What the response to a call says about its token. `refused`: the provider rejects it. `other`: a
 * 401 for another reason. `unclear`: a 401 without a reason.
 */
export type TokenVerdict = 'refused' | 'other' | 'unclear' | undefined;

/** The source of tokens that a client requests for itself. */
export interface OwnTokens<T extends Token = Token> {
  /** Returns the cached token, or a new one. */
  current(): Promise<T>;
  /**
   * Returns a token other than the expired or rejected one; concurrent callers share one request.
   */
  renewed(old: T): Promise<T>;
  /** Forgets the cached tokens. */
  forget(): void;
}

/** How an engine refreshes its tokens. */
export interface TokenRefresh<T extends Token = Token> {
  /**
   * Returns what the token is refreshed with, such as its refresh token; `undefined` if it cannot
   * be refreshed.
   */
  handle(token: T): string | undefined;
  /**
   * Refreshes the token, preserving fields that the response omits. `params` are additional
   * parameters of the request.
   */
  refresh(token: T, params?: Params): Promise<T>;
}

/** Loads a stored token. If it returns `undefined`, the call fails with `missing_token`. */
export type FetchToken = (name: string, request?: unknown) => Awaitable<Token | undefined>;

/** Stores a refreshed token; the old token's `refreshToken` or `accessToken` identifies the row. */
export type UpdateToken = (
  name: string,
  token: Token,
  old: { refreshToken?: string; accessToken?: string },
  request?: unknown,
) => Awaitable<void>;

/** An authorization that has ended. The user must log in again. */
export interface RevokedGrant {
  /** The last known token; it identifies the row. */
  token: Token;
  /**
   * `refused`: the provider rejected the refresh token (`invalid_grant`, `invalid_token`), or the
   * access token if there is no refresh token. `lost`: the provider rejected it after a refresh
   * whose response never arrived or was never stored, so the new token is lost. `mismatch`: a
   * refresh returned a token for another user, issuer or client, which was not stored.
   */
  reason: 'refused' | 'lost' | 'mismatch';
  /** The ID of the token's user in your application. */
  userId?: string;
  account?: string;
}

/** Called when an authorization has ended, for example to ask the user to log in again. */
export type OnGrantRevoked = (
  name: string,
  dead: RevokedGrant,
  request?: unknown,
) => Awaitable<void>;
