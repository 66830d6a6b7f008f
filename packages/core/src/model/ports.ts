import type { AuthorizeParams, Awaitable } from './types.js';

/**
 * A browser request as plain data, with its session and its response headers, which core may
 * change. Created by a framework adapter.
 */
export interface BrowserRequest {
  /** The framework's request and response objects, for a custom session. */
  request: unknown;
  response: unknown;
  method: string;
  /** Returns a request header; the name is lower case. */
  header(name: string): string | undefined;
  /** The raw query string, with or without `?`. */
  query: string;
  /** Returns the body of a POST: the result of the framework's parser, or the stream. */
  body(): unknown;
  /**
   * Returns the framework's session; throws an error that shows the required setup if there is
   * none.
   */
  session(): Awaitable<SessionPort>;
  /** Sets a response header before the response is sent. */
  setHeader(name: string, value: string): void;
  /** Adds a cookie to the response; `formatCookie` formats it as a `Set-Cookie` header. */
  setCookie(cookie: BrowserCookie): void;
  /** Whether the application has already sent a response; absent if the framework cannot tell. */
  isResponseSent?(): boolean;
  /** Writes an error to the framework's log; if absent, the error is written to the console. */
  log?(line: string, details: LogDetails): void;
}

/**
 * Structured details of a log line. They contain no secrets, except possibly in an error thrown by
 * a hook.
 */
export interface LogDetails {
  err: unknown;
  client: string;
  code: string | undefined;
  url?: string;
  reference?: string;
}

/** A cookie to set: always HttpOnly, with the path `/`. */
export interface BrowserCookie {
  name: string;
  value: string;
  /** Lifetime in seconds; 0 removes the cookie. */
  maxAge: number;
  secure: boolean;
  /** Omitted if the cookie must be sent with a cross-site POST without being `secure`. */
  sameSite?: 'lax' | 'none';
}

/** Arguments that start a login, as an adapter passes them. */
export interface LoginStart {
  redirectUri?: string | URL | undefined;
  params?: AuthorizeParams | undefined;
  /** Returned with this login's callback. */
  carry?: Carried | undefined;
}

/**
 * Application data of a login. It is stored with the pending login and never sent to the provider.
 */
export interface Carried {
  /** A validated path of the application to return to. */
  returnTo?: string;
  /** The user ID that the provider account will be linked to. */
  link?: string;
  /** The identifier of the popup that the login runs in. */
  popup?: string;
  /** Custom data of the application; JSON. */
  data?: unknown;
  /** What the guard of a page that started the login waits for: a hash. */
  guard?: string;
  /** The login was restarted after a duplicate callback, which happens at most once. */
  again?: true;
}

/** The response of core to a request, for an adapter to send. */
export interface HandlerResponse {
  status: number;
  /** The URL to redirect to. */
  location?: string;
  headers?: Readonly<Record<string, string>>;
  /** A page, or plain text if no login was started. */
  body?: string;
  /** The application's own `Response`, sent unchanged. */
  response?: Response;
}

/** What pending logins require from a framework's session. */
export interface SessionPort {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
  /** Resolves when the session is stored; absent if the framework saves it before it responds. */
  save?(): Promise<void>;
  /** Clears the session and regenerates its id, which prevents session fixation. */
  renew?(): Promise<void>;
  /** Destroys the session. */
  end?(): Promise<void>;
  /** Bytes of JSON that fit into the session, if it is stored in a single unencrypted cookie. */
  room?(): number;
  /**
   * The store behind the sessions, if it accepts additional entries. Sessions are written as a
   * whole, so pending logins inside one session would overwrite each other.
   */
  store?: StateStore;
  /**
   * Encrypts data of a session that is stored in a cookie, so that pending logins get separate
   * cookies.
   */
  seal?: Seal;
  /** The key of the session in its store, if it is stored on the server. */
  readonly id?: string | undefined;
  /** Destroys another session of the same store by its `id`. */
  endOther?(id: string): Promise<void>;
}

/** The session of a request whose response has started: its cookies can no longer be set. */
export interface ClosedSession {
  /** The session data. */
  data: unknown;
  /** Why the session cannot be written, and how to fix it: sentences for the developer. */
  advice: string;
  /** Writes the session anyway, if it is stored on the server. */
  save?: (() => Promise<void>) | undefined;
}

/** Returns the session of the given or current request, if it is closed. */
export type FindClosedSession = (request: unknown) => Awaitable<ClosedSession | undefined>;

/** Encrypts text so that only holders of a secret can read or create it. */
export interface Seal {
  seal(text: string, context: string): Awaitable<string>;
  /**
   * Decrypts text that was encrypted for the same context; returns `undefined` for anything else.
   */
  open(sealed: string, context: string): Awaitable<string | undefined>;
}

/**
 * Custom storage for pending logins, such as Redis. Core binds each entry to the browser with a
 * separate cookie, so a key alone is useless to an attacker.
 */
