import { toPairs } from '../../../platform/encoding.js';
import type { LongLivedToken } from '../../../options/register-options.js';
import { isOwnMember } from '../../../model/own-members.js';
import { fillParams } from '../../../quirks/templates.js';
import type { OAuth2Token, Params } from '../../../model/types.js';
import { dress, shapeRequest } from '../../../quirks/request-shape.js';
import type { ProtocolContext } from '../endpoint/context.js';
import { unreadableExpiry } from './request.js';
import { normalizeToken, readTokenResponse } from '../endpoint/response.js';

/** Token response members that callback parameters must not set. */
const fromProvider = /^(?:access_token|token_type|expires_\w+|refresh_token|id_token)$/;

/**
 * Copies the configured callback parameters into the token. Members of the token response take
 * precedence.
 */
export function withCallbackParams(
  token: OAuth2Token,
  params: URLSearchParams,
  names: readonly string[],
): OAuth2Token {
  const copied = names
    .filter((name) => !fromProvider.test(name) && !isOwnMember(name))
    .filter((name) => token[name] === undefined && params.get(name) !== null)
    .map((name) => [name, params.get(name)]);
  return copied.length === 0 ? token : { ...token, ...Object.fromEntries(copied) };
}

/** Replaces a short-lived token by a long-lived one. */
export async function prolong(
  context: ProtocolContext,
  swap: LongLivedToken,
  token: OAuth2Token,
): Promise<OAuth2Token> {
  return { ...token, ...(await requestLongLived(context, swap, token)) };
}

/**
 * Refreshes a long-lived token. Returns `undefined` if the client does not use them.
 *
 * @param more additional parameters of this refresh
 */
export async function refreshLongLived(
  context: ProtocolContext,
  token: OAuth2Token,
  more: Params,
): Promise<OAuth2Token | undefined> {
  const { refresh } = context.options.longLivedToken ?? {};
  return refresh && (await requestLongLived(context, { ...refresh, more }, token));
}

/** The request that replaces a token, and its additional parameters. */
type Swap = Pick<LongLivedToken, 'url' | 'method' | 'params'> & { more?: Params };

async function requestLongLived(
  { options, http, warn }: ProtocolContext,
  { url, method = 'GET', params, more }: Swap,
  token: OAuth2Token,
): Promise<OAuth2Token> {
  const { clientId, clientSecret } = options;
  const values = { client_id: clientId, client_secret: clientSecret, token };
  const body = new URLSearchParams(toPairs({ ...fillParams(params, values), ...more }));
  const form = { url, headers: new Headers({ accept: 'application/json' }), body };
  dress(form, { headers: options.headers }, values);
  const what = 'token endpoint';
  const response = await http.send({ what, ...shapeRequest(form, { method }) });
  const secrets = (): string[] => [token.access_token, clientSecret ?? ''];
  const sent = { authMethod: 'client_secret_post', grantType: 'refresh_token', secrets };
  const fresh = normalizeToken(
    await readTokenResponse({ ...response, sent }, what, { quirks: options }),
  );
  if (fresh.expires_unreadable) warn?.(unreadableExpiry);
  return fresh;
}
