import { isObject } from '../platform/encoding.js';
import type { SessionPort } from '../model/ports.js';

/** Who signed in with which client, as the framework's session remembers it. Nothing of it is secret. */
export interface SignedIn {
  client: string;
  sub?: string | undefined;
}

const key = 'oauth-registry.user';

/** Remembers in the framework's session who has signed in through the routes. */
export function rememberSignedIn(session: SessionPort | undefined, user: SignedIn): void {
  session?.set(key, user);
}

/** Tells who has signed in through the routes; `undefined` if the session does not say. */
export function signedInAs(session: SessionPort | undefined): SignedIn | undefined {
  const user = session?.get(key);
  if (!isObject(user) || typeof user['client'] !== 'string') return undefined;
  const { client, sub } = user;
  return { client, sub: typeof sub === 'string' ? sub : undefined };
}

/** Forgets who has signed in, and tells who it was. */
export function forgetSignedIn(session: SessionPort | undefined): SignedIn | undefined {
  const user = signedInAs(session);
  if (user) session?.set(key, undefined);
  return user;
}
