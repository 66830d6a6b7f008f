import type { Awaitable, Params } from '../model/types.js';
import type { ProfileMapping, UserinfoSource } from './profile-types.js';

/**
 * Options of `register()` that describe how a provider differs from the specifications. All of them are
 * data, so that a provider this library has never heard of needs no code.
 *
 * Parameters and headers may hold `{client_id}`, `{client_secret}`, `{api_key}`, `{state}`,
 * `{callback.NAME}` and `{token.NAME}`; one whose value is not known is left out.
 */
export interface QuirkOptions {
  /** The provider's lasting name, the first half of `identity()`. Default: the client's name. */
  provider?: string | undefined;
  /**
   * The issuer, or without one the origin of the endpoints, of the provider's one public server. The
   * `identity()` of its users is `provider$sub`; that of all others has the authority in between:
   * `keycloak$https://id.example/realms/staff$42`. `false`: the provider has no public server. Presets have
   * it. Default: none if there is an `issuer` or a `serverMetadataUrl`; otherwise the client has one server.
   */
  publicAuthority?: string | false | undefined;
  /** The provider's name for people, e.g. on a login button. */
  displayName?: string | undefined;
  /** The provider's colour as `#rrggbb`. */
  brandColor?: string | undefined;
  /** The provider's mark: the data of one SVG path in a square of 24 by 24. */
  mark?: string | undefined;
  /**
   * Parts of the addresses that differ between tenants, instances or regions: `{tenant}` in any URL is
   * replaced by the value given here, or in the configuration as `{NAME}_TENANT`, or by the default; or,
   * where it says what to `ask` for, by what the person who logs in gives.
   */
  urlVariables?: Record<string, UrlVariable> | undefined;
  /** What joins scopes on their way to the provider. Default: a space (RFC 6749 §3.3). */
  scopeSeparator?: string | undefined;
  /** How a space in the authorization URL's query is written. Default: `+`. */
  scopeEncoding?: '+' | '%20' | undefined;
  /** Other names for standard parameters, e.g. `{ client_id: 'client_key' }`, in every request. */
  paramNames?: Record<string, string> | undefined;
  /**
   * PKCE: `S256` (default), `S256-hex` for a challenge in hexadecimal, or `off` for a provider that
   * refuses the parameters. Without it, `state` alone ties the callback to the browser.
   */
  pkce?: 'S256' | 'S256-hex' | 'off' | undefined;
  /**
   * Whether an id_token must carry the nonce of its login: `required` (default), or `ifPresent` for a
   * provider that may leave it out; a wrong one is refused all the same. `optional` means `ifPresent`.
   */
  nonce?: 'required' | 'ifPresent' | 'optional' | undefined;
  /**
   * With scope `openid` an id_token is `required` (default). `optional`: it is verified if it comes.
   * `ignore`: it is thrown away unread.
   */
  idToken?: 'required' | 'optional' | 'ignore' | undefined;
  /** Parameters of the callback to keep in the token. They come through the browser: trust none. */
  callbackParams?: readonly string[] | undefined;
  /** Headers of token requests and of API calls. */
  headers?: { token?: Record<string, string>; api?: Record<string, string> } | undefined;
  /** How token requests travel. Default: a form, POSTed. */
  tokenRequest?: TokenRequestShape | undefined;
  /** Where in the token response things stand. */
  tokenResponse?: TokenResponseShape | undefined;
  /** How the provider reports errors, where it differs from RFC 6749 §5.2. The first rule that fits applies. */
  errors?: readonly ErrorRule[] | undefined;
  /**
   * Tells whether an access token is still accepted: a GET with the token that is answered with 401 if it is not.
   * Default: the userinfo endpoint. It is asked when a call of the API is answered with a 401 that gives no reason
   * and the token cannot be refreshed.
   */
  tokenCheckUrl?: string | undefined;
  /** A key of the provider's API beside the client's own credentials. Default: `{NAME}_API_KEY`. */
  apiKey?: string | undefined;
  /** Added to the query of every API call. */
  apiParams?: Params | undefined;
  /** Swaps the first access token for one that lives longer, as soon as it arrives. */
  longLivedToken?: LongLivedToken | undefined;
  /** Where the profile comes from. */
  userinfo?: UserinfoSource | undefined;
  /**
   * Where the OpenID Connect standard claims stand, each as an expression or a function. With it,
   * `token.userinfo` is filled by the login.
   *
   * An expression is a path: `$.user.id` in the profile, `token.uid` in the token response,
   * `id_token.email` in the verified claims, `callback.user` in kept callback parameters, or
   * `NAME.path` in the answer to an extra request. `[0]` and `[-1]` index, `[?primary]` finds the first
   * item whose member is true. `a | b` takes the first that has a value. Before a path may stand
   * `bool:`, `present:`, `and:`, `if:`, `concat:`, `template:`, `lastSegment:`, `withoutQuery:`, `html:`
   * and `const:`.
   */
  profile?: ProfileMapping | undefined;
  /** How tokens are revoked at `revocationEndpoint`, where it is not as RFC 7009 has it. */
  revocation?: RevocationShape | undefined;
  /** What is sent as `redirect_uri` in place of the address, for a provider that knows it by a name. */
  redirectUriAlias?: string | undefined;
  /** Checks a callback before its code is used; throws to refuse it. */
  validateCallback?: ValidateCallback | undefined;
  /** Turns an answer that is no JSON and no form into an object. */
  transformResponse?: TransformResponse | undefined;
}

