import { nowSeconds } from '../../../platform/crypto.js';
import { isHeaderSafe } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import { readMoment } from '../../../platform/lifetime.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import type { OAuth2Token, ResourceRequest } from '../../../model/types.js';

/** Throws unless a token can be sent: a bearer token of this protocol that has not expired. */
export function requireUsableToken(token: OAuth2Token): void {
  const { access_token: accessToken, expires_at: expiresAt } = token;
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
  const end = readMoment(expiresAt);
  if (typeof end === 'number' && end <= nowSeconds()) {
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
export function attachToken(
  request: ResourceRequest,
  accessToken: string,
  placement: RegisterOptions['tokenPlacement'] = 'header',
): ResourceRequest {
  const place = typeof placement === 'string' ? standardPlaces[placement] : placement;
  const headers = new Headers(request.headers);
  if ('scheme' in place) headers.set('authorization', `${place.scheme} ${accessToken}`);
  if ('header' in place) headers.set(place.header, accessToken);
  if ('body' in place)
    return { ...request, headers, body: inForm(request, place.body, accessToken) };
  if (!('uri' in place)) return { ...request, headers };
  const url = new URL(request.url);
  url.searchParams.set(place.uri, accessToken);
  headers.set('cache-control', 'no-store');
  return { ...request, headers, url };
}

/** RFC 6750 §2. */
const standardPlaces = {
  header: { scheme: 'Bearer' },
  body: { body: 'access_token' },
  uri: { uri: 'access_token' },
} as const;

/** Whether the token is sent in a form body, which a GET request does not have. */
export function needsBody(placement: RegisterOptions['tokenPlacement']): boolean {
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
