import type {
  RsaKey,
  SignatureMethod,
  SignatureMethods,
} from '../../../options/register-options.js';
import type { BodyInit, HeadersInit } from '../../../model/web-types.js';
import type { HashName } from '../../../platform/crypto-functions.js';
import type { SignatureType } from './placement.js';

/** A hash function of a signature method. */
export type Digest = Exclude<HashName, 'SHA-384'>;

/** A request to sign. */
export interface RequestToSign {
  method: string;
  /** An absolute http(s) URL without user information. */
  url: string | URL;
  headers?: HeadersInit | undefined;
  /**
   * `URLSearchParams` are sent as a form; other bodies are a form if their content type says so.
   */
  body?: BodyInit | null | undefined;
}

/**
 * The credentials of a signature (RFC 5849 §1.1): the client's, and the token's if there is one.
 */
export interface SigningCredentials {
  /** `oauth_consumer_key`. */
  clientId: string;
  clientSecret?: string | undefined;
  /** `oauth_token`. */
  token?: string | undefined;
  tokenSecret?: string | undefined;
  /** The private key of RSA methods. Ignored by HMAC and PLAINTEXT. */
  rsaKey?: RsaKey | undefined;
}

/** Options of a signature. */
export interface SignOptions {
  /** A built-in method or a name in `signatureMethods`. Default `HMAC-SHA1`. */
  signatureMethod?: SignatureMethod | (string & {}) | undefined;
  /** Custom signature methods by their wire name. */
  signatureMethods?: SignatureMethods | undefined;
  /** Default `HEADER`. `BODY` needs a form body, or no body yet. */
  signatureType?: SignatureType | undefined;
  /** The `realm` of the Authorization header; not signed. */
  realm?: string | undefined;
  /** `oauth_callback` of a temporary credential request (RFC 5849 §2.1). */
  callback?: string | undefined;
  /** `oauth_verifier` of a token request (RFC 5849 §2.3). */
  verifier?: string | undefined;
  /** Further protocol parameters by name, such as `oauth_session_handle`; sent with the others. */
  protocolParams?: Readonly<Record<string, string>> | undefined;
  /** A fixed `oauth_nonce`, for tests. Default: a random value. */
  nonce?: string | undefined;
  /** An `oauth_timestamp`, for tests and skewed clocks. Default: the seconds since the epoch. */
  timestamp?: string | undefined;
  /** Sends and signs a hash of non-form bodies, as `oauth_body_hash`. Default `false`. */
  forceIncludeBody?: boolean | undefined;
  /** Sends and signs `oauth_version=1.0`. Default `true`. */
  oauthVersion?: boolean | undefined;
}

/** A signed request, ready for `fetch(url, { method, headers, body })`. */
export interface SignedRequest {
  /** The method in upper case, as signed. */
  method: string;
  /** The URL that was signed, byte for byte. */
  url: string;
  headers: Record<string, string>;
  body: BodyInit | null;
}
