import {
  flag,
  functions,
  must,
  oneOf,
  params,
  text,
  url,
  type Check,
} from '../platform/validators.js';
import { isObject } from '../platform/encoding.js';
import { OAuthError } from '../model/errors.js';
import type { JWK } from 'jose';
import type { Awaitable, Params } from '../model/types.js';
import type { CryptoKey } from '../model/web-types.js';

/** Options of `register()` for OAuth 1.0a clients only. */
export interface OAuth1RegisterOptions {
  /** Temporary credential request URI (RFC 5849 §2.1). Its presence selects OAuth 1.0a. */
  requestTokenUrl?: string | undefined;
  /** HTTP method of the temporary credential request. Default: `POST`. */
  requestTokenMethod?: 'GET' | 'POST' | undefined;
  /** Extra parameters of the temporary credential request; they are signed. */
  requestTokenParams?: Params | undefined;
  /** HTTP method of the OAuth 1 token request. Default: `POST`. */
  accessTokenMethod?: 'GET' | 'POST' | undefined;
  /**
   * Accepts a temporary credential response without `oauth_callback_confirmed`, for providers of
   * OAuth 1.0 before 1.0a; the callback is then sent on the authorization URL too. Default:
   * `false`. The risk is session fixation: an attacker starts a login, has a victim approve it, and
   * redirects the callback elsewhere.
   */
  allowUnconfirmedCallback?: boolean | undefined;
  /**
   * Accepts a callback without `oauth_verifier`, for providers of OAuth 1.0 before 1.0a. Default:
   * `false`. The risk: nothing proves that the user of the callback is the user who approved the
   * login.
   */
  allowMissingVerifier?: boolean | undefined;
  /**
   * OAuth 1 signature method (RFC 5849 §3.4), or a name in `signatureMethods`. Default:
   * `HMAC-SHA1`.
   */
  signatureMethod?: SignatureMethod | (string & {}) | undefined;
  /** Custom signature methods, by their `oauth_signature_method` value. */
  signatureMethods?: SignatureMethods | undefined;
  /**
   * Transmission of OAuth 1 parameters: header, query or body (RFC 5849 §3.5). Default: `HEADER`.
   */
  signatureType?: 'HEADER' | 'QUERY' | 'BODY' | undefined;
  /** The private key for RSA signature methods, which need no `clientSecret`. */
  rsaKey?: RsaKey | undefined;
  /**
   * The `realm` of OAuth 1 Authorization headers (RFC 5849 §3.5.1). For OpenID 2.0: the URL the
   * user is asked to trust (OpenID Authentication 2.0 §9.2). Default: the origin of the redirect
   * URI.
   */
  realm?: string | undefined;
  /** Sends `oauth_body_hash` for request bodies that are not form-encoded. Default: `false`. */
  forceIncludeBody?: boolean | undefined;
  /** Sends and signs `oauth_version=1.0`. Default: `true`. */
  oauthVersion?: boolean | undefined;
}

/** Built-in OAuth 1 signature methods (RFC 5849 §3.4), including variants with newer hashes. */
export type SignatureMethod =
  | 'HMAC-SHA1'
  | 'HMAC-SHA256'
  | 'HMAC-SHA512'
  | 'RSA-SHA1'
  | 'RSA-SHA256'
  | 'RSA-SHA512'
  | 'PLAINTEXT';

/**
 * A private RSA key of 1024 bits or more: PEM text (PKCS#1 or PKCS#8, not encrypted), a JWK with
 * its
 * primes, or a `CryptoKey` for RSASSA-PKCS1-v1_5.
 */
export type RsaKey = string | JWK | CryptoKey;

/** Key material for signing a request. A secret that is not set is an empty string. */
export interface SigningKey {
  clientSecret: string;
  tokenSecret: string;
  /** The `rsaKey` as configured. */
  rsaKey?: RsaKey | undefined;
}

/** Returns the `oauth_signature` value for a signature base string (RFC 5849 §3.4.1). */
export type SignatureFunction = (baseString: string, key: SigningKey) => Awaitable<string>;

/**
 * Custom signature methods. One named like a built-in method replaces it, for example for a key
 * stored in hardware. The body hash is SHA-256 or SHA-512 if the name ends so, otherwise SHA-1.
 */
export type SignatureMethods = Readonly<Record<string, SignatureFunction>>;

export const oauth1Checks: Record<keyof OAuth1RegisterOptions, Check> = {
  requestTokenUrl: url,
  requestTokenMethod: oneOf('GET', 'POST'),
  requestTokenParams: params,
  accessTokenMethod: oneOf('GET', 'POST'),
  allowUnconfirmedCallback: flag,
  allowMissingVerifier: flag,
  signatureMethod: text,
  signatureMethods: functions,
  signatureType: oneOf('HEADER', 'QUERY', 'BODY'),
  rsaKey: must(
    (v) => (typeof v === 'string' && v !== '') || isObject(v),
    'must be a private RSA key as PEM text, JWK or CryptoKey',
  ),
  realm: text,
  forceIncludeBody: flag,
  oauthVersion: flag,
};

const secretMethods = ['HMAC-SHA1', 'HMAC-SHA256', 'HMAC-SHA512', 'PLAINTEXT'];
const methods = [...secretMethods, 'RSA-SHA1', 'RSA-SHA256', 'RSA-SHA512'];

/** Throws unless the signature method is built in or defined in `signatureMethods`. */
export function checkSignatureMethod(options: OAuth1RegisterOptions, where: string): void {
  const { signatureMethod = 'HMAC-SHA1', signatureMethods = {} } = options;
  if ([...methods, ...Object.keys(signatureMethods)].includes(signatureMethod)) return;
  throw new OAuthError(
    'invalid_options',
    `${where}: "signatureMethod" must be one of ${methods.join(', ')}, or a name in "signatureMethods".`,
  );
}

/** Returns whether requests are signed with the client secret: not with RSA or a custom method. */
export function signsWithSecret(options: OAuth1RegisterOptions): boolean {
  const { signatureMethod = 'HMAC-SHA1', signatureMethods = {} } = options;
  return (
    secretMethods.includes(signatureMethod) && !Object.hasOwn(signatureMethods, signatureMethod)
  );
}
