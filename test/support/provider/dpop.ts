import { createHash } from 'node:crypto';
import {
  calculateJwkThumbprint,
  decodeProtectedHeader,
  importJWK,
  jwtVerify,
  type JWK,
} from 'jose';
import { json, oauthError, type ProviderResponse } from './response.js';
import type { ProviderRequest } from './log.js';
import { now, type World } from './world.js';

/** Seconds between the clocks of client and provider. */
const leeway = 60;

/** What a proof must match besides its request. */
interface Expected {
  /** At a resource: the token of the request. */
  accessToken?: string | undefined;
  /** The thumbprint of the key that something is bound to. */
  jkt?: string | undefined;
}

/**
 * Validates a DPoP proof (RFC 9449 §4.3). Returns the thumbprint of its key, or the error response, which
 * requires a nonce if one is missing (§8, §9).
 */
export async function checkProof(
  world: World,
  request: ProviderRequest,
  { accessToken, jkt }: Expected = {},
): Promise<string | ProviderResponse> {
  const { dpopNonce } = world.settings;
  const refuse = (error: string): ProviderResponse => {
    const response = oauthError(error, 'A DPoP proof is needed.', accessToken ? 401 : 400);
    const challenge = accessToken ? { 'www-authenticate': `DPoP error="${error}"` } : {};
    const nonce = dpopNonce === undefined ? {} : { 'dpop-nonce': dpopNonce };
    return { ...response, headers: { ...response.headers, ...challenge, ...nonce } };
  };
  const proof = request.headers['dpop'] ?? '';
  try {
    const {
      typ,
      alg = '',
      jwk = {},
    } = decodeProtectedHeader(proof) as { jwk?: JWK } & Record<string, string>;
    if (typ !== 'dpop+jwt' || !/^(?:RS|PS|ES)\d{3}$|^EdDSA$/.test(alg) || 'd' in jwk)
      return refuse('invalid_dpop_proof');
    const { payload } = await jwtVerify(proof, await importJWK(jwk, alg));
    const { htm, htu, iat = 0, jti, ath, nonce } = payload as Record<string, unknown>;
    const [url] = request.url.split(/[?#]/);
    const thumbprint = await calculateJwkThumbprint(jwk);
    const fits =
      htm === request.method &&
      htu === url &&
      Math.abs(now() - Number(iat)) <= leeway &&
      typeof jti === 'string' &&
      !world.usedJtis.has(jti) &&
      ath === (accessToken === undefined ? undefined : hashOf(accessToken)) &&
      (jkt === undefined || jkt === thumbprint);
    if (!fits) return refuse('invalid_dpop_proof');
    if (dpopNonce !== undefined && nonce !== dpopNonce) return refuse('use_dpop_nonce');
    world.usedJtis.add(jti);
    return thumbprint;
  } catch {
    return refuse('invalid_dpop_proof');
  }
}

function hashOf(accessToken: string): string {
  return createHash('sha256').update(accessToken).digest('base64url');
}

/** Rejects a request about a bound token without a proof of its key, as FAPI 2 providers do. */
export async function refuseUnproven(
  world: World,
  request: ProviderRequest,
): Promise<ProviderResponse | undefined> {
  const value = request.form.get('token') ?? '';
  const jkt = (world.accessTokens.get(value) ?? world.refreshTokens.get(value))?.jkt;
  if (jkt === undefined) return undefined;
  const proven = await checkProof(world, request, { jkt });
  return typeof proven === 'string' ? undefined : proven;
}

/** An introspection response that names the key the token is bound to (RFC 9449 §6.2). */
export function withBinding(
  body: Record<string, unknown>,
  jkt: string | undefined,
): ProviderResponse {
  return json(jkt === undefined ? body : { ...body, token_type: 'DPoP', cnf: { jkt } });
}
