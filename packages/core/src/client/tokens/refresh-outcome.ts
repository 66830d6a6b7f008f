import { OAuthError } from '../../model/errors.js';
import { isUnsent } from '../../platform/http/http.js';
import type { RevokedGrant, TokenVerdict } from '../../model/types.js';

/**
 * What a failed refresh means for the refresh token. `ended`: it is invalid. `unspent`: the
 * provider did not use it, so it is still valid. `unknown`: it may be spent, and the response with
 * a new one lost.
 */
export type Outcome = 'ended' | 'unspent' | 'unknown';

/** Returns what the error of a refresh means for the refresh token. */
export function refreshOutcome(error: unknown): Outcome {
  // A hook of the application may have thrown before or after the request.
  if (!(error instanceof OAuthError)) return 'unknown';
  if (error.code === 'invalid_grant' || isMismatch(error)) return 'ended';
  // Some providers use this code for refresh tokens, too. Without a status, the token was not sent.
  const isRefused = error.code === 'invalid_token' && error.phase === 'refresh';
  if (isRefused && error.providerStatus !== undefined) return 'ended';
  const { providerStatus: status = 0 } = error;
  // Some providers return error responses with status 200.
  const refused = status < 500 && (status >= 400 || error.error !== undefined);
  const unsent = error.phase === 'metadata' || isUnsent(error);
  const early = [
    'invalid_options',
    'insecure_transport',
    'foreign_origin',
    'missing_token',
    'invalid_token',
  ].includes(error.code);
  return refused || unsent || early ? 'unspent' : 'unknown';
}

/**
 * Wraps a failure that is ignored while the token is valid: of the provider, or of waiting for
 * another process. Failures to store a token are never wrapped, because the refresh token may be
 * spent.
 */
export class Survivable extends Error {
  readonly error: OAuthError;

  constructor(error: OAuthError) {
    super(error.message);
    this.error = error;
  }
}

/** Failures not caused by the provider, although they occurred during its request. */
const ours = new Set([
  'invalid_options',
  'insecure_transport',
  'foreign_origin',
  'missing_token',
  'storage_failed',
]);

/** Wraps failures of the provider request; errors of the application's hooks are unchanged. */
export function survivable(error: unknown): unknown {
  return error instanceof OAuthError && !ours.has(error.code) ? new Survivable(error) : error;
}

/** Rethrows a wrapped failure as the original error. */
export async function unwrapped<V>(work: Promise<V>): Promise<V> {
  return await work.catch((error: unknown) => {
    throw survived(error);
  });
}

/** Returns the original error of a wrapped failure. */
export function survived(error: unknown): unknown {
  return error instanceof Survivable ? error.error : error;
}

/** Returns whether a refresh failed because its result is for another user, issuer or client. */
export function isMismatch(error: unknown): boolean {
  if (!(error instanceof OAuthError) || error.phase !== 'refresh') return false;
  return error.code === 'invalid_id_token' || error.code === 'mismatching_account';
}

/** Creates the error of a refresh that the provider asked to delay. */
export function tooEarly(client: string, seconds: number): OAuthError {
  return new OAuthError(
    'provider_unavailable',
    `The provider asked to delay the next refresh; no request was sent. Try again in ${seconds} s.`,
    { client, phase: 'refresh', retryAfter: seconds },
  );
}

const whys: Readonly<Record<RevokedGrant['reason'], string>> = {
  refused: 'the provider no longer accepts its token',
  lost: 'a refresh was interrupted after its request was sent, and the new token was lost',
  mismatch: 'a refresh returned a token for another user, issuer or client, which was not stored',
};

/** Creates the error of an authorization that has ended. */
export function authorizationEnded(
  client: string,
  reason: RevokedGrant['reason'],
  cause?: unknown,
): OAuthError {
  const words = (cause ?? {}) as Partial<OAuthError>;
  const { providerStatus, error, error_description, error_uri } = words;
  return new OAuthError(
    'invalid_token',
    `The authorization has ended: ${whys[reason]}. Ask the user to log in again.`,
    { client, phase: 'refresh', providerStatus, error, error_description, error_uri },
  );
}

/** Returns what an error of the userinfo endpoint means for the token. */
export function verdictIn({ code, providerStatus }: OAuthError): TokenVerdict {
  // Without a status, the token was not sent.
  if (code === 'invalid_token' && providerStatus !== undefined) return 'refused';
  return providerStatus === 401 ? 'other' : undefined;
}

/** Creates the error of a token that was deleted from the store. */
export function forgotten(client: string): OAuthError {
  return new OAuthError(
    'missing_token',
    'The stored token was deleted while it was being refreshed. Ask the user to log in again.',
    { client, phase: 'refresh' },
  );
}

/** Creates the error of an early refresh after one whose response was lost. */
export function interrupted(client: string): OAuthError {
  return new OAuthError(
    'provider_unavailable',
    'A refresh was interrupted, and the provider may treat another one as refresh token reuse ("refreshReuseWindow"). ' +
      'The token is used until it expires, and only then refreshed again.',
    { client, phase: 'refresh' },
  );
}

/** Creates the error of a call that waited for another process. */
export function tooSlow(client: string, seconds: number): OAuthError {
  return new OAuthError(
    'timeout',
    `Another process has been refreshing this token for more than ${seconds} s. Try again.`,
    { client, phase: 'refresh' },
  );
}
