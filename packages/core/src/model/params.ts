/** A value or a promise of it. */
export type Awaitable<T> = T | Promise<T>;

/** Parameters of a query or form. An array repeats the name; `undefined` omits it. */
export type Params = Record<string, ParamValue | readonly ParamValue[]>;
/** The value of a parameter. `null` and `undefined` omit it. */
export type ParamValue = string | number | boolean | URL | null | undefined;

/** Parameters of an authorization request. Objects are serialized as JSON. */
export interface AuthorizeParams {
  /** Requested claims (OpenID Connect Core §5.5). */
  claims?: ClaimsRequest | string | undefined;
  /** Requested access, in detail (RFC 9396 §2). */
  authorization_details?: readonly AuthorizationDetail[] | string | undefined;
  /** The resource servers the token is for; several values are sent separately (RFC 8707 §2). */
  resource?: string | URL | readonly (string | URL)[] | undefined;
  /**
   * Requested authentication context classes, in order of preference. The id_token's `acr` may
   * differ (OpenID Connect Core §3.1.2.1), unless the client sets `essentialAcr`.
   */
  acr_values?: string | readonly string[] | undefined;
  /**
   * Maximum seconds since the user last authenticated; validated against the id_token's
   * `auth_time`.
   */
  max_age?: number | string | undefined;
  /** `none`, `login`, `consent`, `select_account`, `create`. */
  prompt?: string | readonly string[] | undefined;
  /** Hint about the user who logs in, such as an email address. */
  login_hint?: string | undefined;
  /** Preferred languages of the provider's pages, in order. */
  ui_locales?: string | readonly string[] | undefined;
  /**
   * OAuth 1.0a only: signed parameters of the temporary credential request (RFC 5849 §2.1); they
   * override those of `register()`. All other parameters are added to the authorization URL.
   */
  requestTokenParams?: Params | undefined;
  [name: string]: Params[string] | Params | ClaimsRequest | readonly AuthorizationDetail[];
}

/**
 * Parameters of a request to the token endpoint or a similar endpoint. Objects are serialized as
 * JSON.
 */
export interface GrantParams {
  /** Requested access, in detail (RFC 9396 §6). */
  authorization_details?: readonly AuthorizationDetail[] | string | undefined;
  [name: string]: Params[string] | readonly AuthorizationDetail[];
}

/** The `claims` parameter (OpenID Connect Core §5.5). */
export interface ClaimsRequest {
  userinfo?: Record<string, ClaimRequest | null>;
  id_token?: Record<string, ClaimRequest | null>;
}
/** How one claim is requested; `null` instead requests it as voluntary, without conditions. */
export interface ClaimRequest {
  /** Whether the claim is essential. */
  essential?: boolean;
  /** The requested value. */
  value?: unknown;
  /** The requested values, in order of preference. */
  values?: readonly unknown[];
}

/** One entry of `authorization_details`; its members depend on its `type` (RFC 9396 §2). */
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
 * The response types (OAuth 2.0 Multiple Response Type Encoding Practices). All except `code`
 * return tokens through the browser.
 */
export type ResponseType =
  'code' | 'id_token' | 'code id_token' | 'id_token token' | 'code token' | 'code id_token token';
