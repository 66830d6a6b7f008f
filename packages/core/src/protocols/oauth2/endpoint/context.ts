import { OAuthError } from '../../../model/errors.js';
import type { Http } from '../../../platform/http/http.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import type { TokenWarning } from '../../../model/types.js';
import type { ClientAuth } from '../client-auth/methods.js';
import type { Dpop } from '../dpop/proof.js';
import { usableEndpoint, type ServerMetadata } from '../discovery/metadata.js';

/** What a token request needs to know of its client. */
export interface ProtocolContext {
  options: Readonly<RegisterOptions>;
  metadata: ServerMetadata;
  http: Http;
  clientAuth: ClientAuth;
  /** Makes proofs, where the client's tokens are bound to a key. */
  dpop?: Dpop | undefined;
  /** Is told of what was not used of a token response. */
  warn?: ((warning: TokenWarning) => void) | undefined;
}

/** Finds an endpoint's address, or says which option names it. */
export function endpointOf(
  { metadata }: ProtocolContext,
  field: string,
  option: keyof RegisterOptions,
): string {
  const endpoint = usableEndpoint(metadata, field);
  if (endpoint !== undefined) return endpoint;
  throw new OAuthError(
    'invalid_options',
    `There is no "${field}": give "${option}", or a "serverMetadataUrl" or "issuer" whose metadata names ` +
      'one; or, for a provider with a preset, its name as "preset".',
  );
}
