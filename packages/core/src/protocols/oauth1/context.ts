import { OAuthError } from '../../model/errors.js';
import type { Http } from '../../platform/http/http.js';
import type { RegisterOptions } from '../../options/register-options.js';
import type { TokenWarning } from '../../model/types.js';
import type { ProviderClock } from './clock.js';

/** The `register()` options of OAuth 1.0a clients. */
export type OAuth1EngineOptions = Pick<
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

/** The configuration of one client and its HTTP client. */
export interface OAuth1Config {
  /** The registered name of the client. */
  name: string;
  options: Readonly<OAuth1EngineOptions>;
  http: Http;
  /** Called when a part of a token response is ignored. */
  warn?: ((warning: TokenWarning) => void) | undefined;
}

/** A client's configuration together with the provider's clock. */
export interface OAuth1Context extends OAuth1Config {
  clock: ProviderClock;
}

type UrlOption =
  'requestTokenUrl' | 'authorizeUrl' | 'accessTokenUrl' | 'refreshTokenUrl' | 'userinfoEndpoint';

/** Returns a configured URL. Throws if the option is missing or the URL is insecure. */
export function requireUrl({ name, options, http }: OAuth1Config, option: UrlOption): URL {
  const url = options[option];
  if (url !== undefined) return http.check(url, `"${option}"`);
  throw new OAuthError(
    'invalid_options',
    `"${option}" is missing. Set it in register('${name}', …).`,
  );
}
