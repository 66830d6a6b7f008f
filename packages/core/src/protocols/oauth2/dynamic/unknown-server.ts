import { OAuthError } from '../../../model/errors.js';
import { traced } from '../../../platform/tracing/phases.js';
import type { LogoutPort } from '../../../model/logout.js';
import type { OAuth2Token } from '../../../model/types.js';
import type { ServerEngine } from '../../engine-source.js';
import { OAuth2Engine, type OAuth2EngineConfig } from '../engine.js';

const refuse = (): Promise<never> => Promise.reject(noProviderRequests());

/** The engine of a client before a user chooses a server: it sends only API requests. */
class EngineWithoutServer extends OAuth2Engine {
  override readonly logout: LogoutPort = {
    isOffered: async () => false,
    createLogoutUrl: refuse,
    readLogoutToken: refuse,
    readFrontchannel: refuse,
    readThirdPartyInitiation: refuse,
  };
}

/** Creates the engine of a client before a user chooses a server. */
export function engineWithoutServer(config: OAuth2EngineConfig): ServerEngine<OAuth2Token> {
  const { name } = config;
  const load = traced(name, 'metadata', (): Promise<never> => Promise.reject(unknownServer(name)));
  return {
    engine: new EngineWithoutServer({ ...config, load }),
    options: { ...config.options, apiBaseUrl: undefined },
  };
}

/** Creates the error for a token or a pending login without a server. */
export function unknownServer(name: string): OAuthError {
  return new OAuthError(
    'invalid_token',
    `The server is unknown: users choose it at login as "${name}", and the token stores ` +
      'it as "server". Pass the whole token that the login returned.',
  );
}

function noProviderRequests(): OAuthError {
  return new OAuthError(
    'invalid_options',
    'The server is unknown, because users choose it at each login. For logouts and logins ' +
      'that begin at a server, register or load a client for that server.',
  );
}
