import { BoundedCache } from '../../../platform/bounded-cache.js';
import { nowSeconds } from '../../../platform/crypto.js';
import { SingleFlight } from '../../../platform/single-flight.js';
import { scopeText } from '../../../platform/scope.js';
import type { GrantParams, OAuth2Token, OwnTokens } from '../../../model/types.js';
import { paramPairs } from '../authorization/param-pairs.js';
import type { ProtocolContext } from '../endpoint/context.js';
import { requestByGrant } from './grant.js';
import { jwtBearerToken } from './jwt-bearer.js';

/** Manages the client's own tokens, without a user. */
export interface CachedOwnTokens extends OwnTokens<OAuth2Token> {
  /**
   * Returns the cached token while it is valid, else a new one; `fresh` always requests a new one.
   */
  token(params?: GrantParams, options?: { fresh?: boolean | undefined }): Promise<OAuth2Token>;
}

/** Maximum number of cached tokens, one for each set of parameters. */
const maxCached = 100;

/**
 * Returns how many seconds before its expiry a token is replaced: a tenth of its lifetime, at most
 * a minute.
 */
function margin({ expires_in: lifetime = 0 }: OAuth2Token): number {
  return Math.min(60, Math.max(0, lifetime) / 10);
}

/** Requests a token for the client itself. */
type RequestToken = (context: ProtocolContext, params: GrantParams) => Promise<OAuth2Token>;

/**
 * Requests a token with the client's credentials.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.4
 */
export const requestClientCredentials: RequestToken = (context, params) =>
  requestByGrant(context, { grantType: 'client_credentials', params });

/** Requests a token with the registered `grantType`: with an assertion, or with a grant of the provider. */
export const requestByOwnGrant: RequestToken = (context, params) => {
  const { grantType = '', assertion } = context.options;
  if (assertion !== undefined) return jwtBearerToken(context, assertion, params);
  return requestByGrant(context, { grantType, params });
};

/**
 * Caches the client's own tokens, one for each set of parameters. Concurrent callers share one
 * request. If an early replacement fails, the token is used until it expires.
 */
export function createOwnTokens(
  context: () => Promise<ProtocolContext>,
  request: RequestToken,
): CachedOwnTokens {
  let cached = new BoundedCache<OAuth2Token>(maxCached);
  const requests = new SingleFlight<OAuth2Token>();

  async function load(key: string, params: GrantParams): Promise<OAuth2Token> {
    const bound = await context();
    const { scope = bound.options.scope, ...others } = params;
    // There is no user: an id_token here would be unverified.
    const all = { ...others, scope: scopeText(scope as string) };
    const { id_token: _, ...token } = await request(bound, all);
    cached.set(key, Object.freeze(token as OAuth2Token));
    return token as OAuth2Token;
  }

  const token: CachedOwnTokens['token'] = async (params = {}, { fresh = false } = {}) => {
    const key = cacheKey(params);
    const known = fresh ? undefined : cached.get(key);
    if (known && isGood(known, margin(known))) return known;
    try {
      return await requests.run(key, () => load(key, params));
    } catch (error) {
      if (known && isGood(known, 0)) return known;
      throw error;
    }
  };

  return {
    token,
    current: () => token(),
    forget() {
      cached = new BoundedCache(maxCached);
    },
    async renewed({ access_token: old }) {
      const key = cacheKey({});
      if (cached.get(key)?.access_token === old) cached.delete(key);
      return await token();
    },
  };
}

function cacheKey(params: GrantParams): string {
  return JSON.stringify(paramPairs(params).toSorted());
}

/**
 * Whether a token is valid for some more seconds. A token without an expiry is valid until it is
 * rejected.
 */
export function isGood({ expires_at: end }: OAuth2Token, seconds: number): boolean {
  return typeof end !== 'number' || end - seconds > nowSeconds();
}
