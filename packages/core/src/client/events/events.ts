import type { PhaseError } from '../../platform/tracing/diagnostics-channel.js';
import type { Phase } from '../../model/error-codes.js';
import { OAuthError } from '../../model/errors.js';
import { describeError } from '../../platform/tracing/phases.js';
import { nearestName } from '../../platform/suggestions.js';
import type { Awaitable, RevokedGrant, Token, TokenWarning } from '../../model/types.js';

/** A token was refreshed. The values of the old token identify its row. */
export interface TokenUpdate {
  client: string;
  token: Token;
  refreshToken?: string;
  accessToken?: string;
  request?: unknown;
}

/** An authorization has ended; the user must log in again. */
export interface GrantRevokedEvent extends RevokedGrant {
  client: string;
  request?: unknown;
}

/** Part of a token response was ignored although the token was accepted. */
export interface TokenWarningEvent extends TokenWarning {
  client: string;
}

/** Token events of a registry. */
export interface TokenEvents {
  'token:warning': TokenWarningEvent;
  'token:update': TokenUpdate;
  'grant:revoked': GrantRevokedEvent;
}

/** Handles a token event; its promise is awaited. */
export type TokenListener<E extends keyof TokenEvents> = (
  event: TokenEvents[E],
) => Awaitable<unknown>;

/** The user an event is about. It contains no secrets. */
interface UserEvent {
  /** The client's name. */
  client: string;
  /** The user's identifier at the provider, if known. */
  sub?: string | undefined;
  /**
   * The framework's request, if there is one. Its URL and cookies are sensitive, so it is not
   * enumerable: logging or serializing the event omits it.
   */
  readonly request?: unknown;
}

/** A login succeeded: the token was received and, with the routes, `onLogin` has returned. */
export interface LoginEvent extends UserEvent {
  /** Routes only: the user ID that the provider account was linked to. */
  link?: string | undefined;
}

/** A login failed at its start or at its callback. */
export interface LoginFailedEvent extends UserEvent {
  /** The `code` of the `OAuthError`; `undefined` if a hook of the application threw something else. */
  code: string | undefined;
  phase: Phase | undefined;
  /** Whether the user denied the login at the provider. */
  declined: boolean;
  /** Details of the error that are safe to log. */
  error: PhaseError;
  /** Routes only: the error reference shown to the user and logged. */
  reference?: string | undefined;
}

/** A user logged out, here or at the provider. */
export interface UserLogoutEvent extends Omit<UserEvent, 'client'> {
  /** The client's name; `undefined` if the routes end a session that does not name its client. */
  client: string | undefined;
  /** The session ID at the provider, if a logout token or a front-channel logout contains it. */
  sid?: string | undefined;
}

/** All events of a registry. */
export interface RegistryEvents extends TokenEvents {
  login: LoginEvent;
  'login:failed': LoginFailedEvent;
  logout: UserLogoutEvent;
}

/** Handles an event; its promise is awaited. */
export type RegistryListener<E extends keyof RegistryEvents> = (
  event: RegistryEvents[E],
) => Awaitable<unknown>;

const eventNames: Readonly<Record<keyof RegistryEvents, true>> = {
  'token:update': true,
  'grant:revoked': true,
  'token:warning': true,
  login: true,
  'login:failed': true,
  logout: true,
};

/** The events of a registry: logins, logouts, refreshed tokens, and authorizations that have ended. */
export class Events {
  readonly #listeners = new Map<keyof RegistryEvents, Set<RegistryListener<never>>>();

  /**
   * Adds a listener and returns a function that removes it. Listeners are awaited in order, and an
   * error of one fails the call. A listener of `token:update` is awaited before the new token is
   * used, so it may store the token.
   *
   * @throws OAuthError `invalid_options` for a name that no event has
   */
  on<E extends keyof RegistryEvents>(event: E, listener: RegistryListener<E>): () => void {
    checkListener(event, listener);
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  /** Returns whether an event has listeners. */
  hasListeners(event: keyof RegistryEvents): boolean {
    return (this.#listeners.get(event)?.size ?? 0) > 0;
  }

  /** Notifies the listeners in order. */
  async emit<E extends keyof RegistryEvents>(name: E, event: RegistryEvents[E]): Promise<void> {
    const listeners = (this.#listeners.get(name) ?? []) as Iterable<RegistryListener<E>>;
    for (const listener of listeners) await listener(event);
  }

  /**
   * Notifies all listeners of an event that is emitted only once, even if one fails; throws the
   * first error.
   */
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

/**
 * Adds the request to an event as a non-enumerable property, hidden from loggers and serializers.
 */
export function withRequest<E extends object>(event: E, request: unknown): E {
  return request === undefined
    ? event
    : Object.defineProperty(event, 'request', { value: request, enumerable: false });
}

/** The login that an event is about. */
export interface LoginNotice extends Pick<LoginEvent, 'client' | 'sub' | 'link'> {
  request?: unknown;
}

/** A failed login, and its phase. */
export interface LoginFailureNotice extends LoginNotice {
  error: unknown;
  phase: Phase;
  reference?: string | undefined;
}

/**
 * Returns whether the user denied the login at the provider; an API that denies access does not
 * count.
 */
export function hasDeclined(error: unknown): boolean {
  return (
    error instanceof OAuthError && error.code === 'access_denied' && error.phase === 'callback'
  );
}

/** Notifies the listeners of a successful login. */
export async function notifyLogin(
  events: Events,
  { client, sub, link, request }: LoginNotice,
): Promise<void> {
  const event = { client, sub, ...(link === undefined ? {} : { link }) };
  await events.emit('login', withRequest(event, request));
}

/** Notifies the listeners of a failed login; requests that cannot finish a login are ignored. */
export async function notifyFailedLogin(
  events: Events,
  { client, sub, error, phase, reference, request }: LoginFailureNotice,
): Promise<void> {
  const known = error instanceof OAuthError ? error : undefined;
  if (known?.code === 'unwanted_request' || known?.code === 'unknown_client') return;
  const event = {
    client,
    sub,
    code: known?.code,
    phase: known?.phase ?? phase,
    declined: hasDeclined(error),
    error: describeError(error),
    ...(reference === undefined ? {} : { reference }),
  };
  await events.emit('login:failed', withRequest(event, request));
}

function checkListener(event: unknown, listener: unknown): void {
  const names = Object.keys(eventNames);
  if (typeof event !== 'string' || !Object.hasOwn(eventNames, event)) {
    const meant = typeof event === 'string' ? nearestName(event, names) : undefined;
    const hint = meant ? `Did you mean "${meant}"?` : `Events: ${names.join(', ')}.`;
    throw new OAuthError(
      'invalid_options',
      `events.on(): unknown event "${String(event)}". ${hint}`,
    );
  }
  if (typeof listener === 'function') return;
  throw new OAuthError(
    'invalid_options',
    `events.on('${event}', …) needs a function as its second argument.`,
  );
}
