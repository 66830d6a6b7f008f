import { json, oauthError, type ProviderResponse } from './response.js';
import { refuseClient } from './client-auth.js';
import { checkProof, refuseUnproven, withBinding } from './dpop.js';
import type { ProviderRequest } from './log.js';
import { refuseForm, revokeFamily } from './token.js';
import { now, type IssuedToken, type World } from './world.js';

/** The place of a bearer token in a request (RFC 6750 §2). */
export type TokenPlacement = 'header' | 'body' | 'uri';

interface Bearer {
  issued: IssuedToken;
  placement: TokenPlacement;
}

/** Handles `/api/…`: reports the request if it has a token. */
export async function api(world: World, request: ProviderRequest): Promise<ProviderResponse> {
  const bearer = await checkBearer(world, request);
  if (!('issued' in bearer)) return bearer;
  const { placement, issued } = bearer;
  return json({ ...echo(request), placement, sub: issued.sub, scope: issued.scope });
}

/** What a resource reports about a request. */
export function echo(request: ProviderRequest): Record<string, unknown> {
  const { method, path, search, headers, body } = request;
  return { method, path, search, query: [...request.query], headers, body };
}

/** Finds the bearer token, in exactly one place, and what it was issued for. */
export async function checkBearer(
  world: World,
  request: ProviderRequest,
): Promise<Bearer | ProviderResponse> {
  const found = findTokens(request);
  const [first] = found;
  if (!first) return challenge(401);
  if (found.length > 1) return challenge(400, 'invalid_request');
  const issued = world.accessTokens.get(first.value);
  if (!issued || issued.expiresAt <= now()) return challenge(401, 'invalid_token');
  // RFC 9449 §7.1, §7.2: a bound token has a scheme of its own, and no other token has it.
  const bound = issued.jkt !== undefined;
  if (bound !== /^DPoP /i.test(request.headers['authorization'] ?? ''))
    return challenge(401, 'invalid_token');
  const proven =
    bound && (await checkProof(world, request, { accessToken: first.value, jkt: issued.jkt }));
  if (typeof proven === 'object') return proven;
  return { issued, placement: first.placement };
}

function findTokens(request: ProviderRequest): { value: string; placement: TokenPlacement }[] {
  const header = /^(?:Bearer|DPoP) +(\S+)$/i.exec(request.headers['authorization'] ?? '')?.[1];
  const inHeader = header === undefined ? [] : [header];
  const inBody = request.method === 'GET' ? [] : request.form.getAll('access_token');
  const inUri = request.query.getAll('access_token');
  return [
    ...inHeader.map((value) => ({ value, placement: 'header' as const })),
    ...inBody.map((value) => ({ value, placement: 'body' as const })),
    ...inUri.map((value) => ({ value, placement: 'uri' as const })),
  ];
}

function challenge(status: number, error?: string): ProviderResponse {
  const detail = error === undefined ? '' : `, error="${error}"`;
  const response = oauthError(error ?? 'unauthorized', 'A bearer token is needed.', status);
  const header = { 'www-authenticate': `Bearer realm="api"${detail}` };
  return { ...response, headers: { ...response.headers, ...header } };
}

/** Handles token revocation (RFC 7009): with a refresh token, its whole family is revoked. */
export async function revoke(world: World, request: ProviderRequest): Promise<ProviderResponse> {
  const rejection =
    refuseForm(request) ??
    (await refuseClient(world, request)) ??
    (await refuseUnproven(world, request));
  if (rejection) return rejection;
  const value = request.form.get('token');
  if (value === null) return oauthError('invalid_request', 'No token.');
  const family = world.refreshTokens.get(value)?.family;
  if (family !== undefined) revokeFamily(world, family);
  world.accessTokens.delete(value);
  return {};
}

/** Handles token introspection (RFC 7662). */
export async function introspect(
  world: World,
  request: ProviderRequest,
): Promise<ProviderResponse> {
  const rejection =
    refuseForm(request) ??
    (await refuseClient(world, request)) ??
    (await refuseUnproven(world, request));
  if (rejection) return rejection;
  const value = request.form.get('token');
  if (value === null) return oauthError('invalid_request', 'No token.');
  const issued = world.accessTokens.get(value) ?? world.refreshTokens.get(value);
  if (!issued || issued.expiresAt <= now()) return json({ active: false });
  const { scope, sub, expiresAt } = issued;
  const { clientId } = world.settings;
  return withBinding({ active: true, scope, sub, client_id: clientId, exp: expiresAt }, issued.jkt);
}
