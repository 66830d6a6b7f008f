import { nonceOf, randomToken } from '../../../platform/crypto.js';
import { isObject, readObject, withoutUndefined } from '../../../platform/encoding.js';
import { authorizeParams } from '../../../platform/validators.js';
import { OAuthError } from '../../../model/errors.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import { asksForOpenId, scopeText } from '../../../platform/scope.js';
import { responseModes } from '../../../options/authorization-request.js';
import type { AuthorizationRequest, AuthorizeData, AuthorizeParams } from '../../../model/types.js';
import { fillParams } from '../../../quirks/templates.js';
import { thumbprint } from '../dpop/proof.js';
import { usableEndpoint } from '../discovery/metadata.js';
import { paramPairs } from './param-pairs.js';
import { codeChallenge } from './pkce.js';
import type { ProtocolContext } from '../endpoint/context.js';
import { authorizationUrl } from './url.js';
import { pushedAuthorizationUrl, pushes } from './pushed-request.js';
import { withRequestObject } from './request-object.js';
import { refuseReserved } from './reserved-params.js';
import { renameParams } from '../../../quirks/request-shape.js';
import { checkResponseMode, isFrontChannel, partsOf, rememberedType } from './response.js';

/**
 * Builds an authorization request: always with `state`, with PKCE for a code, and with a nonce for
 * `openid`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.1.1
 * @see https://www.rfc-editor.org/rfc/rfc7636#section-4.3
 */
export async function authorizationRequest(
  context: ProtocolContext,
  redirectUri: string,
  params: AuthorizeParams,
): Promise<AuthorizationRequest> {
  const { options } = context;
  refuseUnsendable(params);
  refuseReserved(params, options);
  const state = randomToken();
  const merged = mergeParams(options, params, state);
  const data = await newLogin(options, merged, { state, redirectUri });
  const query = await queryOf(options, merged, data);
  const key = data.codeVerifier === undefined ? undefined : await context.dpop?.keyFor(undefined);
  if (key) query.set('dpop_jkt', await thumbprint(key));
  if (key?.jwk) data.dpopKey = key.jwk;
  checkNeeded(context, data);
  const request = await withRequestObject(context, query);
  const url = pushes(context)
    ? await pushedAuthorizationUrl(context, request, key)
    : authorizationUrl(context, request);
  return { ...data, url: written(url, options) };
}

/** Validates what the callback will need, before the redirect to the provider. */
function checkNeeded(
  { metadata, options }: ProtocolContext,
  { responseType, openid }: AuthorizeData,
): void {
  if (partsOf(responseType).code) usableEndpoint(metadata, 'token_endpoint');
  if (openid && options.jwks === undefined) usableEndpoint(metadata, 'jwks_uri');
}

type MergedParams = AuthorizeParams & { scope: string | undefined };

/** Merges the call's parameters over the client's. Parameters without a value replace nothing. */
function mergeParams(
  options: Readonly<RegisterOptions>,
  params: AuthorizeParams,
  state: string,
): MergedParams {
  const { responseType, responseMode = isFrontChannel(responseType) ? 'form_post' : undefined } =
    options;
  const fixed = fillParams(options.authorizeParams, { client_id: options.clientId, state });
  const all: AuthorizeParams = {
    response_mode: responseMode,
    scope: options.scope,
    ...withoutUndefined(fixed),
    ...withoutUndefined(params),
  };
  checkResponseMode(responseType, all['response_mode']);
  return { ...all, scope: scopeText(all['scope'] as RegisterOptions['scope']) };
}

/** Returns the data the callback is validated against: new secrets, and what was requested. */
async function newLogin(
  { pkce, redirectUriAlias, responseType, scope, essentialAcr }: Readonly<RegisterOptions>,
  params: MergedParams,
  { state, redirectUri }: Pick<AuthorizeData, 'state' | 'redirectUri'>,
): Promise<AuthorizeData> {
  const openid = asksForOpenId(params.scope);
  const usesPkce = pkce !== 'off' && partsOf(responseType).code;
  const codeVerifier = randomToken();
  const nonce = await nonceOf(codeVerifier);
  return {
    state,
    redirectUri: redirectUriAlias ?? redirectUri,
    ...(usesPkce ? { codeVerifier } : {}),
    ...rememberedType(responseType, openid),
    ...(openid ? { openid, nonce } : {}),
    ...(params.scope === scopeText(scope) ? {} : { scope: params.scope ?? '' }),
    ...readMaxAge(params),
    ...readAcrValues(params, { openid, essential: essentialAcr }),
    ...readResponseMode(params),
  };
}

