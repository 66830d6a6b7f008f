import { isObject } from '../../../platform/encoding.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import { fromOptions, onlyEndpoints, overlay, type ServerMetadata } from '../discovery/metadata.js';

/** Tells whether a client shows a certificate to the provider (RFC 8705 §2, §3). */
function usesMtls(options: Readonly<RegisterOptions>): boolean {
  const { tokenEndpointAuthMethod: method, tlsClientCertificateBoundAccessTokens } = options;
  return (
    tlsClientCertificateBoundAccessTokens === true ||
    method === 'tls_client_auth' ||
    method === 'self_signed_tls_client_auth'
  );
}

/**
 * Puts the provider's `mtls_endpoint_aliases` in the place of its endpoints, for a client that shows a
 * certificate. Addresses that `register()` was told stay.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8705#section-5
 */
export function withMtlsAliases(
  metadata: ServerMetadata,
  options: Readonly<RegisterOptions>,
): ServerMetadata {
  const aliases = metadata['mtls_endpoint_aliases'];
  if (!usesMtls(options) || !isObject(aliases)) return metadata;
  const told = fromOptions(options);
  return overlay(overlay(metadata, onlyEndpoints(aliases as ServerMetadata)), told);
}
