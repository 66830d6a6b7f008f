import { OAuthError } from '../../../model/errors.js';
import type { Http, HttpRequest } from '../../../platform/http/http.js';
import type { OAuth2Token } from '../../../model/types.js';
import { readChallenges } from '../../../platform/http/challenge.js';
import type { Dpop } from './proof.js';

/** Tells whether a token is bound to a key (RFC 9449 §5). */
export function isBound(token: OAuth2Token | undefined): token is OAuth2Token {
  return typeof token?.token_type === 'string' && token.token_type.toLowerCase() === 'dpop';
}

/**
 * Builds the door through which a token's requests go: with a token that is bound to a key, each of them
 * carries a proof of the key, and is repeated once where the server asks for a nonce.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9449#section-7
 */
export function boundHttp(
  http: Http,
  dpop: Dpop | undefined,
  token: OAuth2Token | undefined,
): Http {
  if (!isBound(token)) return http;
  if (!dpop) {
    throw new OAuthError(
      'unsupported_token_type',
      'The token is bound to a key ("token_type": "DPoP"). Register the client with "dpop: true".',
    );
  }
  const prove = async <A extends { status: number; headers: Headers }>(
    request: HttpRequest,
    send: (request: HttpRequest) => Promise<A>,
  ): Promise<A> => {
    const key = await dpop.keyFor(keyIn(token));
    const { method = 'GET', url } = request;
    return await dpop.send(
      { method, url, accessToken: token.access_token, key },
      async (proofOf) => {
        const headers = new Headers(request.headers);
        headers.set('dpop', await proofOf());
        return await send({ ...request, headers });
      },
      // A stream has been read by then.
      (answer) => !(request.body instanceof ReadableStream) && asksForNonce(answer),
    );
  };
  return {
    ...http,
    exchange: (request) => prove(request, http.exchange),
    send: (request) => prove(request, http.send),
  };
}

/** A bound token without its key is of no use; a new key would only be refused. */
function keyIn({ dpop_key: key }: OAuth2Token): unknown {
  return key ?? {};
}

/** Tells whether a response asks for a proof with a nonce. @see RFC 9449 §9 */
function asksForNonce({ status, headers }: { status: number; headers: Headers }): boolean {
  const challenges = status === 401 ? readChallenges(headers) : [];
  return challenges.some(
    ({ scheme, params }) => scheme === 'dpop' && params.get('error') === 'use_dpop_nonce',
  );
}
