import type { RegisterOptions } from '../../options/register-options.js';
import type { RegistryOptions } from '../../options/read-registry-options.js';
import type { RemoteApp, Token } from '../../model/types.js';
import type { Events } from '../events/events.js';
import type { TokenMemory } from './token-cache.js';
import type { FindClosedSession } from '../../model/ports.js';

/** What the tokens of one client need to know of it. */
export interface TokensConfig<T extends Token = Token> {
  app: RemoteApp<T>;
  options: Readonly<RegisterOptions>;
  registry: Readonly<RegistryOptions>;
  /** Is told of refreshed tokens and of authorizations that have ended. */
  events: Events;
  /** The request being handled right now, where the integration keeps track of it. */
  currentRequest?: (() => unknown) | undefined;
  closedSession?: FindClosedSession | undefined;
  /** What the clients of the registry have in memory of their tokens. */
  memory: TokenMemory;
}
