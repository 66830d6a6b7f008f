import { publish } from '../diagnostics.js';
import type { DeadAuthorization, Token } from '../types.js';
import type { TokensConfig } from './config.js';

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

/** Tells the application that an authorization has ended. */
export async function tellDead<T extends Token>(
  { app, options, registry, events }: TokensConfig<T>,
  dead: DeadAuthorization,
  request: unknown,
): Promise<void> {
  const { token: _, ...named } = dead;
  publish('authorization:dead', { client: app.name, ...named });
  await (options.authorizationDead ?? registry.authorizationDead)?.(app.name, dead, request);
  await events.emit('authorization:dead', { client: app.name, ...dead, request });
}
