import { nowSeconds } from '../../../platform/crypto.js';
import {
  filterMembers,
  isHeaderSafe,
  isObject,
  readObject,
  withoutNulls,
  withoutUndefined,
} from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import { readDuration, readMoment, secondsAfter } from '../../../platform/lifetime.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import { matchErrorRule } from '../../../quirks/error-rules.js';
import { withoutOwnMembers } from '../../../model/own-members.js';
import { reshapeToken } from '../../../quirks/token-response.js';
import { returnedObject, transform, unlessTransformed } from '../../../quirks/hooks.js';
import type { OAuth2Token } from '../../../model/types.js';
import type { FormResponse } from './openid-client.js';
import {
  createErrorResponse,
  type EndpointName,
  type ErrorFields,
  type ErrorResponseReader,
} from './error-response.js';

type Body = Record<string, unknown>;

/** The provider's deviations from the token response format. */
type TokenQuirks = Pick<
  RegisterOptions,
  'errors' | 'tokenResponse' | 'transformResponse' | 'clientId' | 'clientSecret' | 'complianceFix'
>;

/** How a token response is read. */
interface TokenReader {
  quirks?: TokenQuirks;
  /** The compliance hook that edits the response. */
  mendedBy?: 'accessTokenResponse' | 'refreshTokenResponse';
}

/**
 * Reads a token response in any format: JSON or form-encoded, an error with status 200, a success
 * with 201. Throws an error response; returns the unvalidated fields of a success. The client's
 * hooks handle all other formats.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5
 */
export async function readTokenResponse(
  response: FormResponse,
  what: string,
  { quirks = {}, mendedBy }: TokenReader = {},
): Promise<Body> {
  const { transformResponse, complianceFix, tokenResponse: shape } = quirks;
  const transformed = transformResponse && (await transform('token', response.text, quirks));
  const parsed = transformed ?? parseBody(response.text);
  const mending = mendedBy && complianceFix?.[mendedBy];
  // The response has arrived: another code would suggest that the refresh token is unused.
  const body =
    parsed && mending
      ? returnedObject(`complianceFix.${mendedBy}`, await mending(parsed), 'invalid_response')
      : parsed;
  const error = errorResponseIn(response, {
    what,
    rules: quirks.errors,
    endpoint: 'token',
    body,
  });
  if (error) throw error;
  if (body) return shape ? reshapeToken(body, shape) : body;
  throw new OAuthError(
    'invalid_response',
    `The ${what} returned neither JSON nor form fields (HTTP ` +
      `${response.status})${unlessTransformed(quirks.transformResponse)}. Check that the ` +
      'configured URL is an API endpoint and not a web page.',
    { providerStatus: response.status },
  );
}

/**
 * Reads the error of any endpoint's error response: from the body, else from a challenge
 * (`WWW-Authenticate`, RFC 6750 §3), else from the status. Returns `undefined` for a success.
 */
export function errorResponseIn(
  response: FormResponse,
  reader: ErrorResponseReader,
): OAuthError | undefined {
  const { status } = response;
  const { body = parseBody(response.text), rules, endpoint } = reader;
  const said = body && readErrorFields(body, rules, endpoint);
  const failed = status < 200 || status > 299;
  return said || failed ? createErrorResponse(response, { ...reader, body }, said) : undefined;
}

