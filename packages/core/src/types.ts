/**
 * The types of the library: of hooks, stores, events and every option and result.
 *
 * @module @oauth-registry/core/types
 */
export type {
  AnyVerbs,
  CoreClients,
  OAuth,
  OAuth1Client,
  OAuth2Client,
  OpenID2Client,
} from './registry/oauth.js';
export type { FrameworkClient } from './client/client.js';
export type { Registry } from './registry/registry.js';
export type { OAuthError } from './model/errors.js';
export type { LoginResult } from './client/client.js';
export type { LoginButtonOptions } from './routes/pages/button.js';
export type { LoginPageOptions } from './routes/pages/page.js';
export type { PageLink, PageLogo, PageLook } from './routes/pages/look.js';
export type { PageTexts } from './routes/pages/texts.js';
export type { ColorPair, PageTheme } from './routes/pages/theme.js';
export type {
  Login,
  LoginFailure,
  LoginSuccess,
  RouteRequest,
  RouteResult,
  RoutesOptions,
  SessionLogin,
} from './routes/options.js';
export type { RequiredTokenOptions, RequireLoginOptions } from './routes/guard-options.js';
export type { FragmentPage, FragmentTexts } from './client/fragment-page.js';
export type {
  ClientMetadata,
  Registration,
  RegistrationOptions,
} from './protocols/oauth2/registration/register.js';
export type {
  FrontchannelSession,
  LoginInitiation,
  LogoutEvent,
  LogoutRequest,
  LogoutReturn,
  OnLogout,
} from './model/logout.js';
export type { SerializeOptions } from './client/tokens/serialize.js';
export type { OAuthErrorCode, Phase, ProviderErrorCode } from './model/error-codes.js';
export type { OAuthErrorDetails } from './model/errors.js';
export type { OAuth1Verbs } from './protocols/oauth1/verbs.js';
export type { OAuth2Verbs } from './protocols/oauth2/verbs.js';
export type { ClaimSourceVerbs, ProvidedClaims } from './protocols/oauth2/openid/claim-sources.js';
export type { ParseIdTokenOptions } from './protocols/oauth2/openid/identity.js';
export type { BackchannelAuthentication } from './protocols/oauth2/grants/ciba.js';
export type { BackchannelPing } from './protocols/oauth2/grants/ping.js';
export type { DeviceAuthorization } from './protocols/oauth2/grants/device.js';
export type {
  Connection,
  PageOptions,
  PageResult,
  RefreshDueOptions,
} from './registry/connections.js';
export type { ClientInfo } from './registry/registry.js';
export type { Logger } from './platform/log.js';
export type { TokenCheck } from './client/check-token.js';
export type { AssertionOptions } from './options/assertion.js';
export type { PendingAuthorization, PollResult } from './protocols/oauth2/grants/polling.js';
export type { GrantVerbs, WaitOptions } from './protocols/oauth2/grants/verbs.js';
export type { TokenIntrospection } from './protocols/oauth2/token/introspection.js';
export type { TokenHint } from './protocols/oauth2/token/revocation.js';
export type { PhaseError, PhaseEvent } from './platform/tracing/diagnostics-channel.js';
export type {
  Events,
  GrantRevokedEvent,
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
  PrivateJwk,
  PrivateKey,
  PrivateKeyOption,
  ProfileMapping,
  ProfileSources,
  QuirkOptions,
  RegisterOptions,
  RequestShape,
  ResponseMode,
  RevocationShape,
  RsaKey,
  ServerContext,
  ServerFilter,
  ServerLocator,
  ServerRegistration,
  ServerRequest,
  ServerResponse,
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
  IndexedSession,
  Seal,
  SessionIndex,
  SessionPort,
  StateStore,
  TokenEntry,
  TokenPage,
  TokenKey,
  TokenStore,
} from './model/ports.js';
export type { StoredToken } from './client/tokens/stored-tokens.js';
export type {
  AuthorizationDetail,
  AuthorizationRequest,
  AuthorizeData,
  AuthorizeParams,
  Awaitable,
  ChosenServer,
  ClaimOptions,
  ClaimRequest,
  ClaimsOptions,
  ClaimsRequest,
  Engine,
  ExchangeOptions,
  FetchToken,
  GrantParams,
  OAuth1Token,
  OAuth2Token,
  OnGrantRevoked,
  OpenID2Token,
  ParamValue,
  Params,
  Protocol,
  ResourceOptions,
  ResourceRequest,
  ResponseType,
  RevokedGrant,
  Token,
  TokenOwner,
  TokenRefresh,
  TokenWarning,
  UpdateToken,
  UserInfo,
} from './model/types.js';
