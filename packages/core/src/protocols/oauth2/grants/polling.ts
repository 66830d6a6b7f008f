import { now, nowSeconds } from '../../../platform/crypto.js';
import { OAuthError } from '../../../model/errors.js';
import { readDuration, readMoment, secondsAfter } from '../../../platform/lifetime.js';
import type { OAuth2Token } from '../../../model/types.js';

/** An authorization that the user completes on another device, while this client polls. */
export interface PendingAuthorization {
  /** Seconds to wait before the next poll. */
  interval: number;
  /** Expiry in seconds since the epoch. */
  expires_at: number;
  /** `true` if an id_token was requested and is required. */
  openid?: boolean;
}

/**
 * The result of one poll: the token, or the data to store until the next poll after
 * `pending.interval`.
 */
export type PollResult<P extends PendingAuthorization> =
  { token: OAuth2Token; pending?: undefined } | { token?: undefined; pending: P };

/** Default seconds between polls, and the increase on `slow_down` (RFC 8628 §3.5). */
const pause = 5;

/** Seconds to poll if the lifetime cannot be parsed. */
const unreadableLifetime = 600;

/** Milliseconds; a longer timer fires at once (HTML §8.6). */
const longestTimer = 2 ** 31 - 1;

/** Reads the lifetime and the polling interval of an authorization, in seconds. */
export function readPending(
  body: Record<string, unknown>,
  what: string,
): { expires_in: number; interval: number } {
  const lifetime = readDuration(body['expires_in']);
  if (lifetime === undefined) {
    throw new OAuthError(
      'invalid_response',
      `The response of the ${what} has no "expires_in". Check the URL of the endpoint.`,
    );
  }
  return {
    interval: intervalOf({ interval: body['interval'] }),
    expires_in: lifetime === 'unreadable' ? unreadableLifetime : Math.max(0, lifetime),
  };
}

/** Converts a lifetime in seconds to the data of the polls. */
export function pendingFrom({
  expires_in,
  interval = pause,
}: {
  expires_in: number;
  interval?: number | undefined;
}): PendingAuthorization {
  return { interval, expires_at: secondsAfter(nowSeconds(), expires_in) };
}

/** Returns the seconds between polls, also of a stored authorization. */
function intervalOf({ interval }: { readonly interval?: unknown }): number {
  const seconds = readDuration(interval);
  return typeof seconds === 'number' ? Math.max(1, seconds) : pause;
}

/**
 * Returns the expiry time of an authorization. A stored value that cannot be parsed counts as
 * expired.
 */
function endOf({ expires_at }: { readonly expires_at?: unknown }): number {
  const end = readMoment(expires_at);
  return typeof end === 'number' ? end : 0;
}

/** The parameter that identifies an authorization at the provider. */
type CodeName = 'device_code' | 'auth_req_id';

/**
 * Polls once for the user's decision.
 *
 * @throws OAuthError `access_denied`, or `expired_token` after the expiry time
 */
export async function pollOnce<P extends PendingAuthorization>(
  pending: P & { readonly [code in CodeName]?: string },
  code: CodeName,
  request: (pending: P) => Promise<OAuth2Token>,
): Promise<PollResult<P>> {
  if (typeof pending?.[code] !== 'string' || pending[code] === '') throw notPending(code);
  if (endOf(pending) <= nowSeconds()) throw tooLate();
  try {
    return { token: await request(pending) };
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    if (error.error === 'authorization_pending') return { pending };
    if (error.error !== 'slow_down') throw error;
    return { pending: { ...pending, interval: intervalOf(pending) + pause } };
  }
}

/** Polls until the user has decided, the authorization expires, or `signal` aborts. */
export async function pollUntilDone<P extends PendingAuthorization>(
  first: P,
  poll: (pending: P) => Promise<PollResult<P>>,
  signal: AbortSignal | undefined,
): Promise<OAuth2Token> {
  for (let pending = first; ;) {
    await wait(Math.min(intervalOf(pending) * 1000, endOf(pending) * 1000 - now()), signal);
    const result = await poll(pending).catch((error: unknown) => slower(pending, error));
    if (result.token) return result.token;
    pending = result.pending;
  }
}

/**
 * Increases the interval after a connection timeout (RFC 8628 §3.5). The authorization remains
 * valid.
 */
function slower<P extends PendingAuthorization>(
  pending: P,
  error: unknown,
): { pending: P; token?: undefined } {
  const passing = ['timeout', 'provider_unavailable'];
  if (!(error instanceof OAuthError) || !passing.includes(error.code)) throw error;
  return {
    pending: { ...pending, interval: Math.max(intervalOf(pending) * 2, error.retryAfter ?? 0) },
  };
}

function wait(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error);
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(
      () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      },
      Math.min(Math.max(0, milliseconds), longestTimer),
    );
    signal?.addEventListener('abort', stop, { once: true });
  });
}

function notPending(code: CodeName): OAuthError {
  return new OAuthError(
    'invalid_options',
    'There is nothing to poll: pass the result of the first step, or of the last poll, with ' +
      `its "${code}".`,
  );
}

function tooLate(): OAuthError {
  return new OAuthError(
    'expired_token',
    'The authorization request expired before the user responded. Start a new one.',
  );
}
