import { isObject, readObject, withoutUndefined } from '../../../platform/encoding.js';
import { refusalCode, type OAuthErrorCode } from '../../../model/error-codes.js';
import { OAuthError } from '../../../model/errors.js';
import { retryAfter } from '../../../platform/http/http.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import { habitualWords, ruledRefusal } from '../../../quirks/error-rules.js';
import { withoutSecrets } from '../../../platform/http/sent-secrets.js';
import { readChallenges } from '../../../platform/http/challenge.js';
import type { FormAnswer } from './form-request.js';

type Body = Record<string, unknown>;

/** The provider's own words. */
export interface Refusal {
  /** The standard code that an error rule names for them. */
  code?: string;
  error?: string;
  error_description?: string;
  error_uri?: string;
}

/** What an error response is read with. */
export interface RefusalReader {
  /** What the endpoint is, for messages. */
  what: string;
  /** How the provider words its errors. */
  rules?: RegisterOptions['errors'];
  leg?: Leg;
  /** The body, where it was parsed already. */
  body?: Body | undefined;
  /** What a 401 stands for that names no code. Default: `invalid_client` (RFC 6749 §5.2). */
  unauthorized?: 'invalid_client' | 'invalid_token';
  /** What was sent in confidence beside a form, and must not come back in the provider's words. */
  secrets?: readonly string[];
  /** What to do about a code, in place of the usual advice. */
  advice?: { readonly [code in OAuthErrorCode]?: string };
}

type Leg = 'token' | 'userinfo' | 'revocation' | 'resource';

/**
 * Reads the error of an error response, of whichever endpoint: what the body says, else what a challenge
 * says (`WWW-Authenticate`, RFC 6750 §3), else what the status stands for. `undefined` for a success.
 */
export function refusalIn(answer: FormAnswer, reader: RefusalReader): OAuthError | undefined {
  const { status } = answer;
  const { body = parseBody(answer.text) } = reader;
  const said = body && readRefusal(body, reader.rules, reader.leg);
  const failed = status < 200 || status > 299;
  if (!said && !failed) return undefined;
  const challenge = failed ? challengeWords(answer.headers) : {};
  const code = codeIn(said?.code, said?.error, challenge.error);
  const habit = failed ? habitualWords(answer, body) : {};
  const words = { ...habit, ...challenge, ...said };
  const inTrouble = (status >= 500 || status === 429) && vague.has(code);
  if (inTrouble) return unavailable(answer, reader.what, withoutQuotes(words, answer, reader));
  const isUnnamed = code === 'provider_refused' && status === 401;
  return refused(answer, { ...reader, words, code: isUnnamed ? undefined : code });
}

/** The first code that the specifications know. */
function codeIn(...errors: (string | undefined)[]): OAuthErrorCode {
  const codes = errors.map(refusalCode);
  return codes.find((code) => code !== 'provider_refused') ?? 'provider_refused';
}

/** What a server says that is in trouble: nothing is wrong with the request. */
const vague: ReadonlySet<OAuthErrorCode> = new Set([
  'provider_refused',
  'server_error',
  'temporarily_unavailable',
]);

/** The words of a challenge of any scheme: client authentication has them, too. */
function challengeWords(headers: Headers): Refusal {
  const challenges = readChallenges(headers);
  const told = challenges.find(({ params }) => params.has('error')) ?? challenges[0];
  return withoutUndefined({
    error: told?.params.get('error'),
    error_description: told?.params.get('error_description'),
    error_uri: told?.params.get('error_uri'),
  });
}

