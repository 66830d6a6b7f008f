import type { OAuthErrorCode } from '@oauth-registry/core';

/** The entry of an error code in `docs/errors.md`. */
export interface ErrorEntry {
  cause: string;
  remedy: string;
  /** Where the code is defined, unless it is our own. */
  spec?: string;
}

const authorization = 'RFC 6749 §4.1.2.1';
const token = 'RFC 6749 §5.2';
const resource = 'RFC 6750 §3.1';
const openid = 'OpenID Connect Core §3.1.2.6';
const registration = 'RFC 7591 §3.2.2';
const device = 'RFC 8628 §3.5';
const ciba = 'CIBA Core §13';

/** Every code, so that a new one without an entry does not compile. */
export const errorCodes: Record<OAuthErrorCode, ErrorEntry> = {
  invalid_options: {
    cause: 'An option or an argument is missing, misspelled or invalid, or belongs to another protocol.',
    remedy: 'Correct the call; the message names the option, what it must be, and the nearest known name.',
  },
  unknown_client: {
    cause: 'No client is registered under this name.',
    remedy: 'Register the client, or correct the name; the message lists the registered names.',
  },
  insecure_transport: {
    cause: 'A URL uses http and is not on loopback.',
    remedy: 'Use https. In a closed network, set `allowInsecureRequests: true`.',
  },
  missing_session: {
    cause: 'There is no session, or its cookie would not be set.',
    remedy: 'Add the line in the message: it mounts the session before the routes, or sets its options.',
  },
  missing_token: {
    cause: 'A call needs a token, and there is none in its arguments, from `fetchToken` or in the `tokenStore`.',
    remedy: 'Pass `{ token }`, set `fetchToken` or `tokenStore`, or let the user log in.',
  },
  token_expired: {
    cause: 'The access token has expired, and was not refreshed: there is no refresh token, or neither `updateToken` nor `tokenStore` to store the new token.',
    remedy: 'Call `refreshToken()`, or let the user log in again.',
  },
  foreign_origin: {
    cause: 'The URL of a call is not on the origin of the API. Nothing was sent.',
    remedy: 'Use a path relative to `apiBaseUrl`, or `withholdToken: true` for a request without the token.',
  },
  invalid_server: {
    cause: 'The server that a user entered is not a provider.',
    remedy: 'Show the form again and ask the user to check the input; the message says what was missing or invalid.',
  },
  unsafe_address: {
    cause: 'A URL from untrusted input points at loopback, a private network or a reserved IP address.',
    remedy: 'Show the form again. In development, or in a network whose hosts every user may reach, set `allowPrivateNetworks: true`.',
  },
  mismatching_state: {
    cause: 'This browser has no pending login with the `state` of the callback: it was used already, belongs to another browser, or the session cookie was not sent.',
    remedy: 'Offer the login again. If it always happens, check that the cookie is set on the host of the callback, and that all processes share the store or the secret.',
  },
  expired_state: {
    cause: 'The login took longer than `limits.stateTtl` (ten minutes).',
    remedy: 'Offer the login again.',
  },
  missing_request_token: {
    cause: 'The OAuth 1 callback has no `oauth_token`.',
    remedy: 'Offer the login again; check the callback URL that is registered at the provider.',
  },
  invalid_callback: {
    cause: 'The callback has no `code`, repeats a parameter, came in another response mode, or a logout or login request of the provider is invalid.',
    remedy: 'Offer the login again; check `responseMode` and the redirect URI.',
  },
  invalid_logout_token: {
    cause: 'The logout token or the logout request of the provider failed validation. No user was logged out.',
    remedy: '`logout.backchannelLogout()` and `logout.frontchannelLogout()` respond by themselves and log the reason; check `issuer`, `clientId` and `jwksUri`.',
  },
  unwanted_request: {
    cause: 'The callback received a HEAD request or a prefetch. No pending login was used.',
    remedy: 'Respond with `statusCode`.',
  },
  cross_site_request: {
    cause: 'Another site sent a request to a drop-in route.',
    remedy: 'Send it from a page of the application, and set `baseUrl` to the URL that browsers use; start a login with `link` from `loginButton(name, { link: true })`.',
  },
  mismatching_account: {
    cause: 'No user, or another one, is signed in when a login with `link` starts or ends; or a token belongs to another account than the one that logged in.',
    remedy: 'Let the user sign in to the application, and start the login again.',
  },
  provider_unavailable: {
    cause: 'The provider could not be reached, or responded with a server error.',
    remedy: 'Try again later, after `retryAfter` seconds if it is set; `reason` has the system error.',
  },
  timeout: {
    cause: 'The provider did not respond within `timeout` milliseconds.',
    remedy: 'Try again later, or set a longer `timeout`.',
  },
  response_too_large: {
    cause: 'The response of the provider exceeds a limit on bytes.',
    remedy: 'Check the URL; if the message names a limit, such as `limits.jwksBytes`, it can be raised.',
  },
  invalid_response: {
    cause: 'The response of the provider does not have the form of its specification.',
    remedy: 'Check the URL of the endpoint, such as `accessTokenUrl`; a `complianceFix` can correct a response.',
  },
  invalid_metadata: {
    cause: 'The metadata or the keys of the provider are missing, invalid, or belong to another issuer.',
    remedy: 'Check `issuer` or `serverMetadataUrl`: the issuer must be equal, character by character.',
  },
  invalid_id_token: {
    cause: 'The id_token failed verification or validation. No user was logged in.',
    remedy: 'Read the message: it names the claim or the key. Check `clientId`, `issuer` and the clock.',
  },
  invalid_userinfo: {
    cause: 'The userinfo response is invalid, or its `sub` is not that of the id_token.',
    remedy: 'Check `userinfoEndpoint`; a `userinfoComplianceFix` can correct the profile.',
  },
  unsupported_token_type: {
    cause: 'The `token_type` of the token is neither Bearer nor DPoP, or the provider cannot revoke this type (RFC 7009 §2.2.1).',
    remedy: 'Set `dpop: true` for DPoP-bound tokens; a `complianceFix` can set the type of a bearer token.',
  },
  mismatching_issuer: {
    cause: 'The response came from another issuer than the one the login started at (RFC 9207 §2.4).',
    remedy: 'Offer the login again; check `issuer`.',
  },
  provider_refused: {
    cause: 'The provider sent an error response with a code of its own.',
    remedy: 'Read `error.error` and `error.error_description`.',
  },
  storage_failed: {
    cause: 'The session, the state store or the token store failed. The message says what was not done.',
    remedy: 'Check the session store, `stateStorage` or `tokenStore`; `reason` has the code of its driver.',
  },
  access_denied: {
    cause: 'The user denied access.',
    remedy: 'Show the page the login started from, and offer to log in again.',
    spec: authorization,
  },
  invalid_request: {
    cause: 'The provider found a parameter missing, repeated or malformed.',
    remedy: 'Read `error.error_description`; compare `authorizeParams` and `accessTokenParams` with the documentation of the provider.',
    spec: authorization,
  },
  invalid_client: {
    cause: 'The provider rejected the authentication of the client.',
    remedy: 'Check `clientId`, `clientSecret` and `tokenEndpointAuthMethod`.',
    spec: token,
  },
  invalid_grant: {
    cause: 'The code or the refresh token is invalid, expired, revoked or used, or belongs to another redirect URI or client.',
    remedy: 'Let the user log in again; compare the redirect URI with the registered one.',
    spec: token,
  },
  invalid_scope: {
    cause: 'A scope is unknown, malformed, or exceeds what the user granted.',
    remedy: 'Compare `scope` with the scopes that the provider allows for this client.',
    spec: authorization,
  },
  invalid_token: {
    cause: 'The provider no longer accepts the token, or the authorization has ended.',
    remedy: 'Let the user log in again.',
    spec: resource,
  },
  insufficient_scope: {
    cause: 'The token does not have the scope that the call needs.',
    remedy: 'Pass `error.params` to `authorizeRedirect` to ask for it.',
    spec: resource,
  },
  insufficient_user_authentication: {
    cause: 'The call needs a stronger or more recent authentication of the user.',
    remedy: 'Pass `error.params` to `authorizeRedirect`.',
    spec: 'RFC 9470 §3',
  },
  unauthorized_client: {
    cause: 'The client may not use this grant or response type.',
    remedy: 'Allow it in the settings of the client at the provider.',
    spec: authorization,
  },
  unsupported_grant_type: {
    cause: 'The provider does not support the grant type.',
    remedy: 'Allow the grant in the settings of the client at the provider, use another one, or check `accessTokenUrl`.',
    spec: token,
  },
  unsupported_response_type: {
    cause: 'The provider does not support the response type.',
    remedy: 'Check `responseType`.',
    spec: authorization,
  },
  server_error: {
    cause: 'The provider reports an internal error.',
    remedy: 'Try again later.',
    spec: authorization,
  },
  temporarily_unavailable: {
    cause: 'The provider is overloaded or under maintenance.',
    remedy: 'Try again later.',
    spec: authorization,
  },
  interaction_required: {
    cause: '`prompt=none` was sent, and the provider must show a page.',
    remedy: 'Log in without `prompt=none`.',
    spec: openid,
  },
  login_required: {
    cause: '`prompt=none` was sent, and the user is not logged in at the provider.',
    remedy: 'Log in without `prompt=none`.',
    spec: openid,
  },
  account_selection_required: {
    cause: '`prompt=none` was sent, and the user must select an account.',
    remedy: 'Log in without `prompt=none`, or pass a `login_hint`.',
    spec: openid,
  },
  consent_required: {
    cause: '`prompt=none` was sent, and the user must consent.',
    remedy: 'Log in without `prompt=none`.',
    spec: openid,
  },
  unmet_authentication_requirements: {
    cause: 'The provider cannot authenticate the user as the `acr` in `claims` requires.',
    remedy: 'Request another `acr`, or tell the user which authentication is needed.',
    spec: 'OpenID Connect Core Unmet Authentication Requirements §2',
  },
  request_not_supported: {
    cause: 'The provider does not support the `request` parameter.',
    remedy: 'Remove `requestObjectSigningAlg`.',
    spec: openid,
  },
  request_uri_not_supported: {
    cause: 'The provider does not support the `request_uri` parameter.',
    remedy: 'Remove `publishRequestObject`, or use pushed authorization requests.',
    spec: openid,
  },
  registration_not_supported: {
    cause: 'The provider does not support the `registration` parameter.',
    remedy: 'Remove `registration` from `authorizeParams`, and register the client with `registerDynamically()` or by hand.',
    spec: openid,
  },
  invalid_request_object: {
    cause: 'The provider could not verify or decrypt the request object.',
    remedy: 'Check that the provider has the public key of `privateKey`, and compare `requestObjectSigningAlg` with its metadata.',
    spec: openid,
  },
  invalid_request_uri: {
    cause: 'The `request_uri` is invalid, expired, or its document could not be read.',
    remedy: 'Start the login again; check that the provider can reach the URL that `publishRequestObject` returns.',
    spec: openid,
  },
  invalid_authorization_details: {
    cause: 'The `authorization_details` are unknown, malformed or not granted.',
    remedy: 'Compare them with the documentation of the provider.',
    spec: 'RFC 9396 §5',
  },
  invalid_dpop_proof: {
    cause: 'The provider rejected the DPoP proof.',
    remedy: 'Check the clock, and that the URL the client sends to is the one that the provider sees.',
    spec: 'RFC 9449 §5',
  },
  use_dpop_nonce: {
    cause: 'The provider asked for another DPoP nonce than the one it had sent.',
    remedy: 'Try again; a first nonce is applied automatically.',
    spec: 'RFC 9449 §8',
  },
  authorization_pending: {
    cause: 'The user has not yet responded to the device or backchannel authorization.',
    remedy: 'Poll again after `interval` seconds; `grants.deviceToken()` and `grants.backchannelToken()` do so by themselves.',
    spec: device,
  },
  slow_down: {
    cause: 'The provider was polled too often.',
    remedy: 'Poll less often; `grants.deviceToken()` and `grants.backchannelToken()` do so by themselves.',
    spec: device,
  },
  expired_token: {
    cause: 'The device code or the authentication request has expired.',
    remedy: 'Call `grants.startDeviceAuthorization()` or `grants.startBackchannelAuthentication()` again.',
    spec: device,
  },
  invalid_target: {
    cause: 'The provider does not issue tokens for the `resource` or `audience`.',
    remedy: 'Check the option `resource`, and the `resource` and `audience` of `grants.exchangeToken()`.',
    spec: 'RFC 8707 §2, RFC 8693 §2.2.2',
  },
  invalid_redirect_uri: {
    cause: 'The provider rejected a redirect URI of a dynamic registration.',
    remedy: 'Check `redirect_uris` in the client metadata, and `baseUrl`.',
    spec: registration,
  },
  invalid_client_metadata: {
    cause: 'The provider rejected a member of the client metadata.',
    remedy: 'Compare the metadata passed to `registerDynamically()`, or `clientMetadata`, with what the provider supports.',
    spec: registration,
  },
  invalid_software_statement: {
    cause: 'The `software_statement` of the client metadata is invalid.',
    remedy: 'Request a new one from its issuer.',
    spec: registration,
  },
  unapproved_software_statement: {
    cause: 'The provider does not accept the issuer of the software statement.',
    remedy: 'Ask the provider which issuers it accepts.',
    spec: registration,
  },
  unknown_user_id: {
    cause: 'The provider does not know the user of the hint.',
    remedy: 'Check the `login_hint`, `id_token_hint` or `login_hint_token` of `grants.backchannelToken()`.',
    spec: ciba,
  },
  expired_login_hint_token: {
    cause: 'The `login_hint_token` has expired.',
    remedy: 'Request a new one from its issuer.',
    spec: ciba,
  },
  missing_user_code: {
    cause: 'The provider requires a user code.',
    remedy: 'Ask the user for it, and pass `user_code`.',
    spec: ciba,
  },
  invalid_user_code: {
    cause: 'The user code is wrong.',
    remedy: 'Ask the user for it again.',
    spec: ciba,
  },
  invalid_binding_message: {
    cause: 'The provider cannot show the `binding_message`.',
    remedy: 'Send a shorter one, of plain characters.',
    spec: ciba,
  },
  transaction_failed: {
    cause: 'The backchannel authentication request cannot be completed.',
    remedy: 'Call `grants.startBackchannelAuthentication()` again.',
    spec: 'CIBA Core §11',
  },
};
