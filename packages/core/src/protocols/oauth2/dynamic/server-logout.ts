import { OAuthError } from '../../../model/errors.js';
import type { LogoutPort } from '../../../model/logout.js';
import type { Params } from '../../../model/types.js';

/** Finds the server that a logout names in its parameters, and what else they hold. */
type FindLogout = (params: Params) => Promise<[logout: LogoutPort | undefined, rest: Params]>;

/** Logging out at a server that a person chose: which one comes with the parameters, as with a login. */
export function serverLogout(find: FindLogout): LogoutPort {
  return {
    async createLogoutUrl(postLogoutRedirectUri, params = {}) {
      const [logout, rest] = await find(params);
      if (!logout) throw notHere();
      return await logout.createLogoutUrl(postLogoutRedirectUri, rest);
    },
    readLogoutToken: () => Promise.reject(notHere()),
    readFrontchannel: () => Promise.reject(notHere()),
    readInitiation: () => Promise.reject(notHere()),
  };
}

function notHere(): OAuthError {
  return new OAuthError(
    'invalid_options',
    'Nothing says which server this is about, as people choose one with each login. For logouts and ' +
      'logins that begin at a server, register or load a client for it.',
  );
}