/** Parses a body as JSON, or as form fields when it looks like them. */
export function parseBody(text: string): Body | undefined {
  const trimmed = text.trim();
  if (/^[{[]/.test(trimmed)) return readObject(trimmed);
  if (!/^[\w.%+~-]+=[^<\s]*$/.test(trimmed)) return undefined;
  const fields = new URLSearchParams(trimmed);
  return Object.fromEntries([...fields].filter(([name]) => name !== '__proto__'));
}

/** Finds the provider's own words, where a body is an error by the standard or by a rule. */
function readRefusal(
  body: Body,
  rules: RegisterOptions['errors'],
  leg: Leg = 'token',
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

/** What to check, for the error responses that a configuration or a habit causes. */
const usualAdvice: { readonly [code in OAuthErrorCode]?: string } = {
  invalid_scope: 'Check "scope" against what the provider lets this client ask for.',
  unauthorized_client: 'Check at the provider what this client is allowed to do.',
  invalid_request: 'See error.error_description for what the provider missed.',
};

/** What to check of a client that was not recognised, by how it authenticates (RFC 6749 §2.3). */
const clientAdvice: Readonly<Record<string, string>> = {
  none: 'Check "clientId". This client sends no secret: if it has one at the provider, give "clientSecret".',
  client_secret_jwt:
    'Check "clientId", "clientSecret" and "tokenEndpointAuthSigningAlg", and this machine\'s clock.',
  private_key_jwt:
    'Check "clientId", that the provider has the public key of "privateKey" (with its "kid"), ' +
    '"tokenEndpointAuthSigningAlg", and this machine\'s clock.',
  tls_client_auth:
    'Check "clientId", and that "fetch" presents the certificate that the provider has.',
  self_signed_tls_client_auth:
    'Check "clientId", and that "fetch" presents the certificate that the provider has.',
};

const secretAdvice =
  'Check clientId and clientSecret, and "tokenEndpointAuthMethod" (client_secret_basic or client_secret_post).';

function adviceOnClient({ sent }: FormAnswer): string {
  const { authMethod: method = 'client_secret_basic' } = sent ?? {};
  if (/^client_secret_(?:basic|post)$/.test(method)) return secretAdvice;
  const known = Object.hasOwn(clientAdvice, method) ? clientAdvice[method] : undefined;
  return known ?? `Check "clientId", and what "clientAuthMethods" does for "${method}".`;
}

/** What the spent thing was, and what helps. */
const grantAdvice: Readonly<Record<string, string>> = {
  refresh_token:
    'The refresh token was used before, has expired or was revoked, or belongs to another client. Log in again.',
  authorization_code:
    'The code was used before, has expired, or belongs to another redirect URI or client. Log in again.',
};

const anyGrant =
  'The code or token was used before, has expired, or belongs to another redirect URI or client. Log in again.';

/** An error response whose words are known. */
interface Told extends RefusalReader {
  words: Refusal;
  /** `undefined`: a 401 that names none. */
  code: OAuthErrorCode | undefined;
}

function refused(answer: FormAnswer, told: Told): OAuthError {
  const { what, unauthorized = 'invalid_client' } = told;
  const { status, headers } = answer;
  const words = withoutQuotes(told.words, answer, told);
  const code = told.code ?? unauthorized;
  const named = told.code && code !== 'provider_refused' ? ` with "${code}"` : '';
  return new OAuthError(
    code,
    `The ${what} refused the request${named} (HTTP ${status}). ` +
      (adviceOn(code, answer, told) ?? whereWordsAre(words)),
    { ...words, providerStatus: status, retryAfter: retryAfter(headers) },
  );
}

function adviceOn(code: OAuthErrorCode, answer: FormAnswer, told: Told): string | undefined {
  const given = told.advice?.[code];
  if (given !== undefined) return given;
  if (code === 'invalid_client') return adviceOnClient(answer);
  if (code === 'invalid_grant') return grantAdvice[answer.sent?.grantType ?? ''] ?? anyGrant;
  const usual = usualAdvice[code];
  // RFC 6749 §5.2: with this status the client was not authenticated, whatever the code says.
  const isClient =
    answer.status === 401 && (told.unauthorized ?? 'invalid_client') === 'invalid_client';
  if (!isClient || aboutTokens.has(code)) return usual;
  return [usual, adviceOnClient(answer)].filter(Boolean).join(' ');
}

/** Codes that mean a token, whatever the status. */
const aboutTokens: ReadonlySet<OAuthErrorCode> = new Set([
  'invalid_token',
  'expired_token',
  'invalid_dpop_proof',
  'use_dpop_nonce',
]);

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
export function unavailable(answer: FormAnswer, what: string, words: Refusal = {}): OAuthError {
  const wait = retryAfter(answer.headers);
  return new OAuthError(
    'provider_unavailable',
    `The ${what} is unavailable (HTTP ${answer.status}). Try again${wait === undefined ? ' later' : ` in ${wait} s`}.`,
    { ...words, providerStatus: answer.status, retryAfter: wait },
  );
}

/** A provider's words without what its request carried in confidence. */
function withoutQuotes(
  words: Refusal,
  { sent, secrets: ofRequest = [] }: FormAnswer,
  { secrets = [] }: RefusalReader,
): Refusal {
  return withoutUndefined(
    withoutSecrets(words, [...(sent?.secrets ?? []), ...ofRequest, ...secrets]),
  );
}
