import { refusalCode, type OAuthErrorCode } from '../../model/error-codes.js';
import { OAuthError } from '../../model/errors.js';
import { retryAfter, type HttpAnswer } from '../../platform/http/http.js';
import type { ProviderWords } from '../../model/provider-words.js';
import { habitualWords } from '../../quirks/error-rules.js';
import { withoutSecrets } from '../../platform/http/sent-secrets.js';
import type { TokenVerdict } from '../../model/types.js';
import { readFields } from './response-fields.js';

const denials: readonly string[] = ['user_refused', 'permission_denied'];

const startAgain = 'Start the login again.';
const checkClient = 'Check "clientId" and "clientSecret".';
const checkClock = "Set this machine's clock: the provider says the time is wrong.";

/** What to do about the problems that the problem reporting extension of OAuth 1.0 names. */
const advice: Readonly<Record<string, string>> = {
  timestamp_refused: checkClock,
  nonce_used: 'Try again; the request was sent twice.',
  consumer_key_unknown: checkClient,
  consumer_key_rejected: checkClient,
  consumer_key_refused: checkClient,
  signature_invalid: 'Check "clientSecret" and "signatureMethod".',
  signature_method_rejected: 'Set the "signatureMethod" the provider documents.',
  parameter_absent: 'Check the parameters the provider documents for this address.',
  parameter_rejected: 'Check the parameters the provider documents for this address.',
  token_expired: startAgain,
  token_rejected: startAgain,
  token_revoked: startAgain,
  token_used: startAgain,
  verifier_invalid: startAgain,
  permission_denied: 'The user said no.',
  user_refused: 'The user said no.',
};

/** The code of a problem the provider reports (`oauth_problem`). */
export function problemCode(problem: string | undefined): OAuthErrorCode {
  return denials.includes(problem ?? '') ? 'access_denied' : refusalCode(problem);
}

/**
 * Turns a provider's refusal into an error. Its problem is what `oauth_problem` says; why, is read as
 * habits have it too, and both go only into the error's `error` and `error_description`.
 */
export function refusal(answer: HttpAnswer, what: string): OAuthError {
  const { status } = answer;
  const problem = readProblem(answer);
  const words = wordsIn(answer, problem);
  if (status >= 500 || status === 429) {
    const seconds = retryAfter(answer.headers);
    const wait = seconds === undefined ? 'Try again later.' : `Try again in ${seconds} seconds.`;
    return new OAuthError(
      'provider_unavailable',
      `The ${what} answered with status ${status}. ${wait}`,
      { ...words, providerStatus: status, retryAfter: seconds },
    );
  }
  const message = `The ${what} refused the request (status ${status}). ${adviceFor(status, problem)}`;
  return new OAuthError(problemCode(problem), message, { ...words, providerStatus: status });
}

/** The provider's words, without what was sent in confidence. */
function wordsIn(answer: HttpAnswer, problem: string | undefined): ProviderWords {
  const advised = readReport(answer, 'oauth_problem_advice');
  const error_description = advised ?? habitualWords(answer).error_description;
  return withoutSecrets({ error: problem, error_description }, answer.secrets ?? []);
}

function adviceFor(status: number, problem = ''): string {
  const known = Object.hasOwn(advice, problem) ? advice[problem] : undefined;
  if (known !== undefined) return known;
  return status === 401
    ? `${checkClient} If they are right, check the token and this machine's clock.`
    : "Check the address, the client's rights and the parameters the provider asks for.";
}

/** Problems that are the token's own. */
const ofToken: readonly string[] = ['token_rejected', 'token_revoked', 'token_expired'];

/**
 * Reads what the response to a call says of the token that signed it. A 401 that gives no reason may as well
 * mean the client, its secret or its clock: whether the token is refused, nobody can tell.
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

/** Reads what the provider reports as its problem, from the body or from the challenge of a 401. */
export function readProblem(answer: HttpAnswer): string | undefined {
  return readReport(answer, 'oauth_problem');
}

function readReport({ text, headers }: HttpAnswer, name: string): string | undefined {
  const inBody = readFields(text).find(([field]) => field === name)?.[1];
  if (inBody !== undefined) return inBody;
  const challenge = headers.get('www-authenticate') ?? '';
  const [, quoted, bare] = new RegExp(`\\b${name}=(?:"([^"]*)"|([^",\\s]+))`).exec(challenge) ?? [];
  return percentDecode(quoted ?? bare);
}

/** Challenges are percent-encoded (RFC 5849 §3.5.1), or were meant to be. */
function percentDecode(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return text;
  }
}
