import { toPairs } from '../encoding.js';
import { fillParams } from '../quirks/templates.js';
import type { OAuth2Token } from '../types.js';
import { dress, shapeRequest } from './request-shape.js';
import type { ProtocolContext } from './protocol.js';
import { readToken, readTokenAnswer } from './token-response.js';

/** Members of a token that nothing from the browser may stand for. */
const own = /^(?:access_token|token_type|expires_\w+|refresh_token|id_token|userinfo)$/;

/** Keeps the callback parameters that the client asked to keep; what the provider answered wins. */
export function keepCallback(
  token: OAuth2Token,
  params: URLSearchParams,
  names: readonly string[] = [],
): OAuth2Token {
  const kept = names
    .filter((name) => !own.test(name) && token[name] === undefined && params.get(name) !== null)
    .map((name) => [name, params.get(name)]);
  return kept.length === 0 ? token : { ...token, ...Object.fromEntries(kept) };
}

/** Swaps a short-lived token for a long-lived one, where the client is set to. */
export async function prolong(
  { options, http }: ProtocolContext,
  token: OAuth2Token,
): Promise<OAuth2Token> {
  const { longLivedToken: swap, clientId, clientSecret } = options;
  if (swap === undefined) return token;
  const values = { client_id: clientId, client_secret: clientSecret, token };
  const body = new URLSearchParams(toPairs(fillParams(swap.params, values)));
  const form = { url: swap.url, headers: new Headers({ accept: 'application/json' }), body };
  dress(form, { headers: options.headers }, values);
  const what = 'token endpoint';
  const answer = await http.exchange({
    what,
    ...shapeRequest(form, { method: swap.method ?? 'GET' }),
  });
  const fresh = readToken(await readTokenAnswer(answer, what, options));
  return { ...token, ...fresh };
}