/** A part of the provider's addresses. */
export interface UrlVariable {
  /** Its value. Default: `{NAME}_{VARIABLE}` of the configuration. */
  value?: string | undefined;
  /** Its value where neither the options nor the configuration have one. */
  default?: string | undefined;
  /** A regular expression for the whole value. Default: a host name, with a port, or one path segment. */
  pattern?: string | undefined;
  /**
   * What a person is asked for, such as `Your server`: where there is no value, one comes with each login.
   */
  ask?: string | undefined;
  /** The end of every value, which people may leave out: `.myshopify.com`. */
  suffix?: string | undefined;
}

/** How token requests travel. */
export interface TokenRequestShape extends RequestShape {
  method?: 'POST' | 'GET' | undefined;
  /** `query` puts the parameters into the URL, secrets included: only where nothing else works. */
  body?: 'form' | 'json' | 'query' | undefined;
}

/** How a request with parameters travels. */
export interface RequestShape {
  method?: 'POST' | 'GET' | 'DELETE' | undefined;
  body?: 'form' | 'json' | 'query' | undefined;
}

/** How tokens are revoked where it is not as RFC 7009 has it. */
export interface RevocationShape extends RequestShape {
  /**
   * Who asks: the `client` as at the token endpoint (default), or by `client_secret_basic`; whoever has
   * the token (`bearer`); or nobody (`none`).
   */
  auth?: 'client' | 'client_secret_basic' | 'bearer' | 'none' | undefined;
  /** The parameter that holds the token. Default: `token`; empty for none. */
  token?: string | undefined;
  params?: Params | undefined;
  /** The only kind of token the provider revokes. Default: both. */
  only?: 'access_token' | 'refresh_token' | undefined;
}

/** Where in a token response things stand. */
export interface TokenResponseShape {
  /** The path of the object that holds the token; its members are laid over the outer ones. */
  path?: string | undefined;
  /** Standard names for the provider's: `{ accessToken: 'access_token' }`. */
  rename?: Record<string, string> | undefined;
  /** Read as this type whatever the response says. */
  tokenType?: 'Bearer' | undefined;
  /** The unit of `expires_in`. Default: seconds. */
  expiresUnit?: 's' | 'ms' | undefined;
  /** `expires_in: 0` means that the token does not expire. */
  zeroIsNever?: boolean | undefined;
  /** What joins scopes in the response. Default: a space. */
  scopeSeparator?: string | undefined;
  /** `optional` where a response may say who somebody is, and hold no token. Default: `required`. */
  accessToken?: 'required' | 'optional' | undefined;
}

/** One way in which a provider reports an error. */
export interface ErrorRule {
  /**
   * The answers the rule applies to. Default: all but `resource`, the responses to calls of the API: of these
   * a rule with the code `invalid_token` is read alone, whatever the status.
   */
  leg?: 'callback' | 'token' | 'userinfo' | 'revocation' | 'resource' | undefined;
  /** A path in the answer; in a callback, a parameter's name. Alone, it fits when it has a value. */
  when: string;
  /** Fits when the value is this one, or one of these. */
  is?: Plain | readonly Plain[] | undefined;
  /** Fits when there is a value and it is none of these; one of these means success. */
  not?: Plain | readonly Plain[] | undefined;
  /** Fits when there is no value. */
  missing?: boolean | undefined;
  /** The standard code it stands for, e.g. `access_denied`. */
  code?: string | undefined;
  /** Path of the provider's own code. Default: the value at `when`. */
  error?: string | undefined;
  /** Path of the provider's explanation. */
  message?: string | undefined;
}

/** A value of a rule. */
export type Plain = string | number | boolean;

/** A grant that swaps an access token for one that lives longer. */
export interface LongLivedToken {
  url: string;
  /** Default: GET, with the parameters in the query. */
  method?: 'GET' | 'POST' | undefined;
  params: Params;
  /**
   * How the long-lived token is traded for a fresh one of its kind, in place of a refresh token: by
   * `refreshToken()`, and wherever a refresh token would be used. Without it, the person must log in again.
   */
  refresh?: { url: string; method?: 'GET' | 'POST' | undefined; params: Params } | undefined;
}

/** Checks a callback before its code is used; throws to refuse it. */
export type ValidateCallback = (
  params: URLSearchParams,
  client: { clientId: string; clientSecret: string | undefined; authorizeUrl: string },
) => Awaitable<void>;

/** Turns the text of an answer into an object; `undefined` leaves it to the ordinary reader. */
export type TransformResponse = (
  leg: 'token' | 'userinfo',
  text: string,
  client: {
    clientId?: string | undefined;
    clientSecret?: string | undefined;
    /** Where an OAuth 1 client asked for the profile, and with which `oauth_nonce`. */
    url?: string | undefined;
    nonce?: string | undefined;
  },
) => Awaitable<Record<string, unknown> | undefined>;
