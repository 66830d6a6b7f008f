import { params as checkParams } from '../../platform/validators.js';
import { toPairs } from '../../platform/encoding.js';
import { OAuthError } from '../../model/errors.js';
import type {
  AuthorizationRequest,
  AuthorizeData,
  AuthorizeParams,
  ExchangeOptions,
  OAuth1Token,
  Params,
} from '../../model/types.js';
import { readRequestTokenSecret, readVerifier } from './callback.js';
import { refuseReserved } from './read-options.js';
import { requireUrl, type OAuth1Context } from './context.js';
import { readCredentials, readTokenCredentials } from './credentials.js';
import { withQuery } from './signing/placement.js';
import { requestCredentials } from './token-request.js';

/**
 * Fetches temporary credentials for one login. The provider must confirm the callback.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5849#section-2.1
 */
export async function fetchRequestToken(
  context: OAuth1Context,
  redirectUri: string,
  extra: Params = {},
): Promise<OAuth1Token> {
  const { requestTokenMethod: method, requestTokenParams } = context.options;
  const url = requireUrl(context, 'requestTokenUrl');
  const params = { ...requestTokenParams, ...extra };
  const what = 'request token endpoint';
  const request = { url, method, params, what };
  const response = await requestCredentials(context, request, { callback: redirectUri });
  const token = readCredentials(response, what);
  if (token['oauth_callback_confirmed'] === 'true' || context.options.allowUnconfirmedCallback)
    return token;
  throw new OAuthError(
    'invalid_response',
    'The request token endpoint did not return "oauth_callback_confirmed=true" (RFC 5849 ' +
      '§2.1), so the login was stopped: it would allow session fixation. The provider must ' +
      'support OAuth 1.0a, and the redirect URI must be registered there.',
    { providerStatus: response.status },
  );
}

/**
 * Builds the authorization URL of a new login. It contains neither the token secret nor the
 * callback.
 */
export async function authorize(
  context: OAuth1Context,
  redirectUri: string,
  params: AuthorizeParams,
): Promise<AuthorizationRequest> {
  requireUrl(context, 'authorizeUrl');
  const { requestTokenParams, ...others } = params;
  checkRequestTokenParams(requestTokenParams);
  refuseReserved(others);
  const requestToken = await fetchRequestToken(context, redirectUri, requestTokenParams);
  const { oauth_token: state, oauth_token_secret: requestTokenSecret } = requestToken;
  const url = authorizationUrl(context, state, { redirectUri, params: others });
  return { url, state, redirectUri, requestTokenSecret };
}

/**
 * Builds the URL at which the user authorizes a request token. OAuth 1.0 providers without a
 * confirmed callback read `oauth_callback` from it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5849#section-2.2
 */
export function authorizationUrl(
  context: OAuth1Context,
  requestToken: string,
  { redirectUri, params }: { redirectUri: string; params: AuthorizeParams },
): string {
  refuseReserved(params);
  const { authorizeParams, allowUnconfirmedCallback } = context.options;
  const callback = allowUnconfirmedCallback && redirectUri !== 'oob' ? redirectUri : undefined;
  const pairs = toPairs({ oauth_callback: callback, ...authorizeParams, ...params });
  const url = requireUrl(context, 'authorizeUrl');
  return withQuery(url, [['oauth_token', requestToken], ...pairs]).href;
}

/** Validates the extra parameters of the request token request. */
function checkRequestTokenParams(given: unknown): void {
  const problem = given === undefined ? undefined : checkParams(given);
  if (problem === undefined) return;
  throw new OAuthError('invalid_options', `"params": "requestTokenParams" ${problem}.`);
}

/** A callback and the stored data of its login. */
export interface Callback {
  params: URLSearchParams;
  data: AuthorizeData;
}

/**
 * Requests token credentials with the verified temporary credentials.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5849#section-2.3
 */
export async function completeLogin(
  context: OAuth1Context,
  { params, data }: Callback,
  extra: ExchangeOptions = {},
): Promise<OAuth1Token> {
  const { accessTokenMethod: method, accessTokenParams } = context.options;
  const verifier = readVerifier(params, context.options);
  const tokenSecret = readRequestTokenSecret(data);
  const url = requireUrl(context, 'accessTokenUrl');
  const what = 'access token endpoint';
  const request = { url, method, params: { ...accessTokenParams, ...extra.params }, what };
  const signer = { token: data.state, tokenSecret, verifier };
  return readTokenCredentials(
    await requestCredentials(context, request, signer),
    what,
    context.warn,
  );
}

/**
 * Requests token credentials directly, without user authorization in a browser, for example with
 * the name and password of xAuth. Always sends a POST, because query strings end up in logs.
 */
export async function directToken(context: OAuth1Context, extra: Params): Promise<OAuth1Token> {
  const url = requireUrl(context, 'accessTokenUrl');
  const params = { ...context.options.accessTokenParams, ...extra };
  const what = 'access token endpoint';
  return readTokenCredentials(
    await requestCredentials(context, { url, params, what }, {}),
    what,
    context.warn,
  );
}
