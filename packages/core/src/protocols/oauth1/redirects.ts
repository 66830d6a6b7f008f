import { filterMembers } from '../../platform/encoding.js';
import type { ResourceRequest } from '../../model/types.js';

const maxRedirects = 5;

const statuses: readonly number[] = [301, 302, 303, 307, 308];

/** OAuth protocol parameters, which a redirect may copy from the query of the request. */
const ours: ReadonlySet<string> = new Set(
  ['consumer_key', 'token', 'signature_method', 'signature', 'timestamp', 'nonce', 'version']
    .concat('body_hash')
    .map((name) => `oauth_${name}`),
);

/**
 * Sends a request and follows redirects within the same origin. `send` signs each request again. A
 * redirect to another origin is returned unfollowed, so that no credentials leak.
 */
export async function followRedirects(
  request: ResourceRequest,
  send: (request: ResourceRequest) => Promise<Response>,
): Promise<Response> {
  let current = request;
  for (let hops = 0; ; hops++) {
    const response = await send(current);
    const next = hops < maxRedirects ? redirected(current, response) : undefined;
    if (!next) return response;
    response.body?.cancel().catch(() => undefined);
    current = next;
  }
}

/**
 * Returns the request a redirect asks for (RFC 9110 §15.4), or `undefined` if it must not be
 * followed.
 */
function redirected(request: ResourceRequest, response: Response): ResourceRequest | undefined {
  const { status } = response;
  const url = statuses.includes(status) ? targetOf(request.url, response) : undefined;
  if (!url) return undefined;
  const { method, headers, body, timeout } = request;
  const becomesGet = (status === 303 && method !== 'HEAD') || (status < 303 && method === 'POST');
  if (becomesGet)
    return { method: 'GET', url, headers: withoutContent(headers), body: null, timeout };
  // A stream can be sent only once.
  return body instanceof ReadableStream ? undefined : { method, url, headers, body, timeout };
}

function targetOf(from: URL, response: Response): URL | undefined {
  const location = response.headers.get('location');
  if (location === null || !URL.canParse(location, from)) return undefined;
  const url = new URL(location, from);
  if (url.origin !== from.origin || url.username || url.password) return undefined;
  url.hash = '';
  url.search = withoutOurs(url.search.slice(1));
  return url;
}

/** Removes OAuth protocol parameters from a query. The rest is unchanged. */
function withoutOurs(query: string): string {
  return query
    .split('&')
    .filter((field) => !ours.has(field.split('=', 1)[0] ?? ''))
    .join('&');
}

function withoutContent(headers: ResourceRequest['headers']): ResourceRequest['headers'] {
  return filterMembers(headers, (_, name) => !name.startsWith('content-'));
}
