import type { Awaitable, Params } from '../model/types.js';
import type { ProfileOptions } from './profile-types.js';

/** Options for the description of the provider. */
export interface ProviderOptions {
  /** The provider's display name, for example on a login button. Default: the client's name. */
  displayName?: string | undefined;
  /** The brand colour as `#rrggbb`. */
  brandColor?: string | undefined;
  /** The provider's logo: the data of one SVG path in a 24 by 24 square. */
  mark?: string | undefined;
  /**
   * Permanent identifier of the provider, the first part of `identity()`. Default: the client's
   * name.
   */
  provider?: string | undefined;
  /**
   * The authority of the provider's only public server: its issuer, or the origin of its endpoints.
   * `identity()` of its users is `provider$sub`; for all other servers it includes the authority:
   * `keycloak$https://id.example/realms/staff$42`. `false`: the provider has no public server. Set
   * by presets. Default: none, if there is an `issuer` or a `serverMetadataUrl`; otherwise the
   * client has one server.
   */
  publicAuthority?: string | false | undefined;
  /**
   * Parts of URLs that differ between tenants, instances or regions. `{tenant}` in any URL is
   * replaced by the value given here, by `{NAME}_TENANT` of the configuration, or by the default;
   * or, with `ask`, by the value that the user enters at login.
   */
  urlVariables?: Record<string, UrlVariable> | undefined;
}

/**
 * Options for API calls. Parameters and headers may contain `{client_id}`, `{client_secret}`,
 * `{api_key}` and `{token.NAME}`; one with an unknown value is omitted.
 */
export interface ApiOptions {
  /** Additional headers of token requests and of API calls. Default: none. */
  headers?: { token?: Record<string, string>; api?: Record<string, string> } | undefined;
  /** Query parameters added to every API call. */
  apiParams?: Params | undefined;
  /** API key of the application, besides the client credentials. Default: `{NAME}_API_KEY`. */
  apiKey?: string | undefined;
  /**
   * Error formats of the provider, if they differ from the standard. The first matching rule
   * applies. Default: as in RFC 6749 §5.2.
   */
  errors?: readonly ErrorRule[] | undefined;
}

/** Options for responses of OAuth 1.0a and OAuth 2 providers. */
export interface OAuthQuirkOptions {
  /** Converts a response that is neither JSON nor a form to an object. */
  transformResponse?: TransformResponse | undefined;
}

/**
 * Options for providers that deviate from the OAuth 2 specifications. Parameters and headers may
 * contain `{client_id}`, `{client_secret}`, `{api_key}`, `{state}`, `{callback.NAME}` and
 * `{token.NAME}`; one with an unknown value is omitted.
 */
