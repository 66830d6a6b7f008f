import { json, oauthError, type ProviderResponse, type JsonObject } from './response.js';
import { refuseClient } from './client-auth.js';
import type { ProviderRequest } from './log.js';
import { openObject, type Rejection } from './request-object.js';
import { refuseForm } from './token.js';
import { now, randomToken, type World } from './world.js';

const clientAuthFields = [
  'client_id',
  'client_assertion',
  'client_assertion_type',
  'client_secret',
];
const hints = ['login_hint', 'login_hint_token', 'id_token_hint'];

/** Handles the backchannel authentication endpoint; the user agrees at once (CIBA Core §7.2, §7.3). */
export async function backchannel(
  world: World,
  request: ProviderRequest,
): Promise<ProviderResponse> {
  const rejection = refuseForm(request) ?? (await refuseClient(world, request));
  if (rejection) return rejection;
  const sent = Object.fromEntries(
    [...request.form].filter(([name]) => !clientAuthFields.includes(name)),
  );
  const params = await readSigned(world, sent);
  if ('refused' in params) return oauthError('invalid_request', String(params['refused']));
  if (hints.filter((name) => params[name] !== undefined).length !== 1)
    return oauthError('invalid_request', 'Not exactly one hint.');
  const scope = String(params['scope'] ?? '');
  if (!scope.split(' ').includes('openid')) return oauthError('invalid_scope', 'No openid.');
  const id = randomToken('ciba');
  world.codes.set(id, {
    redirectUri: '',
    scope,
    nonce: undefined,
    codeChallenge: undefined,
    maxAge: undefined,
    authTime: now(),
    dpopJkt: undefined,
    expiresAt: now() + 60,
    redeemed: false,
  });
  return json({ auth_req_id: id, expires_in: 60, interval: 1 });
}

/** CIBA Core §7.1.1: with a registered algorithm all parameters are signed; without one, none is. */
async function readSigned(world: World, sent: JsonObject): Promise<JsonObject | Rejection> {
  const { request, ...beside } = sent;
  const { backchannelSigningAlg: alg } = world.settings;
  if (alg === undefined)
    return request === undefined ? sent : { refused: 'No algorithm is registered.' };
  if (typeof request !== 'string') return { refused: 'The request is not signed.' };
  const [other] = Object.keys(beside);
  if (other !== undefined) return { refused: `${other} stands beside the signed request.` };
  const settings = { ...world.settings, requestObjectSigningAlg: alg };
  const claims = await openObject({ ...world, settings }, request, { kind: 'backchannel' });
  if ('refused' in claims) return claims;
  const missing = ['iat', 'nbf', 'jti'].find((name) => claims[name] === undefined);
  if (missing !== undefined) return { refused: `No ${missing}.` };
  return claims;
}
