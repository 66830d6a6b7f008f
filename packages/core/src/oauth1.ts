/**
 * OAuth 1.0a signatures of single requests (RFC 5849 §3.4), without a registry.
 *
 * @module @oauth-registry/core/oauth1
 */
export { signRequest } from './protocols/oauth1/signing/sign-request.js';
export type {
  RequestToSign,
  SignedRequest,
  SigningCredentials,
  SignOptions,
} from './protocols/oauth1/signing/types.js';
export type { SignatureType } from './protocols/oauth1/signing/placement.js';
export type {
  RsaKey,
  SignatureFunction,
  SignatureMethod,
  SignatureMethods,
  SigningKey,
} from './options/register-options.js';
