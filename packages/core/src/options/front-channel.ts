import { OAuthError } from '../model/errors.js';

/**
 * Parameters of token requests and other back-channel requests (IANA OAuth Parameters), of their
 * responses, and options mistaken for them. In a URL they would end up in browser histories and
 * logs.
 */
const backChannel: ReadonlySet<string> = new Set([
  'grant_type',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
  'code',
  'code_verifier',
  'refresh_token',
  'access_token',
  'id_token',
  'assertion',
  'username',
  'password',
  'subject_token',
  'subject_token_type',
  'actor_token',
  'actor_token_type',
  'requested_token_type',
  'device_code',
  'auth_req_id',
  'oauth_token_secret',
  'oauth_verifier',
  'oauth_signature',
  'oauth_signature_method',
  'oauth_timestamp',
  'oauth_nonce',
  'oauth_version',
  'oauth_body_hash',
  'oauth_consumer_secret',
  'oauth_session_handle',
  'x_auth_mode',
  'x_auth_username',
  'x_auth_password',
  'clientSecret',
  'codeVerifier',
  'refreshToken',
  'accessToken',
]);

/**
 * Rejects authorization request parameters that belong to a back-channel request, under their
 * standard or provider-specific names.
 *
 * @throws OAuthError `invalid_options`
 */
export function refuseBackChannel(
  params: Readonly<Record<string, unknown>>,
  paramNames: Readonly<Record<string, string>> = {},
): void {
  const own = Object.entries(paramNames).filter(([standard]) => backChannel.has(standard));
  const renamed = own.map(([, name]) => name);
  const name = Object.keys(params).find((one) => backChannel.has(one) || renamed.includes(one));
  if (name === undefined) return;
  throw new OAuthError(
    'invalid_options',
    `"${name}" must not be sent through the browser: it belongs to the token request, and the library sends it ` +
      'there. Remove it; use "accessTokenParams" for extra token request parameters.',
  );
}
