import { must, type Check } from '../platform/validators.js';

/** Limits on sizes, counts and lifetimes. The members of `limits`. */
export interface Limits {
  /** Seconds from the redirect to the callback before a pending login expires. Default: 600. */
  stateTtl: number;
  /**
   * Maximum pending logins per browser; the oldest is dropped first. In a store, a limit above 20
   * has no effect: further logins share a cookie and are not counted. Default: 20; in a store,
   * unlimited.
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
  /**
   * Seconds that a session stays in the `sessionIndex`. `requireLogin()` then asks its user to log
   * in again. Default: 2,592,000 (30 days).
   */
  sessionTtl: number;
  /**
   * Maximum number of sessions of one user in the `sessionIndex`; the oldest is ended first. Default:
   * 100.
   */
  userSessions: number;
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

export const defaultLimits: Limits = {
  stateTtl: 600,
  pendingLogins: 20,
  pendingCookieBytes: 4700,
  formBytes: 65_536,
  accessBytes: 1_048_576,
  sessionTtl: 2_592_000,
  userSessions: 100,
  cachedTokens: 10_000,
  tokenBytesInMemory: 33_554_432,
  clients: 1000,
  servers: 1000,
  metadataTtl: 3600,
  jwtBytes: 16_384,
  idTokenLifetime: 31_622_400,
  idTokenAge: 86_400,
  jwksBytes: 262_144,
  jwksKeys: 100,
  jwksRefetches: 5,
  keysPerSignature: 5,
};

const positive = must(
  (v) => Number.isInteger(v) && Number(v) > 0,
  'must be a whole number above 0',
);

export const limitChecks = Object.fromEntries(
  Object.keys(defaultLimits).map((name) => [name, positive]),
) as Record<keyof Limits, Check>;
