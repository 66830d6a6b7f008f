import { equalInConstantTime } from '../../platform/crypto.js';
import { errorResponseCode } from '../../model/error-codes.js';
import { OAuthError } from '../../model/errors.js';
import { matchErrorRule } from '../../quirks/error-rules.js';
import { secretParams, redactErrorFields } from '../../platform/http/sent-secrets.js';
import type { AuthorizeData } from '../../model/types.js';
import type { OAuth1EngineOptions } from './context.js';
import { problemCode } from './errors.js';

/** Callback parameters that must not be repeated. */
const singles = ['oauth_token', 'oauth_verifier', 'denied', 'oauth_problem'] as const;

/**
 * Reads the temporary credentials identifier from a callback: `oauth_token`, or the `denied`
 * parameter that some providers send instead. Returns `undefined` if it is repeated, empty or
 * missing.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5849#section-2.2
 */
export function readRequestToken(params: URLSearchParams): string | undefined {
  const name = params.has('oauth_token') ? 'oauth_token' : 'denied';
  const [token, ...others] = params.getAll(name);
  return others.length === 0 && token !== '' ? token : undefined;
}

/** Rejects a callback that repeats a protocol parameter or belongs to another login. */
export function validateCallback(params: URLSearchParams, data: AuthorizeData): void {
  const repeated = singles.find((name) => params.getAll(name).length > 1);
  if (repeated !== undefined) {
    throw new OAuthError(
      'invalid_callback',
      `The callback has "${repeated}" more than once. Start the login again.`,
    );
  }
  if (equalInConstantTime(readRequestToken(params) ?? '', data.state) && data.state !== '') return;
  throw new OAuthError(
    'mismatching_state',
    'The callback\'s "oauth_token" is not the request token of this login. Start the login again.',
  );
}

/**
 * Throws if the callback is an error response: `denied`, `oauth_problem`, or a match of an `errors`
 * rule.
 */
export function checkErrorResponse(
  params: URLSearchParams,
  rules?: OAuth1EngineOptions['errors'],
): void {
  const problem = params.get('oauth_problem') || undefined;
  const denied = params.get('denied') ? 'denied' : undefined;
  const found = matchErrorRule(rules, 'callback', Object.fromEntries(params));
  const ruled = typeof found === 'object' ? found : undefined;
  if (problem === undefined && denied === undefined && ruled === undefined) return;
  const fallback = ruled ? errorResponseCode(ruled.code ?? ruled.error) : 'access_denied';
  const code = problem === undefined ? fallback : problemCode(problem);
  const seen =
    code === 'access_denied'
      ? 'The user or the provider denied access. Offer to log in again.'
      : refused;
  const advice = params.get('oauth_problem_advice') ?? undefined;
  const words = {
    error: problem ?? denied ?? ruled?.error,
    error_description: advice ?? ruled?.error_description,
  };
  const secrets = [...secretParams(params), params.get('denied') ?? ''];
  throw new OAuthError(code, seen, redactErrorFields(words, secrets));
}

const refused =
  'The provider returned an error to the callback. See error.error and ' +
  'error.error_description for its reason.';

/** Reads `oauth_verifier` (RFC 5849 §2.2). Returns `undefined` only with `allowMissingVerifier`. */
export function readVerifier(
  params: URLSearchParams,
  { allowMissingVerifier }: Pick<OAuth1EngineOptions, 'allowMissingVerifier'> = {},
): string | undefined {
  const verifier = params.get('oauth_verifier');
  if (verifier) return verifier;
  if (allowMissingVerifier) return undefined;
  throw new OAuthError(
    'invalid_callback',
    'The callback has no "oauth_verifier", which proves that this user approved the login ' +
      '(RFC 5849 §2.2). The provider must support OAuth 1.0a.',
  );
}

/** Returns the request token secret stored at the start of the login. */
export function readRequestTokenSecret(data: AuthorizeData): string {
  if (data.requestTokenSecret !== undefined) return data.requestTokenSecret;
  throw new OAuthError(
    'missing_request_token',
    'The pending login has no request token secret. Store everything that ' +
      'createAuthorizationUrl() returns until the callback.',
  );
}
