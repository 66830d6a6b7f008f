import { compactVerify, createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet } from 'jose';
import type { JsonObject } from './response.js';
import { repeatedName } from './log.js';
import { now, type World } from './world.js';

/** Why a request is rejected, with the error code of OpenID Connect Core §3.1.2.6. */
export interface Rejection {
  refused: string;
}

const pushedPrefix = 'urn:ietf:params:oauth:request_uri:';

/** Claims of the JWT itself; all others are parameters. */
const ownClaims = ['iss', 'aud', 'exp', 'iat', 'nbf', 'jti'];

/**
 * Finds the parameters of an authorization request: those of the URL, of its request object, or of a
 * pushed request.
 */
export async function readParameters(
  world: World,
  params: URLSearchParams,
  { pushed = false } = {},
): Promise<URLSearchParams | Rejection> {
  const [request, uri] = [params.get('request'), params.get('request_uri')];
  if (request === null && uri === null) {
    return world.settings.pushedOnly ? refused('invalid_request: it was not pushed.') : params;
  }
  if (repeatedName(params) !== undefined) return refused('invalid_request: repeated.');
  if (request !== null && uri !== null) return refused('invalid_request: two request objects.');
  if (params.get('client_id') !== world.settings.clientId) return refused('Unknown client_id.');
  if (uri?.startsWith(pushedPrefix)) return takePushed(world, uri);
  if (world.settings.pushedOnly) return refused('invalid_request: it was not pushed.');
  const object = uri === null ? request : await fetchObject(world, uri);
  if (object === null) return refused('invalid_request_uri');
  const claims = await openObject(world, object, {
    kind: uri === null ? 'value' : 'reference',
  });
  return 'refused' in claims ? (claims as unknown as Rejection) : compare(params, claims, pushed);
}

const refused = (reason: string): Rejection => ({ refused: reason });

/** RFC 9126 §4: for the client that pushed it, and once. */
function takePushed(world: World, uri: string): URLSearchParams | Rejection {
  const pushed = world.pushed.get(uri);
  world.pushed.delete(uri);
  return pushed && pushed.expiresAt > now() ? pushed.params : refused('invalid_request_uri');
}

/** OpenID Connect Core §6.2: of at most 512 characters, registered, and over https but on loopback. */
async function fetchObject({ settings }: World, uri: string): Promise<string | null> {
  if (uri.length > 512 || !URL.canParse(uri)) return null;
  const { protocol, hostname } = new URL(uri);
  if (protocol !== 'https:' && hostname !== '127.0.0.1') return null;
  const [registered = ''] = uri.split('#');
  if (!settings.requestUris.includes(registered)) return null;
  const response = await fetch(uri, { redirect: 'error' });
  return response.ok ? (await response.text()).trim() : null;
}

/** OpenID Connect Core §6.3.1 and §6.3.2, RFC 9101 §6.2. */
export async function openObject(
  { settings, issuer }: World,
  jwt: string,
  { kind }: { kind: 'value' | 'reference' | 'backchannel' },
): Promise<JsonObject | Rejection> {
  const bad = (reason: string): Rejection => refused(`invalid_request_object: ${reason}`);
  const { alg = '' } = headerOf(jwt);
  const { requestObjectSigningAlg: wanted, clientId } = settings;
  if (wanted !== undefined && alg !== wanted) return bad('not the registered alg.');
  if (alg === 'none' && (kind !== 'reference' || wanted !== 'none')) return bad('unsigned.');
  // CIBA Core §7.1.1: the signature is asymmetric.
  if (kind === 'backchannel' && alg.startsWith('HS')) return bad('a symmetric alg.');
  const payload = await payloadOf(jwt, alg, settings);
  if (!payload) return bad('the signature.');
  const { iss, aud, exp, nbf = 0, client_id: id } = payload;
  if (iss !== clientId) return bad('iss is not the client.');
  if (kind !== 'backchannel' && id !== clientId) return bad('client_id is not the client.');
  if (![aud].flat().includes(issuer)) return bad('aud is not the issuer.');
  if (!(Number(exp) > now()) || Number(nbf) > now()) return bad('not valid at this time.');
  // OpenID Connect Core §6.1: neither may be inside.
  if ('request' in payload || 'request_uri' in payload) return bad('a request in a request.');
  return payload;
}

function headerOf(jwt: string): { alg?: string } {
  try {
    return decodeProtectedHeader(jwt) as { alg?: string };
  } catch {
    return {};
  }
}

async function payloadOf(
  jwt: string,
  alg: string,
  { jwks, clientSecret }: Pick<World['settings'], 'jwks' | 'clientSecret'>,
): Promise<JsonObject | undefined> {
  const [, payload = '', signature] = jwt.split('.');
  try {
    if (alg === 'none') {
      return signature === ''
        ? (JSON.parse(Buffer.from(payload, 'base64url').toString()) as JsonObject)
        : undefined;
    }
    const key = alg.startsWith('HS')
      ? new TextEncoder().encode(clientSecret)
      : createLocalJWKSet(jwks as JSONWebKeySet);
    const verified = await compactVerify(jwt, key as Uint8Array, { algorithms: [alg] });
    return JSON.parse(new TextDecoder().decode(verified.payload)) as JsonObject;
  } catch {
    return undefined;
  }
}

/** Parameters beside the object must equal those in it, and those that OpenID Connect requires must exist. */
function compare(
  outside: URLSearchParams,
  claims: JsonObject,
  pushed: boolean,
): URLSearchParams | Rejection {
  const inside = new URLSearchParams();
  for (const [name, value] of Object.entries(claims)) {
    if (ownClaims.includes(name)) continue;
    for (const one of [value].flat()) {
      inside.append(name, typeof one === 'object' ? JSON.stringify(one) : String(one));
    }
  }
  const differs = [...outside].find(
    ([name, value]) => !['request', 'request_uri'].includes(name) && inside.get(name) !== value,
  );
  if (differs) return refused(`invalid_request: ${differs[0]} differs outside and inside.`);
  // OpenID Connect Core §6.1, §6.2: an OAuth 2.0 request must be valid as such, and has the scope openid.
  const openid = !pushed && (inside.get('scope') ?? '').split(' ').includes('openid');
  if (openid && !outside.has('response_type')) return refused('invalid_request: no response_type.');
  if (openid && !(outside.get('scope') ?? '').split(' ').includes('openid'))
    return refused('invalid_request: no scope with openid.');
  return inside;
}
