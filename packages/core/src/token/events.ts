import type { Awaitable, DeadAuthorization, Token } from '../types.js';

/** A token was refreshed. The values of the old one find its row. */
export interface TokenUpdate {
  client: string;
  token: Token;
  refreshToken?: string;
  accessToken?: string;
  request?: unknown;
}

/** An authorization has ended, and its person must log in again. */
export interface AuthorizationEnd extends DeadAuthorization {
  client: string;
  request?: unknown;
}

/** What a registry tells its listeners. */
export interface TokenEvents {
  'token:update': TokenUpdate;
  'authorization:dead': AuthorizationEnd;
}

/** Handles an event; its promise is awaited. */
export type TokenListener<E extends keyof TokenEvents> = (
  event: TokenEvents[E],
) => Awaitable<unknown>;

/** The events of a registry: refreshed tokens, and authorizations that have ended. */
export class Events {
  readonly #listeners = new Map<keyof TokenEvents, Set<TokenListener<never>>>();

  /**
   * Adds a listener; the returned function removes it. It is awaited before the fresh token is used, and
   * its failure is the failure of the call, as with the `updateToken` hook. So a listener may be what
   * stores the tokens.
   */
  on<E extends keyof TokenEvents>(event: E, listener: TokenListener<E>): () => void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  /** Tells whether anyone listens. */
  hasListeners(event: keyof TokenEvents): boolean {
    return (this.#listeners.get(event)?.size ?? 0) > 0;
  }

  /** Tells the listeners, one after the other. */
  async emit<E extends keyof TokenEvents>(name: E, event: TokenEvents[E]): Promise<void> {
    const listeners = (this.#listeners.get(name) ?? []) as Iterable<TokenListener<E>>;
    for (const listener of listeners) await listener(event);
  }
}
