import type { PhaseError } from '../../platform/tracing/diagnostics-channel.js';
import type { Phase } from '../../model/error-codes.js';
import { OAuthError } from '../../model/errors.js';
import { nearestName } from '../../platform/suggestions.js';
import type { Awaitable, DeadAuthorization, Token, TokenWarning } from '../../model/types.js';

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

/** Something of a token response was not used, although its token was. */
export interface TokenWarningEvent extends TokenWarning {
  client: string;
}

/** What a registry tells its listeners of tokens. */
export interface TokenEvents {
  'token:warning': TokenWarningEvent;
  'token:update': TokenUpdate;
  'authorization:dead': AuthorizationEnd;
}

/** Handles an event of a token; its promise is awaited. */
export type TokenListener<E extends keyof TokenEvents> = (
  event: TokenEvents[E],
) => Awaitable<unknown>;

/** Whom an event is about. Nothing in it is secret. */
interface UserEvent {
  /** The client's name. */
  client: string;
  /** The user's identifier at the provider, if it is known. */
  sub?: string | undefined;
  /**
   * The framework's request, if there is one. Its URL and cookies are secret, so it is not enumerable:
   * logging or serializing the event leaves it out.
   */
  readonly request?: unknown;
}

/** A login has succeeded: the token is there and, in the drop-in routes, `onLogin` has returned. */
export interface LoginEvent extends UserEvent {
  /** The drop-in routes only: the account that the login was added to. */
  link?: string | undefined;
}

/** A login has failed, at its start or at its callback. */
export interface LoginFailedEvent extends UserEvent {
  /** The `code` of the `OAuthError`; `undefined` if a hook of the application threw something else. */
  code: string | undefined;
  phase: Phase | undefined;
  /** Whether the user denied the login at the provider. */
  declined: boolean;
  /** What may be known of the error. */
  error: PhaseError;
  /** The drop-in routes only: the reference on the user's page and in the log. */
  reference?: string | undefined;
}

/** A user has logged out, here or at the provider. */
export interface UserLogoutEvent extends Omit<UserEvent, 'client'> {
  /** The client's name; `undefined` if the drop-in routes end a session that does not say who logged in. */
  client: string | undefined;
  /** The session at the provider, if a logout token or a front-channel logout names it. */
  sid?: string | undefined;
}

/** What a registry tells its listeners. */
export interface RegistryEvents extends TokenEvents {
  login: LoginEvent;
  'login:failed': LoginFailedEvent;
  logout: UserLogoutEvent;
}

/** Handles an event; its promise is awaited. */
export type RegistryListener<E extends keyof RegistryEvents> = (
  event: RegistryEvents[E],
) => Awaitable<unknown>;

const known: Readonly<Record<keyof RegistryEvents, true>> = {
  'token:update': true,
  'authorization:dead': true,
  'token:warning': true,
  login: true,
  'login:failed': true,
  logout: true,
};

/** The events of a registry: logins, logouts, refreshed tokens, and authorizations that have ended. */
export class Events {
  readonly #listeners = new Map<keyof RegistryEvents, Set<RegistryListener<never>>>();

  /**
   * Adds a listener; the returned function removes it. Listeners are awaited, one after the other, and a
   * failure of one is the failure of the call. One of `token:update` is awaited before the fresh token is
   * used, so it may be what stores the tokens.
   *
   * @throws OAuthError `invalid_options` for a name that no event has
   */
  on<E extends keyof RegistryEvents>(event: E, listener: RegistryListener<E>): () => void {
    checkListener(event, listener);
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  /** Tells whether anyone listens. */
  hasListeners(event: keyof RegistryEvents): boolean {
    return (this.#listeners.get(event)?.size ?? 0) > 0;
  }

  /** Tells the listeners, one after the other. */
  async emit<E extends keyof RegistryEvents>(name: E, event: RegistryEvents[E]): Promise<void> {
    const listeners = (this.#listeners.get(name) ?? []) as Iterable<RegistryListener<E>>;
    for (const listener of listeners) await listener(event);
  }

  /** Tells every listener, even if one fails, of what is told once; throws what the first failed with. */
  async emitToAll<E extends keyof RegistryEvents>(
    name: E,
    event: RegistryEvents[E],
  ): Promise<void> {
    const listeners = (this.#listeners.get(name) ?? []) as Iterable<RegistryListener<E>>;
    const failures: unknown[] = [];
    for (const listener of listeners) {
      try {
        await listener(event);
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}

/** Adds the request to an event, out of sight of loggers and serializers. */
export function withRequest<E extends object>(event: E, request: unknown): E {
  return request === undefined
    ? event
    : Object.defineProperty(event, 'request', { value: request, enumerable: false });
}

function checkListener(event: unknown, listener: unknown): void {
  const names = Object.keys(known);
  if (typeof event !== 'string' || !Object.hasOwn(known, event)) {
    const meant = typeof event === 'string' ? nearestName(event, names) : undefined;
    const hint = meant ? `Did you mean "${meant}"?` : `Events: ${names.join(', ')}.`;
    throw new OAuthError(
      'invalid_options',
      `events.on(): there is no event "${String(event)}". ${hint}`,
    );
  }
  if (typeof listener === 'function') return;
  throw new OAuthError(
    'invalid_options',
    `events.on('${event}', …) needs a function as its second argument.`,
  );
}
