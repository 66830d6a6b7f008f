import { page, redirect, type ProviderResponse } from './response.js';
import { callbackQuirks, type CallbackInput } from './callback-quirks.js';
import { repeatedName, type ProviderRequest } from './log.js';
import { makeIdToken } from './id-token.js';
import { readParameters } from './request-object.js';
import { now, randomToken, type Grant, type World } from './world.js';

/** Seconds for which a code can be redeemed. */
const codeLifetime = 60;

/** Handles `/authorize`: a valid request is granted at once (RFC 6749 §4.1.1). */
export async function authorize(world: World, request: ProviderRequest): Promise<ProviderResponse> {
  const params = await readParameters(world, request.params);
  const stop = 'refused' in params ? params.refused : refuseOnPage(world, request.method, params);
  const redirectUri = 'refused' in params ? null : params.get('redirect_uri');
  if (stop !== undefined || 'refused' in params || redirectUri === null)
    return page(`<h1>Bad authorization request</h1><p>${stop}</p>`, 400);
  const problem = findProblem(world, params);
  const response = new URLSearchParams(problem ?? (await grantParts(world, params, redirectUri)));
  const state = params.get('state');
  if (state !== null) response.set('state', state);
  if (world.settings.issParameter) response.set('iss', world.issuer);
  spoil(world, response);
  const usual = params.get('response_type') === 'code' ? 'query' : 'fragment';
  const asked = params.get('response_mode') ?? usual;
  return deliver(redirectUri, response, world.quirks.responseMode ?? asked);
}

/** Finds problems that forbid a redirect: an unknown client or redirect URI. */
function refuseOnPage(world: World, method: string, params: URLSearchParams): string | undefined {
  if (method !== 'GET' && method !== 'POST') return `The method ${method} is not allowed.`;
  const repeated = repeatedName(params);
  if (repeated !== undefined) return `The parameter ${escapeHtml(repeated)} is repeated.`;
  if (params.get('client_id') !== world.settings.clientId) return 'Unknown client_id.';
  const redirectUri = params.get('redirect_uri');
  if (redirectUri === null) return 'No redirect_uri.';
  if (!isAllowed(redirectUri, world.settings.redirectUris)) return 'Unknown redirect_uri.';
  return undefined;
}

/** Whether a URL is registered; if none is registered, any http or https URL is valid. */
export function isAllowed(uri: string, registered: readonly string[]): boolean {
  if (registered.length > 0) return registered.includes(uri);
  return URL.canParse(uri) && /^https?:$/.test(new URL(uri).protocol) && !uri.includes('#');
}

const invalid = (text: string) => ({ error: 'invalid_request', error_description: text });

/** Finds problems that are reported as `error` at the redirect URI (RFC 6749 §4.1.2.1). */
export function findProblem(
  world: World,
  params: URLSearchParams,
): Record<string, string> | undefined {
  const type = params.get('response_type') ?? '';
  const types = type.split(' ');
  if (!types.every((name) => ['code', 'id_token', 'token'].includes(name)) || type === 'token')
    return { error: 'unsupported_response_type' };
  const registered = world.settings.responseTypes;
  if (registered.length > 0 && !registered.includes(type)) return { error: 'unauthorized_client' };
  const mode = params.get('response_mode');
  if (mode !== null && !['query', 'form_post', 'fragment'].includes(mode))
    return invalid('Unknown response_mode.');
  if (mode === 'query' && type !== 'code') return invalid('Tokens are not for a query.');
  const method = params.get('code_challenge_method');
  const challenge = params.get('code_challenge');
  if (challenge === null && world.settings.pkceRequired && types.includes('code'))
    return invalid('No code_challenge.');
  if (challenge !== null && method !== 'S256') return invalid('code_challenge_method is not S256.');
  if (challenge !== null && !/^[\w-]{43}$/.test(challenge)) return invalid('Bad code_challenge.');
  const maxAge = params.get('max_age');
  if (maxAge !== null && !/^\d+$/.test(maxAge)) return invalid('Bad max_age.');
  return findOpenIdProblem(params);
}

