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
import { isNonEmptyString, isObject } from '../platform/encoding.js';
import { commonChecks, type CommonOptions } from './common.js';
import { oauthQuirkChecks } from './quirks.js';
import type { OAuthQuirkOptions } from '../quirks/types.js';
import { storedTokenChecks, type StoredTokenOptions } from './stored-tokens.js';
import { OAuthError } from '../model/errors.js';
import type { JWK } from 'jose';
import type { Awaitable, Params } from '../model/types.js';
import type { CryptoKey } from '../model/web-types.js';

/** Options of an OAuth 1.0a client (RFC 5849). */
export interface OAuth1Options
  extends
    CommonOptions,
    SignatureOptions,
    OAuth1LoginOptions,
    StoredTokenOptions,
    OAuthQuirkOptions {
  /** The client identifier, or consumer key (RFC 5849 §1.1). Default: `{NAME}_CLIENT_ID`. */
  clientId?: string | undefined;
  /**
   * The client secret, or consumer secret, which signs requests unless they are signed with an RSA
   * key (RFC 5849 §1.1). Default: `{NAME}_CLIENT_SECRET`.
   */
  clientSecret?: string | undefined;
  /** Temporary credential request URI (RFC 5849 §2.1). Its presence selects OAuth 1.0a. */
  requestTokenUrl?: string | undefined;
  /** Resource owner authorization URI (RFC 5849 §2.2). */
  authorizeUrl?: string | undefined;
  /** Token request URI (RFC 5849 §2.3). */
  accessTokenUrl?: string | undefined;
  /** Extra parameters of the temporary credential request, which are signed (RFC 5849 §2.1). */
  requestTokenParams?: Params | undefined;
  /**
   * Extra parameters of the token request (RFC 5849 §2.3); `null` and `undefined` are omitted.
   */
  accessTokenParams?: Params | undefined;
  /** Signature method (RFC 5849 §3.4), or a name in `signatureMethods`. Default: `HMAC-SHA1`. */
  signatureMethod?: SignatureMethod | (string & {}) | undefined;
  /** The private key for RSA signature methods (RFC 5849 §3.4.3), which need no `clientSecret`. */
  rsaKey?: RsaKey | undefined;
}

/** Options for OAuth 1.0a signatures (RFC 5849 §3.4). */
export interface SignatureOptions {
  /**
   * Transmission of OAuth 1 parameters: header, query or body (RFC 5849 §3.5). Default: `HEADER`.
   */
  signatureType?: 'HEADER' | 'QUERY' | 'BODY' | undefined;
  /**
   * The `realm` of Authorization headers (RFC 5849 §3.5.1). Default: none.
   */
  realm?: string | undefined;
  /** Custom signature methods, by their `oauth_signature_method` value (RFC 5849 §3.4). */
  signatureMethods?: SignatureMethods | undefined;
  /** Sends `oauth_body_hash` for request bodies that are not form-encoded. Default: `false`. */
  forceIncludeBody?: boolean | undefined;
  /** Sends and signs `oauth_version=1.0` (RFC 5849 §3.1). Default: `true`. */
  oauthVersion?: boolean | undefined;
}

/** Options for OAuth 1.0a logins at providers that deviate from RFC 5849. */
export interface OAuth1LoginOptions {
  /** HTTP method of the temporary credential request (RFC 5849 §2.1). Default: `POST`. */
  requestTokenMethod?: 'GET' | 'POST' | undefined;
  /** HTTP method of the token request (RFC 5849 §2.3). Default: `POST`. */
  accessTokenMethod?: 'GET' | 'POST' | undefined;
  /**
   * Accepts a temporary credential response without `oauth_callback_confirmed` (RFC 5849 §2.1), for
   * providers of OAuth 1.0 before 1.0a; the callback is then sent on the authorization URL too. The
   * risk is session fixation: an attacker starts a login, has a victim approve it, and redirects
   * the callback elsewhere. Default: `false`.
   */
  allowUnconfirmedCallback?: boolean | undefined;
  /**
   * Accepts a callback without `oauth_verifier` (RFC 5849 §2.2), for providers of OAuth 1.0 before
   * 1.0a. The risk: nothing proves that the user of the callback is the user who approved the
   * login. Default: `false`.
   */
  allowMissingVerifier?: boolean | undefined;
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
 * A private RSA key of 1024 bits or more: PEM text (PKCS#1 or PKCS#8, not encrypted), a JWK with its
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

const signatureChecks: Record<keyof SignatureOptions, Check> = {
  signatureType: oneOf('HEADER', 'QUERY', 'BODY'),
  realm: text,
  signatureMethods: functions,
  forceIncludeBody: flag,
  oauthVersion: flag,
};

const loginChecks: Record<keyof OAuth1LoginOptions, Check> = {
  requestTokenMethod: oneOf('GET', 'POST'),
  accessTokenMethod: oneOf('GET', 'POST'),
  allowUnconfirmedCallback: flag,
  allowMissingVerifier: flag,
};

export const oauth1Checks: Record<keyof OAuth1Options, Check> = {
  clientId: text,
  clientSecret: text,
  requestTokenUrl: url,
  authorizeUrl: url,
  accessTokenUrl: url,
  requestTokenParams: params,
  accessTokenParams: params,
  signatureMethod: text,
  rsaKey: must(
    (v) => isNonEmptyString(v) || isObject(v),
    'must be a private RSA key as PEM text, JWK or CryptoKey',
  ),
  ...commonChecks,
  ...signatureChecks,
  ...loginChecks,
  ...storedTokenChecks,
  ...oauthQuirkChecks,
};

const secretMethods = ['HMAC-SHA1', 'HMAC-SHA256', 'HMAC-SHA512', 'PLAINTEXT'];
const methods = [...secretMethods, 'RSA-SHA1', 'RSA-SHA256', 'RSA-SHA512'];

type Signing = Pick<OAuth1Options, 'signatureMethod' | 'signatureMethods'>;

/** Throws unless the signature method is built in or defined in `signatureMethods`. */
export function checkSignatureMethod(options: Signing, caller: string): void {
  const { signatureMethod = 'HMAC-SHA1', signatureMethods = {} } = options;
  if ([...methods, ...Object.keys(signatureMethods)].includes(signatureMethod)) return;
  throw new OAuthError(
    'invalid_options',
    `${caller}: "signatureMethod" must be one of ${methods.join(', ')}, or a name in "signatureMethods".`,
  );
}

/** Returns whether requests are signed with the client secret: not with RSA or a custom method. */
export function signsWithSecret(options: Signing): boolean {
  const { signatureMethod = 'HMAC-SHA1', signatureMethods = {} } = options;
  return (
    secretMethods.includes(signatureMethod) && !Object.hasOwn(signatureMethods, signatureMethod)
  );
}