export interface StateStore {
  /** Stores a value under a key for `ttl` seconds. */
  put(key: string, value: string, ttl: number): Awaitable<void>;
  /** Returns the value and removes it, atomically if the store supports it. */
  take(key: string): Awaitable<string | undefined>;
}

/** A session in a {@link SessionIndex}. Its members are created by core and opaque to the index. */
export interface IndexedSession {
  /** Random, and unique for every login. */
  readonly id: string;
  /** The same for all sessions of a user: a hash of the client's name, issuer and subject. */
  readonly user: string;
  /** The same for all sessions with one `sid` at the provider: a hash. */
  readonly session: string;
  /** The key of the session in the framework's store; empty if it is stored in a cookie. */
  readonly value: string;
}

/**
 * An index of the sessions that logins have created, for back-channel logout. It must be shared by
 * all processes of the application, and last as long as its sessions. Every method may be
 * asynchronous and may throw; a failure is reported to the application as `storage_failed`.
 */
export interface SessionIndex {
  /**
   * Adds a session for `ttl` seconds. Removes the oldest sessions of the same user, or of the same
   * `session`, above `limit`, and returns the removed ones.
   */
  add(session: IndexedSession, ttl: number, limit: number): Awaitable<readonly IndexedSession[]>;
  /** Returns whether the index has an unexpired session with this `id`. */
  has(id: string): Awaitable<boolean>;
  /** Removes all sessions whose `user` or `session` is this key, and returns them. */
  remove(by: 'user' | 'session', key: string): Awaitable<readonly IndexedSession[]>;
  /** Removes the session with this `id`, if there is one. */
  delete(id: string): Awaitable<void>;
}

/** Returns the application's custom session of a request; `response` is absent if there is none. */
export type FindSession = (request: unknown, response: unknown) => Awaitable<SessionPort>;

/** The key of a stored token: its user, its client, and the user's account at the provider. */
export interface TokenKey {
  readonly userId: string;
  readonly client: string;
  /** Empty for the only account. */
  readonly account: string;
}

/** A stored value and its version. Both are created by core and opaque to the store. */
export interface TokenEntry {
  /** Unique for every entry ever written, and never `*`. */
  readonly version: string;
  /** The token and its metadata, encrypted if the registry has a secret. */
  readonly value: string;
  /**
   * When a token that can be refreshed expires, in seconds since the epoch. Only a store with `due`
   * needs to store it.
   */
  readonly dueAt?: number | undefined;
}

/** A page of entries, and what continues after it. */
export interface TokenPage {
  readonly entries: readonly (TokenKey & TokenEntry)[];
  /** Absent on the last page. */
  readonly next?: string | undefined;
}

/**
 * Durable storage for tokens. Every method may be asynchronous and may throw; a failure is reported
 * to the application as `storage_failed`.
 */
export interface TokenStore {
  get(key: TokenKey): Awaitable<TokenEntry | undefined>;
  /**
   * Atomically compares and sets: writes the entry if the stored version is `replaces`, or if no
   * entry exists and `replaces` is `undefined`. Resolves, once durably written, to the entry that is
   * then stored: this one or, after a conflict, the existing one.
   *
   * A store may instead resolve to whether the entry was written. Core then reads the entry back,
   * which is one more round trip for each write.
   */
  put(
    key: TokenKey,
    entry: TokenEntry,
    replaces: string | undefined,
  ): Awaitable<TokenEntry | boolean | undefined>;
  delete(key: TokenKey): Awaitable<void>;
  /**
   * Returns all entries, `limit` at a time, for the re-encryption of all tokens. `after` is `next` of
   * the previous page. Optional.
   */
  page?(limit: number, after?: string): Awaitable<TokenPage>;
  /**
   * Returns the entries whose `dueAt` is before a time in seconds since the epoch, earliest first,
   * for workers that refresh tokens in advance. Optional.
   */
  due?(before: number, limit: number, after?: string): Awaitable<TokenPage>;
  /** Returns all entries of a user, for all clients, in any order. */
  list(userId: string): Awaitable<readonly (TokenKey & TokenEntry)[]>;
  /**
   * Acquires the lock of a key for `ttl` milliseconds by the store's clock, or extends it for its
   * current holder. Resolves to `false` while another holder has an unexpired lock.
   */
  lock(key: TokenKey, holder: string, ttl: number): Awaitable<boolean>;
  /** Releases the lock if the holder still has it. */
  unlock(key: TokenKey, holder: string): Awaitable<void>;
  /**
   * `false` if `put` cannot compare and set, as in storages without transactions. The store then
   * accepts only tokens that are never refreshed. Default: `true`.
   */
  readonly atomic?: boolean;
  /** `true` if the store does not outlive the process, so entries need no encryption. */
  readonly volatile?: boolean;
  /**
   * `true` if `put` replaces any entry, or none, when `replaces` is `*`. A login is then stored
   * without reading the previous entry first.
   */
  readonly overwrites?: boolean;
}
