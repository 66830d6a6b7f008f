import { OAuthError } from '../../../model/errors.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import { editRequest } from '../../../quirks/hooks.js';
import { dressApiRequest, userRequest } from '../../../options/api-quirks.js';
import type { OAuth2Token, ResourceRequest } from '../../../model/types.js';
import { attachToken, requireUsableToken, needsBody } from './bearer.js';
import { isBound } from '../dpop/bound-http.js';
import { usableEndpoint, type ServerMetadata } from '../discovery/metadata.js';

/**
 * Builds a UserInfo request (OpenID Connect Core §5.3.1). A token in the body needs a method that
 * has one.
 */
export function profileRequest(
  metadata: ServerMetadata,
  options: Readonly<RegisterOptions>,
  token: OAuth2Token,
): ResourceRequest {
  const endpoint = usableEndpoint(metadata, 'userinfo_endpoint');
  if (endpoint === undefined) {
    throw new OAuthError(
      'invalid_options',
      'There is no userinfo endpoint. Set "userinfoEndpoint", or use metadata that has one.',
    );
  }
  const request = userRequest(endpoint, options, token);
  return needsBody(options.tokenPlacement) ? { ...request, method: 'POST' } : request;
}

/**
 * Returns the token placement. A DPoP-bound token is always sent in a `DPoP` header (RFC 9449
 * §7.1).
 */
function tokenPlacementFor(
  token: OAuth2Token,
  { tokenPlacement }: Readonly<RegisterOptions>,
): RegisterOptions['tokenPlacement'] {
  return isBound(token) ? { scheme: 'DPoP' } : tokenPlacement;
}

/** Adds the token and the configured headers and parameters to an API request. */
export async function authorizeApiRequest(
  request: ResourceRequest,
  token: OAuth2Token | undefined,
  options: Readonly<RegisterOptions>,
): Promise<ResourceRequest> {
  if (token === undefined) return request;
  requireUsableToken(token);
  const dressed = dressApiRequest(request, options, token);
  const attached = attachToken(dressed, token.access_token, tokenPlacementFor(token, options));
  const { clientId = '', clientSecret, complianceFix } = options;
  const hook = complianceFix?.protectedRequest;
  return await editRequest(
    'complianceFix.protectedRequest',
    attached,
    hook && ((it) => hook(it, { clientId, clientSecret })),
  );
}
