import { statusCodeOf, type OAuthErrorCode, type Phase } from './error-codes.js';
import type { AuthorizeParams } from './params.js';
import { readableWords } from './provider-words.js';

/** What an {@link OAuthError} knows beside its code and message. */
export interface OAuthErrorDetails {
  /** The registered name of the client. */
  client?: string | undefined;
  phase?: Phase | undefined;
  /** The HTTP status of the provider's response. */
  providerStatus?: number | undefined;
  /** The provider's own error code, as received. */
  error?: string | undefined;
  error_description?: string | undefined;
  error_uri?: string | undefined;
  /** Seconds the provider asked us to wait (`Retry-After`). */
  retryAfter?: number | undefined;
  /** What the next authorization request has to ask for. */
  params?: AuthorizeParams | undefined;
  /** A short, harmless word about the underlying failure, such as `ECONNREFUSED`. */
  reason?: string | undefined;
  /** What is behind it, without anything that could be secret. */
  cause?: Error | undefined;
}

/**
 * The one error of this library. `code` says what happened, `message` what was seen and what to do.
 *
 * Neither `message`, `stack`, `util.inspect()` nor `JSON.stringify()` ever show a secret or a word of
 * the provider's; those words are the properties `error`, `error_description` and `error_uri`, which
 * are text from outside: escape them before you show them.
 */
export class OAuthError extends Error {
  override readonly name: string = 'OAuthError';
  readonly code: OAuthErrorCode;
  readonly client?: string;
  readonly phase?: Phase;
  /** The HTTP status for the browser's response. Express and Fastify send it by themselves. */
  readonly status: number;
  /** The same as `status`, under the name that Fastify and Node read. */
  readonly statusCode: number;
  /** The HTTP status of the provider's response, when there was one. */
  readonly providerStatus?: number;
  /** Seconds the provider asked us to wait before trying again. */
  readonly retryAfter?: number;
  /** A short word about the underlying failure, such as `ECONNREFUSED`. */
  readonly reason?: string;
  readonly #details: OAuthErrorDetails;

  constructor(code: OAuthErrorCode, message: string, details: OAuthErrorDetails = {}) {
    super(message, details.cause && { cause: details.cause });
    this.code = code;
    this.#details = { ...details, ...readableWords(details) };
    if (details.client !== undefined) this.client = details.client;
    if (details.phase !== undefined) this.phase = details.phase;
    if (details.providerStatus !== undefined) this.providerStatus = details.providerStatus;
    if (details.retryAfter !== undefined) this.retryAfter = details.retryAfter;
    if (details.reason !== undefined) this.reason = details.reason;
    this.status = statusCodeOf(code, details.phase);
    this.statusCode = this.status;
  }

  /**
   * The provider's error code, e.g. `bad_verification_code`, in the characters of RFC 6749 §5.2. Text from
   * outside: escape it before showing it.
   */
  get error(): string | undefined {
    return this.#details.error;
  }

  /** The provider's explanation, without control characters. Text from outside: escape it before showing it. */
  get error_description(): string | undefined {
    return this.#details.error_description;
  }

  /** A page about the error, if the provider gives a plain web URL. It is not checked where it leads. */
  get error_uri(): string | undefined {
    return this.#details.error_uri;
  }

  /**
   * What the next authorization request has to ask for, where that would help: hand it to
   * `authorizeRedirect` (RFC 6750 §3.1, RFC 9470 §4).
   */
  get params(): AuthorizeParams | undefined {
    return this.#details.params;
  }

  /** What may be logged or answered as JSON: nothing secret, nothing of the provider's words. */
  toJSON(): Record<string, unknown> {
    const { name, code, message, client, phase, status, providerStatus, retryAfter, reason } = this;
    return { name, code, message, client, phase, status, providerStatus, retryAfter, reason };
  }

  /** The same error, with the client and the phase filled in where they were missing. */
  within(client: string | undefined, phase: Phase): OAuthError {
    if (this.client !== undefined && this.phase !== undefined) return this;
    const copy = new OAuthError(this.code, this.message, {
      ...this.#details,
      client: this.client ?? client,
      phase: this.phase ?? phase,
    });
    if (this.stack !== undefined) copy.stack = this.stack;
    return copy;
  }
}

/** Tells whether a value is an {@link OAuthError}, also when two copies of this package are loaded. */
export function isOAuthError(value: unknown): value is OAuthError {
  return value instanceof Error && value.name === 'OAuthError' && 'code' in value;
}

/**
 * Tells in a word what an error is: the code of the system or of a driver, a SQLSTATE, or the first word of
 * a Redis reply. Never more of its message, which may quote headers, keys and values.
 */
export function reasonOf(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code, sqlState } = cause as Error & Record<string, unknown>;
    const found = [code, sqlState].find((one) => typeof one === 'string' && isCode.test(one));
    if (typeof found === 'string') return found;
    const [word = ''] = cause.message.slice(0, 40).split(' ');
    if (replies.has(word)) return word;
  }
  return undefined;
}

/** A name such as `ECONNREFUSED`, or a SQLSTATE, of whose five characters the first two name a class. */
const isCode = /^(?:[A-Z][A-Z0-9_]{2,40}|[0-9A-Z]{5})$/;

const replies = new Set(
  (
    'ASK BUSY BUSYGROUP BUSYKEY CLUSTERDOWN CROSSSLOT DENIED ERR EXECABORT INPROG IOERR LOADING ' +
    'MASTERDOWN MISCONF MOVED NOAUTH NOGROUP NOPERM NOPROTO NOREPLICAS NOSCRIPT NOTBUSY OOM READONLY ' +
    'TRYAGAIN UNBLOCKED UNKILLABLE WRONGPASS WRONGTYPE'
  ).split(' '),
);
