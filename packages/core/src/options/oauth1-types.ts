import type { JWK } from 'jose';
import type { Awaitable, Params } from '../model/types.js';
import type { CryptoKey } from '../model/web-types.js';

/** Options of `register()` that only OAuth 1.0a clients have a use for. */
export interface OAuth1RegisterOptions {
  /** Temporary credential request URI (RFC 5849 §2.1). Its presence selects OAuth 1.0a. */
  requestTokenUrl?: string | undefined;
  /** Default `POST`; `GET` for a provider that wants it. */
  requestTokenMethod?: 'GET' | 'POST' | undefined;
  /** Extra signed parameters of the temporary credential request. */
  requestTokenParams?: Params | undefined;
  /** How OAuth 1 token credentials are asked for. Default `POST`. */
  accessTokenMethod?: 'GET' | 'POST' | undefined;
  /**
   * Goes on without `oauth_callback_confirmed`, with a provider of OAuth 1.0 before 1.0a; the callback
   * is then on the authorization URL too. The risk is session fixation: an attacker starts a login,
   * gets someone to approve it, and sends the callback elsewhere.
   */
  allowUnconfirmedCallback?: boolean | undefined;
  /**
   * Finishes a login whose callback has no `oauth_verifier`, with a provider of OAuth 1.0 before 1.0a.
   * The risk: nothing proves that who came back is who approved the login.
   */
  allowMissingVerifier?: boolean | undefined;
  /** OAuth 1 signature method (RFC 5849 §3.4), or a name in `signatureMethods`. Default `HMAC-SHA1`. */
  signatureMethod?: SignatureMethod | (string & {}) | undefined;
  /** Signature methods of your own, by the name they have on the wire. */
  signatureMethods?: SignatureMethods | undefined;
  /** Where OAuth 1 parameters travel (RFC 5849 §3.5). Default `HEADER`. */
  signatureType?: 'HEADER' | 'QUERY' | 'BODY' | undefined;
  /** The private key of RSA methods, which then need no `clientSecret`. */
  rsaKey?: RsaKey | undefined;
  /**
   * The `realm` of OAuth 1 Authorization headers (RFC 5849 §3.5.1). OpenID 2.0: the address the person is
   * asked to trust (OpenID Authentication 2.0 §9.2); default the origin of the redirect URI.
   */
  realm?: string | undefined;
  /** Signs a hash of OAuth 1 bodies that are not forms, as `oauth_body_hash`. Default `false`. */
  forceIncludeBody?: boolean | undefined;
  /** Sends and signs `oauth_version=1.0`. Default `true`. */
  oauthVersion?: boolean | undefined;
}

/** How OAuth 1 requests are signed (RFC 5849 §3.4), and the same with newer hashes. */
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

/** What a request is signed with. A secret that was not given is empty. */
export interface SigningKey {
  clientSecret: string;
  tokenSecret: string;
  /** As it was given. */
  rsaKey?: RsaKey | undefined;
}

/** Turns a signature base string (RFC 5849 §3.4.1) into the value of `oauth_signature`. */
export type SignatureFunction = (baseString: string, key: SigningKey) => Awaitable<string>;

/**
 * Signature methods of your own. One with the name of a built-in method replaces it, for a key that
 * does not leave its hardware. A body hash is SHA-256 or SHA-512 where the name ends so, else SHA-1.
 */
export type SignatureMethods = Readonly<Record<string, SignatureFunction>>;