/** OpenID Connect Core §3.1.2.1, §3.1.2.2, §3.2.2.1, §5.5. */
function findOpenIdProblem(params: URLSearchParams): Record<string, string> | undefined {
  const scopes = (params.get('scope') ?? '').split(' ');
  const openid = scopes.includes('openid');
  const types = (params.get('response_type') ?? '').split(' ');
  // §3.2.2.1, §3.3.2.1: required unless the code comes alone.
  if (openid && types.length + Number(types[0] !== 'code') > 1 && !params.has('nonce'))
    return invalid('No nonce.');
  if (types.includes('id_token') && !openid) return invalid('An id_token needs the scope openid.');
  const prompts = (params.get('prompt') ?? '').split(' ');
  if (prompts.includes('none') && prompts.length > 1) return invalid('prompt none is alone.');
  // §3.1.2.6: the user must not be prompted, and a login at this moment is too old.
  if (prompts.includes('none') && params.get('max_age') === '0') return { error: 'login_required' };
  const display = params.get('display') ?? 'page';
  if (!['page', 'popup', 'touch', 'wap'].includes(display)) return invalid('Bad display.');
  const claims = params.get('claims');
  if (claims !== null && !isJsonObject(claims)) return invalid('claims is no JSON object.');
  // RFC 9449 §10: a SHA-256 thumbprint; a client whose tokens are bound may leave it out.
  if (!/^[\w-]{43}$/.test(params.get('dpop_jkt') ?? 'A'.repeat(43)))
    return invalid('Bad dpop_jkt.');
  return undefined;
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** What the response type requests (OAuth 2.0 Multiple Response Type Encoding Practices). */
async function grantParts(
  world: World,
  params: URLSearchParams,
  redirectUri: string,
): Promise<Record<string, string>> {
  const types = (params.get('response_type') ?? '').split(' ');
  const grant = grantOf(params, redirectUri);
  const sub = String(world.settings.user['sub'] ?? '');
  const code = types.includes('code') ? randomToken('code') : undefined;
  const accessToken = types.includes('token') ? randomToken('at') : undefined;
  const issue = { scope: grant.scope, sub, family: code ?? randomToken('family'), grant };
  if (code !== undefined) world.codes.set(code, grant);
  if (accessToken !== undefined)
    world.accessTokens.set(accessToken, { ...issue, expiresAt: now() + world.settings.expiresIn });
  const state = params.get('state') ?? undefined;
  const idToken = types.includes('id_token')
    ? await makeIdToken(world, { issue, accessToken, grantType: 'implicit', code, state })
    : undefined;
  return {
    ...(code === undefined ? {} : { code }),
    ...(accessToken === undefined
      ? {}
      : {
          access_token: accessToken,
          token_type: 'Bearer',
          expires_in: String(world.settings.expiresIn),
        }),
    ...(idToken === undefined ? {} : { id_token: String(idToken) }),
  };
}

function grantOf(params: URLSearchParams, redirectUri: string): Grant {
  return {
    redirectUri,
    scope: params.get('scope') ?? '',
    nonce: params.get('nonce') ?? undefined,
    codeChallenge: params.get('code_challenge') ?? undefined,
    maxAge: params.get('max_age') ?? undefined,
    authTime: now(),
    dpopJkt: params.get('dpop_jkt') ?? undefined,
    expiresAt: now() + codeLifetime,
    redeemed: false,
  };
}

function spoil(world: World, params: URLSearchParams): void {
  const quirk = world.quirks.callback;
  if (quirk === undefined) return;
  const change: (input: CallbackInput) => void =
    typeof quirk === 'function' ? quirk : callbackQuirks[quirk];
  change({ params, issuer: world.issuer });
}

/** Sends a response to a redirect URI through the browser. */
export function deliver(
  redirectUri: string,
  params: URLSearchParams,
  mode: string,
): ProviderResponse {
  if (mode === 'form_post') return formPost(redirectUri, params);
  const separator = mode === 'fragment' ? '#' : redirectUri.includes('?') ? '&' : '?';
  return redirect(redirectUri + separator + params.toString());
}

/** The page of the form_post response mode: a form that sends itself. */
function formPost(action: string, params: URLSearchParams): ProviderResponse {
  const inputs = Array.from(
    params,
    ([name, value]) =>
      `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  );
  return page(
    `<!doctype html><title>Continue</title><body onload="document.forms[0].submit()">` +
      `<form method="post" action="${escapeHtml(action)}">${inputs.join('')}` +
      `<noscript><button>Continue</button></noscript></form></body>`,
  );
}

/** Escapes text for HTML, attribute values included. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
