import type { OAuthOptions, RegisterOptions } from '@oauth-registry/core';
import type { FakeProvider } from '../support/provider/index.js';

/** What a store does when it is used. `slow`: 50 to 400 ms, different each time. */
export type StoreFault = 'fail' | 'slow';

/** What an application of the contract is made of. Plain JSON, so that it can cross to another process. */
export interface ContractConfig {
  clients: Record<string, RegisterOptions>;
  oauth?: Pick<OAuthOptions, 'baseUrl' | 'limits' | 'timeout'>;
  /**
   * The storage of pending logins. Default: the platform's; `own` is a `StateStore` in the application's
   * memory.
   */
  stateStorage?: 'session' | 'cookie' | 'own';
  /** `none` leaves the application without a session. Default: the platform's. */
  session?: 'none';
  /** Whether the session cookie is `Secure`. Default false. */
  secureCookie?: boolean;
  /** How the store behaves: the session's, and the one of pending logins. */
  store?: Partial<Record<'get' | 'set' | 'destroy', StoreFault>>;
  /** Parameters of every authorization request. */
  params?: Record<string, string>;
}

/**
 * An application of the framework under test, with these routes below its URL. Every response is JSON;
 * the response to an OAuthError has its `statusCode` and `{ code, statusCode, client, phase, message }`,
 * that to an unregistered client has those of `unknown_client`.
 *
 * - any method `/login/:client` calls `authorizeRedirect`, without a redirect URI
 * - any method `/callback/:client` calls `authorizeAccessToken`, renews the session, stores
 *   `{ client, token }` in it, and returns the token
 * - `/me` returns `{ client, word }` of the session, each only if it is set
 * - `/remember/:word` stores a word in the session, as any other page of an application would
 * - `/profile/:client` returns `client.userinfo({ request })`, whose `fetchToken` hook takes the token
 *   from the session
 * - `/logout` ends the session
 * - `/initiate/:client` reads a login that began elsewhere with `readLoginInitiation`, and starts it
 * - `/end/:client` calls `logoutRedirect` with the URL `/ended/:client` and the session's id_token
 * - `/ended/:client` returns the result of `validateLogoutResponse`
 * - `/backchannel/:client` and `/frontchannel/:client` call `backchannelLogout`, `frontchannelLogout`
 * - `/told` returns the events of these two, in order
 * - any method `/both/:client` calls `login` with the redirect URI `/both/:client`, and does with its token what
 *   `/callback/:client` does, and with its error what the response to an OAuthError has
 * - `/auth/…` are the drop-in routes: `onLogin` stores `{ client, token }` in the session, `onLogout` ends it
 */
export interface ContractApp {
  /** The URL in front of the routes, without a slash at the end. It is also the `baseUrl`. */
  url: string;
  close(): Promise<void>;
}

/** Facts about a platform on which the expected behavior depends. */
export interface Platform {
  /** The storage of pending logins: entries of a store, or encrypted cookies. */
  pending: 'store' | 'cookie';
  /** The storage of the application's session: a store on the server, or a cookie. */
  session: 'store' | 'cookie';
}

/** A framework, as the contract drives it. */
export interface ContractAdapter {
  name: string;
  platform: Platform;
  start(config: ContractConfig): Promise<ContractApp>;
  /** Checks that a documented limit of the platform rules out: the check's id, and the limit. */
  skip?: Readonly<Record<string, string>>;
}

/** What a check works with. */
export interface ContractContext {
  /** Starts an application; without clients, with {@link standardClients}. It is closed for the check. */
  start(config?: Partial<ContractConfig>): Promise<ContractApp>;
  /** The provider of the clients `openid`, `posted`, `plain` and `one`. */
  p: FakeProvider;
  /** The provider of the client `other`. */
  q: FakeProvider;
  platform: Platform;
}

/** One thing every adapter must do. */
export interface ContractCheck {
  /** Stable; the name of the OpenID Foundation's module if there is one. */
  id: string;
  /** The clause it comes from. */
  clause: string;
  title: string;
  /** Rejects with an AssertionError if the adapter fails. */
  run(context: ContractContext): Promise<void>;
}
