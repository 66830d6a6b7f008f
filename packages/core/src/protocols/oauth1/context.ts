import { OAuthError } from '../../model/errors.js';
import type { Http } from '../../platform/http/http.js';
import type { RegisterOptions } from '../../options/register-options.js';
import type { TokenWarning } from '../../model/types.js';
import type { ProviderClock } from './clock.js';

/** The options of `register()` that an OAuth 1.0a client has a use for. */
export type OAuth1Options = Pick<
  RegisterOptions,
  | 'clientId'
  | 'clientSecret'
  | 'requestTokenUrl'
  | 'requestTokenMethod'
  | 'requestTokenParams'
  | 'allowUnconfirmedCallback'
  | 'authorizeUrl'
  | 'authorizeParams'
  | 'accessTokenUrl'
  | 'accessTokenMethod'
  | 'accessTokenParams'
  | 'allowMissingVerifier'
  | 'refreshTokenUrl'
  | 'refreshTokenParams'
  | 'userinfoEndpoint'
  | 'signatureMethod'
  | 'signatureMethods'
  | 'signatureType'
  | 'rsaKey'
  | 'realm'
  | 'forceIncludeBody'
  | 'oauthVersion'
  | 'userinfo'
  | 'headers'
  | 'apiParams'
  | 'errors'
  | 'transformResponse'
>;

/** One client, and the door to the network it uses. */
export interface OAuth1Config {
  /** The registered name of the client. */
  name: string;
  options: Readonly<OAuth1Options>;
  http: Http;
  /** Is told of what was not used of a token response. */
  warn?: ((warning: TokenWarning) => void) | undefined;
}

/** A client at work: it remembers what time it is at the provider. */
export interface OAuth1Context extends OAuth1Config {
  clock: ProviderClock;
}

type UrlOption =
  'requestTokenUrl' | 'authorizeUrl' | 'accessTokenUrl' | 'refreshTokenUrl' | 'userinfoEndpoint';

/** Returns a configured address, or says which option is missing or unsafe. */
export function requireUrl({ name, options, http }: OAuth1Config, option: UrlOption): URL {
  const url = options[option];
  if (url !== undefined) return http.check(url, `"${option}"`);
  throw new OAuthError(
    'invalid_options',
    `"${option}" is missing, and this call needs it. Give it in register('${name}', …).`,
  );
}
