import { count, flag, must, type Check } from '../platform/validators.js';
import { isObject } from '../platform/encoding.js';
import { OAuthError } from '../model/errors.js';
import type { TokenStore } from '../model/ports.js';

/** Settings for automatic token refresh, in seconds. The members of `refresh`. */
export interface RefreshSettings {
  /**
   * Treats a token as expired this many seconds before `expires_at`. Default: 30. Together with
   * `refreshAhead`, at most half of the token's lifetime.
   */
  expiryMargin: number;
  /**
   * Refreshes a token up to this many seconds before it expires, with per-process jitter, so
   * refreshes do not coincide. Default: 0. Provider failures are ignored until the token expires.
   */
  refreshAhead: number;
  /**
   * Seconds for which callers that still hold the old token get the result of its refresh. Default:
   * 30.
   */
  reuseWindow: number;
  /** Seconds after which a lock left by a crashed process expires. Default: 10. */
  lockTtl: number;
  /** Seconds a call waits for another process to refresh the token. Default: 30. */
  lockTimeout: number;
  /** Seconds a token is cached before it is read from the `tokenStore` again. Default: 60. */
  cacheTtl: number;
}

export const defaultRefresh: RefreshSettings = {
  expiryMargin: 30,
  refreshAhead: 0,
  reuseWindow: 30,
  lockTtl: 10,
  lockTimeout: 30,
  cacheTtl: 60,
};

const tokenStoreMethods = ['get', 'put', 'delete', 'list', 'lock', 'unlock'];

export const refreshChecks: Record<keyof RefreshSettings, Check> = {
  expiryMargin: count,
  refreshAhead: count,
  reuseWindow: count,
  lockTtl: must((v) => Number.isFinite(v) && Number(v) > 0, 'must be a number of seconds above 0'),
  lockTimeout: count,
  cacheTtl: count,
};

/** Checks of the token storage and refresh options. */
export const tokenChecks: Record<'tokenStore' | 'allowPlaintextTokens' | 'refresh', Check> = {
  tokenStore: must(
    (v) => isObject(v) && tokenStoreMethods.every((name) => typeof v[name] === 'function'),
    `must be an object with the methods ${tokenStoreMethods.join(', ')}`,
  ),
  allowPlaintextTokens: flag,
  refresh: must(isObject, 'must be an object'),
};

/** The storage of tokens, and the secret that encrypts them. */
interface TokenStorage {
  tokenStore?: TokenStore | undefined;
  secret?: string | readonly string[] | undefined;
  allowPlaintextTokens?: boolean | undefined;
}

/** Requires a `secret` to encrypt stored tokens, unless the application opts out. */
export function checkTokenStore(options: Readonly<TokenStorage>): void {
  const { tokenStore, secret, allowPlaintextTokens } = options;
  if (!tokenStore || tokenStore.volatile || secret !== undefined || allowPlaintextTokens) return;
  throw new OAuthError(
    'invalid_options',
    'new OAuth(): a "tokenStore" needs a "secret" of at least 32 characters to encrypt the tokens with; ' +
      '"allowPlaintextTokens: true" stores them unencrypted.',
  );
}
