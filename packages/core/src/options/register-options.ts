import type { OAuth1Options } from './oauth1.js';
import type { OAuth2Options } from './oauth2.js';
import type { OpenId2Options } from './openid2.js';

export type {
  OAuth1Options,
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
export type { CommonOptions, UserinfoComplianceFix } from './common.js';
export type { ClaimsProvider } from './openid.js';
export type { ComplianceFix, HookClient, HookRequest } from './compliance-fix.js';
export type { OAuth2Options, TokenPlacement } from './oauth2.js';
export type { OpenId2Options } from './openid2.js';
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

/**
 * Options of `register()`, for any protocol. Most clients need some of these:
 *
 * - `clientId`, `clientSecret`, `scope`
 * - the provider: `preset`, `issuer` or `serverMetadataUrl`; or `authorizeUrl` and `accessTokenUrl`,
 *   with `requestTokenUrl` for OAuth 1.0a; or `openid2Endpoint`
 * - the API and the profile: `apiBaseUrl`, `userinfoEndpoint`, `profile`
 * - `authorizeParams`
 *
 * The others are in {@link OAuth2Options}, {@link OAuth1Options} and {@link OpenId2Options}. Wire
 * values are unchanged.
 */
export interface RegisterOptions extends OAuth2Options, OAuth1Options, OpenId2Options {}

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

/** Options as passed by an application: URLs may be `URL` objects. */
export type WithUrlObjects<Options> = {
  [Name in keyof Options]: Name extends UrlOption
    ? Options[Name] | URL
    : Name extends UrlHolder
      ? WithUrls<Options[Name]>
      : Options[Name];
};

/** {@link RegisterOptions} as passed by an application. */
export type GivenOptions = WithUrlObjects<RegisterOptions>;

/** Options of several clients, by name. */
export type ClientOptions = Readonly<Record<string, GivenOptions>>;
