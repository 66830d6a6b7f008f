import { isObject } from '../encoding.js';
import { OAuthError, refusalCode } from '../errors.js';
import { ruledRefusal, type RuledRefusal } from '../quirks/refusals.js';
import { dressApiRequest, userRequest } from '../quirks/user-request.js';
import type { OAuth1Token, ResourceRequest } from '../types.js';
import { readJson } from './answer.js';
import { requireUrl, type OAuth1Config } from './config.js';
import { refusal } from './refusal.js';
import { signFor, type Signer } from './signing.js';

/** Who asks for a resource, and for how long they care. */
export interface Caller {
  /** Without a token, the request is sent unsigned. */
  token: OAuth1Token | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Signs a resource request and sends exactly what was signed.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5849#section-3
 */
export async function send(
  config: OAuth1Config,
  request: ResourceRequest,
  { token, signal }: Caller,
): Promise<Response> {
  const what = 'resource';
  const ready =
    token === undefined
      ? request
      : await signFor(config, dressApiRequest(request, config.options, token), signerOf(token));
  return await config.http.send({ ...ready, what, signal });
}

/** Fetches the profile of the token's owner, as the provider sends it. */
export async function fetchProfile(
  config: OAuth1Config,
  token: OAuth1Token,
): Promise<Record<string, unknown>> {
  const { options } = config;
  const { href } = requireUrl(config, 'userinfoEndpoint');
  const request = dressApiRequest(userRequest(href, options, token), options, token);
  const signed = await signFor(config, request, signerOf(token));
  const what = 'userinfo endpoint';
  const answer = await config.http.exchange({ ...signed, what });
  if (answer.status >= 400) throw refusal(answer, what);
  const transformed = await options.transformResponse?.('userinfo', answer.text);
  const profile = transformed ?? readJson(answer.text);
  const ruled = profile && ruledRefusal(options.errors, 'userinfo', profile);
  if (typeof ruled === 'object') throw ruledError(ruled, answer.status);
  if (profile) return profile;
  throw new OAuthError(
    'invalid_userinfo',
    'The userinfo endpoint did not answer with a JSON object. Check "userinfoEndpoint".',
    { status: answer.status },
  );
}

/** A refusal that only a rule of the client recognises. */
function ruledError({ code, ...words }: RuledRefusal, status: number): OAuthError {
  return new OAuthError(
    refusalCode(code ?? words.error),
    `The userinfo endpoint refused the request (HTTP ${status}). The provider's own words are in ` +
      'error.error and error.error_description.',
    { ...words, status },
  );
}

function signerOf(token: OAuth1Token): Signer {
  const { oauth_token: id, oauth_token_secret: secret } = token;
  if (typeof id === 'string' && typeof secret === 'string')
    return { token: id, tokenSecret: secret };
  const seen =
    isObject(token) && 'access_token' in token
      ? 'An OAuth 2 token was given'
      : 'The token is incomplete';
  throw new OAuthError(
    'invalid_token',
    `${seen}. An OAuth 1 token is { oauth_token, oauth_token_secret }, both strings.`,
  );
}
