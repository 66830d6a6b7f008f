import { params as checkParams } from '../../platform/validators.js';
import { toPairs } from '../../platform/encoding.js';
import { OAuthError } from '../../model/errors.js';
import { refuseBackChannel } from '../../options/front-channel.js';
import type {
  AuthorizationRequest,
  AuthorizeData,
  AuthorizeParams,
  ExchangeOptions,
  OAuth1Token,
  Params,
} from '../../model/types.js';
import { readRequestTokenSecret, readVerifier } from './callback.js';
import { requireUrl, type OAuth1Context } from './context.js';
import { readCredentials, readToken } from './credentials.js';
import { withQuery } from './signing/placement.js';
import { requestCredentials } from './token-request.js';

/**
 * Fetches temporary credentials for one login; the provider must confirm that it took the callback.
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
  const answer = await requestCredentials(context, request, { callback: redirectUri });
  const token = readCredentials(answer, what);
  if (token['oauth_callback_confirmed'] === 'true' || context.options.allowUnconfirmedCallback)
    return token;
  throw new OAuthError(
    'invalid_response',
    'The request token endpoint did not answer "oauth_callback_confirmed=true" (RFC 5849 §2.1). ' +
      'Without it, someone else could finish this login (session fixation), so it ends here. ' +
      'The provider must speak OAuth 1.0a, and know this callback address.',
    { providerStatus: answer.status },
  );
}

/**
 * Builds the authorization URL of a new login. What must stay here, the secret and the callback, is
 * not in it.
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
 * Writes the address at which a person approves a request token. A provider of the first OAuth 1.0
 * reads the callback there, and nowhere else.
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

/** Refuses what cannot be sent with the request for a request token. */
function checkRequestTokenParams(given: unknown): void {
  const problem = given === undefined ? undefined : checkParams(given);
  if (problem === undefined) return;
  throw new OAuthError('invalid_options', `"params": "requestTokenParams" ${problem}.`);
}

const notOnAuthorizeUrl = ['oauth_token', 'oauth_callback'];

/** Refuses authorization parameters that would leave a secret or the callback on the URL. */
export function refuseReserved(params: AuthorizeParams): void {
  refuseBackChannel(params);
  const name = Object.keys(params).find((given) => notOnAuthorizeUrl.includes(given));
  if (name === undefined) return;
  throw new OAuthError(
    'invalid_options',
    `"${name}" must not be an authorization parameter. The callback travels in the signed request ` +
      'token request, and the token is added by itself.',
  );
}

/** A callback, and what its login left for it. */
export interface Callback {
  params: URLSearchParams;
  data: AuthorizeData;
}

/**
 * Trades the verified temporary credentials for token credentials.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5849#section-2.3
 */
export async function exchange(
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
  return readToken(await requestCredentials(context, request, signer), what, context.warn);
}

/**
 * Asks for token credentials at once, with `params` in place of a person's consent in a browser, such
 * as the name and password of xAuth. Always a POST: a query ends up in logs.
 */
export async function directToken(context: OAuth1Context, extra: Params): Promise<OAuth1Token> {
  const url = requireUrl(context, 'accessTokenUrl');
  const params = { ...context.options.accessTokenParams, ...extra };
  const what = 'access token endpoint';
  return readToken(
    await requestCredentials(context, { url, params, what }, {}),
    what,
    context.warn,
  );
}
