import { OAuthError } from '../../../model/errors.js';
import type { Http } from '../../../platform/http/http.js';
import type { ServerResponse, ServerRequest } from '../../../options/server-locator.js';

/**
 * Sends a request and follows redirects up to its limit. Each URL is validated like the first, and
 * only a plain `GET` or `HEAD` is redirected.
 */
export async function sendFollowingRedirects(
  http: Http,
  request: ServerRequest,
): Promise<ServerResponse> {
  const { redirects = 0, method = 'GET', what, limit, headers = {}, body } = request;
  if (redirects > 0 && method === 'POST') {
    throw new OAuthError(
      'invalid_options',
      'A POST request does not follow redirects. Remove "redirects", or send a GET request.',
    );
  }
  let url = String(request.url);
  for (let hop = 0; ; hop += 1) {
    const response = await http.send({
      what,
      url,
      method,
      headers,
      body: body ?? null,
      redirects: hop < redirects,
      ...(limit === undefined ? {} : { limit }),
    });
    const location = response.headers.get('location');
    const next = response.status >= 300 && response.status <= 399 && location !== null;
    if (!next || !URL.canParse(location, url)) {
      return { ...response, headers: new Headers([...response.headers]), url };
    }
    url = new URL(location, url).href;
  }
}
