import type { RegisterOptions } from '../../options/register-options.js';
import type { RegistryOptions } from '../../options/read-registry-options.js';
import type { Token } from '../../model/types.js';
import type { Events } from '../events/events.js';
import type { TokenMemory } from './token-cache.js';
import type { EngineSource } from '../../protocols/engine-source.js';
import type { FindClosedSession } from '../../model/ports.js';

/** Configuration of one client's tokens. */
export interface TokensConfig<T extends Token = Token> {
  app: EngineSource<T>;
  options: Readonly<RegisterOptions>;
  registry: Readonly<RegistryOptions>;
  /** Notified of refreshed tokens and of authorizations that have ended. */
  events: Events;
  /** Returns the request being handled, if the integration tracks it. */
  currentRequest?: (() => unknown) | undefined;
  closedSession?: FindClosedSession | undefined;
  /** The token cache shared by the clients of a registry. */
  memory: TokenMemory;
}
