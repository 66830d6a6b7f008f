import type { LogoutPort } from './logout.js';
import type { AuthorizeParams, Awaitable, GrantParams, Params, ResponseType } from './params.js';
import type { ClaimsOptions, UserInfo } from './user-info.js';
import type { BodyInit, HeadersInit } from './web-types.js';

export type * from './params.js';
export type { ClaimOptions, ClaimsOptions, UserInfo } from './user-info.js';

/**
 * What a person chose, where people choose the server they log in at, and what was found out with it:
 * enough to find the server again, in any process. Nothing in it is secret.
 */
export type ChosenServer = Readonly<Record<string, string>>;

/** The token response of an OAuth 2 provider, with its wire names (RFC 6749 §5.1). */
export interface OAuth2Token {
  access_token: string;
  token_type: string;
  /** Lifetime in seconds, as the provider gave it. */
  expires_in?: number;
  /** When the access token expires, in seconds since the epoch. Computed on arrival. */
  expires_at?: number;
  /**
   * The response said when the access token expires, in a form that could not be read. With a refresh token
   * it is refreshed at the next call, else it is used until the API refuses it.
   */
  expires_unreadable?: true;
  refresh_token?: string;
  /**
   * The granted scope, space separated, as the provider gave it. If it did not say (RFC 6749 §5.1): the one that
   * was asked for, with a client of a `resource` or of a server that users choose, and after a refresh with a
   * `scope` of its own; otherwise left out.
   */
  scope?: string;
  id_token?: string;
  /** The verified claims of the id_token. */
  userinfo?: UserInfo;
  /** The server this token is from, where people choose one; it goes to no other. */
  server?: ChosenServer;
  /** The private key this token is bound to (RFC 9449), as a JWK; as secret as the token. */
  dpop_key?: Readonly<Record<string, unknown>>;
  [field: string]: unknown;
}

/** Something of a token response that was not used, although its token was. Nothing in it is secret. */
export interface TokenWarning {
  /** The member of the response; `server`: what a `serverLocator` would have checked. */
  field: 'id_token' | 'expires_in' | 'refresh_token' | 'server';
  /** What was seen, and what came of it. */
  message: string;
}

/** The token credentials of an OAuth 1.0a provider, with their wire names (RFC 5849 §2.3). */
export interface OAuth1Token {
  oauth_token: string;
  oauth_token_secret: string;
  /** Lifetime in seconds, as the provider gave it. Most tokens have none, and live until revoked. */
  oauth_expires_in?: string;
  /** When the token expires, in seconds since the epoch. Computed on arrival. */
  expires_at?: number;
  /** The response said when the token expires, in a form that could not be read. */
  expires_unreadable?: true;
  /** What the token is renewed with (OAuth Session 1.0). */
  oauth_session_handle?: string;
  userinfo?: UserInfo;
  [field: string]: unknown;
}

/** What an OpenID 2.0 login brings: who somebody is, and nothing to call an API with. */
export interface OpenID2Token {
  /** The identifier that the provider has confirmed (OpenID Authentication 2.0 §11). */
  claimed_id: string;
  userinfo?: UserInfo;
  [field: string]: unknown;
}

/** The protocols a client may speak. */
export type Protocol = 'oauth1' | 'oauth2' | 'openid2';

/** A token of any protocol. */
export type Token = OAuth1Token | OAuth2Token | OpenID2Token;

/** What a redirect leaves for its callback. Keep it where only this browser's callback finds it. */
export interface AuthorizeData {
  /** The name of this pending login: the `state`, or the OAuth 1 request token. */
  state: string;
  redirectUri: string;
  /** PKCE (RFC 7636 §4.1). */
  codeVerifier?: string;
  /** OpenID Connect Core §3.1.2.1. */
  nonce?: string;
  /** Seconds; OpenID Connect Core §3.1.2.1 `max_age`, enforced on the way back. */
  maxAge?: number;
  /** `true` when the provider was asked to POST its answer. */
  formPost?: boolean;
  /** The authorization server, where the client found it out. */
  issuer?: string;
  /** The server the person chose, where people choose one. */
  server?: ChosenServer;
  /** The client at that server, if it registered itself there. */
  clientId?: string;
  /** The scope that was asked for, if it is another than the client's. */
  scope?: string;
  /** What was asked for, where it is not a code alone. */
  responseType?: ResponseType;
  /** `true` when the answer comes in the fragment, which the callback's own page posts. */
  fragment?: boolean;
  /** `true` when the provider was asked to sign its answer (JARM). */
  jarm?: boolean;
  /** The `acr` values the id_token may have; the empty one stands for none at all. */
  acrValues?: readonly string[];
  /** The private key that the token will be bound to (RFC 9449 §10), as a JWK. */
  dpopKey?: Readonly<Record<string, unknown>>;
  /** `true` when an id_token was asked for and must arrive. */
  openid?: boolean;
  /** OAuth 1 temporary credentials' shared secret. */
  requestTokenSecret?: string;
}

