import { count, flag, must, type Check } from '../platform/validators.js';
import { isObject } from '../platform/encoding.js';
import { OAuthError } from '../model/errors.js';
import type { SharedOptions, RefreshSettings } from './registry-options.js';

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

/** Requires a `secret` to encrypt stored tokens, unless the application opts out. */
export function checkTokenStore(options: SharedOptions): void {
  const { tokenStore, secret, allowPlaintextTokens } = options;
  if (!tokenStore || tokenStore.volatile || secret !== undefined || allowPlaintextTokens) return;
  throw new OAuthError(
    'invalid_options',
    'A "tokenStore" needs a "secret" of at least 32 characters to encrypt the tokens with; ' +
      '"allowPlaintextTokens: true" stores them unencrypted.',
  );
}
