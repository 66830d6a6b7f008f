import { OAuthError } from '../../model/errors.js';
import { chain } from '../../platform/awaitable.js';
import { trace } from '../../platform/tracing/phases.js';
import type { Http } from '../../platform/http/http.js';
import type { RegisterOptions } from '../../options/register-options.js';
import type { Limits } from '../../options/limits.js';
import { asksForOpenId } from '../../platform/scope.js';
import type { LogoutPort } from '../../model/logout.js';
import type {
  AuthorizationRequest,
  AuthorizeData,
  AuthorizeParams,
  Awaitable,
  Engine,
  ExchangeOptions,
  OAuth2Token,
  Params,
  ResourceRequest,
  TokenRefresh,
  TokenVerdict,
  TokenWarning,
} from '../../model/types.js';
import { authorizationRequest } from './authorization/request.js';
import { refuseReserved } from './authorization/reserved-params.js';
import { boundHttp } from './dpop/bound-http.js';
import {
  completeResponse,
  readState,
  validateResponse,
  withStandardNames,
} from './authorization/response.js';
import { createClaimSources } from './openid/claim-sources.js';
import { createClientAuth, type ClientAuth } from './client-auth/methods.js';
import { createDpop, type Dpop } from './dpop/proof.js';
import {
  createOwnTokens,
  requestByOwnGrant,
  requestClientCredentials,
  type CachedOwnTokens,
} from './grants/own-tokens.js';
import { refreshToken } from './token/refresh.js';
import { refreshHandle } from './token/refresh-handle.js';
import { Identity } from './openid/identity.js';
import { openResponse, peekState } from './authorization/jarm.js';
import { OAuth2Logout } from './logout/engine.js';
import { withMtlsAliases } from './client-auth/mtls.js';
import { createMetadata, type LoadMetadata, type ServerMetadata } from './discovery/metadata.js';
import type { ProtocolContext } from './endpoint/context.js';
import { authorizeApiRequest, isBound, profileRequest } from './api/request.js';
import { checkSubject, fetchProfile as requestProfile } from './openid/userinfo.js';
import { isTokenRefused, judgeResponse } from './api/token-verdict.js';
import { createVerbs, type OAuth2EngineVerbs } from './verbs.js';

/** Configuration of an OAuth 2 engine. */
export interface OAuth2EngineConfig {
  name: string;
  options: Readonly<RegisterOptions>;
  http: Http;
  /** Seconds that metadata is cached. */
  metadataTtl: number;
  /** Loads the metadata. Default: a loader of this engine's own. */
  load?: LoadMetadata | undefined;
  /** Maximum number of cached user-chosen servers. */
  servers: number;
  /** Size and time limits of signed data. */
  limits: Limits;
  /** Called when a part of a token response is ignored. */
  warn?: ((warning: TokenWarning) => void) | undefined;
}

/** Whether a client's logins return an id_token that is used. */
export function expectsIdToken({ scope, idToken }: Readonly<RegisterOptions>): boolean {
  return asksForOpenId(scope) && idToken !== 'ignore';
}

/** A context, and the metadata document that it was created for. */
interface Current {
  loaded: ServerMetadata;
  context: ProtocolContext;
}

/**
 * The OAuth 2 and OpenID Connect engine of one client. Sends no request until a method is called.
 */
export class OAuth2Engine implements Engine<OAuth2Token> {
  readonly name: string;
  readonly kind = 'oauth2';
  readonly verbs: OAuth2EngineVerbs;
  readonly logout: LogoutPort;
  readonly ownTokens?: CachedOwnTokens;
  readonly checkSubject: typeof checkSubject = checkSubject;
  readonly #config: OAuth2EngineConfig;
  readonly #loadMetadata: LoadMetadata;
  readonly #identity: Identity;
  readonly #authFor: (metadata: ServerMetadata) => ClientAuth;
  readonly #dpop: Dpop | undefined;
  #current: Current | undefined;

  constructor(config: OAuth2EngineConfig) {
    const { name, options, http, limits } = config;
    this.name = name;
    this.#config = config;
    refuseReserved(options.authorizeParams ?? {}, options);
    const openid = expectsIdToken(options);
    const loadMetadata =
      config.load ?? createMetadata({ name, options, http, openid, ttl: config.metadataTtl });
    this.#loadMetadata = loadMetadata;
    const identity = new Identity({ name, options, http, loadMetadata, limits });
    this.#identity = identity;
    this.#authFor = createClientAuth(options);
    this.#dpop = createDpop(options);
    const context = async (): Promise<ProtocolContext> => await this.#context();
    const clientCredentials = createOwnTokens(context, requestClientCredentials);
    const { grantType = 'authorization_code' } = options;
    if (grantType === 'client_credentials') this.ownTokens = clientCredentials;
    else if (grantType !== 'authorization_code')
      this.ownTokens = createOwnTokens(context, requestByOwnGrant);
    this.logout = new OAuth2Logout({ name, context, identity });
    const claimSources = createClaimSources(config);
    const own = { clientCredentials, logout: this.logout, claimSources };
    this.verbs = createVerbs({
      name,
      context,
      loadMetadata,
      identity,
      refresh: (token, params) => this.refresh(token, params),
      ...own,
    });
  }

