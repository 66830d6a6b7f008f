import { isObject } from '../platform/encoding.js';
import type { SessionPort } from '../model/ports.js';

/**
 * The user and client of the login, as stored in the framework's session. It contains no secrets.
 */
export interface SignedIn {
  client: string;
  sub?: string | undefined;
}

const key = 'oauth-registry.user';

/** Stores in the framework's session which user has logged in through the routes. */
export function rememberSignedIn(session: SessionPort | undefined, user: SignedIn): void {
  session?.set(key, user);
}

/** Returns the user who has logged in through the routes; `undefined` if the session has none. */
export function signedInAs(session: SessionPort | undefined): SignedIn | undefined {
  const user = session?.get(key);
  if (!isObject(user) || typeof user['client'] !== 'string') return undefined;
  const { client, sub } = user;
  return { client, sub: typeof sub === 'string' ? sub : undefined };
}

/** Removes the logged-in user from the session and returns it. */
export function forgetSignedIn(session: SessionPort | undefined): SignedIn | undefined {
  const user = signedInAs(session);
  if (user) session?.set(key, undefined);
  return user;
}
