import { nowSeconds } from '../crypto.js';
import { isHeaderSafe, isObject, readObject, withoutNulls, withoutUndefined } from '../encoding.js';
import { refusalCode } from '../error-codes.js';
import { OAuthError } from '../errors.js';
import { retryAfter, type HttpAnswer } from '../http.js';
import type { RegisterOptions } from '../option-types.js';
import { habitualWords, ruledRefusal } from '../quirks/refusals.js';
import { reshapeToken } from '../quirks/token-shape.js';
import type { Awaitable, OAuth2Token } from '../types.js';

type Body = Record<string, unknown>;

/** How this client's provider answers. */
interface TokenQuirks extends Pick<
  RegisterOptions,
  'errors' | 'tokenResponse' | 'transformResponse' | 'clientId' | 'clientSecret'
> {
  mend?: ((body: Body) => Awaitable<Body>) | undefined;
}

/**
 * Reads a token endpoint's answer whatever its shape: JSON or form-encoded, an error with status 200,
 * a success with 201. Throws the provider's refusal; returns the fields of a success, not yet checked.
 * `quirks.mend` is the client's own hook for shapes that nobody could foresee.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5
 */
export async function readTokenAnswer(
  answer: HttpAnswer,
  what: string,
  quirks: TokenQuirks = {},
): Promise<Body> {
  const { mend = (body: Body) => body } = quirks;
  const parsed =
    (await quirks.transformResponse?.('token', answer.text, quirks)) ?? parseBody(answer.text);
  const body = parsed && (await mend(parsed));
  const refusal = body && readRefusal(body, quirks.errors, 'token');
  if (refusal && !isOutage(refusal, answer)) throw refused(refusal, answer, what);
  if (answer.status >= 500 || answer.status === 429) throw unavailable(answer, what);
  if (answer.status < 200 || answer.status > 299)
    throw refused(habitualWords(answer, body), answer, what);
  if (body) return reshapeToken(body, quirks.tokenResponse);
  throw new OAuthError(
    'invalid_response',
    `The ${what} answered neither JSON nor form fields (HTTP ${answer.status}). ` +
      'Check that the configured address is the one of the API, not of a web page.',
    { providerStatus: answer.status },
  );
}

/**
 * Repairs the shape of a successful token response, never its meaning, and computes `expires_at`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-5.1
 */
export function readToken(body: Body): OAuth2Token {
  const present = Object.entries(withoutNulls(body)).filter(([, value]) => value !== '');
  // `userinfo` is ours: it holds what was verified, never what a token response claims.
  const {
    expires_in,
    expires_at,
    scope,
    token_type,
    access_token,
    userinfo: _,
    ...rest
  } = Object.fromEntries(present);
  const lifetime = readSeconds(expires_in);
  const expiresAt = lifetime === undefined ? readSeconds(expires_at) : nowSeconds() + lifetime;
  return {
    ...rest,
    ...readRefreshToken(rest['refresh_token']),
    access_token: readAccessToken(access_token),
    token_type: readTokenType(token_type),
    ...(lifetime === undefined ? {} : { expires_in: lifetime }),
    ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
    ...readScope(scope),
  };
}

/** Reads a token response that may say who somebody is, and hold no token. */
export function readTokenIfAny(body: Body): OAuth2Token {
  const { access_token: accessToken } = withoutNulls(body);
  if (accessToken !== undefined && accessToken !== '') return readToken(body);
  const { access_token: _, token_type: __, ...rest } = readToken({ ...body, access_token: 'none' });
  return rest as OAuth2Token;
}

/** A server that cannot respond now may say so in the words of RFC 6749 §4.1.2.1. */
function isOutage({ code, error }: Refusal, { status }: HttpAnswer): boolean {
  const word = code ?? error;
  const isWord = word === 'temporarily_unavailable' || word === 'server_error';
  return isWord && (status >= 500 || status === 429);
}

