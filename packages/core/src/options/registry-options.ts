import type { FindSession, StateStore, TokenStore } from '../model/ports.js';
import type { AuthorizationDead, FetchToken, UpdateToken } from '../model/types.js';

/** Options of `new OAuth()` but for those that speak of clients. */
export interface SharedOptions {
  /** Where `{NAME}_CLIENT_ID` and the like are read from. Default `process.env`. */
  config?: Readonly<Record<string, string | undefined>>;
  /** Loads the stored token of a resource call, where neither `token` nor `owner` is given. */
  fetchToken?: FetchToken | undefined;
  /**
   * Stores a refreshed token; awaited before the token is used. Without it, and without a `tokenStore`,
   * nothing is refreshed by itself: a rotated refresh token would be lost.
   */
  updateToken?: UpdateToken | undefined;
  /** Called when an authorization has ended and its person must log in again. */
  authorizationDead?: AuthorizationDead | undefined;
  /** Keeps tokens by owner, client and account, and refreshes them once for all processes. */
  tokenStore?: TokenStore | undefined;
  /** Lets a `tokenStore` keep tokens readable where there is no `secret` to seal them with. */
  allowPlaintextTokens?: boolean | undefined;
  /** When and how tokens are refreshed by themselves. */
  refresh?: Partial<RefreshSettings> | undefined;
  /**
   * Seals what is kept in cookies and in the `tokenStore`; 32 characters or more. The first seals, all
   * of them open. To rotate, deploy `[old, new]` first and `[new, old]` after that.
   */
  secret?: string | readonly string[] | undefined;
  /**
   * Where pending logins are kept. Default: the framework's session; where it has none, sealed cookies, if
   * there is a `secret`.
   */
  stateStorage?: 'session' | 'cookie' | StateStore | undefined;
  /** A session of your own in place of the framework's: anything with `get` and `set`. */
  session?: FindSession | undefined;
  /** The application's own address, e.g. `https://app.example`; redirect URIs are resolved against it. */
  baseUrl?: string | URL | undefined;
  /** Replaces the global `fetch`. */
  fetch?: typeof globalThis.fetch | undefined;
  /** Milliseconds a provider has for one answer. Default 10 000. */
  timeout?: number | undefined;
  /**
   * The `User-Agent` of every request to a provider, such as `my-app/1.0 (+https://app.example)`. Default:
   * `oauth-registry/` and its version.
   */
  userAgent?: string | undefined;
  /** Allows plain http beyond loopback. For development only. */
  allowInsecureRequests?: boolean | undefined;
  /**
   * Lets URLs that users, documents of others and options from `loadClient` name be on this machine or in a
   * private network. For development, tests, and networks in which every host may be reached by every user.
   */
  allowPrivateNetworks?: boolean | undefined;
  /** Sizes and lifetimes. */
  limits?: Partial<Limits> | undefined;
}

/** When and how tokens are refreshed by themselves; all in seconds, each with its default. */
export interface RefreshSettings {
  /** A token counts as expired this long before it is: 30. This and `early`: at most half its lifetime. */
  leeway: number;
  /**
   * Refreshes a token that is still valid up to this long before it expires, each process at a moment of
   * its own so that not all tokens are refreshed at once: 0. A failure of the provider is not reported
   * while the token is valid.
   */
  early: number;
  /** How long the outcome of a refresh answers those who still hold the old token: 30. */
  grace: number;
  /** The lock of a process that died is taken over after this time: 10. */
  lease: number;
  /** How long a call waits for another process that refreshes its token: 30. */
  wait: number;
  /** How long a token from the `tokenStore` is used before the store is asked again: 60. */
  memory: number;
}

/** Sizes and lifetimes, each with its default. */
export interface Limits {
  /** Seconds a login may take from redirect to callback: 600. */
  stateTtl: number;
  /**
   * Pending logins of one browser: 100 in a store, 20 elsewhere. The oldest goes first; in a store only if the
   * limit is 20 or less, since further logins share a cookie and are not counted.
   */
  pendingLogins: number;
  /**
   * Bytes of the cookies of one browser's pending logins; the oldest goes first. 4700 if they are sealed with
   * `secret`, which leaves room for a session in a cookie; else 7000. Other cookies of a request leave less.
   */
  pendingCookieBytes: number;
  /** Bytes of a form_post callback: 65536. */
  formBytes: number;
  /** Bytes of a request, and of its answer, that a page makes through the routes' `access`: 1 048 576. */
  accessBytes: number;
  /** Stored tokens in memory, of all clients together; the least recently used goes first: 10000. */
  tokensInMemory: number;
  /** Bytes of these; tokens that could not be stored yet have as many of their own: 33 554 432. */
  tokenBytesInMemory: number;
  /** Clients of `loadClient` kept in memory; the one unused for longest goes first: 1000. */
  clients: number;
  /** Servers chosen by people that are kept in memory for each client: 1000. */
  servers: number;
  /** Seconds after which metadata is loaded again: 3600. */
  metadataTtl: number;
  /** Bytes of a signed JWT of a provider, such as an id_token; of an encrypted one twice as many: 16384. */
  jwtBytes: number;
  /** Seconds that the `exp` of an id_token may lie ahead: 31622400, which are 366 days. */
  idTokenLifetime: number;
  /** Seconds that the `iat` of an id_token or logout token may lie back: 86400. */
  idTokenAge: number;
  /** Bytes of a JWK Set: 262144. */
  jwksBytes: number;
  /** Keys in a JWK Set: 100. */
  jwksKeys: number;
  /** How often in a minute a provider is asked for its keys again because of one that is not known: 5. */
  jwksRefetches: number;
  /** Keys of one `kid` that a signature is tried with: 5. */
  keysPerSignature: number;
}
