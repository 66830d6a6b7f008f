import { isObject, withoutUndefined } from '../platform/encoding.js';
import { unverifiedClaims } from '../platform/jwt/unverified-claims.js';
import type { SessionPort } from '../model/ports.js';
import type { Token } from '../model/types.js';

/** The user and client of the login, as stored in the framework's session. */
export interface SignedIn {
  client: string;
  sub?: string | undefined;
  /** The issuer of the login's id_token. */
  iss?: string | undefined;
  /** The session ID at the provider: the id_token's `sid`. */
  sid?: string | undefined;
  /** The session's `id` in the `sessionIndex`. */
  id?: string | undefined;
  /** The id_token, for a logout at the provider. */
  idToken?: string | undefined;
}

const key = 'oauth-registry.user';

/** Stores in the framework's session which user has logged in through the routes. */
export function rememberSignedIn(session: SessionPort | undefined, user: SignedIn): void {
  session?.set(key, user);
}

/** Describes a login by its token, whose id_token has been verified. */
export function signedInBy(client: string, token: Token, sub: string | undefined): SignedIn {
  const { id_token: idToken } = token as { id_token?: unknown };
  return { client, sub, ...fromIdToken(idToken) };
}

/** Reads what a verified id_token says about the session. */
export function fromIdToken(idToken: unknown): Pick<SignedIn, 'iss' | 'sid' | 'idToken'> {
  const claims = unverifiedClaims(idToken);
  if (!claims) return {};
  const { iss, sid } = claims;
  return withoutUndefined({ iss: textOf(iss), sid: textOf(sid), idToken: textOf(idToken) });
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Returns the user who has logged in through the routes; `undefined` if the session has none. */
export function signedInAs(session: SessionPort | undefined): SignedIn | undefined {
  const user = session?.get(key);
  if (!isObject(user) || typeof user['client'] !== 'string') return undefined;
  const { client, sub, iss, sid, id, idToken } = user;
  const more = { iss: textOf(iss), sid: textOf(sid), id: textOf(id), idToken: textOf(idToken) };
  return { client, sub: typeof sub === 'string' ? sub : undefined, ...withoutUndefined(more) };
}

/** Removes the logged-in user from the session and returns it. */
export function forgetSignedIn(session: SessionPort | undefined): SignedIn | undefined {
  const user = signedInAs(session);
  if (user) session?.set(key, undefined);
  return user;
}
