import type { FindSession, StateStore, TokenStore } from '../model/ports.js';
import type { OnGrantRevoked, FetchToken, UpdateToken } from '../model/types.js';

/** Options of `new OAuth()` except those about loading clients. */
export interface SharedOptions {
  /**
   * Configuration that `{NAME}_CLIENT_ID` and similar variables are read from. Default:
   * `process.env`.
   */
  config?: Readonly<Record<string, string | undefined>>;
  /** Loads the stored token for a resource call that passes neither `token` nor `userId`. */
  fetchToken?: FetchToken | undefined;
  /**
   * Stores a refreshed token; awaited before the token is used. Without it and without a
   * `tokenStore`, tokens are not refreshed automatically, because a rotated refresh token would be
   * lost.
   */
  updateToken?: UpdateToken | undefined;
  /** Called when an authorization has ended and the user must log in again. */
  onGrantRevoked?: OnGrantRevoked | undefined;
  /** Stores tokens by user, client and account, and coordinates refreshes between processes. */
  tokenStore?: TokenStore | undefined;
  /** Allows a `tokenStore` to store unencrypted tokens if no `secret` is set. Default: `false`. */
  allowPlaintextTokens?: boolean | undefined;
  /** Settings for automatic token refresh. */
  refresh?: Partial<RefreshSettings> | undefined;
  /**
   * Encrypts cookies and the tokens in the `tokenStore`; at least 32 characters. The first secret
   * encrypts, all of them decrypt. To rotate, deploy `[old, new]` first and then `[new, old]`.
   */
  secret?: string | readonly string[] | undefined;
  /**
   * Storage of pending logins. Default: the framework's session, or encrypted cookies if there is
   * no session and a `secret` is set.
   */
  stateStorage?: 'session' | 'cookie' | StateStore | undefined;
  /** Replaces the framework's session with any object that has `get` and `set`. */
  session?: FindSession | undefined;
  /**
   * The application's base URL, for example `https://app.example`. Redirect URIs are resolved
   * against it.
   */
  baseUrl?: string | URL | undefined;
  /** Replaces the global `fetch`. */
  fetch?: typeof globalThis.fetch | undefined;
  /** Milliseconds before a request to a provider times out. Default: 10,000. */
  timeout?: number | undefined;
  /**
   * The `User-Agent` header of every request to a provider, for example `my-app/1.0
   * (+https://app.example)`. Default: `oauth-registry/` and its version.
   */
  userAgent?: string | undefined;
  /** Allows plain http to hosts other than loopback. For development only. Default: `false`. */
  allowInsecureRequests?: boolean | undefined;
  /**
   * Allows URLs from untrusted input (users, third-party documents, options from `loadClient`) to
   * point at loopback or a private network. Use it only in development, in tests, and in networks
   * in which every user may reach every host. Default: `false`.
   */
  allowPrivateNetworks?: boolean | undefined;
  /** Limits on sizes, counts and lifetimes. */
  limits?: Partial<Limits> | undefined;
}

/** Settings for automatic token refresh, in seconds. */
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

/** Limits on sizes, counts and lifetimes. */
export interface Limits {
  /** Seconds from the redirect to the callback before a pending login expires. Default: 600. */
  stateTtl: number;
  /**
   * Maximum pending logins per browser. Default: 100 in a store, 20 otherwise. The oldest is
   * dropped first; in a store only if the limit is 20 or less, because further logins share a
   * cookie and are not counted.
   */
  pendingLogins: number;
  /**
   * Maximum bytes of one browser's pending login cookies; the oldest login is dropped first.
   * Default: 4700 if they are encrypted with `secret`, which leaves room for a cookie session,
   * otherwise 7000. Other cookies of a request reduce it.
   */
  pendingCookieBytes: number;
  /** Maximum bytes of a `form_post` callback. Default: 65,536. */
  formBytes: number;
  /**
   * Maximum bytes of a request or response that a page sends through the routes' `access`. Default:
   * 1,048,576.
   */
  accessBytes: number;
  /** Maximum cached tokens of all clients together (LRU). Default: 10,000. */
  cachedTokens: number;
  /**
   * Maximum bytes of cached tokens; tokens that could not be stored yet have a limit of the same
   * size. Default: 33,554,432.
   */
  tokenBytesInMemory: number;
  /** Maximum cached clients of `loadClient` (LRU). Default: 1000. */
  clients: number;
  /** Maximum cached user-chosen servers per client. Default: 1000. */
  servers: number;
  /** Seconds before metadata is loaded again. Default: 3600. */
  metadataTtl: number;
  /**
   * Maximum bytes of a provider's signed JWT, such as an id_token; twice as many for an encrypted
   * one. Default: 16,384.
   */
  jwtBytes: number;
  /** Maximum seconds from now to an id_token's `exp`. Default: 31,622,400 (366 days). */
  idTokenLifetime: number;
  /** Maximum age in seconds of an id_token or logout token, by its `iat`. Default: 86,400. */
  idTokenAge: number;
  /** Maximum bytes of a JWK Set. Default: 262,144. */
  jwksBytes: number;
  /** Maximum number of keys in a JWK Set. Default: 100. */
  jwksKeys: number;
  /** Maximum JWKS refetches per minute because of an unknown key. Default: 5. */
  jwksRefetches: number;
  /** Maximum number of keys with the same `kid` that a signature is verified with. Default: 5. */
  keysPerSignature: number;
}
