import { anything, params } from '../../platform/validators.js';
import { OAuthError } from '../../model/errors.js';
import {
  checkedVerbs,
  optional,
  required,
  takes,
  type ArgumentsOf,
} from '../../platform/arguments.js';
import { urlOrPath } from '../../options/verb-arguments.js';
import { traced } from '../../platform/tracing/phases.js';
import type { OAuth1Token, Params } from '../../model/types.js';
import type { OAuth1Context } from './context.js';
import { refreshToken } from './session-renewal.js';
import { signerOf } from './client-signer.js';
import { authorizationUrl, directToken, fetchRequestToken } from './login.js';

/** Methods that only OAuth 1.0a clients have. */
export interface OAuth1Verbs {
  /**
   * Fetches temporary credentials for one login (RFC 5849 §2.1). The provider must confirm the
   * callback. Use `oob` as `redirectUri` if the user enters the verifier by hand. `params` are
   * signed.
   */
  fetchRequestToken(redirectUri: string | URL, params?: Params): Promise<OAuth1Token>;
  /**
   * Builds the URL at which the user authorizes a request token (RFC 5849 §2.2). Pass `{ state:
   * oauth_token, requestTokenSecret: oauth_token_secret, redirectUri }` to `fetchAccessToken`
   * afterwards.
   */
  authorizationUrl(
    requestToken: OAuth1Token,
    redirectUri: string | URL,
    params?: Params,
  ): Promise<string>;
  /**
   * Requests a token directly, without a browser: xAuth, with `{ x_auth_mode: 'client_auth',
   * x_auth_username, x_auth_password }`. Providers usually enable it only for selected clients.
   */
  directToken(params: Params): Promise<OAuth1Token>;
  /**
   * Renews a token with its `oauth_session_handle` (OAuth Session 1.0). Store the result at once:
   * the old token is often revoked.
   *
   * @throws OAuthError `missing_token` without a handle; `invalid_grant` if a new login is required
   */
  refreshToken(token: OAuth1Token): Promise<OAuth1Token>;
}

const tokenArgument = optional('token', anything);

const oauth1Arguments: ArgumentsOf<OAuth1Verbs> = {
  fetchRequestToken: takes(
    'authorize',
    required('redirectUri', urlOrPath),
    optional('params', params),
  ),
  authorizationUrl: takes(
    'authorize',
    optional('requestToken', anything),
    required('redirectUri', urlOrPath),
    optional('params', params),
  ),
  directToken: takes('exchange', required('params', params)),
  refreshToken: takes('refresh', tokenArgument),
};

/** Creates the methods of one client. Errors carry the client's name and the phase. */
export function createVerbs(context: OAuth1Context): OAuth1Verbs {
  const { name } = context;
  return checkedVerbs<OAuth1Verbs>(name, oauth1Arguments, {
    fetchRequestToken: traced(name, 'authorize', (redirectUri, more) =>
      fetchRequestToken(context, String(redirectUri), more),
    ),
    authorizationUrl: traced(name, 'authorize', async (given, redirectUri, more = {}) =>
      authorizationUrl(context, requireTokenName(given), {
        redirectUri: String(redirectUri),
        params: more,
      }),
    ),
    directToken: traced(name, 'exchange', (more) => directToken(context, more)),
    refreshToken: traced(name, 'refresh', (given) => refreshToken(context, given)),
  });
}

function requireTokenName(token: OAuth1Token): string {
  const { token: name } = signerOf(token);
  if (name) return name;
  throw new OAuthError(
    'invalid_token',
    'The request token has an empty "oauth_token". Call fetchRequestToken() first.',
  );
}
