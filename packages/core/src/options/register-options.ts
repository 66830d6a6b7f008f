import type { ClientAuthRegisterOptions } from './client-auth.js';
import type { LogoutRegisterOptions } from './logout.js';
import type { OAuth1RegisterOptions } from './oauth1.js';
import type { OAuth2RegisterOptions } from './oauth2.js';
import type { OpenIdRegisterOptions } from './openid.js';
import type { OpenID2RegisterOptions } from './openid2.js';
import type { QuirkOptions } from '../quirks/types.js';
import type { ProtectedResourceRegisterOptions } from './protected-resource.js';
import type { SharedOptions } from './registry-options.js';
import type { RequestRegisterOptions } from './authorization-request.js';
import type { ServerRegisterOptions } from './chosen-server.js';
import type {
  OnGrantRevoked,
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
} from './oauth1.js';
export type { ClientAuthMethod, ClientSecretJwt } from './client-auth.js';
export type { PrivateJwk, PrivateKey, PrivateKeyOption } from './private-key.js';
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
export type { ClaimsProvider } from './openid.js';
export type { ComplianceFix, HookClient, HookRequest } from './compliance-fix.js';
export type { TokenPlacement } from './oauth2.js';
export type { ResponseMode } from './authorization-request.js';
export type { ClientRegistration, ClientRegistrations } from './protected-resource.js';
export type {
  ServerResponse,
  ServerContext,
  ServerLocator,
  ServerRegistration,
  ServerRequest,
  ServerTools,
} from './server-locator.js';
export type { ServerFilter } from './server-choice.js';
export type { Limits, RefreshSettings } from './registry-options.js';

/** Options of `register()`. Names are Authlib's, in camelCase; wire values are unchanged. */
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
   * Name of the preset that these options extend, for example from a configuration file. Default:
   * the preset with the client's name, unless the options describe the provider.
   */
  preset?: string | undefined;
  /** The client identifier issued by the provider (RFC 6749 §2.2). Default: `{NAME}_CLIENT_ID`. */
  clientId?: string | undefined;
  /** The client secret; without one the client is public. Default: `{NAME}_CLIENT_SECRET`. */
  clientSecret?: string | undefined;
  /** Token endpoint (RFC 6749 §3.2), or OAuth 1 token request URI. */
  accessTokenUrl?: string | undefined;
  /** Extra parameters of token requests; `null` and `undefined` are omitted. */
  accessTokenParams?: Params | undefined;
  /** Authorization endpoint (RFC 6749 §3.1), or OAuth 1 resource owner authorization URI. */
  authorizeUrl?: string | undefined;
  /**
   * Extra parameters of every authorization request; parameters of a single call take precedence.
   */
  authorizeParams?: AuthorizeParams | undefined;
  /** Base URL of the provider's API; relative URLs of resource calls are appended to it. */
  apiBaseUrl?: string | undefined;
  /**
   * UserInfo endpoint (OpenID Connect Core §5.3), or the URL of the profile. Default: from the
   * metadata.
   */
  userinfoEndpoint?: string | undefined;
  /**
   * Converts the provider's profile to claims. Receives the parsed body and a client for further
   * API calls.
   */
  userinfoComplianceFix?: UserinfoComplianceFix | undefined;
  /**
   * Requested scope: space separated, or a list. With `openid`, the token response must contain an
   * id_token.
   */
  scope?: string | readonly string[] | undefined;
  /** Loads this client's stored token for a resource call; overrides the registry's hook. */
  fetchToken?: FetchToken | undefined;
  /** Stores this client's refreshed token; overrides the registry's hook. */
  updateToken?: UpdateToken | undefined;
  /** Called when an authorization of this client has ended; overrides the registry's hook. */
  onGrantRevoked?: OnGrantRevoked | undefined;
  /**
   * Seconds for which the provider still accepts a rotated refresh token. A refresh whose response
   * was lost is repeated within this time even if the old access token is still valid. Default: 0.
   */
  refreshReuseWindow?: number | undefined;
  /** Makes the configuration take precedence over these options. Default: `false`. */
  overwrite?: boolean | undefined;
}

/** Names of the options that are, or may be, a single URL. */
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

/** Names of the options with URLs in their members. */
type UrlHolder =
  'issuer' | 'servers' | 'urlVariables' | 'longLivedToken' | 'userinfo' | 'claimSources';

/** The same type, with `URL` allowed in place of any string. */
type WithUrls<T> = T extends string
  ? string extends T
    ? T | URL
    : T
  : T extends (...args: never[]) => unknown
    ? T
    : T extends object
      ? { readonly [Name in keyof T]: WithUrls<T[Name]> }
      : T;

/** {@link RegisterOptions} as passed by an application: URLs may be `URL` objects. */
export type GivenOptions = {
  [Name in keyof RegisterOptions]: Name extends UrlOption
    ? RegisterOptions[Name] | URL
    : Name extends UrlHolder
      ? WithUrls<RegisterOptions[Name]>
      : RegisterOptions[Name];
};

/** Converts a provider's profile to claims, given the client it was loaded with. */
export type UserinfoComplianceFix = (
  profile: Record<string, unknown>,
  app: { get(url: string | URL): Promise<Response> },
) => Awaitable<UserInfo>;

/** Options of `new OAuth()`. */
export interface OAuthOptions extends SharedOptions {
  /**
   * Loads the options of a client that is not registered, such as a customer's identity provider;
   * returns `undefined` if there is none. See `oauth.loadClient(name)`. The configuration is not
   * read.
   */
  loadClient?: ((name: string) => Awaitable<GivenOptions | undefined>) | undefined;
}
