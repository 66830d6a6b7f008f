import { count, func, params, url, type Check } from '../platform/validators.js';
import type { FetchToken, OnGrantRevoked, Params, UpdateToken } from '../model/types.js';

/** Options for stored tokens and their refresh. */
export interface StoredTokenOptions {
  /**
   * Loads this client's stored token for an API call that passes neither `token` nor `userId`.
   * Default: the registry's.
   */
  fetchToken?: FetchToken | undefined;
  /** Stores this client's refreshed token. Default: the registry's. */
  updateToken?: UpdateToken | undefined;
  /** Called when an authorization of this client has ended. Default: the registry's. */
  onGrantRevoked?: OnGrantRevoked | undefined;
  /**
   * Endpoint for refresh requests (RFC 6749 §6), or for the session renewal of OAuth 1.0a. Default:
   * `accessTokenUrl`.
   */
  refreshTokenUrl?: string | undefined;
  /** Extra parameters of refresh requests (RFC 6749 §6). */
  refreshTokenParams?: Params | undefined;
  /**
   * Seconds for which the provider still accepts a rotated refresh token. A refresh whose response
   * was lost is repeated within this time even if the old access token is still valid. Default: 0.
   */
  refreshReuseWindow?: number | undefined;
}

export const storedTokenChecks: Record<keyof StoredTokenOptions, Check> = {
  fetchToken: func,
  updateToken: func,
  onGrantRevoked: func,
  refreshTokenUrl: url,
  refreshTokenParams: params,
  refreshReuseWindow: count,
};