/** Parses a body as JSON, or as form fields if it looks like a form. */
function parseBody(text: string): Body | undefined {
  const trimmed = text.trim();
  if (/^[{[]/.test(trimmed)) return readObject(trimmed);
  if (!/^[\w.%+~-]+=[^<\s]*$/.test(trimmed)) return undefined;
  const fields = new URLSearchParams(trimmed);
  return Object.fromEntries([...fields].filter(([name]) => name !== '__proto__'));
}

/** Reads the provider's error from a body in the standard format or by an error rule. */
function readErrorFields(
  body: Body,
  rules: RegisterOptions['errors'],
  endpoint: EndpointName = 'token',
): ErrorFields | undefined {
  const ruled = rules && matchErrorRule(rules, endpoint, body);
  if (ruled === 'success') return undefined;
  const { error } = body;
  if (ruled !== undefined) {
    const { error_description, error_uri } = body;
    return withoutUndefined({
      error_description: firstText(error_description),
      error_uri: firstText(error_uri),
      ...ruled,
    });
  }
  if (error === undefined || error === null || error === '' || error === false) return undefined;
  const nested = isObject(error) ? error : {};
  return withoutUndefined({
    error: firstText(error, nested['type'], nested['status'], nested['code'], nested['error']),
    error_description: firstText(
      body['error_description'],
      nested['message'],
      body['message'],
      body['reason'],
    ),
    error_uri: firstText(body['error_uri']),
  });
}

/** Returns the first string, or number converted to a string. */
function firstText(...values: unknown[]): string | undefined {
  const texts = values.map((value) => (typeof value === 'number' ? String(value) : value));
  return texts.find((value) => typeof value === 'string');
}

/**
 * Normalizes the fields of a successful token response and computes `expires_at`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.1
 */
export function normalizeToken(body: Body): OAuth2Token {
  const present = filterMembers(withoutNulls(body), (value) => value !== '');
  const { expires_in, expires_at, scope, token_type, access_token, ...rest } =
    withoutOwnMembers(present);
  return {
    ...rest,
    ...readRefreshToken(rest['refresh_token']),
    access_token: readAccessToken(access_token),
    token_type: readTokenType(token_type),
    ...readExpiry(expires_in, expires_at),
    ...readScope(scope),
  };
}

type Expiry = Pick<OAuth2Token, 'expires_in' | 'expires_at' | 'expires_unreadable'>;

/** An unreadable value does not fail the response, and the token still counts as expiring. */
function readExpiry(expiresIn: unknown, expiresAt: unknown): Expiry {
  const lifetime = readDuration(expiresIn);
  if (typeof lifetime === 'number') {
    return { expires_in: lifetime, expires_at: secondsAfter(nowSeconds(), lifetime) };
  }
  const moment = readMoment(expiresAt);
  if (typeof moment === 'number') return { expires_at: moment };
  return (lifetime ?? moment) === undefined ? {} : { expires_unreadable: true };
}

/** Reads a token response that may contain an id_token without an access token. */
export function readTokenIfAny(body: Body): OAuth2Token {
  const { access_token: accessToken } = withoutNulls(body);
  if (accessToken !== undefined && accessToken !== '') return normalizeToken(body);
  const {
    access_token: _,
    token_type: __,
    ...rest
  } = normalizeToken({ ...body, access_token: 'none' });
  return rest as OAuth2Token;
}

function readAccessToken(value: unknown): string {
  if (typeof value !== 'string') {
    throw new OAuthError(
      'invalid_response',
      'The token response has no "access_token" string. Check "accessTokenUrl". For a token ' +
        'in another field use a "complianceFix" with accessTokenResponse; for a provider that ' +
        'sends only an id_token set "tokenResponse: { accessToken: \'optional\' }".',
    );
  }
  if (isHeaderSafe(value)) return value;
  throw new OAuthError(
    'invalid_response',
    'The "access_token" of the token response has characters that RFC 6749 appendix A.12 ' +
      'forbids. Check "accessTokenUrl"; a "complianceFix" with accessTokenResponse can correct it.',
  );
}

/** A missing type defaults to Bearer (RFC 6750); an unknown one is rejected. */
function readTokenType(value: unknown): string {
  if (value === undefined) return 'Bearer';
  if (typeof value === 'string' && value.toLowerCase() === 'bearer') return value;
  throw new OAuthError(
    'unsupported_token_type',
    'The token response has a "token_type" other than "Bearer" (RFC 6749 §7.1). For ' +
      'DPoP-bound tokens set "dpop: true"; if the token is a bearer token, set token_type in ' +
      'a "complianceFix" with accessTokenResponse.',
  );
}

function readScope(value: unknown): { scope?: string } {
  const scope = Array.isArray(value) ? value.join(' ') : value;
  return typeof scope === 'string' ? { scope } : {};
}

/** The id_token is not read here: `id-token.ts` validates it. */
function readRefreshToken(value: unknown): Partial<OAuth2Token> {
  if (value === undefined) return {};
  if (typeof value === 'string') return { refresh_token: value };
  throw new OAuthError(
    'invalid_response',
    'The "refresh_token" of the token response is not a string. Check "accessTokenUrl"; a ' +
      '"complianceFix" with accessTokenResponse can correct it.',
  );
}
