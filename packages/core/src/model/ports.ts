import type { AuthorizeParams, Awaitable } from './types.js';

/**
 * One request of a browser, as a framework adapter hands it in: plain data to read, and the two things
 * core may change, the session and the response headers.
 */
export interface BrowserExchange {
  /** The framework's own request and response, for a session of the application's own. */
  request: unknown;
  response: unknown;
  method: string;
  /** Reads a request header; the name is lower case. */
  header(name: string): string | undefined;
  /** The raw query string, with or without `?`. */
  query: string;
  /** The body of a POST: what the framework's parser made of it, or the stream itself. */
  body(): unknown;
  /** The framework's session; throws an error that shows the line to add when there is none. */
  session(): Awaitable<SessionPort>;
  /** Sets a response header, before the response is sent. */
  setHeader(name: string, value: string): void;
  /** Adds a cookie to the response; `formatCookie` writes it as a `Set-Cookie` header. */
  setCookie(cookie: BrowserCookie): void;
  /** Whether the application has sent a response by itself; absent if the framework cannot tell. */
  isAnswered?(): boolean;
  /** Writes an error to the framework's log; absent if it has none, then the console gets the line. */
  log?(line: string, details: LogDetails): void;
}

/** What a structured log gets beside a line. Nothing in it is secret, unless a hook's own error is. */
export interface LogDetails {
  err: unknown;
  client: string;
  code: string | undefined;
  url?: string;
  reference?: string;
}

/** A cookie for a browser: always HttpOnly, for the whole site. */
export interface BrowserCookie {
  name: string;
  value: string;
  /** Seconds; 0 removes the cookie. */
  maxAge: number;
  secure: boolean;
  /** Left out where the cookie must come along with a POST from another site without being `secure`. */
  sameSite?: 'lax' | 'none';
}

/** A call to start a login, as an adapter hands it on. */
export interface LoginStart {
  redirectUri?: string | URL | undefined;
  params?: AuthorizeParams | undefined;
  /** Comes back with this login's callback. */
  carry?: Carried | undefined;
}

/** What an application sends along with a login: it waits beside the login, not at the provider. */
export interface Carried {
  /** A checked path of the application to return to. */
  returnTo?: string;
  /** The account the login is to be added to. */
  link?: string;
  /** The number of the popup the login is in. */
  popup?: string;
  /** The application's own; JSON. */
  data?: unknown;
  /** The login was started anew after a callback that came twice; that happens once. */
  again?: true;
}

/** How an adapter answers a request that started a login. */
export interface BrowserAnswer {
  status: number;
  /** Where the browser goes. */
  location?: string;
  /** Plain text for a request that started nothing; its headers are set already. */
  body?: string;
}

/** What pending logins need of a framework's session. */
export interface SessionPort {
  get(key: string): unknown;
  set(key: string, value: unknown): void;
  /** Resolves when the store has the session; absent where the framework saves before it answers. */
  save?(): Promise<void>;
  /** Empties the session and gives it another id, so that the old id is worthless. */
  renew?(): Promise<void>;
  /** Ends the session. */
  end?(): Promise<void>;
  /** Bytes of JSON that the session has room for, if it lives in one cookie without a store or a seal. */
  room?(): number;
  /**
   * The store behind the sessions, where entries of our own can stand beside them. Sessions are written
   * as a whole, so logins kept inside one would overwrite each other.
   */
  store?: StateStore;
  /** Seals what belongs to a session that lives in a cookie, so that logins get cookies of their own. */
  seal?: Seal;
}

/** The session of a request whose response has begun: its cookies can no longer be set. */
export interface ClosedSession {
  /** What is in it. */
  data: unknown;
  /** Why it cannot be written, and where it can: sentences for the developer. */
  advice: string;
  /** Writes it all the same, if it is in a store on the server. */
  save?: (() => Promise<void>) | undefined;
}

/** Finds the session of a request, or of the current one, if it is closed. */
export type FindClosedSession = (request: unknown) => Awaitable<ClosedSession | undefined>;

/** Seals text so that only holders of a secret can read or make it. */
export interface Seal {
  seal(text: string, context: string): Awaitable<string>;
  /** Opens what was sealed for the same context; `undefined` for anything else. */
  open(sealed: string, context: string): Awaitable<string | undefined>;
}

/**
 * A place for pending logins of your own, such as Redis. Core binds each entry to the browser with a
 * cookie of its own, so a key is useless to anyone else.
 */
export interface StateStore {
  /** Keeps a value under a key for `ttl` seconds. */
  put(key: string, value: string, ttl: number): Awaitable<void>;
  /** Returns the value and removes it, in one step if the store can. */
  take(key: string): Awaitable<string | undefined>;
}

/** Finds the application's own session of a request; `response` is absent where there is none. */
export type FindSession = (request: unknown, response: unknown) => Awaitable<SessionPort>;

/** Names one stored token: whose it is, at which client, and which of the person's accounts there. */
export interface TokenKey {
  readonly owner: string;
  readonly client: string;
  /** Empty for the only account. */
  readonly account: string;
}

/** What a store keeps under a key. Both are opaque to it; core makes them. */
export interface TokenEntry {
  /** Different for every entry that was ever written. */
  readonly version: string;
  /** The token and what is known of it, sealed where the registry has a secret. */
  readonly value: string;
}

/**
 * A place for tokens that outlives the process. Every method may be asynchronous and may throw; a
 * failure reaches the application as `storage_failed`.
 */
export interface TokenStore {
  get(key: TokenKey): Awaitable<TokenEntry | undefined>;
  /**
   * Compares and sets, in one step: writes the entry where the stored version is `replaces`, or where
   * there is none and `replaces` is `undefined`. Resolves, durably written, to whether it was.
   */
  put(key: TokenKey, entry: TokenEntry, replaces: string | undefined): Awaitable<boolean>;
  delete(key: TokenKey): Awaitable<void>;
  /** Every entry of one owner, at any client, in no order. */
  list(owner: string): Awaitable<readonly (TokenKey & TokenEntry)[]>;
  /**
   * Takes the lock of a key for `lease` milliseconds of the store's own clock, or extends it for the
   * holder that has it already. Resolves to `false` while another holder's lease lasts; a lease that ran
   * out belongs to whoever asks first.
   */
  lock(key: TokenKey, holder: string, lease: number): Awaitable<boolean>;
  /** Gives the lock back, if the holder still has it. */
  unlock(key: TokenKey, holder: string): Awaitable<void>;
  /** `true` where nothing outlives the process, so that nothing needs to be sealed. */
  readonly volatile?: boolean;
}
