import { nowSeconds } from '../../platform/crypto.js';
import { OAuthError } from '../../model/errors.js';
import type { HttpResponse } from '../../platform/http/http.js';
import { readDuration, readMoment, secondsAfter, type ReadTime } from '../../platform/lifetime.js';
import { isOwnMember } from '../../model/own-members.js';
import type { OAuth1Token, TokenWarning } from '../../model/types.js';
import { readFields } from './response-fields.js';
import type { OAuth1Config } from './context.js';
import { readProblem, errorResponse } from './errors.js';
import type { Pair } from './signing/base-string.js';

/** Maximum length of a token, which becomes part of the authorization URL. */
const maxLength = 4096;

/**
 * Reads temporary or token credentials from a response. Values are not changed; other fields, such
 * as `user_id`, are returned as strings. An empty secret is valid, a missing one is not.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5849#section-2.1
 */
export function readCredentials(response: HttpResponse, what: string): OAuth1Token {
  if (response.status >= 400) throw errorResponse(response, what);
  const fields = readFields(response.text);
  const token = first(fields, 'oauth_token');
  if (token === undefined && readProblem(response) !== undefined)
    throw errorResponse(response, what);
  const secret = first(fields, 'oauth_token_secret');
  if (!token) throw invalidCredentials(response, what, 'has no "oauth_token"');
  if (token.length > maxLength)
    throw invalidCredentials(
      response,
      what,
      `has an "oauth_token" longer than ${maxLength} characters`,
    );
  if (secret === undefined) throw invalidCredentials(response, what, 'has no "oauth_token_secret"');
  if (hasRepeated(fields))
    throw invalidCredentials(response, what, 'names a protocol parameter twice');
  return {
    ...Object.fromEntries(fields.filter(([name]) => !isOwnMember(name))),
    oauth_token: token,
    oauth_token_secret: secret,
  };
}

/**
 * Reads token credentials. Sets `expires_at` from `oauth_expires_in`, or else from an `expires_at`
 * in any format.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5849#section-2.3
 */
export function readTokenCredentials(
  response: HttpResponse,
  what: string,
  warn?: OAuth1Config['warn'],
): OAuth1Token {
  const { expires_at: given, ...token } = readCredentials(response, what) as OAuth1Token;
  const end = readEnd(token.oauth_expires_in, given);
  if (end === 'unreadable') {
    warn?.(unreadableExpiry);
    return { ...token, expires_unreadable: true };
  }
  return end === undefined ? token : { ...token, expires_at: end };
}

/** Returns the expiry time of a token. A lifetime of 0 means that the token does not expire. */
function readEnd(lifetime: unknown, moment: unknown): ReadTime {
  const seconds = readDuration(lifetime);
  if (seconds === 0) return undefined;
  if (typeof seconds === 'number') return secondsAfter(nowSeconds(), seconds);
  const end = readMoment(moment);
  return typeof end === 'number' ? end : (seconds ?? end);
}

const unreadableExpiry: TokenWarning = {
  field: 'expires_in',
  message:
    'The token response has an "oauth_expires_in" or "expires_at" that cannot be parsed. ' +
    'With a session handle the token is renewed at the next call, otherwise it is used ' +
    'until the API rejects it.',
};

function first(fields: readonly Pair[], name: string): string | undefined {
  return fields.find(([field]) => field === name)?.[1];
}

function hasRepeated(fields: readonly Pair[]): boolean {
  const names = fields.map(([name]) => name).filter((name) => name.startsWith('oauth_'));
  return new Set(names).size !== names.length;
}

function invalidCredentials({ status }: HttpResponse, what: string, flaw: string): OAuthError {
  return new OAuthError(
    'invalid_response',
    `The response of the ${what} ${flaw}. It must be form-encoded or JSON, with ` +
      '"oauth_token" and "oauth_token_secret" once each (RFC 5849 §2). Check the configured ' +
      'URL.',
    { providerStatus: status },
  );
}
