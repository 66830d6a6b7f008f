import { createSealedSession, formatCookie } from '@oauth-registry/core/adapter';
import type {
  CookiePlace,
  NodeResponse,
  SealedSession,
  SealedSessionOptions,
} from '@oauth-registry/core/adapter';
import type { NextApiRequest } from 'next';
import { cookies } from 'next/headers.js';
import { nextCookies } from './exchange.js';

/**
 * Where the session is: nothing to say in the App Router; in the Pages Router the `{ req, res }` of an API
 * route or of `getServerSideProps`.
 */
export type SessionPlace = void | { req: Pick<NextApiRequest, 'cookies'>; res?: NodeResponse };

/**
 * Creates a session for applications that have none: a sealed cookie. `getSession()` works in Server
 * Components too; `setSession()` and `clearSession()` need a Route Handler, Server Action or API route.
 */
export function createSession<Data extends object>(
  options: SealedSessionOptions,
): SealedSession<Data, SessionPlace> {
  const secure = process.env['NODE_ENV'] === 'production';
  return createSealedSession({ secure, ...options }, cookiesOf);
}

async function cookiesOf(place: SessionPlace): Promise<CookiePlace> {
  if (!place) {
    const [jar, set] = await Promise.all([cookies(), nextCookies()]);
    return { get: (name) => jar.get(name)?.value, set };
  }
  const { req, res } = place;
  res?.setHeader('cache-control', 'private, no-store');
  const set: CookiePlace['set'] = (one) => void res?.appendHeader('set-cookie', formatCookie(one));
  return { get: (name) => req.cookies[name], set };
}
