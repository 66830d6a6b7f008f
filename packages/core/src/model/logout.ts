import type { Awaitable, Params } from './params.js';

/** A logout request: the URL to redirect to, and the data to store until the callback. */
export interface LogoutRequest {
  /** The URL to redirect the browser to. */
  url: string;
  /** Returned in the callback; absent if the provider is not asked to redirect back. */
  state?: string;
  /** The URL the provider redirects the user to after the logout. */
  postLogoutRedirectUri?: string;
}

/** The result of a user's return from a logout at the provider. */
export interface LogoutReturn {
  state: string;
  postLogoutRedirectUri: string;
}

/** The user logged out at the provider. End the sessions named by `sid`, or by `sub`. */
export interface LogoutEvent {
  /** The name of the client. */
  client: string;
  /** The provider's issuer identifier; `sub` and `sid` are unique only together with it. */
  iss: string;
  /** The user's subject identifier; absent if only one session ends. */
  sub?: string;
  /** The session ID, as in the id_token's `sid` claim; absent if all sessions of the user end. */
  sid?: string;
  /** The verified claims of a logout token. */
  claims?: Record<string, unknown>;
}

/**
 * The browser session in which a front-channel logout request arrives: `sid` is the claim of its
 * id_token, and `iss`, if given, as well. Without a `sid`, no session ends.
 */
export type FrontchannelSession =
  { readonly sid?: string | undefined; readonly iss?: string | undefined } | null | undefined;

/** Ends sessions after a logout at the provider. If it throws, the logout request fails. */
export type OnLogout = (event: LogoutEvent, request: unknown, response: unknown) => Awaitable<void>;

/** A validated third-party initiated login (OpenID Connect Core §4). */
export interface LoginInitiation {
  /** Parameters for the authorization request: `login_hint`, if present. */
  params: Params;
  /** The path of `target_link_uri`, which is safe to redirect to after the login. */
  returnTo?: string;
}

/** A verified logout token. */
export interface ReadLogoutToken {
  event: LogoutEvent;
  /** The unique identifier of the token. */
  jti: string;
  /** When the token expires, in seconds since the epoch. */
  until: number;
}

/** The part of an engine that handles logout and third-party initiated login. */
export interface LogoutPort {
  /** Returns whether the provider offers RP-initiated logout. */
  isOffered(): Promise<boolean>;
  createLogoutUrl(postLogoutRedirectUri?: string, params?: Params): Promise<LogoutRequest>;
  /** Verifies a logout token. The caller must prevent replay. */
  readLogoutToken(token: unknown): Promise<ReadLogoutToken>;
  /**
   * Validates the parameters of a front-channel logout against the browser's session.
   *
   * @throws OAuthError `invalid_callback` if it is not about this session
   */
  readFrontchannel(params: URLSearchParams, session: FrontchannelSession): Promise<LogoutEvent>;
  /** Validates that a third-party initiated login is for this provider; returns its hints. */
  readThirdPartyInitiation(params: URLSearchParams): Promise<Params>;
}
