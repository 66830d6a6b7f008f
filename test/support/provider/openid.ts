import { compactVerify, createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet } from 'jose';
import { json, page, redirect, type ProviderResponse, type JsonObject } from './response.js';
import { isAllowed } from './authorize.js';
import { userClaims } from './id-token.js';
import { signJws } from './jws.js';
import { encryptionKey } from './keys.js';
import { repeatedName, type ProviderRequest } from './log.js';
import {
  jwksQuirks,
  metadataQuirks,
  userinfoQuirks,
  type JwksQuirk,
  type MetadataQuirk,
  type UserinfoQuirk,
} from './openid-quirks.js';
import { checkBearer } from './resource.js';
import type { World } from './world.js';

/** Returns the metadata document (OpenID Connect Discovery §4.2, RFC 8414 §3.2). */
export function metadata(world: World): ProviderResponse {
  const right = rightMetadata(world);
  const quirk = world.quirks.metadata;
  if (quirk === undefined) return json(right);
  if (typeof quirk === 'function') return json(quirk(right));
  if (typeof quirk === 'object') return json({ ...right, ...quirk });
  const change: (input: JsonObject, elsewhere: string) => JsonObject =
    metadataQuirks[quirk satisfies MetadataQuirk];
  return json(change(right, world.quirks.elsewhere));
}

const offered = {
  register: 'registration_endpoint',
  par: 'pushed_authorization_request_endpoint',
  backchannel: 'backchannel_authentication_endpoint',
};

function rightMetadata({ base, issuer, settings }: World): JsonObject {
  return {
    ...Object.fromEntries(
      settings.offers.map((name) => [offered[name], `${base}/connect/${name}`]),
    ),
    issuer,
    authorization_endpoint: `${base}/authorize`,
    token_endpoint: `${base}/token`,
    jwks_uri: `${base}/jwks`,
    userinfo_endpoint: `${base}/userinfo`,
    revocation_endpoint: `${base}/revoke`,
    introspection_endpoint: `${base}/introspect`,
    end_session_endpoint: `${base}/end_session`,
    response_types_supported: [
      'code',
      'id_token',
      'code id_token',
      'id_token token',
      'code token',
      'code id_token token',
    ],
    response_modes_supported: ['query', 'form_post', 'fragment'],
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: [settings.idTokenAlg],
    token_endpoint_auth_methods_supported: [settings.tokenEndpointAuthMethod],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: settings.issParameter,
    scopes_supported: ['openid', 'profile', 'email', 'phone', 'address', 'offline_access'],
  };
}

/** Returns the JWK Set: the signing keys, and one for encryption. */
export function jwks(world: World): ProviderResponse {
  const { rsa, ec, retired } = world.keys;
  const keys = [rsa, ec, ...retired, encryptionKey()].map((key) => key.jwk);
  const status = world.quirks.jwksStatus ?? 200;
  const quirk = world.quirks.jwks;
  if (quirk === undefined) return json({ keys }, status);
  if (typeof quirk === 'function')
    return json((quirk as (keys: JsonObject[]) => object)(keys), status);
  if (typeof quirk === 'object') return json(quirk, status);
  const make: (keys: JsonObject[]) => object = jwksQuirks[quirk satisfies JwksQuirk];
  return json(make(keys), status);
}

/** Handles the userinfo endpoint (OpenID Connect Core §5.3); all claims if the scope names none. */
export async function userinfo(world: World, request: ProviderRequest): Promise<ProviderResponse> {
  const bearer = await checkBearer(world, request);
  if (!('issued' in bearer)) return bearer;
  const { scope } = bearer.issued;
  const isOpenId = world.settings.openid && scope.split(' ').includes('openid');
  const claims = isOpenId ? userClaims(world, scope) : world.settings.user;
  const quirk = world.quirks.userinfo;
  if (quirk === undefined && world.settings.userinfoSignedAlg === 'RS256')
    return signedUserinfo(world, claims);
  if (quirk === undefined) return json(claims);
  if (typeof quirk === 'object') return json({ ...claims, ...quirk });
  const { issuer, settings } = world;
  return userinfoQuirks[quirk satisfies UserinfoQuirk]({
    claims,
    issuer,
    clientId: settings.clientId,
  });
}

/** Userinfo as the client is registered for it: signed, with `iss` and `aud` (Core §5.3.2). */
function signedUserinfo({ issuer, settings, keys }: World, claims: JsonObject): ProviderResponse {
  const payload = { ...claims, iss: issuer, aud: settings.clientId };
  const body = signJws(payload, { alg: 'RS256', kid: keys.rsa.kid }, keys.rsa);
  return { headers: { 'content-type': 'application/jwt' }, body };
}

/** Handles the logout endpoint (OpenID Connect RP-Initiated Logout §2). */
export async function endSession(
  world: World,
  { params }: ProviderRequest,
): Promise<ProviderResponse> {
  const problem =
    findLogoutProblem(world, params) ?? (await findHintProblem(world, params.get('id_token_hint')));
  if (problem !== undefined) return page(`<h1>Bad logout request</h1><p>${problem}</p>`, 400);
  const target = params.get('post_logout_redirect_uri');
  if (target === null) return page('<h1>You are logged out.</h1>');
  const state = params.get('state');
  if (state === null) return redirect(target);
  return redirect(`${target}${target.includes('?') ? '&' : '?'}${new URLSearchParams({ state })}`);
}

/** The provider must have issued the hint itself, to this client; it may have expired. */
async function findHintProblem(
  { issuer, settings, keys: { rsa, ec, retired } }: World,
  hint: string | null,
): Promise<string | undefined> {
  if (hint === null) return undefined;
  try {
    const { alg = '' } = decodeProtectedHeader(hint);
    const keys = [rsa, ec, ...retired].map(({ jwk }) => jwk);
    const key = alg.startsWith('HS')
      ? new TextEncoder().encode(settings.clientSecret)
      : createLocalJWKSet({ keys } as JSONWebKeySet);
    const { payload } = await compactVerify(hint, key as Uint8Array, { algorithms: [alg] });
    const { iss, aud } = JSON.parse(new TextDecoder().decode(payload)) as JsonObject;
    if (iss === issuer && [aud].flat().includes(settings.clientId)) return undefined;
    return 'The id_token_hint is of another issuer or client.';
  } catch {
    return 'The id_token_hint is not an id_token of this provider.';
  }
}

function findLogoutProblem({ settings }: World, params: URLSearchParams): string | undefined {
  if (repeatedName(params) !== undefined) return 'A parameter is repeated.';
  const clientId = params.get('client_id');
  if (clientId !== null && clientId !== settings.clientId) return 'Unknown client_id.';
  const target = params.get('post_logout_redirect_uri');
  if (target === null) return undefined;
  if (clientId === null && !params.has('id_token_hint')) return 'Who are you?';
  if (!isAllowed(target, settings.postLogoutRedirectUris))
    return 'Unknown post-logout redirect URI.';
  return undefined;
}
