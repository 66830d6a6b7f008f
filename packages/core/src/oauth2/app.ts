import { toPairs } from '../encoding.js';
import { OAuthError, type Phase } from '../errors.js';
import type { Http } from '../http.js';
import type { RegisterOptions } from '../option-types.js';
import type { ClaimsOptions } from '../types.js';
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
import { allowedAlgorithms, verifyIdToken, type IdTokenClaims } from './id-token.js';
import { createJwks, type Jwks } from './jwks.js';
import { createMetadata, type ServerMetadata } from './metadata.js';
import { exchangeCode, type ProtocolContext } from './protocol.js';
import { fetchProfile } from './userinfo.js';

/** What an OAuth 2 engine is made of. */
export interface OAuth2AppConfig {
  name: string;
  options: Readonly<RegisterOptions>;
  http: Http;
  /** Seconds that loaded metadata is good for. */
  metadataTtl: number;
}

/** What `parseIdToken` compares an id_token with. */
export interface ParseIdTokenOptions {
  /** The nonce of the authorization request. */
  nonce?: string | undefined;
  /** Seconds since the person last authenticated, at most. */
  maxAge?: number | undefined;
  /** Further checks, beside those of `register()`. */
  claimsOptions?: ClaimsOptions | undefined;
}

/** Verbs that only OAuth 2 clients have. */
export interface OAuth2Verbs {
  /** Verifies the id_token of a token in full and returns its claims. */
  parseIdToken(token: OAuth2Token, options?: ParseIdTokenOptions): Promise<IdTokenClaims>;
  /** Loads what the provider says about itself; cached. */
  loadServerMetadata(): Promise<ServerMetadata>;
  /** Loads the provider's signing keys; cached unless `force`. */
  fetchJwkSet(force?: boolean): Promise<{ keys: object[] }>;
}

const defaultLeeway = 30;

/** Binds the OAuth 2 and OpenID Connect engine to one client. No network until it is used. */
export function createOAuth2App(config: OAuth2AppConfig): RemoteApp<OAuth2Token> {
  const { name, options, http } = config;
  const loadMetadata = createMetadata({
    options,
    http,
    openid: asksForOpenId(options.scope),
    ttl: config.metadataTtl,
  });
  const algorithms = options.idTokenSignedResponseAlg;
  if (algorithms !== undefined) allowedAlgorithms(algorithms, undefined);
  refuseReserved(options.authorizeParams ?? {});
  const keys = new Map<string, Jwks>();

  async function context(): Promise<ProtocolContext> {
    const metadata = await loadMetadata();
    return { options, http, metadata, clientAuth: createClientAuth(options, metadata) };
  }

  /** The signing keys: given by hand, or at the address the metadata names now. */
  function jwksOf({ jwks_uri: uri }: ServerMetadata): Jwks | undefined {
    const source = options.jwks === undefined ? uri : '';
    if (source === undefined) return undefined;
    const known = keys.get(source);
    if (known) return known;
    const made = createJwks(options.jwks ?? { http, uri: source });
    keys.clear();
    keys.set(source, made);
    return made;
  }

  async function parseIdToken(
    token: OAuth2Token,
    expected: ParseIdTokenOptions = {},
  ): Promise<IdTokenClaims> {
    const metadata = await loadMetadata();
    return await verifyIdToken(token.id_token, {
      issuer: issuerOf(metadata),
      clientId: options.clientId ?? '',
      clientSecret: options.clientSecret,
      algorithms: allowedAlgorithms(
        options.idTokenSignedResponseAlg,
        metadata['id_token_signing_alg_values_supported'],
      ),
      jwks: jwksOf(metadata),
      nonce: expected.nonce,
      maxAge: expected.maxAge,
      accessToken: token.access_token,
      leeway: options.leeway ?? defaultLeeway,
      claimsOptions: [options.claimsOptions ?? {}, expected.claimsOptions ?? {}],
    });
  }

  /** Any id_token that arrives is verified; one that was asked for must arrive. */
  async function identify(
    token: OAuth2Token,
    data: AuthorizeData,
    claimsOptions?: ClaimsOptions,
  ): Promise<OAuth2Token> {
    if (token.id_token === undefined && !data.openid) return token;
    if (token.id_token === undefined) {
      throw new OAuthError(
        'invalid_id_token',
        'Scope "openid" was asked for, but the token response has no id_token ' +
          '(OpenID Connect Core §3.1.3.3). Check that the provider speaks OpenID Connect.',
        { phase: 'id_token' },
      );
    }
    const { nonce, maxAge } = data;
    const claims = await parseIdToken(token, { nonce, maxAge, claimsOptions });
    return { ...token, userinfo: { ...claims, raw: claims } };
  }

  async function fetchJwkSet(force?: boolean): Promise<{ keys: object[] }> {
    const jwks = jwksOf(await loadMetadata());
    if (jwks) return await jwks.all(force);
    throw new OAuthError(
      'invalid_options',
      'There are no signing keys: give "jwksUri", "jwks", or metadata that names a "jwks_uri".',
    );
  }

  /** Says of a verb's errors which client they are about. */
  function ours<A extends unknown[], R>(phase: Phase, verb: (...args: A) => Promise<R>) {
    return (...args: A): Promise<R> =>
      verb(...args).catch((error: unknown) => {
        throw error instanceof OAuthError ? error.within(name, phase) : error;
      });
  }

  const verbs: OAuth2Verbs = {
    parseIdToken: ours('id_token', parseIdToken),
    loadServerMetadata: ours('metadata', loadMetadata),
    fetchJwkSet: ours('metadata', fetchJwkSet),
  };

  return {
    name,
    kind: 'oauth2',
    verbs,
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
        extra: Object.fromEntries(toPairs({ ...options.accessTokenParams, ...extra })),
      });
      return await identify(token, data, claimsOptions);
    },
    fetchProfile: async (token) => {
      const request = profileRequest(await loadMetadata(), options);
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

function issuerOf(metadata: ServerMetadata): string {
  if (metadata.issuer !== undefined) return metadata.issuer;
  throw new OAuthError(
    'invalid_options',
    'The provider sent an id_token, but there is no issuer to verify it against: give ' +
      '"serverMetadataUrl", or "issuer" and "jwksUri".',
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
  const placed = attachToken(request, token.access_token, tokenPlacement);
  await complianceFix?.protectedRequest?.(placed);
  return placed;
}
