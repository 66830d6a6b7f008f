/**
 * Standard requests for frameworks with the requests and responses of Node.js, such as Koa.
 *
 * @module @oauth-registry/web/node
 */

/** A request of Node.js, whose body a middleware may have parsed already. */
export interface NodeRequest extends AsyncIterable<Uint8Array> {
  method?: string | undefined;
  url?: string | undefined;
  /** The URL before a router removed its prefix. */
  originalUrl?: string | undefined;
  rawHeaders: readonly string[];
  /** The fields of a form, if a middleware has parsed it. */
  body?: unknown;
}

/** A response of Node.js. */
export interface NodeResponse {
  statusCode: number;
  setHeader(name: string, value: string): unknown;
  appendHeader(name: string, value: string): unknown;
  end(body: Uint8Array): unknown;
}

/**
 * Returns a request of Node.js as a standard one. Its host is always `localhost`: redirect URIs are
 * built from `baseUrl`. The body is read from the stream, or from `req.body` if a middleware has parsed
 * a form.
 */
export function toRequest(req: NodeRequest): Request {
  const { method = 'GET', rawHeaders, originalUrl, url = '/', body } = req;
  const headers = new Headers();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const [name = '', value = ''] = rawHeaders.slice(index, index + 2);
    // HTTP/2 has headers such as `:path`.
    if (!name.startsWith(':')) headers.append(name, value);
  }
  const init: RequestInit & { duplex: 'half' } = { method, headers, duplex: 'half' };
  if (method !== 'GET' && method !== 'HEAD')
    init.body =
      typeof body === 'object' && body !== null
        ? new URLSearchParams(body as Record<string, string>)
        : streamOf(req);
  return new Request(`http://localhost${pathOf(originalUrl ?? url)}`, init);
}

/** Sends a standard response with Node.js. Headers that the application has set remain. */
export async function sendResponse(res: NodeResponse, response: Response): Promise<void> {
  res.statusCode = response.status;
  for (const [name, value] of response.headers) {
    if (name === 'set-cookie') res.appendHeader(name, value);
    else res.setHeader(name, value);
  }
  res.end(new Uint8Array(await response.arrayBuffer()));
}

/** A proxy is asked for a whole URL (RFC 9112 §3.2.2). */
function pathOf(target: string): string {
  if (target.startsWith('/')) return target;
  const { pathname, search } = new URL(target, 'http://localhost');
  return pathname + search;
}

function streamOf(req: NodeRequest): ReadableStream<Uint8Array> {
  const chunks = req[Symbol.asyncIterator]();
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await chunks.return?.();
    },
  });
}
