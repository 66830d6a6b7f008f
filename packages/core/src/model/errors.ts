import { statusCodeOf, type OAuthErrorCode, type Phase } from './error-codes.js';
import type { AuthorizeParams } from './params.js';
import { readableWords } from './provider-words.js';

/** Properties of an {@link OAuthError} besides its code and message. */
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
  /** Seconds to wait before retrying, from the provider's `Retry-After` header. */
  retryAfter?: number | undefined;
  /** Parameters to add to the next authorization request. */
  params?: AuthorizeParams | undefined;
  /** A short code of the underlying failure, such as `ECONNREFUSED`; never a secret. */
  reason?: string | undefined;
  /** The underlying error, without secrets. */
  cause?: Error | undefined;
}

/**
 * The error class of this library. `code` identifies the error; `message` says what was seen and
 * what to do. `message`, `stack`, `util.inspect()` and `JSON.stringify()` never contain secrets or
 * provider-supplied text. That text is in the properties `error`, `error_description` and
 * `error_uri`; it is untrusted, so escape it before you display it.
 */
export class OAuthError extends Error {
  override readonly name: string = 'OAuthError';
  readonly code: OAuthErrorCode;
  readonly client?: string;
  readonly phase?: Phase;
  /**
   * Recommended HTTP status for the response to the browser. Express and Fastify send it
   * automatically.
   */
  readonly status: number;
  /** The same as `status`, under the name that Fastify and Node.js read. */
  readonly statusCode: number;
  /** The HTTP status of the provider's response, if there was one. */
  readonly providerStatus?: number;
  /** Seconds to wait before retrying, from the provider's `Retry-After` header. */
  readonly retryAfter?: number;
  /** A short code of the underlying failure, such as `ECONNREFUSED`. */
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
   * The provider's error code, for example `bad_verification_code`, limited to the characters of
   * RFC 6749 §5.2. Untrusted text: escape it before you display it.
   */
  get error(): string | undefined {
    return this.#details.error;
  }

  /**
   * The provider's error description, without control characters. Untrusted text: escape it before
   * you display it.
   */
  get error_description(): string | undefined {
    return this.#details.error_description;
  }

  /** The provider's page about the error, if it is a plain web URL. Its target is not checked. */
  get error_uri(): string | undefined {
    return this.#details.error_uri;
  }

  /** The path of this code's entry in the documentation: `/errors#mismatching_state`. */
  get docs(): string {
    return `/errors#${this.code}`;
  }

  /**
   * Parameters to add to the next authorization request, if that would help: pass them to
   * `authorizeRedirect` (RFC 6750 §3.1, RFC 9470 §4).
   */
  get params(): AuthorizeParams | undefined {
    return this.#details.params;
  }

  /**
   * Returns a representation that is safe to log or send as JSON: no secrets, no provider-supplied
   * text.
   */
  toJSON(): Record<string, unknown> {
    const { name, code, message, client, phase, status, providerStatus, retryAfter, reason } = this;
    return { name, code, message, client, phase, status, providerStatus, retryAfter, reason };
  }

  /** Returns the same error with the client and the phase filled in if they were missing. */
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

/**
 * Returns whether a value is an {@link OAuthError}, even if two copies of this package are loaded.
 */
export function isOAuthError(value: unknown): value is OAuthError {
  return value instanceof Error && value.name === 'OAuthError' && 'code' in value;
}

/**
 * Returns a short code for an error: a system or driver code, a SQLSTATE, or the first word of a
 * Redis reply. Never more of its message, which may quote headers, keys and values.
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

/**
 * A code such as `ECONNREFUSED`, or a five-character SQLSTATE, of which the first two characters
 * name a class.
 */
const isCode = /^(?:[A-Z][A-Z0-9_]{2,40}|[0-9A-Z]{5})$/;

const replies = new Set(
  (
    'ASK BUSY BUSYGROUP BUSYKEY CLUSTERDOWN CROSSSLOT DENIED ERR EXECABORT INPROG IOERR LOADING ' +
    'MASTERDOWN MISCONF MOVED NOAUTH NOGROUP NOPERM NOPROTO NOREPLICAS NOSCRIPT NOTBUSY OOM READONLY ' +
    'TRYAGAIN UNBLOCKED UNKILLABLE WRONGPASS WRONGTYPE'
  ).split(' '),
);
