import { OAuthError } from '../../../model/errors.js';
import type { Http } from '../../../platform/http/http.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import { isRuledOut } from '../../../quirks/error-rules.js';
import type { TokenVerdict } from '../../../model/types.js';
import { readChallenges } from '../../../platform/http/challenge.js';

/** The error codes of a challenge that are about the token itself (RFC 6750 §3.1, and by habit). */
const aboutToken: ReadonlySet<string | undefined> = new Set(['invalid_token', 'token_expired']);

/** With these a server may refuse a token and say so; RFC 6750 §3.1 has 401. */
const refusing: ReadonlySet<number> = new Set([400, 401, 403]);

/**
 * Reads what a response says of the token that came with its request: by the error code of a challenge, or by
 * a rule of the client's `errors` for `resource`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3.1
 */
export async function judgeResponse(
  response: Response,
  options: Readonly<RegisterOptions>,
  http: Pick<Http, 'peek'>,
): Promise<TokenVerdict> {
  const { status, headers } = response;
  const errors = readChallenges(headers).flatMap(({ params }) => params.get('error') ?? []);
  if (refusing.has(status) && errors.some((error) => aboutToken.has(error))) return 'refused';
  if (await isRuledOut(response, options.errors, http)) return 'refused';
  if (status !== 401) return undefined;
  if (errors.length > 0) return 'other';
  // Some name the code in a form of their own: OAuth "Platform" "invalid_token" "…".
  return /"(?:invalid_token|token_expired)"/.test(headers.get('www-authenticate') ?? '')
    ? 'refused'
    : 'unclear';
}

/** Tells whether an error says that the provider has refused the token. */
export function isTokenRefused(error: unknown): boolean {
  const { code, providerStatus } = error instanceof OAuthError ? error : {};
  // Without a status, the token was not sent.
  return code === 'invalid_token' && providerStatus !== undefined;
}
