import { errorResponseCode } from '../../../model/error-codes.js';
import { OAuthError } from '../../../model/errors.js';
import type {
  AuthorizeData,
  ExchangeOptions,
  OAuth2Token,
  ResponseType,
} from '../../../model/types.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import { scopeText } from '../../../platform/scope.js';
import { acceptsIssuer } from '../../../platform/issuer.js';
import { secretParams, redactErrorFields } from '../../../platform/http/sent-secrets.js';
import { matchErrorRule } from '../../../quirks/error-rules.js';
import { fillParams } from '../../../quirks/templates.js';
import type { ServerMetadata } from '../discovery/metadata.js';
import type { ProtocolContext } from '../endpoint/context.js';
import { normalizeToken } from '../endpoint/response.js';
import type { VerifiedUser } from '../openid/id-token.js';
import type { Identity } from '../openid/identity.js';
import { prolong, withCallbackParams } from '../token/long-lived.js';
import { exchangeCode, unreadableExpiry } from '../token/request.js';
import { paramPairs } from './param-pairs.js';

/** The parts of a successful authorization response. */
export interface ResponseParts {
  code: boolean;
  idToken: boolean;
  token: boolean;
}

const codeParts: ResponseParts = { code: true, idToken: false, token: false };

/**
 * Parses a response type.
 *
 * @see https://openid.net/specs/oauth-v2-multiple-response-types-1_0.html
 */
export function partsOf(responseType: ResponseType = 'code'): ResponseParts {
  if (responseType === 'code') return codeParts;
  const names = responseType.split(' ');
  return {
    code: names.includes('code'),
    idToken: names.includes('id_token'),
    token: names.includes('token'),
  };
}

/**
 * Whether tokens are sent through the browser. Query strings get logged, so they must not carry
 * tokens.
 */
export function isFrontChannel(responseType: ResponseType | undefined): boolean {
  const { idToken, token } = partsOf(responseType);
  return idToken || token;
}

/** Returns the response type to store with the pending login, if it is not the default. */
export function rememberedType(
  responseType: ResponseType | undefined,
  openid: boolean,
): Pick<AuthorizeData, 'responseType'> {
  if (responseType === undefined || responseType === 'code') return {};
  if (openid || !partsOf(responseType).idToken) return { responseType };
  throw new OAuthError(
    'invalid_options',
    `The response type "${responseType}" returns an id_token, which requires "openid" in ` +
      'the scope (OpenID Connect Core §3.2.2.1).',
  );
}

/** Rejects tokens in a query (OAuth 2.0 Multiple Response Type Encoding Practices §3). */
export function checkResponseMode(responseType: ResponseType | undefined, mode: unknown): void {
  if (!isFrontChannel(responseType) || /^(?:form_post|fragment)(?:\.jwt)?$/.test(String(mode)))
    return;
  throw new OAuthError(
    'invalid_options',
    `The response type "${responseType}" returns tokens, which must not be in a query ` +
      'string. Remove "responseMode", or use form_post or fragment.',
  );
}

/** Parameters of an authorization response, each allowed at most once (RFC 6749 §3.1). */
const single: ReadonlySet<string> = new Set([
  'code',
  'state',
  'iss',
  'error',
  'error_description',
  'error_uri',
  'id_token',
  'access_token',
  'token_type',
  'expires_in',
  'scope',
]);

/**
 * Returns the parameters of response types and modes that were not requested. Unknown names are
 * ignored.
 */
function foreignTo(responseType: ResponseType | undefined): string[] {
  const parts = partsOf(responseType);
  return [
    'response',
    ...(parts.code ? [] : ['code']),
    ...(parts.idToken ? [] : ['id_token']),
    ...(parts.token ? [] : ['access_token']),
  ];
}

/**
 * Validates an authorization response in this order: no repeated or unrequested parameters, the
 * issuer, the client's hook, and only then the provider's error.
 */
export async function validateResponse(
  params: URLSearchParams,
  { responseType }: AuthorizeData,
  { options, metadata }: Pick<ProtocolContext, 'options' | 'metadata'>,
): Promise<void> {
  checkShape(params, responseType);
  const inIdToken = partsOf(responseType).idToken && params.has('id_token');
  checkResponseIssuer(params, metadata, { options, inIdToken });
  const { clientId = '', clientSecret, authorizeUrl = '', validateCallback } = options;
  // A copy, so that the hook cannot change validated parameters.
  const accepted: unknown = await validateCallback?.(new URLSearchParams(params), {
    clientId,
    clientSecret,
    authorizeUrl,
  });
  if (accepted === false) throw refusedByHook();
  checkErrorResponse(params, options.errors);
}

/** Creates the error for a hook that returned `false`. */
function refusedByHook(): OAuthError {
  return new OAuthError(
    'invalid_callback',
    'The hook "validateCallback" returned false, so the callback was rejected. Throw your ' +
      'own error to give a reason.',
  );
}

/** Reads `state` if it occurs exactly once and is not empty. */
export function readState(params: URLSearchParams): string | undefined {
  const states = params.getAll('state');
  return states.length === 1 && states[0] !== '' ? states[0] : undefined;
}

/**
 * Rejects an authorization response with repeated parameters or parameters of another response
 * type.
 */
