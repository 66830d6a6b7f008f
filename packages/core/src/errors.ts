import type { AuthorizeParams } from './params.js';

/** Every code an {@link OAuthError} can carry. Codes are API: switch on them, never on a message. */
export type OAuthErrorCode =
  // the application's configuration or call
  | 'invalid_options'
  | 'unknown_client'
  | 'insecure_transport'
  | 'missing_session'
  | 'missing_token'
  | 'token_expired'
  | 'foreign_origin'
  // what a person or a document of somebody else named
  | 'invalid_server'
  | 'unsafe_address'
  // the browser's request
  | 'mismatching_state'
  | 'expired_state'
  | 'missing_request_token'
  | 'invalid_callback'
  | 'invalid_logout_token'
  | 'unwanted_request'
  | 'cross_site_request'
  | 'mismatching_account'
  // the provider's answer
  | 'provider_unavailable'
  | 'timeout'
  | 'response_too_large'
  | 'invalid_response'
  | 'invalid_metadata'
  | 'invalid_id_token'
  | 'invalid_userinfo'
  | 'unsupported_token_type'
  | 'mismatching_issuer'
  // the provider's refusal, in the words of the specifications
  | 'provider_refused'
  | ProviderErrorCode
  // the application's own session or state store
  | 'storage_failed';

/**
 * Error codes of RFC 6749 §4.1.2.1 and §5.2, RFC 6750 §3.1, 7009, 7591, 8628, 8693, 9396, 9449 and 9470, OpenID
 * Connect Core §3.1.2.6, Unmet Authentication Requirements, and CIBA Core §11 and §13.
 */
export type ProviderErrorCode = (typeof providerErrorCodes)[number];

const providerErrorCodes = [
  'access_denied',
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'invalid_scope',
  'invalid_token',
  'insufficient_scope',
  'insufficient_user_authentication',
  'unauthorized_client',
  'unsupported_grant_type',
  'unsupported_response_type',
  'server_error',
  'temporarily_unavailable',
  'interaction_required',
  'login_required',
  'account_selection_required',
  'consent_required',
  'unmet_authentication_requirements',
  'request_not_supported',
  'request_uri_not_supported',
  'invalid_request_object',
  'invalid_request_uri',
  'invalid_authorization_details',
  'invalid_dpop_proof',
  'unsupported_token_type',
  'authorization_pending',
  'slow_down',
  'expired_token',
  'invalid_target',
  'invalid_redirect_uri',
  'invalid_client_metadata',
  'invalid_software_statement',
  'unapproved_software_statement',
  'unknown_user_id',
  'expired_login_hint_token',
  'missing_user_code',
  'invalid_user_code',
  'invalid_binding_message',
  'transaction_failed',
] as const;

/** Returns the provider's error code when it is a registered one, else `provider_refused`. */
export function refusalCode(error: string | undefined): OAuthErrorCode {
  return providerErrorCodes.find((known) => known === error) ?? 'provider_refused';
}

/** Where in a client's life an error happened. */
export type Phase =
  | 'register'
  | 'metadata'
  | 'authorize'
  | 'callback'
  | 'exchange'
  | 'id_token'
  | 'refresh'
  | 'userinfo'
  | 'resource'
  | 'revocation'
  | 'introspection'
  | 'registration'
  | 'logout';

/** What an {@link OAuthError} knows beside its code and message. */
export interface OAuthErrorDetails {
  /** The registered name of the client. */
  client?: string | undefined;
  phase?: Phase | undefined;
  /** The HTTP status of the provider's answer. */
  status?: number | undefined;
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
}

const browserFaults: ReadonlySet<OAuthErrorCode> = new Set([
  'mismatching_state',
  'expired_state',
  'missing_request_token',
  'invalid_callback',
  'invalid_logout_token',
  'mismatching_account',
  'invalid_server',
  'unsafe_address',
]);

const ownFaults: ReadonlySet<OAuthErrorCode> = new Set([
  'invalid_options',
  'insecure_transport',
  'missing_session',
  'missing_token',
  'foreign_origin',
  'storage_failed',
]);

/** The HTTP status an application does well to answer its browser with. */
function statusCodeOf(code: OAuthErrorCode, phase: Phase | undefined): number {
  if (code === 'unwanted_request') return 405;
  if (code === 'unknown_client') return 404;
  if (code === 'access_denied' || code === 'cross_site_request') return 403;
  if (code === 'timeout') return 504;
  if (browserFaults.has(code)) return 400;
  if (ownFaults.has(code)) return 500;
  return (phase === 'callback' || phase === 'logout') && code !== 'provider_unavailable'
    ? 400
    : 502;
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
  /** The HTTP status of the provider's answer, when there was one. */
  readonly status?: number;
  /** The HTTP status to answer the browser with. Fastify does so by itself; Express prefers `status`. */
  readonly statusCode: number;
  /** Seconds the provider asked us to wait before trying again. */
  readonly retryAfter?: number;
  /** A short word about the underlying failure, such as `ECONNREFUSED`. */
  readonly reason?: string;
  readonly #details: OAuthErrorDetails;

  constructor(code: OAuthErrorCode, message: string, details: OAuthErrorDetails = {}) {
    super(message);
    this.code = code;
    this.#details = details;
    if (details.client !== undefined) this.client = details.client;
    if (details.phase !== undefined) this.phase = details.phase;
    if (details.status !== undefined) this.status = details.status;
    if (details.retryAfter !== undefined) this.retryAfter = details.retryAfter;
    if (details.reason !== undefined) this.reason = details.reason;
    this.statusCode = statusCodeOf(code, details.phase);
  }

  /** The provider's error code, e.g. `bad_verification_code` (RFC 6749 §5.2). Text from outside. */
  get error(): string | undefined {
    return this.#details.error;
  }

  /** The provider's explanation. Text from outside: escape it before showing it. */
  get error_description(): string | undefined {
    return this.#details.error_description;
  }

  /** A page of the provider's about the error. Text from outside: check it before linking to it. */
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
    const { name, code, message, client, phase, status, retryAfter, reason } = this;
    return { name, code, message, client, phase, status, retryAfter, reason };
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

/** Reads the system's error code; never its message, which may quote headers. */
export function reasonOf(error: unknown): string | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const code = 'code' in cause ? cause.code : undefined;
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,40}$/.test(code)) return code;
  }
  return undefined;
}
