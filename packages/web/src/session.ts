import { createCookieSession, formatCookie } from '@oauth-registry/core/adapter';
import type {
  CookieScope,
  CookieSession,
  CookieSessionOptions,
} from '@oauth-registry/core/adapter';
import { OAuthError } from '@oauth-registry/core';
import { split, type WebRequest } from './web-request.js';

/**
 * Creates a session for applications without one, in an encrypted cookie. `getSession` takes the
 * request; `setSession` and `clearSession` take `{ request, headers }` and add their cookies to the
 * headers of the response.
 *
 * @example
 * ```ts
 * const { getSession, setSession } = createSession<{ userId: string }>({ secret });
 * const headers = new Headers();
 * await setSession({ userId }, { request, headers });
 * return new Response(null, { status: 303, headers });
 * ```
 */
export function createSession<Data extends object>(
  options: CookieSessionOptions,
): CookieSession<Data, WebRequest> {
  return createCookieSession<Data, WebRequest>(options, cookiesOf);
}

function cookiesOf(place: WebRequest): CookieScope {
  const { request, headers } = split(place);
  const pairs = (request.headers.get('cookie') ?? '').split(/;[ \t]*/);
  return {
    get: (name) => pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1),
    set: (cookie) => {
      if (!headers) throw new OAuthError('storage_failed', noHeaders);
      headers.append('set-cookie', formatCookie(cookie));
      headers.set('cache-control', 'private, no-store');
    },
  };
}

const noHeaders =
  "The session's cookie cannot be set: there are no headers of a response. Pass { request, headers } to " +
  'setSession() and clearSession(), and create the response with these headers.';
