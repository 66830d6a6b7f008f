import type { ResourceRequest } from '../../model/types.js';

const maxRedirects = 5;

const statuses: readonly number[] = [301, 302, 303, 307, 308];

/** The protocol parameters of a request, which a redirect may repeat from the URL they stood on. */
const ours: ReadonlySet<string> = new Set(
  ['consumer_key', 'token', 'signature_method', 'signature', 'timestamp', 'nonce', 'version']
    .concat('body_hash')
    .map((name) => `oauth_${name}`),
);

/**
 * Sends a request and follows its redirects on the same origin, each hop by `send`, which signs it
 * anew. A redirect to another origin is handed back: no credentials go there.
 */
export async function follow(
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

/** The request a redirect asks for (RFC 9110 §15.4); `undefined` where it is not ours to make. */
function redirected(request: ResourceRequest, response: Response): ResourceRequest | undefined {
  const { status } = response;
  const url = statuses.includes(status) ? targetOf(request.url, response) : undefined;
  if (!url) return undefined;
  const { method, headers, body, timeout } = request;
  const becomesGet = (status === 303 && method !== 'HEAD') || (status < 303 && method === 'POST');
  if (becomesGet)
    return { method: 'GET', url, headers: withoutContent(headers), body: null, timeout };
  // A stream can be sent once.
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

/** Takes protocol parameters out of a query, and leaves the rest as it is written. */
function withoutOurs(query: string): string {
  return query
    .split('&')
    .filter((field) => !ours.has(field.split('=', 1)[0] ?? ''))
    .join('&');
}

function withoutContent(headers: Headers): Headers {
  return new Headers([...headers].filter(([name]) => !name.startsWith('content-')));
}
