import { isObject, readObject, withoutUndefined } from '../../../platform/encoding.js';
import { errorResponseCode, type OAuthErrorCode } from '../../../model/error-codes.js';
import { OAuthError } from '../../../model/errors.js';
import { retryAfter } from '../../../platform/http/http.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import { commonErrorFields, matchErrorRule } from '../../../quirks/error-rules.js';
import { isUnavailable, providerUnavailable } from '../../../platform/http/unavailable.js';
import { redactErrorFields } from '../../../platform/http/sent-secrets.js';
import { readChallenges } from '../../../platform/http/challenge.js';
import type { FormResponse } from './openid-client.js';

type Body = Record<string, unknown>;

/** The provider's `error`, `error_description` and `error_uri`. */
export interface ErrorFields {
  /** The standard code that an error rule maps them to. */
  code?: string;
  error?: string;
  error_description?: string;
  error_uri?: string;
}

/** Options for reading an error response. */
export interface ErrorResponseReader {
  /** Name of the endpoint in error messages. */
  what: string;
  /** The provider's error format. */
  rules?: RegisterOptions['errors'];
  endpoint?: EndpointName;
  /** The parsed body, if it was parsed already. */
  body?: Body | undefined;
  /** Code of a 401 without an error code. Default: `invalid_client` (RFC 6749 §5.2). */
  unauthorized?: 'invalid_client' | 'invalid_token';
  /** Secrets sent outside the form, to be removed from the provider's text. */
  secrets?: readonly string[];
  /** Advice that replaces the default for a code. */
  advice?: { readonly [code in OAuthErrorCode]?: string };
}

type EndpointName = 'token' | 'userinfo' | 'revocation' | 'resource';

/**
 * Reads the error of any endpoint's error response: from the body, else from a challenge
 * (`WWW-Authenticate`, RFC 6750 §3), else from the status. Returns `undefined` for a success.
 */
export function errorResponseIn(
  response: FormResponse,
  reader: ErrorResponseReader,
): OAuthError | undefined {
  const { status } = response;
  const { body = parseBody(response.text) } = reader;
  const said = body && readErrorResponse(body, reader.rules, reader.endpoint);
  const failed = status < 200 || status > 299;
  if (!said && !failed) return undefined;
  const challenge = failed ? challengeWords(response.headers) : {};
  const code = codeIn(said?.code, said?.error, challenge.error);
  const habit = failed ? commonErrorFields(response, body) : {};
  const words = { ...habit, ...challenge, ...said };
  if (isUnavailable(response) && vague.has(code))
    return providerUnavailable(response, reader.what, withoutQuotes(words, response, reader));
  const isUnnamed = code === 'provider_refused' && status === 401;
  return requestRejected(response, { ...reader, words, code: isUnnamed ? undefined : code });
}

/** Returns the first code that the specifications define. */
function codeIn(...errors: (string | undefined)[]): OAuthErrorCode {
  const codes = errors.map(errorResponseCode);
  return codes.find((code) => code !== 'provider_refused') ?? 'provider_refused';
}

/** Codes of temporary server errors, which say nothing about the request. */
const vague: ReadonlySet<OAuthErrorCode> = new Set([
  'provider_refused',
  'server_error',
  'temporarily_unavailable',
]);

/** Reads the error of a challenge of any scheme, including client authentication. */
function challengeWords(headers: Headers): ErrorFields {
  const challenges = readChallenges(headers);
  const reported = challenges.find(({ params }) => params.has('error')) ?? challenges[0];
  return withoutUndefined({
    error: reported?.params.get('error'),
    error_description: reported?.params.get('error_description'),
    error_uri: reported?.params.get('error_uri'),
  });
}

