import { OAuthError } from '../errors.js';
import type { Http } from '../http.js';
import type { Params } from '../types.js';
import type { SignatureType } from './placement.js';
import type { SignatureMethod } from './signature.js';

/** What an OAuth 1.0a client is made of. */
export interface OAuth1Options {
  /** `oauth_consumer_key`. */
  clientId?: string;
  clientSecret?: string;
  /** Temporary credential request URI (RFC 5849 §2.1). */
  requestTokenUrl?: string;
  /** Signed parameters of the temporary credential request, sent as a form. */
  requestTokenParams?: Params;
  /** Resource owner authorization URI (RFC 5849 §2.2). */
  authorizeUrl?: string;
  /** Parameters of every authorization URL; those of a single call win. */
  authorizeParams?: Params;
  /** Token request URI (RFC 5849 §2.3). */
  accessTokenUrl?: string;
  /** Signed parameters of the token request, sent as a form. */
  accessTokenParams?: Params;
  /** Where the profile of the token's owner is. */
  userinfoEndpoint?: string;
  /** Default `HMAC-SHA1`. */
  signatureMethod?: SignatureMethod;
  /** Default `HEADER`. With `BODY`, requests that carry no form use the header. */
  signatureType?: SignatureType;
  /** The `realm` of Authorization headers (RFC 5849 §3.5.1). */
  realm?: string;
}

/** One client, and the door to the network it uses. */
export interface OAuth1Config {
  /** The registered name of the client. */
  name: string;
  options: Readonly<OAuth1Options>;
  http: Http;
}

type UrlOption = 'requestTokenUrl' | 'authorizeUrl' | 'accessTokenUrl' | 'userinfoEndpoint';

/** Returns a configured address, or says which option is missing or unsafe. */
export function requireUrl({ name, options, http }: OAuth1Config, option: UrlOption): URL {
  const url = options[option];
  if (url !== undefined) return http.check(url, `"${option}"`);
  throw new OAuthError(
    'invalid_options',
    `"${option}" is missing, and this call needs it. Give it in register('${name}', …).`,
  );
}
