import { FrameworkClient } from './client/client.js';
import type { OAuth2Verbs } from './protocols/oauth2/verbs.js';
import type { OAuth1Verbs } from './protocols/oauth1/engine.js';
import type { OAuthOptions } from './options/registry-options.js';
import { Registry } from './registry/registry.js';
import type { OAuth1Token, OAuth2Token, OpenID2Token } from './model/types.js';

/** A client of an OAuth 1.0a provider, without a web framework. */
export type OAuth1Client = FrameworkClient<OAuth1Token> & OAuth1Verbs;

/** A client of an OAuth 2 or OpenID Connect provider, without a web framework. */
export type OAuth2Client = FrameworkClient<OAuth2Token> & OAuth2Verbs;

/** A client of an OpenID 2.0 provider, without a web framework. */
export type OpenID2Client = FrameworkClient<OpenID2Token>;

/**
 * The methods of a client known only by name, as returned by `createClient(name)` and
 * `loadClient(name)`: its `kind` determines which it has.
 *
 * @example
 * ```ts
 * const client = await oauth.loadClient(tenant);
 * if (client.kind === 'oauth2') await client.revokeToken(token);
 * ```
 */
export type AnyVerbs =
  | ({ readonly kind: 'oauth1' } & OAuth1Verbs)
  | ({ readonly kind: 'oauth2' } & OAuth2Verbs)
  | { readonly kind: 'openid2' };

/** The clients of the registry for scripts, workers and frameworks without an integration. */
export interface CoreClients {
  oauth1: OAuth1Client;
  oauth2: OAuth2Client;
  openid2: OpenID2Client;
  any: FrameworkClient & AnyVerbs;
}

/**
 * The registry without a web framework, with the lower-level methods `createAuthorizationUrl` and
 * `fetchAccessToken` for the login.
 *
 * @example
 * ```ts
 * const oauth = new OAuth().register('corp', {
 *   clientId: 'app',
 *   clientSecret: 'secret',
 *   issuer: 'https://id.corp.example',
 *   scope: 'openid email',
 * });
 * const request = await oauth.corp.createAuthorizationUrl('https://app.example/callback');
 * // Redirect the user to request.url; later, with the callback URL:
 * const token = await oauth.corp.fetchAccessToken(callbackUrl, request);
 * ```
 */
export class OAuth extends Registry<CoreClients> {
  constructor(options: OAuthOptions = {}) {
    super(options, { Client: FrameworkClient });
  }
}

