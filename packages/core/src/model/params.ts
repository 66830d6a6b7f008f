/** A value or a promise of it. */
export type Awaitable<T> = T | Promise<T>;

/** Names and values of a query or form; an array sends the name repeatedly, `undefined` leaves it out. */
export type Params = Record<string, ParamValue | readonly ParamValue[]>;
/** The value of a parameter. `null` and `undefined` leave it out. */
export type ParamValue = string | number | boolean | URL | null | undefined;

/** Parameters of an authorization request. Objects travel as JSON. */
export interface AuthorizeParams {
  /** Which claims are wanted where (OpenID Connect Core §5.5). */
  claims?: ClaimsRequest | string | undefined;
  /** What access is wanted, in detail (RFC 9396 §2). */
  authorization_details?: readonly AuthorizationDetail[] | string | undefined;
  /** Whom the token is for; several are sent one by one (RFC 8707 §2). */
  resource?: string | URL | readonly (string | URL)[] | undefined;
  /**
   * How the user should log in, the best way first. The id_token's `acr` may be another (OpenID Connect Core
   * §3.1.2.1), unless the client has `essentialAcr`.
   */
  acr_values?: string | readonly string[] | undefined;
  /** Seconds since the person last logged in, at most; the id_token's `auth_time` must agree. */
  max_age?: number | string | undefined;
  /** `none`, `login`, `consent`, `select_account`, `create`. */
  prompt?: string | readonly string[] | undefined;
  /** Whom the login is for, as far as known. */
  login_hint?: string | undefined;
  /** Languages of the provider's pages, the best one first. */
  ui_locales?: string | readonly string[] | undefined;
  /**
   * OAuth 1.0a only: parameters of the request for a request token (RFC 5849 §2.1), signed, over those of
   * `register()`. All others stand in the authorization URL.
   */
  requestTokenParams?: Params | undefined;
  [name: string]: Params[string] | Params | ClaimsRequest | readonly AuthorizationDetail[];
}

/** Parameters of a request to the token endpoint or its kin. Objects travel as JSON. */
export interface GrantParams {
  /** What access is wanted, in detail (RFC 9396 §6). */
  authorization_details?: readonly AuthorizationDetail[] | string | undefined;
  [name: string]: Params[string] | readonly AuthorizationDetail[];
}

/** The `claims` parameter (OpenID Connect Core §5.5). */
export interface ClaimsRequest {
  userinfo?: Record<string, ClaimRequest | null>;
  id_token?: Record<string, ClaimRequest | null>;
}
/** How one claim is asked for; `null` in its place asks for it without conditions. */
export interface ClaimRequest {
  /** Whether the application cannot do without it. */
  essential?: boolean;
  /** The value it should have. */
  value?: unknown;
  /** The values it may have, the preferred one first. */
  values?: readonly unknown[];
}

/** One entry of `authorization_details`; what belongs to it depends on its type (RFC 9396 §2). */
export interface AuthorizationDetail {
  type: string;
  locations?: readonly string[];
  actions?: readonly string[];
  datatypes?: readonly string[];
  identifier?: string;
  privileges?: readonly string[];
  [field: string]: unknown;
}

/**
 * What the provider answers with (OAuth 2.0 Multiple Response Type Encoding Practices). All but `code`
 * send tokens through the browser.
 */
export type ResponseType =
  'code' | 'id_token' | 'code id_token' | 'id_token token' | 'code token' | 'code id_token token';
