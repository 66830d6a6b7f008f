import type { Http } from '../../platform/http/http.js';
import type { RegisterOptions } from '../../options/register-options.js';

/** The `register()` options of OpenID 2.0 clients. */
export type OpenID2EngineOptions = Pick<
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

/** The configuration of one client and its HTTP client. */
export interface OpenID2Config {
  /** The registered name of the client. */
  name: string;
  options: Readonly<OpenID2EngineOptions>;
  http: Http;
}

/** The namespace of OpenID 2.0 messages (§4.1.2). Messages without it are OpenID 1. */
export const namespace = 'http://specs.openid.net/auth/2.0';

/** Returns the provider's endpoint URL. */
export function providerEndpoint({ options, http }: OpenID2Config): URL {
  return http.check(options.openid2Endpoint ?? '', '"openid2Endpoint"');
}
