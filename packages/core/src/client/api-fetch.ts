import type { ResourceOptions } from '../model/types.js';
import type { ApiTarget } from './api-request.js';

/** Sends one API request. */
type Send = (
  target: ApiTarget,
  options: Pick<ResourceOptions, 'headers' | 'body' | 'withholdToken' | 'signal'>,
) => Promise<Response>;

/** Redirects that are followed, as browsers do (Fetch Standard, HTTP-redirect fetch). */
const maxRedirects = 20;

interface Sent {
  method: string;
  url: string | URL;
  headers: Headers;
  body: BodyInit | null;
}

/**
 * Adapts API requests to the interface of `fetch`. A redirect to an origin that the token is not for
 * is followed without the token, and without the headers that contain credentials.
 */
export function apiFetch(send: Send): typeof globalThis.fetch {
  return async (input, init = {}) => {
    const given = input instanceof Request ? input : undefined;
    const { redirect = given?.redirect ?? 'follow' } = init;
    const signal = init.signal ?? given?.signal;
    let sent: Sent = {
      method: (init.method ?? given?.method ?? 'GET').toUpperCase(),
      url: given ? given.url : (input as string | URL),
      headers: new Headers(init.headers ?? given?.headers),
      body: init.body ?? given?.body ?? null,
    };
    let withholdToken = false;
    for (let redirects = 0; ; redirects += 1) {
      const { method, url, headers, body } = sent;
      const call = { headers, ...(body === null ? {} : { body }), ...(signal ? { signal } : {}) };
      let from = new URL('https://api.invalid');
      const onUrl = (resolved: URL): void => void (from = resolved);
      const response = await send(
        { method, url, onUrl },
        withholdToken ? { ...call, withholdToken } : call,
      );
      const target = redirect === 'manual' ? undefined : targetOf(response, from);
      if (target === undefined) return response;
      if (redirect === 'error') throw new TypeError('The API responded with a redirect.');
      if (redirects >= maxRedirects)
        throw new TypeError('The API responded with too many redirects.');
      const isRead = method === 'GET' || method === 'HEAD';
      const becomesGet =
        (response.status === 303 && !isRead) || (response.status < 303 && method === 'POST');
      if (!isRead && !becomesGet && body instanceof ReadableStream) return response;
      await response.body?.cancel();
      if (!withholdToken && target.origin !== from.origin) {
        withholdToken = true;
        for (const name of ['authorization', 'cookie', 'proxy-authorization']) headers.delete(name);
      }
      if (becomesGet) {
        for (const name of ['content-type', 'content-length']) headers.delete(name);
      }
      sent = {
        method: becomesGet ? 'GET' : method,
        url: target,
        headers,
        body: becomesGet ? null : body,
      };
    }
  };
}

/** The URL of a redirect. */
function targetOf({ headers, status }: Response, from: URL): URL | undefined {
  const location = headers.get('location');
  if (location === null || ![301, 302, 303, 307, 308].includes(status)) return undefined;
  return URL.canParse(location, from) ? new URL(location, from) : undefined;
}
