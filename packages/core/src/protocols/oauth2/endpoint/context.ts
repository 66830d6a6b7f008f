import { OAuthError } from '../../../model/errors.js';
import type { Http } from '../../../platform/http/http.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import type { TokenWarning } from '../../../model/types.js';
import type { ClientAuth } from '../client-auth/methods.js';
import type { Dpop } from '../dpop/proof.js';
import { usableEndpoint, type ServerMetadata } from '../discovery/metadata.js';

/** The client context of a token request. */
export interface ProtocolContext {
  options: Readonly<RegisterOptions>;
  metadata: ServerMetadata;
  http: Http;
  clientAuth: ClientAuth;
  /** Creates DPoP proofs, if the client's tokens are bound to a key. */
  dpop?: Dpop | undefined;
  /** Called when a part of a token response is ignored. */
  warn?: ((warning: TokenWarning) => void) | undefined;
}

/** Returns an endpoint URL. Throws an error that names the option to set. */
export function requireEndpoint(
  { metadata }: ProtocolContext,
  field: string,
  option: keyof RegisterOptions,
): string {
  const endpoint = usableEndpoint(metadata, field);
  if (endpoint !== undefined) return endpoint;
  throw new OAuthError(
    'invalid_options',
    `"${field}" is missing. Set "${option}", or a "serverMetadataUrl" or "issuer" whose ` +
      'metadata has it, or use a "preset".',
  );
}
