import { publish } from '../../platform/tracing/diagnostics-channel.js';
import type { DeadAuthorization, Token, TokenWarning } from '../../model/types.js';
import type { TokensConfig } from './config.js';
import type { Events } from '../events/events.js';

/** A fresh token, and what finds the row of the old one. */
interface Update {
  token: Token;
  old: { refreshToken?: string; accessToken?: string };
  request: unknown;
}

/** Tells whether anybody keeps a fresh token; else a rotated refresh token would be lost. */
export function hasKeeper<T extends Token>(config: TokensConfig<T>): boolean {
  const { options, registry, events } = config;
  return (
    (options.updateToken ?? registry.updateToken) !== undefined ||
    events.hasListeners('token:update')
  );
}

/** Tells the application of a fresh token: the hook first, then the listeners. */
export async function tellUpdate<T extends Token>(
  { app, options, registry, events }: TokensConfig<T>,
  { token, old, request }: Update,
): Promise<void> {
  await (options.updateToken ?? registry.updateToken)?.(app.name, token, old, request);
  await events.emit('token:update', { client: app.name, token, ...old, request });
  publish('token:update', { client: app.name });
}

/**
 * Tells the application that an authorization has ended. As that is told once, the failure of a hook or a
 * listener keeps it from nobody else.
 */
export async function tellDead<T extends Token>(
  { app, options, registry, events }: TokensConfig<T>,
  dead: DeadAuthorization,
  request: unknown,
): Promise<void> {
  const { token: _, ...named } = dead;
  publish('authorization:dead', { client: app.name, ...named });
  try {
    await (options.authorizationDead ?? registry.authorizationDead)?.(app.name, dead, request);
  } finally {
    await events.emitToAll('authorization:dead', { client: app.name, ...dead, request });
  }
}

/**
 * Tells the application that something of a token response was not used. The token is on its way to be stored,
 * so nobody waits for the listeners, and their failure is nobody else's.
 */
export function tellWarning(events: Events, client: string, warning: TokenWarning): void {
  const event = { client, ...warning };
  publish('token:warning', event);
  events.emit('token:warning', event).catch(() => undefined);
}
