import { OAuthError } from '../../../model/errors.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import type { AuthorizeData, ExchangeOptions, OAuth2Token } from '../../../model/types.js';
import { scopeText } from '../../../options/scope.js';
import { fillParams } from '../../../quirks/templates.js';
import { prolong, withCallbackParams } from './long-lived.js';
import type { VerifiedUser } from '../openid/id-token.js';
import type { Identity } from '../openid/identity.js';
import { paramPairs } from '../authorization/param-pairs.js';
import type { ProtocolContext } from '../endpoint/context.js';
import { exchangeCode, unreadableExpiry } from './request.js';
import { partsOf, type ResponseParts } from '../authorization/response-type.js';
import { normalizeToken } from '../endpoint/response.js';

/** A validated authorization response and the stored data of its request. */
export interface AuthorizationResponse {
  params: URLSearchParams;
  data: AuthorizeData;
  options: ExchangeOptions;
}

/**
 * Completes a login from an authorization response. An id_token in the response is verified before
 * its code is sent, and the id_token of the token response must have the same subject.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#HybridIDToken
 */
export async function exchangeAuthorizationResponse(
  protocol: ProtocolContext,
  identity: Identity,
  { params, data, options }: AuthorizationResponse,
): Promise<OAuth2Token> {
  const parts = partsOf(data.responseType);
  const bound = data.codeVerifier !== undefined || protocol.options.pkce === 'off' || !parts.code;
  // Without a stored value the comparison would always pass, so the login is rejected.
  if (!bound || ((data.openid || parts.idToken) && !data.nonce)) throw incomplete();
  checkComplete(params, parts);
  const received = await identity.decryptIdToken(frontFields(params));
  const front = parts.idToken
    ? await verifyFront(received, identity, { params, data, options })
    : undefined;
  if (!parts.code) {
    const token = frontToken(received, front);
    if (token.expires_unreadable) protocol.warn?.(unreadableExpiry);
    return token;
  }
  const { clientId, accessTokenParams, callbackParams } = protocol.options;
  const { state, redirectUri, codeVerifier } = data;
  const fixed = fillParams(accessTokenParams, { client_id: clientId, state, callback: params });
  const token = await exchangeCode(protocol, {
    code: params.get('code') ?? '',
    redirectUri,
    codeVerifier,
    dpopKey: data.dpopKey,
    extra: new URLSearchParams(paramPairs({ ...fixed, ...options.params })),
  });
  const complete = withCallbackParams(await prolong(protocol, token), params, callbackParams);
  const identified = await identity.identify(complete, data, options.claimsOptions);
  if (front) checkSameUser(front, identified);
  return identified;
}

/** RFC 6749 §5.1: a response without `scope` grants the requested scope. */
export function withScope(token: OAuth2Token, asked: RegisterOptions['scope']): OAuth2Token {
  const { access_token: access, scope = scopeText(asked) } = token;
  // A response without an access token grants no scope.
  return access === undefined || scope === undefined || scope === '' ? token : { ...token, scope };
}

/** Creates the error for a pending login without its secrets. */
function incomplete(): OAuthError {
  return new OAuthError(
    'invalid_callback',
    'The pending login has no PKCE code verifier, or no nonce. Pass the whole object that ' +
      'createAuthorizationUrl() returned.',
  );
}

/** Throws if a requested part is missing. */
function checkComplete(params: URLSearchParams, parts: ResponseParts): void {
  const wanted = [
    ...(parts.code ? ['code'] : []),
    ...(parts.idToken ? ['id_token'] : []),
    ...(parts.token ? ['access_token'] : []),
  ];
  const missing = wanted.find((name) => !params.get(name));
  if (missing === undefined) return;
  throw new OAuthError(
    'invalid_callback',
    `The callback has neither "${missing}" nor "error" (RFC 6749 §4.1.2). Log in again.`,
  );
}

/**
 * Verifies the id_token of the front channel. Its hashes bind the code and the token to it (OpenID
 * Connect Core §3.2.2.11, §3.3.2.12).
 */
async function verifyFront(
  received: Partial<OAuth2Token>,
  identity: Identity,
  { params, data, options }: AuthorizationResponse,
): Promise<VerifiedUser> {
  const { nonce, maxAge, acrValues, state, responseType } = data;
  // The id_token of the token endpoint may have more claims, so the application's checks apply to
  // that one.
  const { claimsOptions } = options;
  const own = partsOf(responseType).code ? {} : { acrValues, claimsOptions };
  return await identity.verifiedUser(received, {
    nonce,
    maxAge,
    authorizationResponse: { state, code: params.get('code') ?? undefined },
    ...own,
  });
}

function frontFields(params: URLSearchParams): Partial<OAuth2Token> {
  const names = ['access_token', 'token_type', 'expires_in', 'scope', 'id_token'];
  return Object.fromEntries([...params].filter(([name]) => names.includes(name)));
}

/**
 * Creates the token of a response without a code. With `id_token` alone, it has no access token.
 */
function frontToken(fields: Partial<OAuth2Token>, userinfo: VerifiedUser | undefined): OAuth2Token {
  const token = fields.access_token === undefined ? fields : normalizeToken(fields);
  return { ...token, ...(userinfo ? { userinfo } : {}) } as OAuth2Token;
}

/** Throws unless both id_tokens have the same issuer and subject (OpenID Connect Core §3.3.3.6). */
function checkSameUser(front: VerifiedUser, { userinfo }: OAuth2Token): void {
  if (userinfo?.['iss'] === front.iss && userinfo.sub === front.sub) return;
  throw new OAuthError(
    'invalid_id_token',
    'The id_token of the token endpoint has another subject or issuer than the one of the ' +
      'callback (OpenID Connect Core §3.3.3.6). Both were discarded.',
    { phase: 'id_token' },
  );
}
