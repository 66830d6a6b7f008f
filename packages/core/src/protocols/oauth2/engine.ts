import { OAuthError } from '../../model/errors.js';
import { traced } from '../../platform/tracing/phases.js';
import type { Http } from '../../platform/http/http.js';
import type { RegisterOptions } from '../../options/register-options.js';
import type { Limits } from '../../options/limits.js';
import { asksForOpenId } from '../../platform/scope.js';
import type { ExchangeOptions, OAuth2Token, Engine, TokenWarning } from '../../model/types.js';
import { authorizationRequest } from './authorization/request.js';
import { refuseReserved } from './authorization/reserved-params.js';
import { boundHttp } from './dpop/bound-http.js';
import { completeResponse, readState, validateResponse } from './authorization/response.js';
import { createClaimSources } from './openid/claim-sources.js';
import { createClientAuth } from './client-auth/methods.js';
import { createDpop } from './dpop/proof.js';
import { createClientCredentials } from './grants/client-credentials.js';
import { refreshToken } from './token/refresh.js';
import { refreshHandle } from './token/refresh-handle.js';
import { createIdentity } from './openid/identity.js';
import { openResponse, peekState } from './authorization/jarm.js';
import { createLogoutPort } from './logout/engine.js';
import { withMtlsAliases } from './client-auth/mtls.js';
import { createMetadata, type LoadMetadata, type ServerMetadata } from './discovery/metadata.js';
import type { ProtocolContext } from './endpoint/context.js';
import type { JwtContext } from './jwt/policy.js';
import { authorizeApiRequest, isBound, profileRequest } from './api/request.js';
import { checkSubject, fetchProfile as requestProfile } from './openid/userinfo.js';
import { isTokenRefused, judgeResponse } from './api/token-verdict.js';
import { createVerbs } from './verbs.js';

/** Configuration of an OAuth 2 engine. */
export interface OAuth2AppConfig {
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

/**
 * Creates the OAuth 2 and OpenID Connect engine of one client. Sends no request until a method is
 * called.
 */
export function createOAuth2App(config: OAuth2AppConfig): Engine<OAuth2Token> {
  const { name, options, http, limits } = config;
  const openid = expectsIdToken(options);
  const load =
    config.load ?? createMetadata({ name, options, http, openid, ttl: config.metadataTtl });
  // Invalid metadata is a provider error, in a callback too.
  const loadMetadata = traced(name, 'metadata', load);
  refuseReserved(options.authorizeParams ?? {}, options);
  const { prepare, ...others } = createIdentity({ name, options, http, loadMetadata, limits });
  // A failure to load keys is a provider error; the code has not been sent yet.
  const identity = { ...others, prepare: traced(name, 'metadata', prepare) };
  const authFor = createClientAuth(options);
  const dpop = createDpop(options);
  let current: { loaded: ServerMetadata; context: ProtocolContext } | undefined;
  /** One context for each metadata document. */
  async function context(): Promise<ProtocolContext> {
    const loaded = await loadMetadata();
    if (current?.loaded === loaded) return current.context;
    const metadata = withMtlsAliases(loaded, options);
    const clientAuth = authFor(metadata);
    current = { loaded, context: { options, http, metadata, clientAuth, dpop, warn: config.warn } };
    return current.context;
  }

  const clientCredentials = createClientCredentials(context);
  const logout = createLogoutPort({ name, context, identity });
  const own = { clientCredentials, logout, claimSources: createClaimSources(config) };
  const verbs = createVerbs({ name, context, loadMetadata, identity, ...own });

  async function fetchProfile(token: OAuth2Token): Promise<Record<string, unknown>> {
    const { userinfoEndpoint: known } = options;
    const metadata = known ? { userinfo_endpoint: known } : (await context()).metadata;
    const request = profileRequest(metadata, options, token);
    const reader = {
      ...options,
      openJwt: identity.openUserinfo,
      granted: token.scope,
      accessToken: token.access_token,
    };
    if (options.userinfo?.from === 'public') return await requestProfile(http, request, reader);
    const ready = await authorizeApiRequest(request, token, options);
    const sender = isBound(token) ? boundHttp(http, dpop, token) : http;
    return await requestProfile(sender, ready, reader);
  }

  /** Validates the token with a request to the configured URL, which need not return a profile. */
  async function checkToken(token: OAuth2Token): Promise<void> {
    const url = new URL(options.tokenCheckUrl ?? '');
    const request = { method: 'GET', url, headers: new Headers(), body: null };
    const ready = await authorizeApiRequest(request, token, options);
    const response = await boundHttp(http, dpop, token).sendResource({
      what: 'token check',
      ...ready,
    });
    const verdict = await judgeResponse(response, options, http);
    response.body?.cancel().catch(() => undefined);
    if (verdict !== 'refused' && verdict !== 'unclear') return;
    const details = { providerStatus: response.status };
    throw new OAuthError(
      'invalid_token',
      `The provider rejected the access token (HTTP ${response.status}). It may have expired or been ` +
        'revoked: log in again.',
      details,
    );
  }

  /** A public profile, or one from the login response, says nothing about the token. */
  async function fetchUserinfo(token: OAuth2Token): Promise<void> {
    if ((options.userinfo?.from ?? 'endpoint') === 'endpoint') await fetchProfile(token);
  }

  return {
    name,
    kind: 'oauth2',
    verbs,
    logout,
    renewal: {
      handle: (token) => refreshHandle(token, options),
      refresh: traced(name, 'refresh', async (token: OAuth2Token) =>
        refreshToken(await context(), token, { identity, params: {} }),
      ),
    },
    ...(options.grantType === 'client_credentials' ? { ownTokens: clientCredentials } : {}),
    readCallback: (params) =>
      params.has('response')
        ? peekState(params, { options, maxBytes: limits.jwtBytes })
        : readState(params),
    createAuthorizationUrl: async (redirectUri, params) =>
      await authorizationRequest(await context(), redirectUri, params),
    validateCallback: async (params, data) => {
      const metadata = await loadMetadata();
      const signed = async (): Promise<JwtContext> => ({
        options,
        metadata,
        jwks: await identity.signingKeys(),
        limits,
      });
      const response = data.jarm ? await openResponse(params, data, await signed()) : params;
      await validateResponse(response, data, { options, metadata });
      return response;
    },
    completeLogin: async (params, data, exchangeOptions: ExchangeOptions = {}) =>
      await completeResponse(await context(), identity, { params, data, options: exchangeOptions }),
    checkSubject,
    fetchProfile,
    judge: (response) => judgeResponse(response, options, http),
    isRefused: async (token) => {
      const ask = options.tokenCheckUrl === undefined ? fetchUserinfo : checkToken;
      return await ask(token).then(() => false, isTokenRefused);
    },
    send: async (request, token, signal) =>
      await (isBound(token) ? boundHttp(http, dpop, token) : http).sendResource({
        what: 'resource',
        ...(await authorizeApiRequest(request, token, options)),
        signal,
      }),
  };
}
