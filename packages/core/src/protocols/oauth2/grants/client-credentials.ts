import { nowSeconds } from '../../../platform/crypto.js';
import { scopeText } from '../../../options/scope.js';
import type { GrantParams, OAuth2Token, OwnTokens } from '../../../model/types.js';
import { paramPairs } from '../authorization/param-pairs.js';
import type { ProtocolContext } from '../endpoint/context.js';
import { requestByGrant } from './grant.js';

/** Manages the client's own tokens, without a user. */
export interface ClientCredentials extends OwnTokens<OAuth2Token> {
  /**
   * Returns the cached token while it is valid, else a new one; `fresh` always requests a new one.
   */
  token(params?: GrantParams, options?: { fresh?: boolean | undefined }): Promise<OAuth2Token>;
}

/** Maximum number of cached tokens, one for each set of parameters; the oldest is removed first. */
const maxCached = 100;

/**
 * Returns how many seconds before its expiry a token is replaced: a tenth of its lifetime, at most
 * a minute.
 */
function margin({ expires_in: lifetime = 0 }: OAuth2Token): number {
  return Math.min(60, Math.max(0, lifetime) / 10);
}

/**
 * Caches the tokens of the client credentials grant, one for each set of parameters. Concurrent
 * callers share one request. If an early replacement fails, the token is used until it expires.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.4
 */
export function createClientCredentials(
  context: () => Promise<ProtocolContext>,
): ClientCredentials {
  const kept = new Map<string, OAuth2Token>();
  const pending = new Map<string, Promise<OAuth2Token>>();

  async function load(key: string, params: GrantParams): Promise<OAuth2Token> {
    const bound = await context();
    const { scope = bound.options.scope, ...others } = params;
    // There is no user: an id_token here would be unverified.
    const { id_token: _, ...token } = await requestByGrant(bound, {
      grantType: 'client_credentials',
      params: { ...others, scope: scopeText(scope as string) },
    });
    kept.delete(key);
    kept.set(key, Object.freeze(token as OAuth2Token));
    for (const oldest of kept.keys()) if (kept.size > maxCached) kept.delete(oldest);
    return token as OAuth2Token;
  }

  function renew(key: string, params: GrantParams): Promise<OAuth2Token> {
    const running = pending.get(key);
    if (running) return running;
    const started = load(key, params).finally(() => pending.delete(key));
    pending.set(key, started);
    return started;
  }

  const token: ClientCredentials['token'] = async (params = {}, { fresh = false } = {}) => {
    const key = JSON.stringify(paramPairs(params).toSorted());
    const known = fresh ? undefined : kept.get(key);
    if (known && isGood(known, margin(known))) return known;
    return await renew(key, params).catch((error: unknown) => {
      if (known && isGood(known, 0)) return known;
      throw error;
    });
  };

  return {
    token,
    current: () => token(),
    async renewed({ access_token: old }) {
      for (const [key, one] of kept) if (one.access_token === old) kept.delete(key);
      return await token();
    },
  };
}

/**
 * Whether a token is valid for some more seconds. A token without an expiry is valid until it is
 * rejected.
 */
export function isGood({ expires_at: end }: OAuth2Token, seconds: number): boolean {
  return typeof end !== 'number' || end - seconds > nowSeconds();
}
