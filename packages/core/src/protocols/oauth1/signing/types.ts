import type {
  RsaKey,
  SignatureMethod,
  SignatureMethods,
} from '../../../options/register-options.js';
import type { BodyInit, HeadersInit } from '../../../model/web-types.js';
import type { SignatureType } from './placement.js';

/** A request to sign. */
export interface RequestToSign {
  method: string;
  /** An absolute http(s) URL without user information. */
  url: string | URL;
  headers?: HeadersInit | undefined;
  /** `URLSearchParams` are a form; other bodies are one when their content type says so. */
  body?: BodyInit | null | undefined;
}

/** Who signs (RFC 5849 §1.1): the client, and the token when the request is made in someone's name. */
export interface SigningCredentials {
  /** `oauth_consumer_key`. */
  clientId: string;
  clientSecret?: string | undefined;
  /** `oauth_token`. */
  token?: string | undefined;
  tokenSecret?: string | undefined;
  /** The private key of RSA methods. HMAC and PLAINTEXT have no use for it. */
  rsaKey?: RsaKey | undefined;
}

/** How a request is signed. */
export interface SignOptions {
  /** A built-in method or a name in `signatureMethods`. Default `HMAC-SHA1`. */
  signatureMethod?: SignatureMethod | (string & {}) | undefined;
  /** Signature methods of your own, by the name they have on the wire. */
  signatureMethods?: SignatureMethods | undefined;
  /** Default `HEADER`. `BODY` needs a form body, or no body yet. */
  signatureType?: SignatureType | undefined;
  /** The `realm` of the Authorization header; it is not signed. */
  realm?: string | undefined;
  /** `oauth_callback` of a temporary credential request (RFC 5849 §2.1). */
  callback?: string | undefined;
  /** `oauth_verifier` of a token request (RFC 5849 §2.3). */
  verifier?: string | undefined;
  /** Further protocol parameters by name, such as `oauth_session_handle`; they travel with the others. */
  protocolParams?: Readonly<Record<string, string>> | undefined;
  /** A fixed `oauth_nonce`, for tests. Default: a fresh random one. */
  nonce?: string | undefined;
  /** An `oauth_timestamp`, for tests and skewed clocks. Default: the seconds since the epoch. */
  timestamp?: string | undefined;
  /** Signs a hash of bodies that are not forms, as `oauth_body_hash`. Default `false`. */
  forceIncludeBody?: boolean | undefined;
  /** Sends and signs `oauth_version=1.0`. Default `true`. */
  oauthVersion?: boolean | undefined;
}

/** A signed request, ready for `fetch(url, { method, headers, body })`. */
export interface SignedRequest {
  /** In upper case, as it was signed. */
  method: string;
  /** The URL that was signed, byte for byte. */
  url: string;
  headers: Record<string, string>;
  body: BodyInit | null;
}
