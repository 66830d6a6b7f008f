import { toPairs } from '../encoding.js';
import { OAuthError, placed } from '../errors.js';
import type { Http } from '../http.js';
import type { RegisterOptions } from '../option-types.js';
import { asksForOpenId } from '../options.js';
import type {
  AuthorizeData,
  ExchangeOptions,
  OAuth2Token,
  RemoteApp,
  ResourceRequest,
} from '../types.js';
import { authorizationRequest, refuseReserved } from './authorization.js';
import { attachToken, checkToken } from './bearer.js';
import { checkIssuer, checkRefusal, checkShape, readState } from './callback.js';
import { createClientAuth } from './client-auth.js';
import { createClientCredentials } from './grants/client-credentials.js';
import { allowedAlgorithms } from './id-token.js';
import { createIdentity } from './identity.js';
import { withMtlsAliases } from './mtls.js';
import { createMetadata, type ServerMetadata } from './metadata.js';
import { exchangeCode, type ProtocolContext } from './protocol.js';
import { fetchProfile } from './userinfo.js';
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
    checkRefusal,
    createAuthorizationUrl: async (redirectUri, params) =>
      await authorizationRequest(await context(), redirectUri, params),
    checkSender: async (params) => {
      checkShape(params);
      checkIssuer(params, await loadMetadata());
    },
    exchange: async (params, data, { params: extra = {}, claimsOptions }: ExchangeOptions = {}) => {
      const token = await exchangeCode(await context(), {
        params,
        state: data.state,
        redirectUri: data.redirectUri,
        codeVerifier: need(params, data),
        extra: new URLSearchParams(toPairs({ ...options.accessTokenParams, ...extra })),
      });
      return await identity.identify(token, data, claimsOptions);
    },
    fetchProfile: async (token) => {
      const request = profileRequest((await context()).metadata, options);
      return await fetchProfile(http, await place(request, token, options), token);
    },
    send: async (request, token, signal) =>
      await http.send({ what: 'resource', ...(await place(request, token, options)), signal }),
  };
}

/** What the exchange cannot do without: a code, and the verifier and nonce of this very login. */
function need(params: URLSearchParams, data: AuthorizeData): string {
  if (!params.get('code')) {
    throw new OAuthError(
      'invalid_callback',
      'The callback carries neither "code" nor "error" (RFC 6749 §4.1.2). Log in again.',
    );
  }
  if (data.codeVerifier && (data.nonce || !data.openid)) return data.codeVerifier;
  throw new OAuthError(
    'invalid_callback',
    'The pending login has no PKCE code verifier, or no nonce. Pass the whole object that ' +
      'createAuthorizationUrl() returned.',
  );
}

/** OpenID Connect Core §5.3.1. A token that goes into the body needs a method that has one. */
function profileRequest(
  { userinfo_endpoint: endpoint }: ServerMetadata,
  { tokenPlacement }: Readonly<RegisterOptions>,
): ResourceRequest {
  if (endpoint === undefined) {
    throw new OAuthError(
      'invalid_options',
      'There is no userinfo endpoint: give "userinfoEndpoint", or metadata that names one.',
    );
  }
  const method = tokenPlacement === 'body' ? 'POST' : 'GET';
  const headers = new Headers({ accept: 'application/json' });
  return { method, url: new URL(endpoint), headers, body: null };
}

async function place(
  request: ResourceRequest,
  token: OAuth2Token | undefined,
  { tokenPlacement, complianceFix }: Readonly<RegisterOptions>,
): Promise<ResourceRequest> {
  if (token === undefined) return request;
  checkToken(token);
  const attached = attachToken(request, token.access_token, tokenPlacement);
  await complianceFix?.protectedRequest?.(attached);
  return attached;
}