/** Parses a body as JSON, or as form fields if it looks like a form. */
export function parseBody(text: string): Body | undefined {
  const trimmed = text.trim();
  if (/^[{[]/.test(trimmed)) return readObject(trimmed);
  if (!/^[\w.%+~-]+=[^<\s]*$/.test(trimmed)) return undefined;
  const fields = new URLSearchParams(trimmed);
  return Object.fromEntries([...fields].filter(([name]) => name !== '__proto__'));
}

/** Reads the provider's error from a body in the standard format or by an error rule. */
function readErrorResponse(
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

/** Advice for error responses that configuration commonly causes. */
const usualAdvice: { readonly [code in OAuthErrorCode]?: string } = {
  invalid_scope: 'Check "scope" against the scopes the provider allows for this client.',
  unauthorized_client: "Check the client's permissions at the provider.",
  invalid_request: 'See error.error_description for what is missing.',
};

/** Advice for a failed client authentication, by method (RFC 6749 §2.3). */
const clientAdvice: Readonly<Record<string, string>> = {
  none:
    'Check "clientId". This client sends no secret: if it has one at the provider, set ' +
    '"clientSecret".',
  client_secret_jwt:
    'Check "clientId", "clientSecret", "tokenEndpointAuthSigningAlg" and the clock of this ' +
    'machine.',
  private_key_jwt:
    'Check "clientId", "tokenEndpointAuthSigningAlg", the clock of this machine, and that ' +
    'the provider has the public key of "privateKey" (with its "kid").',
  tls_client_auth:
    'Check "clientId", and that "fetch" presents the certificate registered at the provider.',
  self_signed_tls_client_auth:
    'Check "clientId", and that "fetch" presents the certificate registered at the provider.',
};

const secretAdvice =
  'Check "clientId", "clientSecret" and "tokenEndpointAuthMethod" (client_secret_basic or client_secret_post).';

function adviceOnClient({ sent }: FormResponse): string {
  const { authMethod: method = 'client_secret_basic' } = sent ?? {};
  if (/^client_secret_(?:basic|post)$/.test(method)) return secretAdvice;
  const known = Object.hasOwn(clientAdvice, method) ? clientAdvice[method] : undefined;
  return known ?? `Check "clientId", and the function "${method}" in "clientAuthMethods".`;
}

/** Advice for a rejected grant. */
const grantAdvice: Readonly<Record<string, string>> = {
  refresh_token:
    'The refresh token was used before, has expired or was revoked, or belongs to another client. Log in again.',
  authorization_code:
    'The code was used before, has expired, or belongs to another redirect URI or client. Log in again.',
};

const anyGrant =
  'The code or token was used before, has expired, or belongs to another redirect URI or client. Log in again.';

/** An error response whose error fields were read. */
interface ReportedError extends ErrorResponseReader {
  words: ErrorFields;
  /** `undefined` for a 401 without a code. */
  code: OAuthErrorCode | undefined;
}

function requestRejected(response: FormResponse, reported: ReportedError): OAuthError {
  const { what, unauthorized = 'invalid_client' } = reported;
  const { status, headers } = response;
  const words = withoutQuotes(reported.words, response, reported);
  const code = reported.code ?? unauthorized;
  const named = reported.code && code !== 'provider_refused' ? ` with "${code}"` : '';
  return new OAuthError(
    code,
    `The ${what} rejected the request${named} (HTTP ${status}). ` +
      `${adviceOn(code, response, reported) ?? errorFieldsOf(words)}`,
    { ...words, providerStatus: status, retryAfter: retryAfter(headers) },
  );
}

function adviceOn(
  code: OAuthErrorCode,
  response: FormResponse,
  reported: ReportedError,
): string | undefined {
  const given = reported.advice?.[code];
  if (given !== undefined) return given;
  if (code === 'invalid_client') return adviceOnClient(response);
  if (code === 'invalid_grant') return grantAdvice[response.sent?.grantType ?? ''] ?? anyGrant;
  const usual = usualAdvice[code];
  // RFC 6749 §5.2: a 401 means failed client authentication, whatever the code.
  const isClient =
    response.status === 401 && (reported.unauthorized ?? 'invalid_client') === 'invalid_client';
  if (!isClient || aboutTokens.has(code)) return usual;
  return [usual, adviceOnClient(response)].filter(Boolean).join(' ');
}

/** Codes that concern a token, whatever the status. */
const aboutTokens: ReadonlySet<OAuthErrorCode> = new Set([
  'invalid_token',
  'expired_token',
  'invalid_dpop_proof',
  'use_dpop_nonce',
]);

/** Names the error properties that hold the provider's reason. */
export function errorFieldsOf({
  error,
  error_description,
}: { [Word in keyof ErrorFields]: string | undefined }): string {
  return (error ?? error_description) === undefined
    ? 'The response has no readable reason. Check the configured URL.'
    : "See error.error and error.error_description for the provider's reason.";
}

/** Removes the secrets of the request from the provider's text. */
function withoutQuotes(
  words: ErrorFields,
  { sent, secrets: ofRequest = [] }: FormResponse,
  { secrets = [] }: ErrorResponseReader,
): ErrorFields {
  return withoutUndefined(
    redactErrorFields(words, [...(sent?.secrets ?? []), ...ofRequest, ...secrets]),
  );
}
