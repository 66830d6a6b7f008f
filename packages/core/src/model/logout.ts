import type { Awaitable, Params } from './params.js';

/** A logout request: where to send the browser, and what to keep until it comes back. */
export interface LogoutRequest {
  /** The address to send the browser to. */
  url: string;
  /** Comes back with the browser; absent where it is not asked back. */
  state?: string;
  /** Where the provider sends the person afterwards. */
  postLogoutRedirectUri?: string;
}

/** What a person's return from a logout at the provider answers. */
export interface LogoutReturn {
  state: string;
  postLogoutRedirectUri: string;
}

/** Who has been logged out at the provider; end the sessions that `sid`, or `sub`, names. */
export interface LogoutEvent {
  /** The name of the client. */
  client: string;
  /** The provider's issuer identifier; `sub` and `sid` mean something together with it only. */
  iss: string;
  /** The person; absent where one session is meant. */
  sub?: string;
  /** The session, as the id_token's claim `sid` names it; absent where all of the person's are meant. */
  sid?: string;
  /** The verified claims of a logout token. */
  claims?: Record<string, unknown>;
}

/**
 * The session of the browser that a front-channel logout arrives in: `sid` is the claim of its id_token.
 * Nothing ends without one.
 */
export type FrontchannelSession = { readonly sid?: string | undefined } | null | undefined;

/** Ends sessions after a logout at the provider. What it throws is answered as a failed logout. */
export type OnLogout = (event: LogoutEvent, request: unknown, response: unknown) => Awaitable<void>;

/** A login that began elsewhere (OpenID Connect Core §4), checked. */
export interface LoginInitiation {
  /** For the authorization request: `login_hint`, where there is one. */
  params: Params;
  /** Where the person wants to go after the login: the path of `target_link_uri`, safe to redirect to. */
  returnTo?: string;
}

/** A verified logout token. */
export interface ReadLogoutToken {
  event: LogoutEvent;
  /** Names the token. */
  jti: string;
  /** When it ends by itself, in seconds since the epoch. */
  until: number;
}

/** What an engine knows about logging out, and about logins that begin elsewhere. */
export interface LogoutPort {
  createLogoutUrl(postLogoutRedirectUri?: string, params?: Params): Promise<LogoutRequest>;
  /** Verifies a logout token; that it is used once is the caller's business. */
  readLogoutToken(token: unknown): Promise<ReadLogoutToken>;
  /**
   * Holds the parameters of a front-channel logout against the session of this browser.
   *
   * @throws OAuthError `invalid_callback` if it is not about this session
   */
  readFrontchannel(params: URLSearchParams, session: FrontchannelSession): Promise<LogoutEvent>;
  /** Checks that a login that began elsewhere is for this provider; returns its hints. */
  readInitiation(params: URLSearchParams): Promise<Params>;
}