/** Parses a body as JSON, or as form fields when it looks like them. */
export function parseBody(text: string): Body | undefined {
  const trimmed = text.trim();
  if (/^[{[]/.test(trimmed)) return readObject(trimmed);
  if (!/^[\w.%+~-]+=[^<\s]*$/.test(trimmed)) return undefined;
  const fields = new URLSearchParams(trimmed);
  return Object.fromEntries([...fields].filter(([name]) => name !== '__proto__'));
}

/** A provider's own words. */
export interface Refusal {
  /** The standard code that an error rule names for them. */
  code?: string;
  error?: string;
  error_description?: string;
  error_uri?: string;
}

/** Finds the provider's own words, where its answer is an error by the standard or by habit. */
export function readRefusal(
  body: Body,
  rules?: RegisterOptions['errors'],
  leg: 'token' | 'userinfo' | 'revocation' = 'token',
): Refusal | undefined {
  const ruled = ruledRefusal(rules, leg, body);
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

/** The first value that is text, or a number to be read as text. */
function firstText(...values: unknown[]): string | undefined {
  const texts = values.map((value) => (typeof value === 'number' ? String(value) : value));
  return texts.find((value) => typeof value === 'string');
}

/** What to check, for the refusals a configuration or a habit causes. */
const advice: Record<string, string> = {
  invalid_client:
    'Check clientId and clientSecret, and "tokenEndpointAuthMethod" (client_secret_basic or client_secret_post).',
  invalid_grant:
    'The code or token was used before, has expired, or belongs to another redirect URI or client. Log in again.',
  invalid_scope: 'Check "scope" against what the provider lets this client ask for.',
  unauthorized_client: 'Check at the provider what this client is allowed to do.',
  invalid_request: 'See error.error_description for what the provider missed.',
};

/** The error of an answer that refuses. */
export function refused(refusal: Refusal, answer: HttpAnswer, what: string): OAuthError {
  const { code: ruled, ...words } = refusal;
  const { status } = answer;
  const code = refusalCode(ruled ?? words.error);
  const named = code === 'provider_refused' ? '' : ` with "${code}"`;
  return new OAuthError(
    code,
    `The ${what} refused the request${named} (HTTP ${status}). ` +
      (advice[code] ?? whereWordsAre(words)),
    { ...words, providerStatus: status, retryAfter: retryAfter(answer.headers) },
  );
}

/** Says where the provider's reason is, or that it gave none. */
export function whereWordsAre({
  error,
  error_description,
}: { [Word in keyof Refusal]: string | undefined }): string {
  return (error ?? error_description) === undefined
    ? 'Its answer has no reason that can be read; check the configured address.'
    : "The provider's own words are in error.error and error.error_description.";
}

/** The provider is in trouble; nothing is wrong with the request, so it may be tried again. */
export function unavailable(answer: HttpAnswer, what: string): OAuthError {
  const wait = retryAfter(answer.headers);
  return new OAuthError(
    'provider_unavailable',
    `The ${what} is unavailable (HTTP ${answer.status}). Try again${wait === undefined ? ' later' : ` in ${wait} s`}.`,
    { providerStatus: answer.status, retryAfter: wait },
  );
}

function readAccessToken(value: unknown): string {
  if (typeof value !== 'string') {
    throw new OAuthError(
      'invalid_response',
      'The token response has no "access_token" string. Check "accessTokenUrl"; a "complianceFix" ' +
        'with accessTokenResponse can move a token that stands elsewhere, and "tokenResponse: ' +
        "{ accessToken: 'optional' }\" is for a provider that sends an id_token alone.",
    );
  }
  if (isHeaderSafe(value)) return value;
  throw new OAuthError(
    'invalid_response',
    'The "access_token" of the token response has characters that RFC 6749 appendix A.12 forbids.',
  );
}

/** An absent type is the only one there is in practice (RFC 6750); a foreign one is not guessed at. */
function readTokenType(value: unknown): string {
  if (value === undefined) return 'Bearer';
  if (typeof value === 'string' && value.toLowerCase() === 'bearer') return value;
  throw new OAuthError(
    'unsupported_token_type',
    'The token response has a "token_type" other than "Bearer" (RFC 6749 §7.1). A provider that binds ' +
      'tokens to a key needs the option "dpop: true"; if it means a bearer token, say so with a "complianceFix" whose accessTokenResponse sets token_type.',
  );
}

function readSeconds(value: unknown): number | undefined {
  const seconds = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value) ? Number(value) : value;
  const usable = typeof seconds === 'number' && Number.isFinite(seconds) && seconds >= 0;
  return usable ? Math.floor(seconds) : undefined;
}

function readScope(value: unknown): { scope?: string } {
  const scope = Array.isArray(value) ? value.join(' ') : value;
  return typeof scope === 'string' ? { scope } : {};
}

/** The id_token is not read here: `id-token.ts` checks it, of whatever type it is. */
function readRefreshToken(value: unknown): Partial<OAuth2Token> {
  if (value === undefined) return {};
  if (typeof value === 'string') return { refresh_token: value };
  throw new OAuthError(
    'invalid_response',
    'The "refresh_token" of the token response is not a string.',
  );
}
