import type { Params } from '../types.js';

/** Options of `register()` that only OAuth 1.0a clients have a use for. */
export interface OAuth1RegisterOptions {
  /** Temporary credential request URI (RFC 5849 §2.1). Its presence selects OAuth 1.0a. */
  requestTokenUrl?: string | undefined;
  /** Extra signed parameters of the temporary credential request. */
  requestTokenParams?: Params | undefined;
  /** OAuth 1 signature method (RFC 5849 §3.4). Default `HMAC-SHA1`. */
  signatureMethod?: SignatureMethod | undefined;
  /** Where OAuth 1 parameters travel (RFC 5849 §3.5). Default `HEADER`. */
  signatureType?: 'HEADER' | 'QUERY' | 'BODY' | undefined;
  /** The `realm` of OAuth 1 Authorization headers (RFC 5849 §3.5.1). */
  realm?: string | undefined;
}

/** How OAuth 1 requests are signed (RFC 5849 §3.4). */
export type SignatureMethod = 'HMAC-SHA1' | 'HMAC-SHA256' | 'HMAC-SHA512' | 'PLAINTEXT';