function checkShape(params: URLSearchParams, responseType?: ResponseType): void {
  const seen = new Set<string>();
  const repeated = [...params.keys()].find((name) => {
    const isRepeated = seen.has(name) && single.has(name);
    seen.add(name);
    return isRepeated;
  });
  if (repeated) {
    throw new OAuthError(
      'invalid_callback',
      `The callback has "${repeated}" more than once (RFC 6749 §3.1). Log in again.`,
    );
  }
  const unexpected = foreignTo(responseType).find((name) => params.has(name));
  if (unexpected) {
    throw new OAuthError(
      'invalid_callback',
      `The callback has "${unexpected}", which is not part of a ${responseType ?? 'code'} ` +
        'response. Log in again.',
    );
  }
}

/** Gives parameters of the provider's own names the standard ones, which they replace. */
export function withStandardNames(
  params: URLSearchParams,
  names: Readonly<Record<string, string>>,
): URLSearchParams {
  const renamed = new URLSearchParams(params);
  for (const [standard, own] of Object.entries(names)) {
    const values = params.getAll(own);
    if (values.length === 0) continue;
    renamed.delete(own);
    renamed.delete(standard);
    for (const value of values) renamed.append(standard, value);
  }
  return renamed;
}

interface IssuerReader {
  options?: Pick<RegisterOptions, 'issuer' | 'tenants'>;
  /** Whether the response has an id_token, which names the issuer as well. */
  inIdToken?: boolean;
}

/**
 * Rejects an authorization response of another provider. If the issuer is unknown, `iss` is
 * ignored.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9207#section-2.4
 */
export function checkResponseIssuer(
  params: URLSearchParams,
  metadata: ServerMetadata,
  { options = {}, inIdToken = false }: IssuerReader = {},
): void {
  const { issuer } = metadata;
  const received = params.get('iss');
  const unknown = issuer === undefined && options.issuer === undefined;
  // RFC 9207 §2 allows the id_token of the same response to name the issuer; it is verified next.
  const promised =
    metadata['authorization_response_iss_parameter_supported'] === true && !inIdToken;
  if (received === null ? !promised : unknown || acceptsIssuer(options, metadata, received)) return;
  const seen = received === null ? 'no "iss", although the metadata announces it' : 'another "iss"';
  const expected = [options.issuer ?? issuer].flat().join('" or "');
  throw new OAuthError(
    'mismatching_issuer',
    `The callback has ${seen}; expected "${expected}" (RFC 9207 §2.4). No request was sent. ` +
      'If the provider changed its issuer, update the option "issuer".',
  );
}

/**
 * Throws if the authorization response is an error response.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1
 */
export function checkErrorResponse(
  params: URLSearchParams,
  rules?: RegisterOptions['errors'],
): void {
  const ruled = rules && matchErrorRule(rules, 'callback', Object.fromEntries(params));
  const found = typeof ruled === 'object' ? ruled : undefined;
  // RFC 6749 §3.1: a parameter without a value is treated as omitted.
  const error = found?.error ?? (params.get('error') || undefined);
  if (found === undefined && error === undefined) return;
  const code = errorResponseCode(found?.code ?? error);
  const message =
    code === 'access_denied'
      ? 'The user or the provider denied access. Offer to log in again.'
      : 'The provider rejected the authorization ' +
        `request${code === 'provider_refused' ? '' : ` with "${code}"`}. See error.error and ` +
        "error.error_description for the provider's reason.";
  const words = {
    error,
    error_description: found?.error_description ?? params.get('error_description') ?? undefined,
    error_uri: params.get('error_uri') ?? undefined,
  };
  const secrets = [...secretParams(params), params.get('state') ?? ''];
  throw new OAuthError(code, message, redactErrorFields(words, secrets));
}

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
export async function completeResponse(
  protocol: ProtocolContext,
  identity: Identity,
  { params, data, options }: AuthorizationResponse,
): Promise<OAuth2Token> {
  const parts = partsOf(data.responseType);
  const bound = data.codeVerifier !== undefined || protocol.options.pkce === 'off' || !parts.code;
  // Without a stored value the comparison would always pass, so the login is rejected.
  if (!bound || ((data.openid || parts.idToken) && !data.nonce)) throw incomplete();
  checkComplete(params, parts);
  const response = { params, data, options };
  if (parts.code && !parts.idToken) return await exchange(protocol, identity, response);
  const received = await identity.decryptIdToken(frontFields(params));
  const front = parts.idToken ? await verifyFront(received, identity, response) : undefined;
  if (parts.code) {
    const token = await exchange(protocol, identity, response);
    if (front) checkSameUser(front, token);
    return token;
  }
  const token = frontToken(received, front);
  if (token.expires_unreadable) protocol.warn?.(unreadableExpiry);
  return token;
}

/** Exchanges the code, and verifies the id_token of the token response. */
async function exchange(
  protocol: ProtocolContext,
  identity: Identity,
  { params, data, options }: AuthorizationResponse,
): Promise<OAuth2Token> {
  const { clientId, accessTokenParams, callbackParams, longLivedToken } = protocol.options;
  const { state, redirectUri, codeVerifier, dpopKey } = data;
  const fixed =
    accessTokenParams &&
    fillParams(accessTokenParams, { client_id: clientId, state, callback: params });
  const extra = fixed || options.params ? paramPairs({ ...fixed, ...options.params }) : [];
  const sent = { code: params.get('code') ?? '', redirectUri, codeVerifier, dpopKey, extra };
  let token = await exchangeCode(protocol, sent);
  if (longLivedToken) token = await prolong(protocol, longLivedToken, token);
  if (callbackParams) token = withCallbackParams(token, params, callbackParams);
  if (token.id_token === undefined && !data.openid) return token;
  return await identity.identify(token, data, options.claimsOptions);
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
