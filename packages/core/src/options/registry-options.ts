import type { FindSession, SessionIndex, StateStore, TokenStore } from '../model/ports.js';
import type { Awaitable, FetchToken, OnGrantRevoked, UpdateToken } from '../model/types.js';
import type { Logger } from '../platform/log.js';
import type { HttpOptions } from '../platform/http/http.js';
import type { Limits } from './limits.js';
import type { RefreshSettings } from './refresh.js';
import type { ClientOptions, GivenOptions } from './register-options.js';

/** Options of a registry, passed to `new OAuth()`. */
export interface OAuthOptions extends HttpOptions {
  /**
   * The application's base URL, for example `https://app.example`. Redirect URIs are resolved
   * against it. An application with several hosts gives a list of those that are allowed, of which
   * the request's host chooses one; the first label of a host may be `*`, as in
   * `https://*.preview.example`. The first URL is used outside of requests. Or a function that
   * returns the base URL for a request of the framework: it must return only URLs that it knows,
   * and not trust the Host header. Default: none.
   */
  baseUrl?:
    string | URL | readonly (string | URL)[] | ((request: unknown) => string | URL) | undefined;
  /**
   * Logs every request to a provider and every failed login, with client, URL without its query,
   * status and duration in milliseconds, and without secrets. Default: with `debug`, the error
   * output; otherwise none.
   */
  logger?: Logger | undefined;
  /**
   * Logs to the error output of the process, if there is no `logger`. Default: `true` if `OAUTH_DEBUG`
   * of the configuration is `1`.
   */
  debug?: boolean | undefined;
  /**
   * Encrypts cookies and the tokens in the `tokenStore`; at least 32 characters. The first secret
   * encrypts, all of them decrypt. To rotate, deploy `[old, new]` first and then `[new, old]`.
   * Default: none.
   */
  secret?: string | readonly string[] | undefined;
  /**
   * Stores tokens by user, client and account, and coordinates refreshes between processes.
   * Default: none.
   */
  tokenStore?: TokenStore | undefined;
  /** Loads the stored token for an API call that passes neither `token` nor `userId`. */
  fetchToken?: FetchToken | undefined;
  /**
   * Stores a refreshed token; awaited before the token is used. Without it and without a
   * `tokenStore`, tokens are not refreshed automatically, because a rotated refresh token would be
   * lost.
   */
  updateToken?: UpdateToken | undefined;
  /** Called when an authorization has ended and the user must log in again. */
  onGrantRevoked?: OnGrantRevoked | undefined;
  /**
   * Storage of pending logins. Default: the framework's session, or encrypted cookies if there is
   * no session and a `secret` is set.
   */
  stateStorage?: 'session' | 'cookie' | StateStore | undefined;
  /**
   * The session: any object that has `get` and `set`. Default: the framework's session.
   */
  session?: FindSession | undefined;
  /**
   * Indexes the sessions of logins through the routes, so that the provider can end them:
   * `memorySessionIndex()`, `redisSessionIndex()` or `postgresSessionIndex()`. Default: none.
   */
  sessionIndex?: SessionIndex | undefined;
  /**
   * Clients to register, by name, as with `oauth.registerAll(clients)`. Default: none.
   */
  clients?: ClientOptions | undefined;
  /**
   * Loads the options of a client that is not registered, such as a customer's identity provider;
   * returns `undefined` if there is none. See `oauth.loadClient(name)`. The configuration is not
   * read.
   */
  loadClient?: ((name: string) => Awaitable<GivenOptions | undefined>) | undefined;
  /**
   * Configuration that `{NAME}_CLIENT_ID` and similar variables are read from. Default:
   * `process.env`.
   */
  config?: Readonly<Record<string, string | undefined>>;
  /** Settings for automatic token refresh. Default: that of each member. */
  refresh?: Partial<RefreshSettings> | undefined;
  /** Limits on sizes, counts and lifetimes. Default: that of each member. */
  limits?: Partial<Limits> | undefined;
  /** Allows a `tokenStore` to store unencrypted tokens if no `secret` is set. Default: `false`. */
  allowPlaintextTokens?: boolean | undefined;
}
