import { url, type Check } from '../platform/validators.js';
import { signedAs } from './algorithms.js';

/** Options for endpoints that the metadata does not name. */
export interface EndpointOptions {
  /** Revocation endpoint (RFC 7009 §2). Default: from the metadata. */
  revocationEndpoint?: string | undefined;
  /** Introspection endpoint (RFC 7662 §2). Default: from the metadata. */
  introspectionEndpoint?: string | undefined;
  /**
   * The only `alg` accepted for signed introspection responses (RFC 9701 §6). If set, unsigned
   * responses are rejected. Default: unsigned.
   */
  introspectionSignedResponseAlg?: string | undefined;
  /** Device authorization endpoint (RFC 8628 §3.1). Default: from the metadata. */
  deviceAuthorizationEndpoint?: string | undefined;
  /** Backchannel authentication endpoint (CIBA Core §7). Default: from the metadata. */
  backchannelAuthenticationEndpoint?: string | undefined;
}

export const endpointChecks: Record<keyof EndpointOptions, Check> = {
  revocationEndpoint: url,
  introspectionEndpoint: url,
  introspectionSignedResponseAlg: signedAs('introspection_signed_response_alg'),
  deviceAuthorizationEndpoint: url,
  backchannelAuthenticationEndpoint: url,
};
