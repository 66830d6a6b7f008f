import { OAuthError } from '../../model/errors.js';
import { formatCookie } from './set-cookie.js';
import type { BrowserRequest } from '../../model/ports.js';

/** The part of a Node request that is read; frameworks add `body` and `originalUrl`. */
export interface NodeRequest {
  method?: string | undefined;
  url?: string | undefined;
  originalUrl?: string;
  headers: Record<string, string | string[] | undefined>;
  body?: unknown;
  /** Whether the stream has already been read. */
  readableDidRead?: boolean;
}

/** The part of a Node response that is written. */
export interface NodeResponse {
  headersSent?: boolean;
  setHeader(name: string, value: string): unknown;
  appendHeader(name: string, value: string): unknown;
}

/**
 * Converts a request of Node's http, or of a framework based on it, for core; without its response,
 * nothing is written.
 */
export function fromNode(
  req: NodeRequest,
  res: NodeResponse | undefined,
  session: BrowserRequest['session'],
): BrowserRequest {
  const url = req.originalUrl ?? req.url ?? '';
  const open = (): NodeResponse => {
    refuseSent(res?.headersSent === true);
    return res ?? noResponse(passIt);
  };
  return {
    request: req,
    response: res,
    method: req.method ?? 'GET',
    header: (name) => req.headers[name]?.toString(),
    query: url.includes('?') ? url.slice(url.indexOf('?')) : '',
    // A parser that did not handle the body may have left an empty object.
    body: () => (req.readableDidRead === false ? req : req.body),
    session,
    setHeader: (name, value) => void open().setHeader(name, value),
    setCookie: (cookie) => void open().appendHeader('set-cookie', formatCookie(cookie)),
    isResponseSent: () => res?.headersSent === true,
  };
}

const passIt = 'Pass it as the second argument: authorizeAccessToken(req, res).';

/** Converts a standard `Request` for core; core's headers and cookies are written to `context`. */
export function fromWeb(
  request: Request,
  context: Pick<BrowserRequest, 'session' | 'setHeader' | 'setCookie'>,
): BrowserRequest {
  return {
    request,
    response: undefined,
    method: request.method,
    header: (name) =>
      request.headers.get(name) ?? (name === 'host' ? new URL(request.url).host : undefined),
    query: new URL(request.url).search,
    body: () => request.body ?? '',
    ...context,
  };
}

/** Writes core's headers and cookies to the headers of a standard `Response`. */
export function intoHeaders(headers: Headers): Pick<BrowserRequest, 'setHeader' | 'setCookie'> {
  return {
    setHeader: (name, value) => headers.set(name, value),
    setCookie: (cookie) => headers.append('set-cookie', formatCookie(cookie)),
  };
}

/**
 * Rejects writing to a response that was already sent, usually because a call was not awaited.
 *
 * @throws OAuthError `invalid_options` with the fix
 */
export function refuseSent(isSent: boolean): void {
  if (!isSent) return;
  throw new OAuthError(
    'invalid_options',
    'The response was sent before the call that writes to it completed. Write "await" (or "return") before ' +
      'the call, and send nothing before it completes.',
  );
}

/** Throws when a response is written that was not passed. */
export function noResponse(how: string): never {
  throw new OAuthError(
    'invalid_options',
    `There is no response to set a header or a cookie on. ${how}`,
  );
}
