import { now, nowSeconds } from '../../../platform/crypto.js';
import { OAuthError } from '../../../model/errors.js';
import { readDuration, readMoment, secondsAfter } from '../../../platform/lifetime.js';
import type { OAuth2Token } from '../../../model/types.js';

/** An authorization that a person gives elsewhere, while this client asks from time to time. */
export interface PendingAuthorization {
  /** Seconds to wait before the next poll. */
  interval: number;
  /** When it ends, in seconds since the epoch. */
  expires_at: number;
  /** `true` when an id_token was asked for and must arrive. */
  openid?: boolean;
}

/** The outcome of one poll: the token, or what to keep for the next poll after `pending.interval`. */
export type PollAnswer<P extends PendingAuthorization> =
  { token: OAuth2Token; pending?: undefined } | { token?: undefined; pending: P };

/** Seconds between polls where the provider does not say, and what `slow_down` adds (RFC 8628 §3.5). */
const pause = 5;

/** Seconds for which an authorization is polled whose lifetime cannot be read. */
const unreadableLifetime = 600;

/** Milliseconds; what waits for longer does not wait at all (HTML §8.6). */
const longestTimer = 2 ** 31 - 1;

/** Reads how long an authorization lasts and how often to poll for it. */
export function readPending(body: Record<string, unknown>, what: string): PendingAuthorization {
  const lifetime = readDuration(body['expires_in']);
  if (lifetime === undefined) {
    throw new OAuthError(
      'invalid_response',
      `The ${what} did not say for how long ("expires_in").`,
    );
  }
  const seconds = lifetime === 'unreadable' ? unreadableLifetime : lifetime;
  return {
    interval: intervalOf({ interval: body['interval'] }),
    expires_at: secondsAfter(nowSeconds(), seconds),
  };
}

/** Seconds between polls, also of an authorization that the application has stored. */
function intervalOf({ interval }: { readonly interval?: unknown }): number {
  const seconds = readDuration(interval);
  return typeof seconds === 'number' ? Math.max(1, seconds) : pause;
}

/** When an authorization ends; one that the application has stored in a form nobody can read is over. */
function endOf({ expires_at }: { readonly expires_at?: unknown }): number {
  const end = readMoment(expires_at);
  return typeof end === 'number' ? end : 0;
}

/** What names an authorization at the provider. */
type CodeName = 'device_code' | 'auth_req_id';

/**
 * Asks once whether the person has decided.
 *
 * @throws OAuthError `access_denied`, or `expired_token` when it is too late
 * @see https://www.rfc-editor.org/rfc/rfc8628#section-3.5
 */
export async function pollOnce<P extends PendingAuthorization>(
  pending: P & { readonly [code in CodeName]?: string },
  code: CodeName,
  request: (pending: P) => Promise<OAuth2Token>,
): Promise<PollAnswer<P>> {
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

/** Polls until the person has decided, the time is over, or `signal` says to stop. */
export async function pollUntilDone<P extends PendingAuthorization>(
  first: P,
  poll: (pending: P) => Promise<PollAnswer<P>>,
  signal: AbortSignal | undefined,
): Promise<OAuth2Token> {
  for (let pending = first; ;) {
    await wait(Math.min(intervalOf(pending) * 1000, endOf(pending) * 1000 - now()), signal);
    const answer = await poll(pending).catch((error: unknown) => slower(pending, error));
    if (answer.token) return answer.token;
    pending = answer.pending;
  }
}

/** RFC 8628 §3.5: after a connection timeout, poll less often; the authorization is not lost. */
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
    `There is nothing to poll for: pass what the first step, or the last poll, returned, with its "${code}".`,
  );
}

function tooLate(): OAuthError {
  return new OAuthError(
    'expired_token',
    'Nobody decided in time; this authorization has expired. Start another.',
  );
}
