import { toPairs } from '../encoding.js';
import { OAuthError } from '../errors.js';
import type { HttpAnswer } from '../http.js';
import type {
  AuthorizationRequest,
  AuthorizeData,
  ExchangeOptions,
  OAuth1Token,
  Params,
} from '../types.js';
import { readRequestTokenSecret, readVerifier } from './callback.js';
import { requireUrl, type OAuth1Config } from './config.js';
import { readCredentials } from './credentials.js';
import { withQuery } from './placement.js';
import { signFor, type Signer } from './signing.js';

/**
 * Fetches temporary credentials for one login; the provider must confirm that it took the callback.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5849#section-2.1
 */
export async function fetchRequestToken(
  config: OAuth1Config,
  redirectUri: string,
  params: Params = {},
): Promise<OAuth1Token> {
  const url = requireUrl(config, 'requestTokenUrl');
  const form = { ...config.options.requestTokenParams, ...params };
  const what = 'request token endpoint';
  const answer = await post(config, { url, form, what }, { callback: redirectUri });
  const token = readCredentials(answer, what);
  if (token['oauth_callback_confirmed'] === 'true') return token;
  throw new OAuthError(
    'invalid_response',
    'The request token endpoint did not answer "oauth_callback_confirmed=true" (RFC 5849 §2.1). ' +
      'Without it, someone else could finish this login (session fixation), so it ends here. ' +
      'The provider must speak OAuth 1.0a, and know this callback address.',
    { status: answer.status },
  );
}

/**
 * Builds the authorization URL of a new login. What must stay here, the secret and the callback, is
 * not in it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5849#section-2.2
 */
export async function authorize(
  config: OAuth1Config,
  redirectUri: string,
  params: Params,
): Promise<AuthorizationRequest> {
  const authorizeUrl = requireUrl(config, 'authorizeUrl');
  refuseReserved(params);
  const pairs = toPairs({ ...config.options.authorizeParams, ...params });
  const { oauth_token: state, oauth_token_secret: requestTokenSecret } = await fetchRequestToken(
    config,
    redirectUri,
  );
  const { href } = withQuery(authorizeUrl, [['oauth_token', state], ...pairs]);
  return { url: href, state, redirectUri, requestTokenSecret };
}

const notOnAuthorizeUrl = ['oauth_token', 'oauth_token_secret', 'oauth_callback'];

/** Refuses authorization parameters that would leave the secret or the callback on the URL. */
export function refuseReserved(params: Params): void {
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
  config: OAuth1Config,
  { params, data }: Callback,
  extra: ExchangeOptions = {},
): Promise<OAuth1Token> {
  const verifier = readVerifier(params);
  const tokenSecret = readRequestTokenSecret(data);
  const url = requireUrl(config, 'accessTokenUrl');
  const form = { ...config.options.accessTokenParams, ...extra.params };
  const what = 'access token endpoint';
  const signer = { token: data.state, tokenSecret, verifier };
  return readCredentials(await post(config, { url, form, what }, signer), what);
}

interface FormRequest {
  url: URL;
  form: Params;
  what: string;
}

async function post(
  config: OAuth1Config,
  { url, form, what }: FormRequest,
  signer: Signer,
): Promise<HttpAnswer> {
  const pairs = toPairs(form);
  const body = pairs.length > 0 ? new URLSearchParams(pairs) : null;
  const signed = await signFor(config, { method: 'POST', url, body }, signer);
  return await config.http.exchange({ ...signed, what });
}