/** An authorization request: where to send the browser, and what to keep until it comes back. */
export interface AuthorizationRequest extends AuthorizeData {
  /** The address to send the browser to. */
  url: string;
}

/** Options of a resource call. Give at most one of `body`, `json`, `form`. */
export interface ResourceOptions<T extends Token = Token> {
  /** The token to use; without it, the `fetchToken` hook is asked. */
  token?: T | undefined;
  /** The framework's current request, handed to the `fetchToken` hook. */
  request?: unknown;
  /** Whose token to take from the `tokenStore`, which also gets the refreshed one. */
  owner?: string | undefined;
  /** Which of the owner's accounts at this provider, as it was saved. */
  account?: string | undefined;
  /** Send no token at all; any absolute URL is allowed then. */
  withholdToken?: boolean | undefined;
  /**
   * Calls as the client itself, without anybody's token. OAuth 1: signed with the client credentials alone;
   * OpenID 2.0: with the `apiKey`.
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
   * Sends a request that is not safe (POST, PATCH, PUT, DELETE) once more after a refresh, also when its first
   * response was a 401 that gave no reason although the token had not expired. Default: `false`; GET and HEAD
   * are always sent once more then.
   */
  retryUnsafe?: boolean | undefined;
  signal?: AbortSignal | undefined;
  /** Milliseconds until the response must begin. Default: the client's `timeout`. */
  timeout?: number | undefined;
}

/** Whose token is meant, and which account of theirs at this provider. */
export interface TokenOwner {
  owner: string;
  /** Default: the only one. */
  account?: string | undefined;
}

/** How a call names its token. */
export type TokenOptions<T extends Token = Token> = Pick<
  ResourceOptions<T>,
  'token' | 'request' | 'owner' | 'account' | 'signal'
>;

/** Options of the last step of a login. */
export interface ExchangeOptions {
  /** Extra parameters of the token request. */
  params?: GrantParams | undefined;
  /** Further checks on id_token claims, beside those of `register()`. */
  claimsOptions?: ClaimsOptions;
}

/** A resource request whose URL is resolved and whose body is ready, before the token is attached. */
export interface ResourceRequest {
  method: string;
  url: URL;
  headers: Headers;
  body: BodyInit | null;
  /** Milliseconds until the response must begin. */
  timeout?: number | undefined;
}

/**
 * An engine bound to one client: what OAuth 1, OAuth 2 and OpenID 2.0 have in common. The order of the
 * callback's steps is not part of it: `login.ts` has that.
 */
