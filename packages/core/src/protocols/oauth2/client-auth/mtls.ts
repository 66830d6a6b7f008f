import { isObject } from '../../../platform/encoding.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import { fromOptions, onlyEndpoints, overlay, type ServerMetadata } from '../discovery/metadata.js';

/** Whether a client authenticates with a TLS certificate (RFC 8705 §2, §3). */
function usesMtls(options: Readonly<RegisterOptions>): boolean {
  const { tokenEndpointAuthMethod: method, tlsClientCertificateBoundAccessTokens } = options;
  return (
    tlsClientCertificateBoundAccessTokens === true ||
    method === 'tls_client_auth' ||
    method === 'self_signed_tls_client_auth'
  );
}

/**
 * Replaces the provider's endpoints by its `mtls_endpoint_aliases` for a client with a TLS
 * certificate. Endpoints set in `register()` remain.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8705#section-5
 */
export function withMtlsAliases(
  metadata: ServerMetadata,
  options: Readonly<RegisterOptions>,
): ServerMetadata {
  const aliases = metadata['mtls_endpoint_aliases'];
  if (!usesMtls(options) || !isObject(aliases)) return metadata;
  const configured = fromOptions(options);
  return overlay(overlay(metadata, onlyEndpoints(aliases as ServerMetadata)), configured);
}
