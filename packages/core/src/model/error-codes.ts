/** Every `code` of an `OAuthError`. Codes are stable API: switch on them, not on messages. */
export type OAuthErrorCode =
  // the application's configuration or call
  | 'invalid_options'
  | 'unknown_client'
  | 'insecure_transport'
  | 'missing_session'
  | 'missing_token'
  | 'token_expired'
  | 'foreign_origin'
  // untrusted input: named by a user or a third-party document
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
  // the provider's response
  | 'provider_unavailable'
  | 'timeout'
  | 'response_too_large'
  | 'invalid_response'
  | 'invalid_metadata'
  | 'invalid_id_token'
  | 'invalid_userinfo'
  | 'unsupported_token_type'
  | 'mismatching_issuer'
  // the provider's error response, with the codes of the specifications
  | 'provider_refused'
  | ProviderErrorCode
  // the application's own session or state store
  | 'storage_failed';

/**
 * Error codes registered by RFC 6749 §4.1.2.1 and §5.2, RFC 6750 §3.1, 7009, 7591, 8628, 8693,
 * 9396, 9449 and 9470, OpenID Connect Core §3.1.2.6, Unmet Authentication Requirements, and CIBA
 * Core §11 and §13.
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
  'registration_not_supported',
  'invalid_request_object',
  'invalid_request_uri',
  'invalid_authorization_details',
  'invalid_dpop_proof',
  'use_dpop_nonce',
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

/** Returns the provider's error code if it is a registered one, otherwise `provider_refused`. */
export function errorResponseCode(error: string | undefined): OAuthErrorCode {
  return providerErrorCodes.find((known) => known === error) ?? 'provider_refused';
}

/** The operation in which an error occurred. */
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

/**
 * Codes which, after the login, mean that the authorization has ended and the user must log in
 * again.
 */
const loginOver: ReadonlySet<OAuthErrorCode> = new Set(['invalid_token', 'token_expired']);
const refreshOver: ReadonlySet<OAuthErrorCode> = new Set([
  'invalid_grant',
  'invalid_id_token',
  'mismatching_account',
]);
const afterLogin: ReadonlySet<Phase | undefined> = new Set([
  'refresh',
  'resource',
  'userinfo',
  undefined,
]);

/** Returns the recommended HTTP status for the response to the browser. */
export function statusCodeOf(code: OAuthErrorCode, phase: Phase | undefined): number {
  if (code === 'unwanted_request') return 405;
  if (code === 'unknown_client') return 404;
  if (code === 'access_denied' || code === 'cross_site_request') return 403;
  if (code === 'timeout') return 504;
  if (afterLogin.has(phase) && loginOver.has(code)) return 401;
  if (phase === 'refresh' && refreshOver.has(code)) return 401;
  if (browserFaults.has(code)) return 400;
  if (ownFaults.has(code)) return 500;
  return (phase === 'callback' || phase === 'logout') && code !== 'provider_unavailable'
    ? 400
    : 502;
}
