import { OAuthError } from '../../model/errors.js';
import { isUnsent } from '../../platform/http/http.js';
import type { DeadAuthorization, TokenVerdict } from '../../model/types.js';

/**
 * What a failed refresh says about the refresh token. `ended`: it is over. `unspent`: the provider did
 * not take it, so it is as good as before. `unknown`: it may have been taken, and a fresh one given that
 * never arrived.
 */
export type Outcome = 'ended' | 'unspent' | 'unknown';

/** Tells what the error of a refresh says about the refresh token. */
export function outcomeOf(error: unknown): Outcome {
  // What a hook of the application throws comes before or after the request; nobody knows.
  if (!(error instanceof OAuthError)) return 'unknown';
  if (error.code === 'invalid_grant' || isMismatch(error)) return 'ended';
  // Some servers say it of refresh tokens, too. Without a status, the token was not sent.
  const isRefused = error.code === 'invalid_token' && error.phase === 'refresh';
  if (isRefused && error.providerStatus !== undefined) return 'ended';
  const { providerStatus: status = 0 } = error;
  // Some refuse with status 200, and say so in the body.
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
 * Around a failure that a good token survives: of the provider, or of waiting for another process. What
 * stores tokens never fails like this, as a refresh token may be spent by then.
 */
export class Survivable extends Error {
  readonly error: OAuthError;

  constructor(error: OAuthError) {
    super(error.message);
    this.error = error;
  }
}

/** Failures that are not the provider's, although they happened while it was asked. */
const ours = new Set([
  'invalid_options',
  'insecure_transport',
  'foreign_origin',
  'missing_token',
  'storage_failed',
]);

/** Marks what asking the provider failed with; what the application's hooks throw stays as it is. */
export function survivable(error: unknown): unknown {
  return error instanceof OAuthError && !ours.has(error.code) ? new Survivable(error) : error;
}

/** Hands a failure on as the caller is to see it. */
export async function unwrapped<V>(work: Promise<V>): Promise<V> {
  return await work.catch((error: unknown) => {
    throw error instanceof Survivable ? error.error : error;
  });
}

/** Tells whether a refresh ended because what it brought is for somebody else. */
export function isMismatch(error: unknown): boolean {
  if (!(error instanceof OAuthError) || error.phase !== 'refresh') return false;
  return error.code === 'invalid_id_token' || error.code === 'mismatching_account';
}

/** The error of a refresh that the provider asked to wait with. */
export function tooEarly(client: string, seconds: number): OAuthError {
  return new OAuthError(
    'provider_unavailable',
    `The provider asked to wait with the next refresh; it was not asked again. Try in ${seconds} s.`,
    { client, phase: 'refresh', retryAfter: seconds },
  );
}

const whys: Readonly<Record<DeadAuthorization['reason'], string>> = {
  refused: 'the provider no longer accepts its token',
  lost: 'a refresh was interrupted after it was sent, and the fresh token it brought was lost',
  mismatch:
    'a refresh brought a token for another user, issuer or client, of which nothing was stored',
};

/** The error of an authorization that has ended. */
export function ended(
  client: string,
  reason: DeadAuthorization['reason'],
  cause?: unknown,
): OAuthError {
  const words = (cause ?? {}) as Partial<OAuthError>;
  const { providerStatus, error, error_description, error_uri } = words;
  return new OAuthError(
    'invalid_token',
    `The authorization has ended: ${whys[reason]}. Ask the person to log in again.`,
    { client, phase: 'refresh', providerStatus, error, error_description, error_uri },
  );
}

/** What an error of the userinfo endpoint says of the token. */
export function verdictIn({ code, providerStatus }: OAuthError): TokenVerdict {
  // Without a status, the token was not sent.
  if (code === 'invalid_token' && providerStatus !== undefined) return 'refused';
  return providerStatus === 401 ? 'other' : undefined;
}

/** The error of a token that was in the store, and is not any more. */
export function forgotten(client: string): OAuthError {
  return new OAuthError(
    'missing_token',
    'The stored token was deleted while it was being refreshed. Ask the person to log in again.',
    { client, phase: 'refresh' },
  );
}

/** The error of an early refresh after one whose answer never arrived. */
export function interrupted(client: string): OAuthError {
  return new OAuthError(
    'provider_unavailable',
    'A refresh was interrupted, and the provider may count another one as misuse ("refreshReuseGrace"). ' +
      'The token is used until it expires, and only then refreshed again.',
    { client, phase: 'refresh' },
  );
}

/** The error of a call that waited for another process. */
export function tooSlow(client: string, seconds: number): OAuthError {
  return new OAuthError(
    'timeout',
    `Another process has been refreshing this token for more than ${seconds} s. Try again.`,
    { client, phase: 'refresh' },
  );
}
