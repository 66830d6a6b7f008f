import type { FindSession, StateStore } from '../ports.js';
import type { FetchToken, UpdateToken } from '../types.js';

/** Options of `new OAuth()`. */
export interface OAuthOptions {
  /** Where `{NAME}_CLIENT_ID` and the like are read from. Default `process.env`. */
  config?: Readonly<Record<string, string | undefined>>;
  fetchToken?: FetchToken | undefined;
  updateToken?: UpdateToken | undefined;
  /** Seals what is kept in cookies; 32 characters or more. The first seals, all of them open. */
  secret?: string | readonly string[] | undefined;
  /** Where pending logins are kept. Default: the framework's session. */
  stateStorage?: 'session' | 'cookie' | StateStore | undefined;
  /** A session of your own in place of the framework's: anything with `get` and `set`. */
  session?: FindSession | undefined;
  /** The application's own address, e.g. `https://app.example`; redirect URIs are resolved against it. */
  baseUrl?: string | undefined;
  /** Replaces the global `fetch`. */
  fetch?: typeof globalThis.fetch | undefined;
  /** Milliseconds a provider has for one answer. Default 10 000. */
  timeout?: number | undefined;
  /** Allows plain http beyond loopback. For development only. */
  allowInsecureRequests?: boolean | undefined;
  /** Sizes and lifetimes. */
  limits?: Partial<Limits> | undefined;
}

/** Sizes and lifetimes, each with its default. */
export interface Limits {
  /** Seconds a login may take from redirect to callback: 600. */
  stateTtl: number;
  /** Pending logins kept for one browser; the oldest goes first: 20. */
  pendingLogins: number;
  /** Bytes of sealed cookies kept in one browser; the oldest goes first: 8192. */
  pendingCookieBytes: number;
  /** Bytes of a form_post callback: 65536. */
  formBytes: number;
  /** Seconds that loaded metadata is good for: 3600. */
  metadataTtl: number;
}
