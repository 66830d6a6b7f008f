import type { HeaderReader } from '../../../platform/http/transport.js';
import { withoutUndefined } from '../../../platform/encoding.js';
import { errorResponseCode, type OAuthErrorCode } from '../../../model/error-codes.js';
import { OAuthError } from '../../../model/errors.js';
import { retryAfter } from '../../../platform/http/http.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import { commonErrorFields } from '../../../quirks/error-rules.js';
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

export type EndpointName = 'token' | 'userinfo' | 'revocation' | 'resource';

/** Creates the error for an error response. `said`: the error in its body, if there is one. */
export function createErrorResponse(
  response: FormResponse,
  reader: ErrorResponseReader,
  said: ErrorFields | undefined,
): OAuthError {
  const { status } = response;
  const failed = status < 200 || status > 299;
  const challenge = failed ? challengeWords(response.headers) : {};
  const code = codeIn(said?.code, said?.error, challenge.error);
  const habit = failed ? commonErrorFields(response, reader.body) : {};
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
function challengeWords(headers: HeaderReader): ErrorFields {
  const challenges = readChallenges(headers);
  const reported = challenges.find(({ params }) => params.has('error')) ?? challenges[0];
  return withoutUndefined({
    error: reported?.params.get('error'),
    error_description: reported?.params.get('error_description'),
    error_uri: reported?.params.get('error_uri'),
  });
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
  { sent, secrets: ofRequest }: FormResponse,
  { secrets = [] }: ErrorResponseReader,
): ErrorFields {
  return withoutUndefined(
    redactErrorFields(words, [...(sent?.secrets() ?? []), ...(ofRequest?.() ?? []), ...secrets]),
  );
}
