import type { Http } from '../../../platform/http/http.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import type { TokenWarning } from '../../../model/types.js';
import type { ClientAuth } from '../client-auth/methods.js';
import type { Dpop } from '../dpop/proof.js';
import type { ServerMetadata } from '../discovery/metadata.js';

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
