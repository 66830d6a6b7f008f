import { nowSeconds } from '../crypto.js';
import { isHeaderSafe } from '../encoding.js';
import { OAuthError } from '../errors.js';
import type { RegisterOptions } from '../option-types.js';
import type { OAuth2Token, ResourceRequest } from '../types.js';

/** Makes sure a token can be sent: a bearer token of this protocol, and not known to have expired. */
export function checkToken(token: OAuth2Token): void {
  const { access_token: accessToken, expires_at: expiresAt } = token;
  // A database may hand back null for what was never there.
  const type: unknown = token.token_type ?? 'Bearer';
  if (typeof accessToken !== 'string' || accessToken === '' || !isHeaderSafe(accessToken)) {
    throw new OAuthError(
      'invalid_token',
      'The token has no usable "access_token" string. Pass the object that authorizeAccessToken() ' +
        'returned, or one stored from it; an OAuth 1 token belongs to an OAuth 1 client.',
    );
  }
  if (String(type).toLowerCase() !== 'bearer') {
    throw new OAuthError(
      'unsupported_token_type',
      'The token has a "token_type" other than "Bearer", which this client cannot send (RFC 6749 §7.1).',
    );
  }
  if (typeof expiresAt === 'number' && expiresAt <= nowSeconds()) {
    throw new OAuthError(
      'token_expired',
      `The access token expired ${nowSeconds() - expiresAt} s ago. Refresh it, or log in again.`,
    );
  }
}

/**
 * Attaches a bearer token to a resource request, in the place the provider wants it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-2
 */
export function attachToken(
  request: ResourceRequest,
  accessToken: string,
  placement: RegisterOptions['tokenPlacement'] = 'header',
): ResourceRequest {
  const headers = new Headers(request.headers);
  if (placement === 'header') {
    headers.set('authorization', `Bearer ${accessToken}`);
    return { ...request, headers };
  }
  if (placement === 'uri') {
    const url = new URL(request.url);
    url.searchParams.set('access_token', accessToken);
    headers.set('cache-control', 'no-store');
    return { ...request, headers, url };
  }
  return { ...request, headers, body: inForm(request, accessToken) };
}

/** RFC 6750 §2.2: only in a form, and never with a method that has no body. */
function inForm({ method, body }: ResourceRequest, accessToken: string): URLSearchParams {
  const bodiless = method === 'GET' || method === 'HEAD';
  if (bodiless || !(body === null || body instanceof URLSearchParams)) {
    throw new OAuthError(
      'invalid_options',
      'tokenPlacement "body" needs a method with a body, and a "form" or no body (RFC 6750 §2.2).',
    );
  }
  const form = new URLSearchParams(body ?? undefined);
  form.set('access_token', accessToken);
  return form;
}
