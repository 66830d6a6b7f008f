import { json, oauthError, type ProviderResponse, type JsonObject } from './response.js';
import type { ProviderRequest } from './log.js';
import type { ClientAuthMethod } from './settings.js';
import { now, randomToken, type World } from './world.js';

const methods: readonly string[] = [
  'client_secret_basic',
  'client_secret_post',
  'client_secret_jwt',
  'private_key_jwt',
  'none',
] satisfies ClientAuthMethod[];

/** The grant type that each part of a response type needs (RFC 7591 §2.1). */
const grantOf: Readonly<Record<string, string>> = {
  code: 'authorization_code',
  token: 'implicit',
  id_token: 'implicit',
};

const idTokenAlgorithms: unknown[] = ['RS256', 'ES256', 'HS256'];
const requestAlgorithms: unknown[] = ['RS256', 'PS256', 'ES256', 'HS256', 'none'];

/**
 * Registers the client (RFC 7591 §3), whose metadata apply from now on. The response has all of them,
 * defaults included (§3.2.1).
 */
export function register(world: World, request: ProviderRequest): ProviderResponse {
  if (request.method !== 'POST') return oauthError('invalid_request', 'Use POST.', 405);
  if (!/^application\/json(?:;|$)/.test(request.headers['content-type'] ?? ''))
    return oauthError('invalid_request', 'The Content-Type is not JSON.');
  const asked = withDefaults(JSON.parse(request.body) as JsonObject);
  const problem = findRegistrationProblem(asked);
  if (problem) return problem;
  const { settings } = world;
  const method = asked['token_endpoint_auth_method'] as ClientAuthMethod;
  settings.clientId = randomToken('client');
  settings.clientSecret = randomToken('secret');
  settings.tokenEndpointAuthMethod = method;
  settings.tokenEndpointAuthSigningAlg = asked['token_endpoint_auth_signing_alg'] as undefined;
  settings.redirectUris = (asked['redirect_uris'] ?? []) as string[];
  settings.postLogoutRedirectUris = (asked['post_logout_redirect_uris'] ?? []) as string[];
  settings.responseTypes = asked['response_types'] as string[];
  settings.idTokenAlg = asked['id_token_signed_response_alg'] as 'RS256';
  settings.userinfoSignedAlg = asked['userinfo_signed_response_alg'] as undefined;
  settings.jwks = (asked['jwks'] ?? { keys: [] }) as { keys: JsonObject[] };
  settings.requestObjectSigningAlg = asked['request_object_signing_alg'] as undefined;
  settings.requestUris = (asked['request_uris'] ?? []) as string[];
  settings.backchannelSigningAlg = asked[
    'backchannel_authentication_request_signing_alg'
  ] as undefined;
  settings.pushedOnly = asked['require_pushed_authorization_requests'] === true;
  settings.dpop = asked['dpop_bound_access_tokens'] === true;
  const hasSecret = method.startsWith('client_secret_');
  const body = {
    ...asked,
    client_id: settings.clientId,
    client_id_issued_at: now(),
    ...(hasSecret ? { client_secret: settings.clientSecret, client_secret_expires_at: 0 } : {}),
  };
  return {
    ...json(body, 201),
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  };
}

/** Default metadata (RFC 7591 §2, Dynamic Client Registration §2). */
function withDefaults(asked: JsonObject): JsonObject {
  return {
    token_endpoint_auth_method: 'client_secret_basic',
    grant_types: ['authorization_code'],
    response_types: ['code'],
    application_type: 'web',
    id_token_signed_response_alg: 'RS256',
    ...asked,
  };
}

function findRegistrationProblem(asked: JsonObject): ProviderResponse | undefined {
  const { redirect_uris: uris, jwks, jwks_uri: jwksUri, request_uris: requestUris = [] } = asked;
  const invalid = (text: string) => oauthError('invalid_client_metadata', text);
  const method = String(asked['token_endpoint_auth_method']);
  const grants = asked['grant_types'];
  const types = asked['response_types'];
  if (!isTexts(grants) || !isTexts(types)) return invalid('A list of texts is none.');
  const needed = types.flatMap((type) => type.split(' ').map((part) => grantOf[part] ?? 'unknown'));
  if (needed.some((grant) => !grants.includes(grant)))
    return invalid('The response types do not fit the grant types.');
  const redirects = grants.some((grant) => ['authorization_code', 'implicit'].includes(grant));
  if (redirects && (!isTexts(uris) || uris.length === 0 || !uris.every(isRedirectUri)))
    return oauthError('invalid_redirect_uri', 'No redirect URI, or a bad one.');
  if (!methods.includes(method)) return invalid('Unknown token_endpoint_auth_method.');
  if (jwks !== undefined && jwksUri !== undefined) return invalid('jwks and jwks_uri.');
  const request = asked['request_object_signing_alg'];
  const backchannel = asked['backchannel_authentication_request_signing_alg'];
  const signs = [request, backchannel].some((alg) => /^(?:RS|PS|ES)/.test(String(alg)));
  if ((method === 'private_key_jwt' || signs) && !jwks && !jwksUri) return invalid('No keys.');
  if (!idTokenAlgorithms.includes(asked['id_token_signed_response_alg']))
    return invalid('id_token_signed_response_alg');
  if (request !== undefined && !requestAlgorithms.includes(request))
    return invalid('request_object_signing_alg');
  if (!isTexts(requestUris) || !requestUris.every((uri) => URL.canParse(uri)))
    return invalid('request_uris');
  return undefined;
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((one) => typeof one === 'string');

/** RFC 6749 §3.1.2: absolute, and without a fragment. */
const isRedirectUri = (uri: string): boolean => URL.canParse(uri) && !uri.includes('#');
