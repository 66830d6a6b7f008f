import { isUnavailable, providerUnavailable } from '../../platform/http/unavailable.js';
import { errorResponseCode, type OAuthErrorCode } from '../../model/error-codes.js';
import { OAuthError } from '../../model/errors.js';
import type { HttpResponse } from '../../platform/http/http.js';
import type { ProviderWords } from '../../model/provider-words.js';
import { commonErrorFields } from '../../quirks/error-rules.js';
import { redactErrorFields } from '../../platform/http/sent-secrets.js';
import type { TokenVerdict } from '../../model/types.js';
import { readFields } from './response-fields.js';

const denials: readonly string[] = ['user_refused', 'permission_denied'];

const startAgain = 'Start the login again.';
const checkClient = 'Check "clientId" and "clientSecret".';
const checkClock = 'Correct the clock of this machine: the provider rejected the timestamp.';

/** Advice for each problem of the OAuth Problem Reporting extension. */
const advice: Readonly<Record<string, string>> = {
  timestamp_refused: checkClock,
  nonce_used: 'Try again: the provider has seen this nonce before.',
  consumer_key_unknown: checkClient,
  consumer_key_rejected: checkClient,
  consumer_key_refused: checkClient,
  signature_invalid: 'Check "clientSecret" and "signatureMethod".',
  signature_method_rejected: 'Set the "signatureMethod" the provider documents.',
  parameter_absent: 'Check the parameters that the provider documents for this endpoint.',
  parameter_rejected: 'Check the parameters that the provider documents for this endpoint.',
  token_expired: startAgain,
  token_rejected: startAgain,
  token_revoked: startAgain,
  token_used: startAgain,
  verifier_invalid: startAgain,
  permission_denied: 'The user denied access.',
  user_refused: 'The user denied access.',
};

/** Returns the error code for a provider's `oauth_problem`. */
export function problemCode(problem: string | undefined): OAuthErrorCode {
  return denials.includes(problem ?? '') ? 'access_denied' : errorResponseCode(problem);
}

/**
 * Creates an error from an error response. The problem is `oauth_problem`; the description is read
 * from it or from common error fields. Both are set only as `error` and `error_description`.
 */
export function errorResponse(response: HttpResponse, what: string): OAuthError {
  const { status } = response;
  const problem = readProblem(response);
  const words = responseErrorFields(response, problem);
  if (isUnavailable(response)) return providerUnavailable(response, what, words);
  const message = `The ${what} rejected the request (HTTP ${status}). ${problemAdvice(status, problem)}`;
  return new OAuthError(problemCode(problem), message, { ...words, providerStatus: status });
}

/** Returns the provider's `error` and `error_description`, with secrets of the request removed. */
function responseErrorFields(response: HttpResponse, problem: string | undefined): ProviderWords {
  const advised = readReport(response, 'oauth_problem_advice');
  const error_description = advised ?? commonErrorFields(response).error_description;
  return redactErrorFields({ error: problem, error_description }, response.secrets?.() ?? []);
}

function problemAdvice(status: number, problem = ''): string {
  const known = Object.hasOwn(advice, problem) ? advice[problem] : undefined;
  if (known !== undefined) return known;
  return status === 401
    ? `${checkClient} If they are correct, check the token and the clock of this machine.`
    : "Check the URL, the client's permissions and the parameters the provider requires.";
}

/** Problems caused by the token itself. */
const ofToken: readonly string[] = ['token_rejected', 'token_revoked', 'token_expired'];

/**
 * Reads from an API response whether the token was rejected. A 401 without a reason is
 * inconclusive: the cause may be the client, its secret or the clock.
 */
export function judgeResponse({
  status,
  headers,
}: Pick<Response, 'status' | 'headers'>): TokenVerdict {
  const problem = readProblem({ status, headers, text: '' });
  if (status >= 400 && status <= 403 && ofToken.includes(problem ?? '')) return 'refused';
  if (status !== 401) return undefined;
  return problem === undefined ? 'unclear' : 'other';
}

/** Reads `oauth_problem` from the body or from the challenge of a 401. */
export function readProblem(response: HttpResponse): string | undefined {
  return readReport(response, 'oauth_problem');
}

function readReport({ text, headers }: HttpResponse, name: string): string | undefined {
  const inBody = readFields(text).find(([field]) => field === name)?.[1];
  if (inBody !== undefined) return inBody;
  const challenge = headers.get('www-authenticate') ?? '';
  const [, quoted, bare] = new RegExp(`\\b${name}=(?:"([^"]*)"|([^",\\s]+))`).exec(challenge) ?? [];
  return percentDecode(quoted ?? bare);
}

/** Decodes a challenge parameter (RFC 5849 §3.5.1). Returns malformed text unchanged. */
function percentDecode(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return text;
  }
}
