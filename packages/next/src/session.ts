import { createCookieSession, formatCookie } from '@oauth-registry/core/adapter';
import type {
  CookieScope,
  NodeResponse,
  CookieSession,
  CookieSessionOptions,
} from '@oauth-registry/core/adapter';
import type { ClosedSession } from '@oauth-registry/core/adapter';
import { OAuthError } from '@oauth-registry/core';
import type { NextApiRequest } from 'next';
import { cookies } from 'next/headers.js';
import { isReadOnly, nextCookies, whereCookiesAreSet } from './browser-request.js';

/**
 * Access to the session: nothing in the App Router; in the Pages Router the `{ req, res }` of an
 * API route or of `getServerSideProps`. The `request` and `response` of the routes' hooks work in
 * both.
 */
export type SessionLocation = void | {
  req: Request | Pick<NextApiRequest, 'cookies'>;
  res?: NodeResponse | undefined;
};

/**
 * Creates a session for applications without one, in an encrypted cookie. `getSession()` also works
 * in Server Components; `setSession()` and `clearSession()` need a Route Handler, Server Action or
 * API route.
 */
export function createSession<Data extends object>(
  options: CookieSessionOptions,
): CookieSession<Data, SessionLocation> {
  const secure = process.env['NODE_ENV'] === 'production';
  const session = createCookieSession<Data, SessionLocation>({ secure, ...options }, cookiesOf);
  return {
    ...session,
    getSession: async (place) => {
      const data = await session.getSession(place);
      if (data) noted.set(apiRouteOf(place)?.req ?? (await cookies()), { data, res: place?.res });
      return data;
    },
  };
}

interface Noted {
  data: object;
  res?: NodeResponse | undefined;
}

/** The session that was read for a request; in the App Router the cookies represent the request. */
const noted = new WeakMap<object, Noted>();

/** Returns the session that was read for a request and whose cookies cannot be set. */
export async function closedSession(request: unknown): Promise<ClosedSession | undefined> {
  const inPages = findNoted(request);
  if (inPages)
    return isOpen(inPages.res) ? undefined : { data: inPages.data, advice: needsResponse };
  const jar = await cookies().catch(() => undefined);
  const { data } = (jar && noted.get(jar)) ?? {};
  return jar && data && isReadOnly(jar) ? { data, advice: whereCookiesAreSet } : undefined;
}

/** Returns the session read for a Pages Router request, passed directly or as `{ req, res }`. */
function findNoted(request: unknown): Noted | undefined {
  if (typeof request !== 'object' || request === null) return undefined;
  const { req = request, res } = request as { req?: object; res?: NodeResponse };
  const found = noted.get(req);
  return found && { data: found.data, res: res ?? found.res };
}

function isOpen(res: NodeResponse | undefined): res is NodeResponse {
  return res !== undefined && !res.headersSent;
}

const needsResponse =
  'Pass { req, res } to getSession() and setSession(), before the first write of the response.';

async function cookiesOf(place: SessionLocation): Promise<CookieScope> {
  const route = apiRouteOf(place);
  if (!route) {
    const [jar, set] = await Promise.all([cookies(), nextCookies()]);
    return { get: (name) => jar.get(name)?.value, set };
  }
  const { req, res } = route;
  if (isOpen(res)) res.setHeader('cache-control', 'private, no-store');
  const set: CookieScope['set'] = (one) => {
    if (isOpen(res)) return void res.appendHeader('set-cookie', formatCookie(one));
    throw new OAuthError('storage_failed', `The session's cookie cannot be set. ${needsResponse}`);
  };
  return { get: (name) => req.cookies[name], set };
}

interface ApiRoute {
  req: Pick<NextApiRequest, 'cookies'>;
  res?: NodeResponse | undefined;
}

function noPlace(): OAuthError {
  return new OAuthError(
    'invalid_options',
    'getSession(), setSession() and clearSession() take no argument in the App Router. In the Pages Router pass an ' +
      'object: { req, res } of an API route or of getServerSideProps.',
  );
}

/**
 * Returns the request and response of the Pages Router; a standard `Request` belongs to the App
 * Router.
 */
function apiRouteOf(place: SessionLocation): ApiRoute | undefined {
  if (!place) return undefined;
  const { req, res } = place;
  if (typeof req !== 'object' || req === null) throw noPlace();
  return 'headers' in req && req.headers instanceof Headers
    ? undefined
    : { req: req as ApiRoute['req'], res };
}