export interface RemoteApp<T extends Token = Token> {
  readonly name: string;
  /** State data of one kind is never accepted by another. */
  readonly kind: Protocol;
  /**
   * `true` where the provider answers by GET or by POST as it likes; a form then adds to the query,
   * which has the state either way (OpenID Authentication 2.0 §5.2).
   */
  readonly answersEitherWay?: boolean;
  /** `true` where a login says who somebody is, and gives no token to call an API with. */
  readonly identityOnly?: boolean;
  /** Builds the authorization request; loads metadata or a request token first where needed. */
  createAuthorizationUrl(
    redirectUri: string,
    params: AuthorizeParams,
  ): Promise<AuthorizationRequest>;
  /** Reads which pending login a callback answers; `undefined` when it does not say so exactly once. */
  readState(params: URLSearchParams): Awaitable<string | undefined>;
  /** Opens a callback whose parameters are signed; only what it returns is believed. */
  openResponse?(params: URLSearchParams, data: AuthorizeData): Promise<URLSearchParams>;
  /** Refuses a callback that is malformed, or that another provider sent. */
  checkSender(params: URLSearchParams, data: AuthorizeData): Awaitable<void>;
  /** Throws the provider's refusal, if this callback carries one. */
  checkRefusal(params: URLSearchParams): void;
  /** Trades the callback for a token, and verifies every statement about the user in it. */
  exchange(params: URLSearchParams, data: AuthorizeData, options?: ExchangeOptions): Promise<T>;
  /** Fetches the profile of the token's owner, as the provider sends it. */
  fetchProfile(token: T): Promise<Record<string, unknown>>;
  /** Refuses a profile of somebody else than the verified claims are about; returns their `sub`, if any. */
  checkSubject?(profile: Record<string, unknown>, token: T): string | undefined;
  /** Attaches the token and sends. Nothing of it ever follows a redirect to another origin. */
  send(request: ResourceRequest, token: T | undefined, signal?: AbortSignal): Promise<Response>;
  /** Reads what a response says of the token that was sent; absent where no response says anything. */
  judge?(response: Response): Awaitable<TokenVerdict>;
  /**
   * Asks the provider whether it refuses an access token: only a clear refusal is one. Absent if a refusal may
   * mean the client as well.
   */
  isRefused?(token: T): Promise<boolean>;
  /** Sends as the client alone, without a token; absent where the protocol has no way. */
  sendAsClient?(request: ResourceRequest, signal?: AbortSignal): Promise<Response>;
  /** How tokens are refreshed without their person; absent where the protocol has no way. */
  readonly renewal?: TokenRenewal<T>;
  /** The tokens the client gets by itself, without a person; absent where it logs people in. */
  readonly ownTokens?: OwnTokens<T>;
  /** Logging out at the provider; absent where the protocol has no such thing. */
  readonly logout?: LogoutPort;
  /**
   * Completes the client's options for the server of a token, where people choose one.
   *
   * @throws OAuthError `invalid_token` for a token that is from no such server
   */
  at?<O extends object>(options: O, token: T | undefined): Promise<O>;
  /** Verbs that only this protocol has; they become methods of the client. */
  readonly verbs: object;
}

/**
 * What the response to a call says of its token. `refused`: the provider does not accept it. `other`: a 401 for
 * a reason that is not the token. `unclear`: a 401 that gives no reason.
 */
export type TokenVerdict = 'refused' | 'other' | 'unclear' | undefined;

/** Where a client gets tokens for itself. */
export interface OwnTokens<T extends Token = Token> {
  /** The kept token, or a new one. */
  current(): Promise<T>;
  /** Another token than the one that has expired or was refused; one request for all who ask. */
  renewed(old: T): Promise<T>;
}

/** How an engine refreshes its tokens. */
export interface TokenRenewal<T extends Token = Token> {
  /** What the token is refreshed with, such as its refresh token; `undefined` where it cannot be. */
  handle(token: T): string | undefined;
  /** Trades the token for a fresh one, and keeps what the answer leaves out. */
  refresh(token: T): Promise<T>;
}

/** Loads a stored token. With `undefined` the call fails with `missing_token`. */
export type FetchToken = (name: string, request?: unknown) => Awaitable<Token | undefined>;

/** Stores a refreshed token; the old one's `refreshToken` or `accessToken` finds the row. */
export type UpdateToken = (
  name: string,
  token: Token,
  old: { refreshToken?: string; accessToken?: string },
  request?: unknown,
) => Awaitable<void>;

/** An authorization that has ended. Only a new login of its person gives another one. */
export interface DeadAuthorization {
  /** The last token that was known; it finds the row. */
  token: Token;
  /**
   * `refused`: the provider says that the authorization is over: it refuses the refresh token
   * (`invalid_grant`, `invalid_token`), or the access token if there is no refresh token. `lost`: it says so
   * after a refresh whose response never arrived here or was never stored, so the fresh token was lost.
   * `mismatch`: a refresh brought a token for another user, issuer or client; nothing of it was stored.
   */
  reason: 'refused' | 'lost' | 'mismatch';
  /** Where the `tokenStore` has it. */
  owner?: string;
  account?: string;
}

/** Called when an authorization has ended, for example to ask the person to log in again. */
export type AuthorizationDead = (
  name: string,
  dead: DeadAuthorization,
  request?: unknown,
) => Awaitable<void>;
