import { OAuthError } from '../../../model/errors.js';
import type { Http } from '../../../platform/http/http.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import { isRuledOut } from '../../../quirks/error-rules.js';
import type { TokenVerdict } from '../../../model/types.js';
import { readChallenges } from '../../../platform/http/challenge.js';

/** Challenge error codes that concern the token itself (RFC 6750 §3.1, and common variants). */
const aboutToken: ReadonlySet<string | undefined> = new Set(['invalid_token', 'token_expired']);

/** Statuses with which a token may be rejected; RFC 6750 §3.1 defines 401. */
const refusing: ReadonlySet<number> = new Set([400, 401, 403]);

/**
 * Reads from an API response whether the token was rejected: from the error code of a challenge, or
 * from an `errors` rule of the client for `resource`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3.1
 */
export async function judgeResponse(
  response: Response,
  options: Readonly<RegisterOptions>,
  http: Pick<Http, 'peek'>,
): Promise<TokenVerdict> {
  const { status } = response;
  if (!refusing.has(status) && !options.errors) return undefined;
  const { headers } = response;
  const errors = readChallenges(headers).flatMap(({ params }) => params.get('error') ?? []);
  if (refusing.has(status) && errors.some((error) => aboutToken.has(error))) return 'refused';
  if (options.errors && (await isRuledOut(response, options.errors, http))) return 'refused';
  if (status !== 401) return undefined;
  if (errors.length > 0) return 'other';
  // Some providers use a non-standard challenge: OAuth "Platform" "invalid_token" "…".
  return /"(?:invalid_token|token_expired)"/.test(headers.get('www-authenticate') ?? '')
    ? 'refused'
    : 'unclear';
}

/** Whether an error says that the provider rejected the token. */
export function isTokenRefused(error: unknown): boolean {
  const { code, providerStatus } = error instanceof OAuthError ? error : {};
  // Without a status, no request was sent.
  return code === 'invalid_token' && providerStatus !== undefined;
}
