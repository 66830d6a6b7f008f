import {
  authorizeParams,
  flag,
  isPlain,
  must,
  oneOf,
  params as paramsCheck,
  requestParams,
  shape,
} from '../../platform/validators.js';
import { isObject } from '../../platform/encoding.js';
import { OAuthError } from '../../model/errors.js';
import type { LogoutPort, LogoutRequest } from '../../model/logout.js';
import {
  checkedVerbs,
  optional,
  required,
  takes,
  type ArgumentsOf,
} from '../../platform/arguments.js';
import { redirectUri } from '../../options/verb-arguments.js';
import { traced } from '../../platform/tracing/phases.js';
import type { GrantParams, OAuth2Token, Params } from '../../model/types.js';
import type { ClaimSourceVerbs } from './openid/claim-sources.js';
import type { IdTokenClaims } from './openid/id-token.js';
import { parseIdTokenOptions, type Identity, type ParseIdTokenOptions } from './openid/identity.js';
import type { CachedOwnTokens } from './grants/own-tokens.js';
import { createGrantVerbs, grantArguments, wireParams, type GrantVerbs } from './grants/verbs.js';
import { introspectToken, type TokenIntrospection } from './token/introspection.js';
import type { LoadMetadata, ServerMetadata } from './discovery/metadata.js';
import { textParams } from './authorization/param-pairs.js';
import type { ProtocolContext } from './endpoint/context.js';
import { refuseMissingToken } from './token/refresh.js';
import { revokeToken, type TokenHint } from './token/revocation.js';

/** The methods that an OAuth 2 engine provides. A client groups the rarely used ones. */
export interface OAuth2EngineVerbs extends OAuth2Methods, GrantVerbs, ClaimSourceVerbs {}

/** What only OAuth 2 clients have. */
export interface OAuth2Verbs extends OAuth2Methods {
  /** Grants without a redirect: device, CIBA, token exchange, assertions and legacy grants. */
  readonly grants: GrantVerbs;
  /** Claims of other issuers. */
  readonly metadata: ClaimSourceVerbs;
}

/** The methods that every OAuth 2 client has. */
export interface OAuth2Methods {
  /** Verifies the id_token of a token and returns its claims. */
  parseIdToken(token: OAuth2Token, options?: ParseIdTokenOptions): Promise<IdTokenClaims>;
  /**
   * Loads the provider's metadata; cached.
   *
   * @param server the URL variables of a user-chosen server, such as `{ instance: 'mastodon.social'
   *   }`
   */
  loadServerMetadata(server?: Params): Promise<ServerMetadata>;
  /**
   * Refreshes a token with its refresh token (RFC 6749 §6). Store the result at once: many
   * providers accept a refresh token only once.
   *
   * @param params additional parameters of the request, such as a narrower `scope` (RFC 6749 §6) or
   *   another `resource` (RFC 8707 §2.2)
   */
  refreshToken(token: OAuth2Token, params?: GrantParams): Promise<OAuth2Token>;
  /**
   * Revokes a token at the provider (RFC 7009): the refresh token and the access token of a token
   * response, only one of them with `hint`, or a token passed as a string. A token unknown to the
   * provider counts as revoked.
   */
  revokeToken(token: OAuth2Token | string, options?: TokenHint): Promise<void>;
  /**
   * Returns the client's own token (RFC 6749 §4.4): cached, replaced shortly before it expires,
   * with one request for concurrent callers. With `grantType: 'client_credentials'` API requests
   * use it automatically.
   *
   * @param options `fresh` always requests a new one
   */
  clientCredentialsToken(
    params?: GrantParams,
    options?: { fresh?: boolean | undefined },
  ): Promise<OAuth2Token>;
  /** Asks the provider whether a token is active, and returns its metadata (RFC 7662, RFC 9701). */
  introspectToken(token: OAuth2Token | string, options?: TokenHint): Promise<TokenIntrospection>;
  /**
   * Builds the URL that logs the user out at the provider (RP-Initiated Logout 1.0). Store `state`
   * until the user returns to the post-logout redirect URI. Pass the user's id_token as
   * `id_token_hint`.
   */
  createLogoutUrl(postLogoutRedirectUri?: string | URL, params?: Params): Promise<LogoutRequest>;
  /** Loads the provider's signing keys; cached unless `force`. */
  fetchJwkSet(force?: boolean): Promise<{ keys: object[] }>;
}

