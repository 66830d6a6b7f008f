import { OAuthError } from '../../../model/errors.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import { editRequest } from '../../../quirks/hooks.js';
import { dressApiRequest, userRequest } from '../../../options/api-quirks.js';
import type { OAuth2Token, ResourceRequest } from '../../../model/types.js';
import { usableEndpoint, type ServerMetadata } from '../discovery/metadata.js';
import { nowSeconds } from '../../../platform/crypto.js';
import { isHeaderSafe } from '../../../platform/encoding.js';
import { expiryOf } from '../../../platform/token-expiry.js';

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
  const { apiParams, clientId = '', clientSecret, complianceFix, headers } = options;
  const isDressed = headers?.api !== undefined || apiParams !== undefined;
  const dressed = isDressed ? dressApiRequest(request, options, token) : request;
  const attached = attachToken(dressed, token.access_token, tokenPlacementFor(token, options));
  const hook = complianceFix?.protectedRequest;
  if (!hook) return attached;
  const edited = { ...attached, headers: new Headers(attached.headers) };
  const ready = await editRequest('complianceFix.protectedRequest', edited, (it) =>
    hook(it, { clientId, clientSecret }),
  );
  return { ...ready, headers: Object.fromEntries(ready.headers) };
}

/** Whether a token is DPoP-bound (RFC 9449 §5). */
export function isBound(token: OAuth2Token | undefined): token is OAuth2Token {
  return typeof token?.token_type === 'string' && token.token_type.toLowerCase() === 'dpop';
}

/** Throws unless a token can be sent: a bearer token of this protocol that has not expired. */
function requireUsableToken(token: OAuth2Token): void {
  const { access_token: accessToken } = token;
  // A database may return null for a missing value.
  const type: unknown = token.token_type ?? 'Bearer';
  if (typeof accessToken !== 'string' || accessToken === '' || !isHeaderSafe(accessToken)) {
    throw new OAuthError(
      'invalid_token',
      'The token has no "access_token" string. Pass the object that authorizeAccessToken() ' +
        'returned, or a stored copy; use an OAuth 1 token with an OAuth 1 client.',
    );
  }
  if (!['bearer', 'dpop'].includes(String(type).toLowerCase())) {
    throw new OAuthError(
      'unsupported_token_type',
      'The token has a "token_type" other than "Bearer", which this client cannot send (RFC 6749 §7.1). If it is a ' +
        'bearer token, set its "token_type" to "Bearer".',
    );
  }
  const end = expiryOf(token);
  if (end !== undefined && end <= nowSeconds()) {
    throw new OAuthError(
      'token_expired',
      `The access token expired ${nowSeconds() - end} s ago. Refresh it with refreshToken(), or let the ` +
        'user log in again.',
    );
  }
}

/**
 * Adds a bearer token to an API request, in the location that `tokenPlacement` sets.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-2
 */
function attachToken(
  request: ResourceRequest,
  accessToken: string,
  placement: RegisterOptions['tokenPlacement'] = 'header',
): ResourceRequest {
  const place = typeof placement === 'string' ? standardPlaces[placement] : placement;
  const headers = { ...request.headers };
  if ('scheme' in place) headers['authorization'] = `${place.scheme} ${accessToken}`;
  if ('header' in place) headers[place.header.toLowerCase()] = accessToken;
  if ('body' in place)
    return { ...request, headers, body: inForm(request, place.body, accessToken) };
  if (!('uri' in place)) return { ...request, headers };
  const url = new URL(request.url);
  url.searchParams.set(place.uri, accessToken);
  headers['cache-control'] = 'no-store';
  return { ...request, headers, url };
}

/** RFC 6750 §2. */
const standardPlaces = {
  header: { scheme: 'Bearer' },
  body: { body: 'access_token' },
  uri: { uri: 'access_token' },
} as const;

/** Whether the token is sent in a form body, which a GET request does not have. */
function needsBody(placement: RegisterOptions['tokenPlacement']): boolean {
  return placement === 'body' || (typeof placement === 'object' && 'body' in placement);
}

/** Adds the token to a form (RFC 6750 §2.2), never with a method that has no body. */
function inForm(
  { method, body }: ResourceRequest,
  name: string,
  accessToken: string,
): URLSearchParams {
  const bodiless = method === 'GET' || method === 'HEAD';
  if (bodiless || !(body === null || body instanceof URLSearchParams)) {
    throw new OAuthError(
      'invalid_options',
      'tokenPlacement "body" requires a method with a body, and a "form" or no body (RFC ' +
        '6750 §2.2).',
    );
  }
  const form = new URLSearchParams(body ?? undefined);
  form.set(name, accessToken);
  return form;
}
