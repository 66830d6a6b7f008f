import type { Http } from '../../platform/http/http.js';
import type { RegisterOptions } from '../../options/register-options.js';

/** The options of `register()` that an OpenID 2.0 client has a use for. */
export type OpenID2Options = Pick<
  RegisterOptions,
  | 'openid2Endpoint'
  | 'claimedIdPattern'
  | 'realm'
  | 'authorizeParams'
  | 'responseMode'
  | 'userinfoEndpoint'
  | 'userinfo'
  | 'apiKey'
  | 'apiParams'
  | 'headers'
  | 'errors'
>;

/** One client, and the door to the network it uses. */
export interface OpenID2Config {
  /** The registered name of the client. */
  name: string;
  options: Readonly<OpenID2Options>;
  http: Http;
}

/** What marks a message of OpenID 2.0 (§4.1.2); without it, it is one of OpenID 1. */
export const namespace = 'http://specs.openid.net/auth/2.0';

/** The provider's endpoint, which every step needs. */
export function endpointOf({ options, http }: OpenID2Config): URL {
  return http.check(options.openid2Endpoint ?? '', '"openid2Endpoint"');
}
