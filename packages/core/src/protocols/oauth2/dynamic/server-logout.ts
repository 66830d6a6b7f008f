import { OAuthError } from '../../../model/errors.js';
import type { LogoutPort } from '../../../model/logout.js';
import type { Params } from '../../../model/types.js';

/** Resolves the server of a logout from its parameters, and returns the remaining parameters. */
type FindLogout = (params: Params) => Promise<[logout: LogoutPort | undefined, rest: Params]>;

/**
 * Creates the logout port of a client with user-chosen servers. The parameters name the server, as
 * at login.
 */
export function serverLogout(find: FindLogout): LogoutPort {
  return {
    async createLogoutUrl(postLogoutRedirectUri, params = {}) {
      const [logout, rest] = await find(params);
      if (!logout) throw notHere();
      return await logout.createLogoutUrl(postLogoutRedirectUri, rest);
    },
    readLogoutToken: () => Promise.reject(notHere()),
    readFrontchannel: () => Promise.reject(notHere()),
    readThirdPartyInitiation: () => Promise.reject(notHere()),
  };
}

function notHere(): OAuthError {
  return new OAuthError(
    'invalid_options',
    'The server is unknown, because users choose it at each login. For logouts and logins ' +
      'that begin at a server, register or load a client for that server.',
  );
}
