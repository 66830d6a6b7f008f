import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, type JSONWebKeySet } from 'jose';
import { oauthError, type ProviderResponse } from './response.js';
import type { ProviderRequest } from './log.js';
import type { ClientAuthMethod } from './settings.js';
import type { World } from './world.js';

interface Credentials {
  method: ClientAuthMethod;
  clientId: string | undefined;
  clientSecret: string | undefined;
}

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/**
 * Authenticates the client with its registered method (RFC 6749 §2.3). Returns the error response, or
 * `undefined` if the client is authenticated.
 */
export async function refuseClient(
  world: World,
  request: ProviderRequest,
): Promise<ProviderResponse | undefined> {
  const { clientId, clientSecret, tokenEndpointAuthMethod } = world.settings;
  const given = await readCredentials(world, request);
  if (typeof given === 'string') return invalidClient(given);
  if (given.method !== tokenEndpointAuthMethod)
    return invalidClient(`Use ${tokenEndpointAuthMethod}, not ${given.method}.`);
  if (given.clientId !== clientId) return invalidClient('Unknown client_id.');
  if (given.method.startsWith('client_secret_') && given.clientSecret !== clientSecret)
    return invalidClient('Wrong client_secret.');
  return undefined;
}

async function readCredentials(
  world: World,
  request: ProviderRequest,
): Promise<Credentials | string> {
  const { form, headers } = request;
  const header = headers['authorization'];
  const bodyId = form.get('client_id') ?? undefined;
  const bodySecret = form.get('client_secret') ?? undefined;
  // To a client that is registered with `none`, an assertion is one more parameter.
  const proves = world.settings.tokenEndpointAuthMethod !== 'none';
  const assertion = proves ? (form.get('client_assertion') ?? undefined) : undefined;
  if (request.query.has('client_secret') || request.query.has('client_assertion'))
    return 'Credentials do not belong into the URL.';
  if ([header, bodySecret, assertion].filter((one) => one !== undefined).length > 1)
    return 'Two methods of authentication at once.';
  if (assertion !== undefined) return await readAssertion(world, request, assertion);
  if (header === undefined) {
    const method = bodySecret === undefined ? 'none' : 'client_secret_post';
    return { method, clientId: bodyId, clientSecret: bodySecret };
  }
  const basic = readBasic(header, world.quirks.basicNotDecoded === true);
  if (!basic) return 'The Authorization header is not HTTP Basic.';
  if (bodyId !== undefined && bodyId !== basic.clientId) return 'Two different client_ids.';
  return basic;
}

/** OpenID Connect Core §9, RFC 7523 §3: signed by the client, for this provider, not too old, and new. */
async function readAssertion(
  world: World,
  { form, url }: ProviderRequest,
  assertion: string,
): Promise<Credentials | string> {
  const { settings, usedJtis, issuer, base } = world;
  if (form.get('client_assertion_type') !== assertionType) return 'Bad client_assertion_type.';
  const { clientId, clientSecret, tokenEndpointAuthSigningAlg: wanted, jwks } = settings;
  try {
    const { alg = '' } = decodeProtectedHeader(assertion);
    if (wanted !== undefined && alg !== wanted) return 'Not the registered alg.';
    const symmetric = alg.startsWith('HS');
    const key = symmetric
      ? new TextEncoder().encode(clientSecret)
      : createLocalJWKSet(jwks as unknown as JSONWebKeySet);
    const { payload } = await jwtVerify(assertion, key as Uint8Array, {
      issuer: clientId,
      subject: clientId,
      audience: [issuer, `${base}/token`, url],
      requiredClaims: ['exp', 'jti'],
    });
    if (usedJtis.has(String(payload.jti))) return 'The assertion was used before.';
    usedJtis.add(String(payload.jti));
    if ((form.get('client_id') ?? clientId) !== clientId) return 'Two different client_ids.';
    const method = symmetric ? 'client_secret_jwt' : 'private_key_jwt';
    return { method, clientId, clientSecret };
  } catch {
    return 'Bad client_assertion.';
  }
}

/** Reads HTTP Basic, whose halves are form-encoded (RFC 6749 §2.3.1). */
function readBasic(header: string, notDecoded: boolean): Credentials | undefined {
  const encoded = /^Basic ([A-Za-z0-9+/]+={0,2})$/i.exec(header)?.[1];
  if (encoded === undefined) return undefined;
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  if (colon < 0) return undefined;
  const read = notDecoded ? (text: string) => text : decodeFormValue;
  const clientId = read(pair.slice(0, colon));
  const clientSecret = read(pair.slice(colon + 1));
  return { method: 'client_secret_basic', clientId, clientSecret };
}

/** Decodes one form value; `undefined` when it is not well encoded. */
function decodeFormValue(text: string): string | undefined {
  if (!/^(?:[\w.*+-]|%[0-9A-Fa-f]{2})*$/.test(text)) return undefined;
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

function invalidClient(description: string): ProviderResponse {
  const response = oauthError('invalid_client', description, 401);
  return {
    ...response,
    headers: { ...response.headers, 'www-authenticate': 'Basic realm="token"' },
  };
}