export interface OAuth2QuirkOptions {
  /**
   * PKCE method (RFC 7636 §4.2): `S256`, `S256-hex` for a hexadecimal challenge, `plain` for a
   * provider that accepts no other, or `off` for one that rejects the parameters. Without PKCE, only `state` binds the callback to the
   * browser. Default: `S256`.
   */
  pkce?: 'S256' | 'S256-hex' | 'plain' | 'off' | undefined;
  /**
   * Whether an id_token must contain the nonce of its login (OpenID Connect Core §3.1.3.7):
   * `required`, or `optional` for a provider that may omit it; a wrong nonce is always rejected.
   * Default: `required`.
   */
  nonce?: 'required' | 'optional' | undefined;
  /**
   * Handling of the id_token with scope `openid` (OpenID Connect Core §3.1.3.3). `required`: it
   * must be present. `optional`: it is verified if present. `ignore`: it is discarded without
   * validation. Default: `required`.
   */
  idToken?: 'required' | 'optional' | 'ignore' | undefined;
  /** Format of token requests (RFC 6749 §4.1.3). Default: a form in a POST request. */
  tokenRequest?: TokenRequestShape | undefined;
  /** Format of the token response. Default: as in RFC 6749 §5.1. */
  tokenResponse?: TokenResponseShape | undefined;
  /**
   * Callback parameters to store in the token. Untrusted: they pass through the browser. Default:
   * none.
   */
  callbackParams?: readonly string[] | undefined;
  /** Separator of scopes in requests (RFC 6749 §3.3). Default: a space. */
  scopeSeparator?: string | undefined;
  /** Encoding of a space in the authorization URL's query. Default: `+`. */
  scopeEncoding?: '+' | '%20' | undefined;
  /**
   * Non-standard names of standard parameters in every request, for example `{ client_id:
   * 'client_key' }`.
   */
  paramNames?: Record<string, string> | undefined;
  /**
   * Non-standard names of standard parameters in the callback, for example `{ code: 'auth_code' }`.
   * A parameter under such a name replaces the standard one.
   */
  callbackParamNames?: Record<string, string> | undefined;
  /**
   * The callback parameter that names the user's server, for a provider with several data centers,
   * and the origins that it may name; a login with any other fails. The endpoints at the origin of
   * `accessTokenUrl` are then at that one, and the token stores it as `server`. Default: none.
   */
  callbackServer?: CallbackServer | undefined;
  /** Format of revocation requests. Default: as in RFC 7009 §2.1. */
  revocation?: RevocationShape | undefined;
  /** Exchanges the first access token for a long-lived one as soon as it arrives. */
  longLivedToken?: LongLivedToken | undefined;
  /**
   * URL that checks whether an access token is still valid: a GET request with the token, whose
   * response is 401 if it is not. Used if an API call returns a 401 without a reason and the token
   * cannot be refreshed. Default: the userinfo endpoint.
   */
  tokenCheckUrl?: string | undefined;
  /**
   * The `redirect_uri` value to send, for a provider that identifies it by a name. Default: the
   * redirect URI.
   */
  redirectUriAlias?: string | undefined;
  /** Validates a callback before its code is used; throws to reject it. */
  validateCallback?: ValidateCallback | undefined;
}

/**
 * Options of `register()` that describe a provider's deviations from the specifications. All are
 * data, so that an unknown provider needs no code. Parameters and headers may contain
 * `{client_id}`, `{client_secret}`, `{api_key}`, `{state}`, `{callback.NAME}` and `{token.NAME}`;
 * one with an unknown value is omitted.
 */
export interface QuirkOptions
  extends ProviderOptions, ApiOptions, ProfileOptions, OAuthQuirkOptions, OAuth2QuirkOptions {}

/** A variable part of the provider's URLs. */
export interface UrlVariable {
  /** Its value. Default: `{NAME}_{VARIABLE}` of the configuration. */
  value?: string | undefined;
  /** Its value if neither the options nor the configuration set one. */
  default?: string | undefined;
  /**
   * A regular expression for the whole value. Default: a host name with an optional port, or one
   * path segment.
   */
  pattern?: string | undefined;
  /**
   * Label of the field in which the user enters a missing value at login, for example `Your
   * server`.
   */
  ask?: string | undefined;
  /** An example shown below that field, for example `mastodon.social`. Default: none. */
  example?: string | undefined;
  /** Suffix of every value, which users may omit: `.myshopify.com`. */
  suffix?: string | undefined;
}

/** Format of token requests. */
export interface TokenRequestShape extends RequestShape {
  method?: 'POST' | 'GET' | undefined;
  /**
   * `query` sends the parameters in the URL, secrets included; use it only if nothing else works.
   */
  body?: 'form' | 'json' | 'query' | undefined;
  /** Names of standard parameters in token requests alone: `{ client_id: 'clientId' }`. */
  paramNames?: Record<string, string> | undefined;
}

/** The servers that a callback may name. */
export interface CallbackServer {
  /** The parameter, whose value is an origin. */
  param: string;
  origins: readonly string[];
}