  /** Returns the context for the current metadata. */
  #context(): Awaitable<ProtocolContext> {
    return chain(this.#loadMetadata(), (loaded) => this.#contextOf(loaded));
  }

  #contextOf(loaded: ServerMetadata): ProtocolContext {
    if (this.#current?.loaded === loaded) return this.#current.context;
    const { options, http, warn } = this.#config;
    const metadata = withMtlsAliases(loaded, options);
    const clientAuth = this.#authFor(metadata);
    const context = { options, http, metadata, clientAuth, dpop: this.#dpop, warn };
    this.#current = { loaded, context };
    return context;
  }

  readCallback(params: URLSearchParams): Awaitable<string | undefined> {
    const { options, limits } = this.#config;
    return params.has('response')
      ? peekState(params, { options, maxBytes: limits.jwtBytes })
      : readState(params);
  }

  async createAuthorizationUrl(
    redirectUri: string,
    params: AuthorizeParams,
  ): Promise<AuthorizationRequest> {
    return await authorizationRequest(await this.#context(), redirectUri, params);
  }

  async validateCallback(params: URLSearchParams, data: AuthorizeData): Promise<URLSearchParams> {
    const { options, limits } = this.#config;
    const metadata = await this.#loadMetadata();
    const { callbackParamNames: names } = options;
    let response = names ? withStandardNames(params, names) : params;
    if (data.jarm) {
      const jwks = await this.#identity.signingKeys();
      response = await openResponse(response, data, { options, metadata, jwks, limits });
    }
    await validateResponse(response, data, { options, metadata });
    return response;
  }

  async completeLogin(
    params: URLSearchParams,
    data: AuthorizeData,
    options: ExchangeOptions = {},
  ): Promise<OAuth2Token> {
    const response = { params, data, options };
    return await completeResponse(await this.#context(), this.#identity, response);
  }

  get renewal(): TokenRefresh<OAuth2Token> {
    return {
      handle: (token) => refreshHandle(token, this.#config.options),
      refresh: (token, params) => this.refresh(token, params),
    };
  }

  /** Refreshes a token. `params` are additional parameters of the request. */
  async refresh(token: OAuth2Token, params: Params = {}): Promise<OAuth2Token> {
    return await trace({ client: this.name, phase: 'refresh' }, async () =>
      refreshToken(await this.#context(), token, { identity: this.#identity, params }),
    );
  }

  async fetchProfile(token: OAuth2Token): Promise<Record<string, unknown>> {
    const { options, http } = this.#config;
    if (options.userinfo?.from === 'access_token')
      return await this.#identity.openAccessToken(token.access_token);
    const { userinfoEndpoint: known } = options;
    const metadata = known ? { userinfo_endpoint: known } : (await this.#context()).metadata;
    const request = profileRequest(metadata, options, token);
    const isPublic = options.userinfo?.from === 'public';
    const ready = isPublic ? request : await authorizeApiRequest(request, token, options);
    return await requestProfile(isPublic ? http : this.#httpFor(token), ready, {
      quirks: options,
      openJwt: (jwt) => this.#identity.openUserinfo(jwt),
      granted: token.scope,
      accessToken: token.access_token,
    });
  }

  async judge(response: Response): Promise<TokenVerdict> {
    const { options, http } = this.#config;
    return await judgeResponse(response, options, http);
  }

  async isRefused(token: OAuth2Token): Promise<boolean> {
    const { tokenCheckUrl, userinfo } = this.#config.options;
    try {
      if (tokenCheckUrl !== undefined) await this.#checkToken(token, tokenCheckUrl);
      // A public profile, or one from the login response, says nothing about the token.
      else if ((userinfo?.from ?? 'endpoint') === 'endpoint') await this.fetchProfile(token);
      return false;
    } catch (error) {
      return isTokenRefused(error);
    }
  }

  async send(
    request: ResourceRequest,
    token: OAuth2Token | undefined,
    signal?: AbortSignal,
  ): Promise<Response> {
    const http = this.#httpFor(token);
    const ready = await authorizeApiRequest(request, token, this.#config.options);
    return await http.sendResource({ what: 'resource', ...ready, signal });
  }

  #httpFor(token: OAuth2Token | undefined): Http {
    const { http } = this.#config;
    return isBound(token) ? boundHttp(http, this.#dpop, token) : http;
  }

  /** Validates the token with a request to the configured URL, which need not return a profile. */
  async #checkToken(token: OAuth2Token, tokenCheckUrl: string): Promise<void> {
    const { options, http } = this.#config;
    const url = new URL(tokenCheckUrl);
    const request = { method: 'GET', url, headers: {}, body: null };
    const ready = await authorizeApiRequest(request, token, options);
    const response = await this.#httpFor(token).sendResource({ what: 'token check', ...ready });
    const verdict = await judgeResponse(response, options, http);
    response.body?.cancel().catch(() => undefined);
    if (verdict !== 'refused' && verdict !== 'unclear') return;
    throw new OAuthError(
      'invalid_token',
      `The provider rejected the access token (HTTP ${response.status}). It may have expired or been ` +
        'revoked: log in again.',
      { providerStatus: response.status },
    );
  }
}