export type { FrameworkClient, Registry };
export type { LoginResult } from './client/client.js';
export { clientDocument } from './client/metadata-document.js';
export { checkReturnTo } from './client/redirect-uri.js';
export type { LoginButtonOptions } from './routes/pages/button.js';
export type { LoginPageOptions } from './routes/pages/page.js';
export type {
  Login,
  LoginFailure,
  LoginSuccess,
  RouteRequest,
  RouteResult,
  RoutesOptions,
} from './routes/options.js';
export { fragmentPage, type FragmentPage } from './client/fragment-page.js';
export { OAuthError, isOAuthError } from './model/errors.js';
export { clientIdMetadata } from './protocols/oauth2/registration/metadata-document.js';
export { registerDynamically } from './protocols/oauth2/registration/register.js';
export { discoverIssuer } from './protocols/oauth2/dynamic/webfinger.js';
export type {
  ClientMetadata,
  Registration,
  RegistrationOptions,
} from './protocols/oauth2/registration/register.js';
export type {
  LoginInitiation,
  LogoutEvent,
  LogoutRequest,
  FrontchannelSession,
  LogoutReturn,
  OnLogout,
} from './model/logout.js';
export {
  authorized,
  expirationDate,
  expireSoon,
  expiresIn,
  isExpired,
} from './client/tokens/expiry.js';
export { deserializeToken, serializedClient, serializeToken } from './client/tokens/serialize.js';
export type { SerializeOptions } from './client/tokens/serialize.js';
export type { OAuthErrorCode, Phase, ProviderErrorCode } from './model/error-codes.js';
export type { OAuthErrorDetails } from './model/errors.js';
export { stepUp } from './protocols/oauth2/api/step-up.js';
export type { OAuth1Verbs } from './protocols/oauth1/engine.js';
export type { OAuth2Verbs } from './protocols/oauth2/verbs.js';
export type { ClaimSourceVerbs, ProvidedClaims } from './protocols/oauth2/openid/claim-sources.js';
export type { ParseIdTokenOptions } from './protocols/oauth2/openid/identity.js';
export type { BackchannelAuthentication } from './protocols/oauth2/grants/ciba.js';
export { readBackchannelPing, type BackchannelPing } from './protocols/oauth2/grants/ping.js';
export type { DeviceAuthorization } from './protocols/oauth2/grants/device.js';
export type { AssertionOptions } from './protocols/oauth2/grants/jwt-bearer.js';
export type { PendingAuthorization, PollResult } from './protocols/oauth2/grants/polling.js';
export type { GrantVerbs, WaitOptions } from './protocols/oauth2/grants/verbs.js';
export type { TokenIntrospection } from './protocols/oauth2/token/introspection.js';
export type { TokenHint } from './protocols/oauth2/token/revocation.js';
export type { PhaseError, PhaseEvent } from './platform/tracing/diagnostics-channel.js';
export type {
  GrantRevokedEvent,
  Events,
  LoginEvent,
  LoginFailedEvent,
  RegistryEvents,
  RegistryListener,
  TokenEvents,
  TokenListener,
  TokenUpdate,
  TokenWarningEvent,
  UserLogoutEvent,
} from './client/events/events.js';
export type { ServerMetadata } from './protocols/oauth2/discovery/metadata.js';
export type {
  ClaimSource,
  ClaimsProvider,
  ClientAuthMethod,
  ClientRegistration,
  ClientRegistrations,
  ClientSecretJwt,
  CommonOptions,
  ComplianceFix,
  ErrorRule,
  ExtraRequest,
  HookClient,
  HookRequest,
  LongLivedToken,
  OAuth1Options,
  OAuth2Options,
  OpenId2Options,
  ProfileMapping,
  ProfileSources,
  QuirkOptions,
  PrivateJwk,
  PrivateKey,
  PrivateKeyOption,
  RegisterOptions,
  RequestShape,
  ResponseMode,
  RevocationShape,
  RsaKey,
  ServerResponse,
  ServerContext,
  ServerFilter,
  ServerLocator,
  ServerRegistration,
  ServerRequest,
  ServerTools,
  SignatureFunction,
  SignatureMethod,
  SignatureMethods,
  SigningKey,
  TokenPlacement,
  TokenRequestShape,
  TokenResponseShape,
  TransformResponse,
  UrlVariable,
  UserinfoComplianceFix,
  UserinfoSource,
  ValidateCallback,
} from './options/register-options.js';
export type { Limits } from './options/limits.js';
export type { OAuthOptions } from './options/registry-options.js';
export type { RefreshSettings } from './options/refresh.js';
export type {
  FindSession,
  Seal,
  SessionPort,
  StateStore,
  TokenEntry,
  TokenKey,
  TokenStore,
} from './model/ports.js';
export type { StoredToken } from './client/tokens/stored-tokens.js';
export type {
  OnGrantRevoked,
  AuthorizationDetail,
  AuthorizationRequest,
  AuthorizeData,
  AuthorizeParams,
  Awaitable,
  ChosenServer,
  ClaimOptions,
  ClaimRequest,
  ClaimsRequest,
  ClaimsOptions,
  RevokedGrant,
  ExchangeOptions,
  FetchToken,
  OAuth1Token,
  OAuth2Token,
  OpenID2Token,
  GrantParams,
  Params,
  ParamValue,
  Protocol,
  Engine,
  ResourceOptions,
  ResourceRequest,
  ResponseType,
  Token,
  TokenOwner,
  TokenRefresh,
  TokenWarning,
  UpdateToken,
  UserInfo,
} from './model/types.js';
