import { toPairs } from '../encoding.js';
import { OAuthError, placed } from '../errors.js';
import type { Http } from '../http.js';
import type { RegisterOptions } from '../option-types.js';
import { asksForOpenId } from '../options.js';
import type { AuthorizeData, ExchangeOptions, OAuth2Token, RemoteApp } from '../types.js';
import { authorizationRequest, refuseReserved } from './authorization.js';
import { fillParams } from '../quirks/templates.js';
import { checkIssuer, checkRefusal, checkShape, readState } from './callback.js';
import { createClientAuth } from './client-auth.js';
import { createClientCredentials } from './grants/client-credentials.js';
import { keepCallback, prolong } from './completion.js';
import { allowedAlgorithms } from './id-token.js';
import { createIdentity } from './identity.js';
import { withMtlsAliases } from './mtls.js';
import { createMetadata } from './metadata.js';
import { exchangeCode, type ProtocolContext } from './protocol.js';
import { place, profileRequest } from './resource.js';
import { checkSubject, fetchProfile } from './userinfo.js';
import { createVerbs } from './verbs.js';

/** What an OAuth 2 engine is made of. */
export interface OAuth2AppConfig {
  name: string;
  options: Readonly<RegisterOptions>;
  http: Http;
  /** Seconds that loaded metadata is good for. */
  metadataTtl: number;
}

/** Binds the OAuth 2 and OpenID Connect engine to one client. No network until it is used. */
export function createOAuth2App(config: OAuth2AppConfig): RemoteApp<OAuth2Token> {
  const { name, options, http } = config;
  const openid = asksForOpenId(options.scope);
  const load = createMetadata({ options, http, openid, ttl: config.metadataTtl });
  // What is wrong with the metadata is the provider's fault, in a callback too.
  const loadMetadata = placed(name, 'metadata', load);
  const algorithms = options.idTokenSignedResponseAlg;
  if (algorithms !== undefined) allowedAlgorithms(algorithms, undefined);
  refuseReserved(options.authorizeParams ?? {});
  const identity = createIdentity({ options, http, loadMetadata });
  const authFor = createClientAuth(options);
  async function context(): Promise<ProtocolContext> {
    const metadata = withMtlsAliases(await loadMetadata(), options);
    return { options, http, metadata, clientAuth: authFor(metadata) };
  }

  const clientCredentials = createClientCredentials(context);
  const verbs = createVerbs({ name, context, loadMetadata, identity, clientCredentials });

  return {
    name,
    kind: 'oauth2',
    verbs,
    renewal: {
      handle: ({ refresh_token: value }) =>
        typeof value === 'string' && value !== '' ? value : undefined,
      refresh: verbs.refreshToken,
    },
    ...(options.grantType === 'client_credentials' ? { ownTokens: clientCredentials } : {}),
    readState,
    checkRefusal: (params) => checkRefusal(params, options.errors),
    createAuthorizationUrl: async (redirectUri, params) =>
      await authorizationRequest(await context(), redirectUri, params),
    checkSender: async (params, { redirectUri }) => {
      checkShape(params);
      checkIssuer(params, await loadMetadata());
      const { clientId = '', clientSecret, validateCallback } = options;
      await validateCallback?.(params, { clientId, clientSecret, redirectUri });
    },
    exchange: async (params, data, { params: extra = {}, claimsOptions }: ExchangeOptions = {}) => {
      const protocol = await context();
      const { clientId, accessTokenParams, callbackParams } = options;
      const { state, redirectUri } = data;
      const fixed = fillParams(accessTokenParams, { client_id: clientId, state, callback: params });
      const token = await exchangeCode(protocol, {
        params,
        state,
        redirectUri,
        codeVerifier: need(params, data, options),
        extra: new URLSearchParams(toPairs({ ...fixed, ...extra })),
      });
      const kept = keepCallback(await prolong(protocol, token), params, callbackParams);
      return await identity.identify(kept, data, claimsOptions);
    },
    checkSubject,
    fetchProfile: async (token) => {
      const request = profileRequest((await context()).metadata, options, token);
      return await fetchProfile(http, await place(request, token, options), options);
    },
    send: async (request, token, signal) =>
      await http.send({ what: 'resource', ...(await place(request, token, options)), signal }),
  };
}

/** What the exchange cannot do without: a code, and the verifier and nonce of this very login. */
function need(
  params: URLSearchParams,
  data: AuthorizeData,
  { pkce }: Readonly<RegisterOptions>,
): string | undefined {
  if (!params.get('code')) {
    throw new OAuthError(
      'invalid_callback',
      'The callback carries neither "code" nor "error" (RFC 6749 §4.1.2). Log in again.',
    );
  }
  const bound = data.codeVerifier !== undefined || pkce === 'off';
  if (bound && (data.nonce || !data.openid)) return data.codeVerifier;
  throw new OAuthError(
    'invalid_callback',
    'The pending login has no PKCE code verifier, or no nonce. Pass the whole object that ' +
      'createAuthorizationUrl() returned.',
  );
}
