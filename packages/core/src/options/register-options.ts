import type { ClientAuthRegisterOptions } from './client-auth-types.js';
import type { LogoutRegisterOptions } from './logout-types.js';
import type { OAuth1RegisterOptions } from './oauth1-types.js';
import type { OAuth2RegisterOptions } from './oauth2-types.js';
import type { OpenIdRegisterOptions } from './openid-types.js';
import type { OpenID2RegisterOptions } from './openid2-types.js';
import type { QuirkOptions } from '../quirks/types.js';
import type { ProtectedResourceRegisterOptions } from './protected-resource-types.js';
import type { SharedOptions } from './registry-options.js';
import type { RequestRegisterOptions } from './authorization-request-types.js';
import type { ServerRegisterOptions } from './chosen-server-types.js';
import type {
  AuthorizationDead,
  AuthorizeParams,
  Awaitable,
  FetchToken,
  Params,
  UpdateToken,
  UserInfo,
} from '../model/types.js';

export type {
  RsaKey,
  SignatureFunction,
  SignatureMethod,
  SignatureMethods,
  SigningKey,
} from './oauth1-types.js';
export type {
  ClientAuthMethod,
  ClientSecretJwt,
  PrivateJwk,
  PrivateKey,
  PrivateKeyOption,
} from './client-auth-types.js';
export type {
  ClaimSource,
  ExtraRequest,
  ProfileMapping,
  ProfileSources,
  UserinfoSource,
} from '../quirks/profile-types.js';
export type {
  ErrorRule,
  LongLivedToken,
  QuirkOptions,
  RequestShape,
  RevocationShape,
  TokenRequestShape,
  TokenResponseShape,
  TransformResponse,
  UrlVariable,
  ValidateCallback,
} from '../quirks/types.js';
export type { ClaimsProvider } from './openid-types.js';
export type { ComplianceFix, HookClient, HookRequest, TokenPlacement } from './oauth2-types.js';
export type { ResponseMode } from './authorization-request-types.js';
export type { ClientRegistration, ClientRegistrations } from './protected-resource-types.js';
export type {
  ServerAnswer,
  ServerContext,
  ServerFilter,
  ServerLocator,
  ServerRegistration,
  ServerRequest,
  ServerTools,
} from './chosen-server-types.js';
export type { Limits, RefreshSettings } from './registry-options.js';

/** Options of `register()`. Names are Authlib's, in camelCase; values of the wire keep their wire form. */
export interface RegisterOptions
  extends
    LogoutRegisterOptions,
    OAuth1RegisterOptions,
    OAuth2RegisterOptions,
    ClientAuthRegisterOptions,
    RequestRegisterOptions,
    ProtectedResourceRegisterOptions,
    OpenIdRegisterOptions,
    OpenID2RegisterOptions,
    ServerRegisterOptions,
    QuirkOptions {
  /**
   * The preset these options are laid over, by its name, e.g. from a configuration file. Default: that of
   * the client's name, where nothing says where the provider is.
   */
  preset?: string | undefined;
  /** The client identifier the provider gave you (RFC 6749 §2.2). Default: `{NAME}_CLIENT_ID`. */
  clientId?: string | undefined;
  /** The client secret; without one the client is public. Default: `{NAME}_CLIENT_SECRET`. */
  clientSecret?: string | undefined;
  /** Token endpoint (RFC 6749 §3.2), or OAuth 1 token request URI. */
  accessTokenUrl?: string | undefined;
  /** Extra parameters of token requests; `null` and `undefined` are left out. */
  accessTokenParams?: Params | undefined;
  /** Authorization endpoint (RFC 6749 §3.1), or OAuth 1 resource owner authorization URI. */
  authorizeUrl?: string | undefined;
  /** Extra parameters of every authorization request; those of a single call win. */
  authorizeParams?: AuthorizeParams | undefined;
  /** Where the provider's API begins; relative URLs of resource calls are appended to it. */
  apiBaseUrl?: string | undefined;
  /** Where the profile is (OpenID Connect Core §5.3); from the metadata unless given. */
  userinfoEndpoint?: string | undefined;
  /** Turns the provider's profile into claims. Gets the parsed body, and a client to fetch more with. */
  userinfoComplianceFix?: UserinfoComplianceFix | undefined;
  /** Requested scope: space separated, or a list. With `openid` an id_token must come back. */
  scope?: string | readonly string[] | undefined;
  /** Loads this client's stored token for a resource call; wins over the registry's hook. */
  fetchToken?: FetchToken | undefined;
  /** Stores this client's refreshed token; wins over the registry's hook. */
  updateToken?: UpdateToken | undefined;
  /** Called when an authorization of this client has ended; wins over the registry's hook. */
  authorizationDead?: AuthorizationDead | undefined;
  /**
   * Seconds for which the provider accepts a refresh token again after it was rotated. A refresh whose
   * answer was lost is repeated within this time even while the old access token is valid. Default 0.
   */
  refreshReuseGrace?: number | undefined;
  /** Lets configuration win over these options. */
  overwrite?: boolean | undefined;
}

/** The options that are one URL, or may be. */
export type UrlOption =
  | 'requestTokenUrl'
  | 'authorizeUrl'
  | 'accessTokenUrl'
  | 'refreshTokenUrl'
  | 'apiBaseUrl'
  | 'serverMetadataUrl'
  | 'jwksUri'
  | 'userinfoEndpoint'
  | 'endSessionEndpoint'
  | 'revocationEndpoint'
  | 'introspectionEndpoint'
  | 'deviceAuthorizationEndpoint'
  | 'backchannelAuthenticationEndpoint'
  | 'pushedAuthorizationRequestEndpoint'
  | 'openid2Endpoint'
  | 'resource'
  | 'clientIdMetadataUrl'
  | 'tokenCheckUrl'
  | 'clientAssertionAudience'
  | 'publicAuthority'
  | 'realm';

/** The options with URLs in their members. */
type UrlHolder =
  'issuer' | 'servers' | 'urlVariables' | 'longLivedToken' | 'userinfo' | 'claimSources';

/** The same type, and a `URL` wherever any text may be. */
type WithUrls<T> = T extends string
  ? string extends T
    ? T | URL
    : T
  : T extends (...args: never[]) => unknown
    ? T
    : T extends object
      ? { readonly [Name in keyof T]: WithUrls<T[Name]> }
      : T;

/** {@link RegisterOptions} as an application gives them: URLs may be `URL` objects. */
export type GivenOptions = {
  [Name in keyof RegisterOptions]: Name extends UrlOption
    ? RegisterOptions[Name] | URL
    : Name extends UrlHolder
      ? WithUrls<RegisterOptions[Name]>
      : RegisterOptions[Name];
};

/** A provider's profile, and the client it came through, turned into claims. */
export type UserinfoComplianceFix = (
  profile: Record<string, unknown>,
  app: { get(url: string | URL): Promise<Response> },
) => Awaitable<UserInfo>;

/** Options of `new OAuth()`. */
export interface OAuthOptions extends SharedOptions {
  /**
   * Loads the options of a client that is not registered, such as a customer's identity provider;
   * `undefined` where there is none. See `oauth.loadClient(name)`. The configuration is not read.
   */
  loadClient?: ((name: string) => Awaitable<GivenOptions | undefined>) | undefined;
}
