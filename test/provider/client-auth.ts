import { oauthError, type Answer } from './answer.js';
import type { ProviderRequest } from './log.js';
import type { ClientAuthMethod } from './settings.js';
import type { World } from './world.js';

interface Credentials {
  method: ClientAuthMethod;
  clientId: string | undefined;
  clientSecret: string | undefined;
}

/**
 * Checks who the client is, by the one method it is registered with (RFC 6749 §2.3). Returns the
 * refusal, or `undefined` when all is well.
 */
export function refuseClient(world: World, request: ProviderRequest): Answer | undefined {
  const { clientId, clientSecret, tokenEndpointAuthMethod } = world.settings;
  const given = readCredentials(world, request);
  if (typeof given === 'string') return invalidClient(given);
  if (given.method !== tokenEndpointAuthMethod)
    return invalidClient(`Use ${tokenEndpointAuthMethod}, not ${given.method}.`);
  if (given.clientId !== clientId) return invalidClient('Unknown client_id.');
  if (given.method !== 'none' && given.clientSecret !== clientSecret)
    return invalidClient('Wrong client_secret.');
  return undefined;
}

function readCredentials(world: World, request: ProviderRequest): Credentials | string {
  const { form, headers } = request;
  const header = headers['authorization'];
  const bodyId = form.get('client_id') ?? undefined;
  const bodySecret = form.get('client_secret') ?? undefined;
  if (request.query.has('client_secret')) return 'Credentials do not belong into the address.';
  if (header === undefined) {
    const method = bodySecret === undefined ? 'none' : 'client_secret_post';
    return { method, clientId: bodyId, clientSecret: bodySecret };
  }
  const basic = readBasic(header, world.quirks.basicNotDecoded === true);
  if (!basic) return 'The Authorization header is not HTTP Basic.';
  if (bodySecret !== undefined) return 'Two methods of authentication at once.';
  if (bodyId !== undefined && bodyId !== basic.clientId) return 'Two different client_ids.';
  return basic;
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

function invalidClient(description: string): Answer {
  const answer = oauthError('invalid_client', description, 401);
  return { ...answer, headers: { ...answer.headers, 'www-authenticate': 'Basic realm="token"' } };
}
