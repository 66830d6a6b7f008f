import { OAuthError } from '../../model/errors.js';
import { placed } from '../../platform/tracing/phases.js';
import type { Http } from '../../platform/http/http.js';
import type { RegisterOptions } from '../../options/register-options.js';
import type { Limits } from '../../options/registry-options.js';
import { asksForOpenId } from '../../options/scope.js';
import type { ExchangeOptions, OAuth2Token, RemoteApp, TokenWarning } from '../../model/types.js';
import { authorizationRequest, refuseReserved } from './authorization/request.js';
import { boundHttp } from './dpop/bound-http.js';
import { checkIssuer, checkRefusal, checkShape, readState } from './authorization/response.js';
import { createClaimSources } from './openid/claim-sources.js';
import { createClientAuth } from './client-auth/methods.js';
import { createDpop } from './dpop/proof.js';
import { createClientCredentials } from './grants/client-credentials.js';
import { exchangeAnswer } from './token/code-exchange.js';
import { createIdentity } from './openid/identity.js';
import { openResponse, peekState } from './authorization/jarm.js';
import { createLogoutPort } from './logout/engine.js';
import { withMtlsAliases } from './client-auth/mtls.js';
import { createMetadata, type LoadMetadata } from './discovery/metadata.js';
import type { ProtocolContext } from './endpoint/context.js';
import { place, profileRequest } from './api/request.js';
import { checkSubject, fetchProfile as requestProfile } from './openid/userinfo.js';
import { isTokenRefused, judgeResponse } from './api/token-verdict.js';
import { partsOf } from './authorization/response-type.js';
import { createVerbs } from './verbs.js';

/** What an OAuth 2 engine is made of. */
export interface OAuth2AppConfig {
  name: string;
  options: Readonly<RegisterOptions>;
  http: Http;
  /** Seconds that loaded metadata is good for. */
  metadataTtl: number;
  /** Loads the metadata, where somebody has begun to already. */
  load?: LoadMetadata | undefined;
  /** How many servers chosen by people are kept in memory. */
  servers: number;
  /** Sizes and times of what the provider signs. */
  limits: Limits;
  /** Is told of what was not used of a token response. */
  warn?: ((warning: TokenWarning) => void) | undefined;
}

/** Tells whether a client's logins bring an id_token that is used. */
export function expectsIdToken({ scope, idToken }: Readonly<RegisterOptions>): boolean {
  return asksForOpenId(scope) && idToken !== 'ignore';
}

/** Binds the OAuth 2 and OpenID Connect engine to one client. No network until it is used. */
export function createOAuth2App(config: OAuth2AppConfig): RemoteApp<OAuth2Token> {
  const { name, options, http, limits } = config;
  const openid = expectsIdToken(options);
  const load =
    config.load ?? createMetadata({ name, options, http, openid, ttl: config.metadataTtl });
  // What is wrong with the metadata is the provider's fault, in a callback too.
  const loadMetadata = placed(name, 'metadata', load);
  refuseReserved(options.authorizeParams ?? {}, options);
  const { prepare, ...others } = createIdentity({ name, options, http, loadMetadata, limits });
  // Keys that cannot be loaded are the provider's fault, and nothing was sent yet.
  const identity = { ...others, prepare: placed(name, 'metadata', prepare) };
  const authFor = createClientAuth(options);
  const dpop = createDpop(options);
  async function context(): Promise<ProtocolContext> {
    const metadata = withMtlsAliases(await loadMetadata(), options);
    return { options, http, metadata, clientAuth: authFor(metadata), dpop, warn: config.warn };
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
    const ready = await place(request, token, options);
    return await requestProfile(boundHttp(http, dpop, token), ready, reader);
  }

  /** Asks the address that is there for it, which need not be a profile. */
  async function checkToken(token: OAuth2Token): Promise<void> {
    const url = new URL(options.tokenCheckUrl ?? '');
    const request = { method: 'GET', url, headers: new Headers(), body: null };
    const ready = await place(request, token, options);
    const response = await boundHttp(http, dpop, token).send({ what: 'token check', ...ready });
    const verdict = await judgeResponse(response, options, http);
    response.body?.cancel().catch(() => undefined);
    if (verdict !== 'refused' && verdict !== 'unclear') return;
    const details = { providerStatus: response.status };
    throw new OAuthError('invalid_token', 'The provider refuses the access token.', details);
  }

  /** A profile that everybody may read, or that the login brought, says nothing of the token. */
  async function fetchUserinfo(token: OAuth2Token): Promise<void> {
    if ((options.userinfo?.from ?? 'endpoint') === 'endpoint') await fetchProfile(token);
  }

  return {
    name,
    kind: 'oauth2',
    verbs,
    logout,
    renewal: {
      handle: ({ refresh_token: refresh, access_token: access }) => {
        const value = refresh || (options.longLivedToken?.refresh && access);
        return typeof value === 'string' && value !== '' ? value : undefined;
      },
      refresh: verbs.refreshToken,
    },
    ...(options.grantType === 'client_credentials' ? { ownTokens: clientCredentials } : {}),
    readState: async (params) =>
      readState(await peekState(params, { options, maxBytes: limits.jwtBytes })),
    openResponse: (params, data) =>
      openResponse(params, data, async () => {
        const metadata = await loadMetadata();
        return { options, metadata, jwks: await identity.signingKeys(), limits };
      }),
    checkRefusal: (params) => checkRefusal(params, options.errors),
    createAuthorizationUrl: async (redirectUri, params) =>
      await authorizationRequest(await context(), redirectUri, params),
    checkSender: async (params, { responseType }) => {
      checkShape(params, responseType);
      const inIdToken = partsOf(responseType).idToken && params.has('id_token');
      checkIssuer(params, await loadMetadata(), { ...options, inIdToken });
      const { clientId = '', clientSecret, authorizeUrl = '', validateCallback } = options;
      // A copy: what was checked stays as it was.
      const accepted: unknown = await validateCallback?.(new URLSearchParams(params), {
        clientId,
        clientSecret,
        authorizeUrl,
      });
      if (accepted === false) throw refusedByHook();
    },
    exchange: async (params, data, exchangeOptions: ExchangeOptions = {}) =>
      await exchangeAnswer(await context(), identity, { params, data, options: exchangeOptions }),
    checkSubject,
    fetchProfile,
    judge: (response) => judgeResponse(response, options, http),
    isRefused: async (token) => {
      const ask = options.tokenCheckUrl === undefined ? fetchUserinfo : checkToken;
      return await ask(token).then(() => false, isTokenRefused);
    },
    send: async (request, token, signal) =>
      await boundHttp(http, dpop, token).send({
        what: 'resource',
        ...(await place(request, token, options)),
        signal,
      }),
  };
}

/** A hook that says no by its result means it. */
function refusedByHook(): OAuthError {
  return new OAuthError(
    'invalid_callback',
    'The hook "validateCallback" returned false, so the callback was not used. Throw an error of your own to say why.',
  );
}
