import { publish } from '../../platform/tracing/diagnostics-channel.js';
import type { RevokedGrant, Token, TokenWarning } from '../../model/types.js';
import type { TokensConfig } from './config.js';
import type { Events } from '../events/events.js';

/** A new token, and the values that identify the old token's row. */
interface Update {
  token: Token;
  old: { refreshToken?: string; accessToken?: string };
  request: unknown;
}

/** Returns whether refreshed tokens are stored; otherwise a rotated refresh token would be lost. */
export function storesTokens<T extends Token>(config: TokensConfig<T>): boolean {
  const { options, registry, events } = config;
  return (
    (options.updateToken ?? registry.updateToken) !== undefined ||
    events.hasListeners('token:update')
  );
}

/** Notifies the application of a new token: the hook first, then the listeners. */
export async function notifyUpdate<T extends Token>(
  { app, options, registry, events }: TokensConfig<T>,
  { token, old, request }: Update,
): Promise<void> {
  await (options.updateToken ?? registry.updateToken)?.(app.name, token, old, request);
  await events.emit('token:update', { client: app.name, token, ...old, request });
  publish('token:update', { client: app.name });
}

/**
 * Notifies the application that an authorization has ended. This happens only once, so a failing
 * hook or listener does not prevent the others.
 */
export async function notifyRevoked<T extends Token>(
  { app, options, registry, events }: TokensConfig<T>,
  dead: RevokedGrant,
  request: unknown,
): Promise<void> {
  const { token: _, ...named } = dead;
  publish('grant:revoked', { client: app.name, ...named });
  try {
    await (options.onGrantRevoked ?? registry.onGrantRevoked)?.(app.name, dead, request);
  } finally {
    await events.emitToAll('grant:revoked', { client: app.name, ...dead, request });
  }
}

/**
 * Notifies the application that part of a token response was ignored. Listeners are not awaited and
 * their failures are ignored, because the token is about to be stored.
 */
export function notifyWarning(events: Events, client: string, warning: TokenWarning): void {
  const event = { client, ...warning };
  publish('token:warning', event);
  events.emit('token:warning', event).catch(() => undefined);
}
