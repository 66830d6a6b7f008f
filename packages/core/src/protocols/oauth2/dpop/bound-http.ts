import type { HeaderReader } from '../../../platform/http/transport.js';
import { OAuthError } from '../../../model/errors.js';
import type { Http, HttpRequest } from '../../../platform/http/http.js';
import type { OAuth2Token } from '../../../model/types.js';
import { readChallenges } from '../../../platform/http/challenge.js';
import { isBound } from '../api/request.js';
import type { Dpop } from './proof.js';

/**
 * Wraps the HTTP client for a token's requests. With a DPoP-bound token, each request carries a
 * proof, and is retried once if the server requires a nonce.
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
      'The token is DPoP-bound ("token_type": "DPoP"). Register the client with "dpop: true".',
    );
  }
  const prove = async <A extends { status: number; headers: HeaderReader }>(
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
      // A stream is consumed by then.
      (response) => !(request.body instanceof ReadableStream) && hasNonceChallenge(response),
    );
  };
  return {
    ...http,
    send: (request) => prove(request, http.send),
    sendResource: (request) => prove(request, http.sendResource),
  };
}

/** Returns the stored key. Without it a bound token is unusable; a new key would be rejected. */
function keyIn({ dpop_key: key }: OAuth2Token): unknown {
  return key ?? {};
}

/** Whether a response requires a proof with a nonce. */
function hasNonceChallenge({
  status,
  headers,
}: {
  status: number;
  headers: HeaderReader;
}): boolean {
  const challenges = status === 401 ? readChallenges(headers) : [];
  return challenges.some(
    ({ scheme, params }) => scheme === 'dpop' && params.get('error') === 'use_dpop_nonce',
  );
}