async function queryOf(
  { clientId = '', pkce, responseType = 'code', scopeSeparator = ' ' }: Readonly<RegisterOptions>,
  params: MergedParams,
  { state, redirectUri, nonce, codeVerifier }: AuthorizeData,
): Promise<URLSearchParams> {
  const scope = params.scope?.split(' ').join(scopeSeparator);
  const query = new URLSearchParams(paramPairs({ ...params, scope }));
  query.set('client_id', clientId);
  query.set('redirect_uri', redirectUri);
  query.set('state', state);
  query.set('response_type', responseType);
  if (codeVerifier !== undefined) {
    const challenge = await codeChallenge(codeVerifier, { pkce });
    for (const [name, value] of Object.entries(challenge)) query.set(name, value);
  }
  if (nonce !== undefined) query.set('nonce', nonce);
  return query;
}

/** Serializes the authorization URL with the provider's parameter names and scope encoding. */
function written(url: URL, { paramNames, scopeEncoding }: Readonly<RegisterOptions>): string {
  renameParams(url.searchParams, paramNames);
  // A plus in a serialized query is always a space.
  if (scopeEncoding === '%20') url.search = url.search.replaceAll('+', '%20');
  return url.href;
}

/** Rejects values that cannot be serialized and would be dropped silently. */
function refuseUnsendable(params: AuthorizeParams): void {
  const problem = authorizeParams(params);
  if (problem === undefined) return;
  throw new OAuthError('invalid_options', `"params" ${problem}.`);
}

function readMaxAge(params: AuthorizeParams): { maxAge?: number } {
  const { max_age: maxAge } = params;
  if (maxAge === undefined || maxAge === null) return {};
  if (/^\d+$/.test(String(maxAge))) return { maxAge: Number(maxAge) };
  throw new OAuthError('invalid_options', '"max_age" must be a whole number of seconds.');
}

/**
 * Returns the `acr` values the id_token must have: those requested as an essential claim, or with
 * `acr_values` if the client treats these as essential. By default `acr_values` requests a
 * voluntary claim, and any `acr` is valid.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#acrSemantics
 */
function readAcrValues(
  { acr_values: wanted, claims }: AuthorizeParams,
  { openid, essential = false }: { openid: boolean; essential: boolean | undefined },
): Pick<AuthorizeData, 'acrValues'> {
  const text = Array.isArray(wanted) ? wanted.join(' ') : String(wanted ?? '');
  const named = text.split(' ').filter((value) => value !== '');
  const acrValues = acrClaim(claims) ?? (essential && named.length > 0 ? named : undefined);
  return openid && acrValues ? { acrValues } : {};
}

function acrClaim(claims: AuthorizeParams['claims']): string[] | undefined {
  const request = typeof claims === 'string' ? parseClaims(claims) : claims;
  const idToken = isObject(request) ? request['id_token'] : undefined;
  const acr = isObject(idToken) ? idToken['acr'] : undefined;
  if (!isObject(acr) || acr['essential'] !== true) return undefined;
  const values = [acr['values'] ?? acr['value']].flat().filter((one) => typeof one === 'string');
  return values.length > 0 ? values : undefined;
}

function parseClaims(text: string): unknown {
  const claims = readObject(text);
  if (claims) return claims;
  throw new OAuthError('invalid_options', '"claims" must be an object, or its JSON string.');
}

/** Returns how the response arrives, unless it is a plain query. */
function readResponseMode({
  response_mode: mode = 'query',
}: AuthorizeParams): Pick<AuthorizeData, 'formPost' | 'fragment' | 'jarm'> {
  if (typeof mode !== 'string' || !responseModes.includes(mode)) {
    const known = responseModes.join(', ');
    throw new OAuthError('invalid_options', `"response_mode" must be one of ${known}.`);
  }
  return {
    ...(mode.startsWith('form_post') ? { formPost: true } : {}),
    ...(mode.startsWith('fragment') ? { fragment: true } : {}),
    ...(mode.endsWith('jwt') ? { jarm: true } : {}),
  };
}