/** Format of a request with parameters. */
export interface RequestShape {
  method?: 'POST' | 'GET' | 'DELETE' | undefined;
  body?: 'form' | 'json' | 'query' | undefined;
}

/** Format of revocation requests, if it differs from RFC 7009. */
export interface RevocationShape extends RequestShape {
  /**
   * Authentication of the request: `client` as at the token endpoint (default),
   * `client_secret_basic`, the token itself (`bearer`), or `none`.
   */
  auth?: 'client' | 'client_secret_basic' | 'bearer' | 'none' | undefined;
  /** The parameter that contains the token. Default: `token`; empty for none. */
  token?: string | undefined;
  params?: Params | undefined;
  /** The only kind of token that the provider revokes. Default: both. */
  only?: 'access_token' | 'refresh_token' | undefined;
}

/** Format of a token response. */
export interface TokenResponseShape {
  /** Path of the object that contains the token; its members override the outer ones. */
  path?: string | undefined;
  /** Standard names by the provider's names: `{ accessToken: 'access_token' }`. */
  rename?: Record<string, string> | undefined;
  /** Token type to assume, whatever the response contains. */
  tokenType?: 'Bearer' | undefined;
  /** The unit of `expires_in`. Default: seconds. */
  expiresUnit?: 's' | 'ms' | undefined;
  /** Whether `expires_in: 0` means that the token does not expire. */
  zeroIsNever?: boolean | undefined;
  /** Separator of scopes in the response. Default: a space. */
  scopeSeparator?: string | undefined;
  /**
   * `optional` if a response may identify the user without an access token. Default: `required`.
   */
  accessToken?: 'required' | 'optional' | undefined;
}

/** A rule for one error format of a provider. */
export interface ErrorRule {
  /**
   * The responses that the rule applies to. Default: all except `resource`, the responses to API
   * calls, which only a rule with the code `invalid_token` may match, whatever their status.
   */
  endpoint?: 'callback' | 'token' | 'userinfo' | 'revocation' | 'resource' | undefined;
  /**
   * Path in the response, or a callback parameter. Without conditions, the rule matches if it has a
   * value.
   */
  when: string;
  /** Matches if the value is this one, or one of these. */
  is?: Plain | readonly Plain[] | undefined;
  /** Matches if there is a value other than these; one of these means success. */
  not?: Plain | readonly Plain[] | undefined;
  /** Matches if there is no value. */
  missing?: boolean | undefined;
  /** The standard error code, for example `access_denied`. */
  code?: string | undefined;
  /** Path of the provider's own error code. Default: the value at `when`. */
  error?: string | undefined;
  /** Path of the provider's error description. */
  message?: string | undefined;
}

/** A value in a rule. */
export type Plain = string | number | boolean;

/** A grant that exchanges an access token for a long-lived one. */
export interface LongLivedToken {
  url: string;
  /** HTTP method. Default: GET, with the parameters in the query. */
  method?: 'GET' | 'POST' | undefined;
  params: Params;
  /**
   * Refreshes the long-lived token with itself instead of a refresh token. Without it, the user
   * must log in again.
   */
  refresh?: { url: string; method?: 'GET' | 'POST' | undefined; params: Params } | undefined;
}

/** Validates a callback before its code is used; throws to reject it. */
export type ValidateCallback = (
  params: URLSearchParams,
  client: { clientId: string; clientSecret: string | undefined; authorizeUrl: string },
) => Awaitable<void>;

/** Converts the text of a response to an object; `undefined` selects the standard parser. */
export type TransformResponse = (
  endpoint: 'token' | 'userinfo',
  text: string,
  client: {
    clientId?: string | undefined;
    clientSecret?: string | undefined;
    /** The URL and `oauth_nonce` of an OAuth 1 client's profile request. */
    url?: string | undefined;
    nonce?: string | undefined;
  },
) => Awaitable<Record<string, unknown> | undefined>;