/** Dependencies of the methods of one client. */
export interface VerbsConfig {
  name: string;
  context: () => Promise<ProtocolContext>;
  loadMetadata: LoadMetadata;
  identity: Identity;
  refresh: (token: OAuth2Token, params: Params) => Promise<OAuth2Token>;
  clientCredentials: CachedOwnTokens;
  logout: LogoutPort;
  claimSources: ClaimSourceVerbs;
}

/** Rejects an explicit `nonce: undefined`, which would skip the nonce check of the id_token. */
function refuseUnsetNonce(expected: ParseIdTokenOptions): void {
  if (!('nonce' in expected) || (typeof expected.nonce === 'string' && expected.nonce !== ''))
    return;
  throw new OAuthError(
    'invalid_options',
    'parseIdToken() got a "nonce" without a value, so nothing would be compared. Pass the ' +
      'nonce of the authorization request; omit it only for an id_token without one, as after ' +
      'a refresh.',
  );
}

/** The error for an invalid token says what to pass. */
const tokenArgument = optional('token', (value) =>
  isPlain(value) && 'token' in value && !('access_token' in value)
    ? 'is an object that contains a token: pass the token itself'
    : undefined,
);
const user = required('user', must(isObject, 'must be the result of userinfo()'));
const hint = optional(
  'options',
  shape<TokenHint>({ hint: oneOf('access_token', 'refresh_token') }),
);

/** The arguments of the OAuth 2 methods. */
export const oauth2Arguments: ArgumentsOf<OAuth2EngineVerbs> = {
  ...grantArguments,
  clientCredentialsToken: takes(
    'exchange',
    wireParams,
    optional('options', shape<{ fresh?: boolean | undefined }>({ fresh: flag })),
  ),
  parseIdToken: takes('id_token', tokenArgument, optional('options', parseIdTokenOptions)),
  loadServerMetadata: takes('metadata', optional('server', paramsCheck)),
  aggregatedClaims: takes('userinfo', user),
  distributedClaims: takes('userinfo', user),
  fetchJwkSet: takes('metadata', optional('force', flag)),
  refreshToken: takes('refresh', tokenArgument, optional('params', authorizeParams)),
  createLogoutUrl: takes(
    'logout',
    optional('postLogoutRedirectUri', redirectUri),
    optional('params', requestParams),
  ),
  revokeToken: takes('revocation', tokenArgument, hint),
  introspectToken: takes('introspection', tokenArgument, hint),
};

/** Creates the methods of one client. Errors carry the client's name and the phase. */
export function createVerbs(config: VerbsConfig): OAuth2EngineVerbs {
  const { name, context, loadMetadata, identity, refresh } = config;
  const { clientCredentials, logout, claimSources } = config;
  return checkedVerbs<OAuth2EngineVerbs>(name, oauth2Arguments, {
    ...createGrantVerbs({ name, context, identity }),
    clientCredentialsToken: traced(name, 'exchange', clientCredentials.token),
    parseIdToken: traced(name, 'id_token', async (token, expected = {}) => {
      refuseMissingToken(token);
      refuseUnsetNonce(expected);
      return await identity.parseIdToken(token, expected);
    }),
    loadServerMetadata: async () => await loadMetadata(),
    aggregatedClaims: traced(name, 'userinfo', claimSources.aggregatedClaims),
    distributedClaims: traced(name, 'userinfo', claimSources.distributedClaims),
    fetchJwkSet: traced(name, 'metadata', (force) => identity.fetchJwkSet(force)),
    refreshToken: (token, params = {}) => refresh(token, textParams(params)),
    createLogoutUrl: traced(name, 'logout', (uri, more) =>
      logout.createLogoutUrl(uri?.toString(), more),
    ),
    revokeToken: traced(name, 'revocation', async (given, options = {}) =>
      revokeToken(await context(), given, options),
    ),
    introspectToken: traced(name, 'introspection', async (given, { hint: kind } = {}) =>
      introspectToken(await context(), given, {
        hint: kind,
        jwks: await identity.signingKeys(),
        limits: identity.limits,
      }),
    ),
  });
}
