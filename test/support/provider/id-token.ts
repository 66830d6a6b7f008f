import type { JsonObject } from './response.js';
import { leftHalfHash, signJws, type SigningKey } from './jws.js';
import { now, type Grant, type IdTokenInput, type World } from './world.js';

/** Seconds for which an id_token is valid. */
const idTokenLifetime = 300;

interface IdTokenRequest {
  issue: { scope: string; sub: string; grant: Grant | undefined };
  /** Absent if the id_token comes alone. */
  accessToken: string | undefined;
  grantType: IdTokenInput['grantType'];
  /** What else an authorization response carries. */
  code?: string | undefined;
  state?: string | undefined;
}

/** Creates the `id_token` of a token response, with the test's hook if there is one. */
export async function makeIdToken(world: World, request: IdTokenRequest): Promise<unknown> {
  const { issue, accessToken = '', grantType } = request;
  if (!world.settings.openid || !issue.grant) return undefined;
  if (!issue.scope.split(' ').includes('openid')) return undefined;
  const claims = claimsOf(world, request);
  const header: JsonObject = { alg: world.settings.idTokenAlg, kid: signingKey(world).kid };
  const sign: IdTokenInput['sign'] = (
    payload = claims,
    ownHeader = header,
    key = defaultKey(world),
  ) => signJws(payload, ownHeader, key);
  if (!world.idToken) return sign();
  const { rsa, ec } = world.keys;
  return world.idToken({ claims, header, keys: { rsa, ec }, accessToken, grantType, sign });
}

/** The claims (OpenID Connect Core §2); a refreshed id_token carries no nonce (§12.2). */
function claimsOf(world: World, request: IdTokenRequest): JsonObject {
  const { issue, accessToken, grantType, code, state } = request;
  const { grant, scope, sub } = issue;
  const claims: JsonObject = {
    ...userClaims(world, scope),
    iss: world.issuer,
    sub,
    aud: world.settings.clientId,
    exp: now() + idTokenLifetime,
    iat: now(),
    ...hashed('at_hash', accessToken),
    ...hashed('c_hash', code),
    ...hashed('s_hash', state),
  };
  if (grant?.nonce !== undefined && grantType !== 'refresh_token') claims['nonce'] = grant.nonce;
  if (grant?.maxAge !== undefined) claims['auth_time'] = grant.authTime;
  return claims;
}

function hashed(name: string, value: string | undefined): JsonObject {
  return value === undefined ? {} : { [name]: leftHalfHash(value) };
}

/** The user's claims that a scope gives (OpenID Connect Core §5.4). */
export function userClaims(world: World, scope: string): JsonObject {
  const scopes = scope.split(' ');
  const byScope: Record<string, string> = {
    email: 'email',
    email_verified: 'email',
    phone_number: 'phone',
    phone_number_verified: 'phone',
    address: 'address',
  };
  return Object.fromEntries(
    Object.entries(world.settings.user).filter(
      ([name]) => name === 'sub' || scopes.includes(byScope[name] ?? 'profile'),
    ),
  );
}

function signingKey(world: World) {
  return world.settings.idTokenAlg === 'ES256' ? world.keys.ec : world.keys.rsa;
}

function defaultKey(world: World): SigningKey {
  return world.settings.idTokenAlg === 'HS256' ? world.settings.clientSecret : signingKey(world);
}
