import type { RegisterOptions } from '../options/register-options.js';
import type { AuthorizeData, Awaitable, Engine, EngineBase, Token } from '../model/types.js';

/** An engine, and the client's options at its server. */
export interface ServerEngine<T extends Token = Token> {
  readonly engine: Engine<T>;
  /** The options of `register()`, completed for the server. */
  readonly options: Readonly<RegisterOptions>;
}

/** The engine that starts a login or a logout. */
export interface Start<T extends Token, P extends object> extends ServerEngine<T> {
  /** The parameters to send: without those that select the server. */
  readonly params: P;
  /** The redirect URI, if the server has its own. */
  readonly redirectUri?: string | undefined;
  /** What a pending login must store, so that its callback finds the server again. */
  readonly remember?: Partial<AuthorizeData> | undefined;
}

/**
 * Finds the engine of a client. A client asks once for each step, and then uses that engine: its
 * only one, or the one of a server that is found at run time.
 */
export interface ServerSource<T extends Token = Token> extends Pick<EngineBase<T>, 'readCallback'> {
  /** Protocol-specific methods, which the client calls by name. */
  readonly verbs: Awaitable<object>;
  /**
   * Returns the engine that starts a login, if there is a redirect URI, or a logout. The parameters
   * may name the server.
   */
  start<P extends object>(params: P, redirectUri?: string): Awaitable<Start<T, P>>;
  /**
   * Returns the engine that a login was started with.
   *
   * @throws OAuthError `mismatching_issuer` if the server has changed since
   */
  resume(data: AuthorizeData): Awaitable<ServerEngine<T>>;
  /**
   * Returns the engine of the authorization server of a token; without one, of the server that
   * parameters name.
   */
  of(token: T | undefined, params?: object): Awaitable<ServerEngine<T>>;
  /** Returns the engine that calls the API with a token, or without one. */
  api(token: T | undefined): Awaitable<ServerEngine<T>>;
}

/** The source of a client's engines, and what is known of them before they exist. */
export interface EngineSource<T extends Token = Token> extends ServerSource<T>, EngineBase<T> {}
