import { formatCookie } from '../client/login-state/cookies.js';
import type { BrowserExchange } from '../model/ports.js';
import { refuseSent, noResponse } from './handler-arguments.js';

/** The part of a Node request that is read; frameworks add `body` and `originalUrl`. */
export interface NodeRequest {
  method?: string | undefined;
  url?: string | undefined;
  originalUrl?: string;
  headers: Record<string, string | string[] | undefined>;
  body?: unknown;
  /** Whether something has read the stream already. */
  readableDidRead?: boolean;
}

/** The part of a Node response that is written. */
export interface NodeResponse {
  headersSent?: boolean;
  setHeader(name: string, value: string): unknown;
  appendHeader(name: string, value: string): unknown;
}

/** Shows core a request of Node's http, whatever framework wraps it; without its response, nothing is written. */
export function nodeExchange(
  req: NodeRequest,
  res: NodeResponse | undefined,
  session: BrowserExchange['session'],
): BrowserExchange {
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
    // A parser that found nothing for it may have left an empty object.
    body: () => (req.readableDidRead === false ? req : req.body),
    session,
    setHeader: (name, value) => void open().setHeader(name, value),
    setCookie: (cookie) => void open().appendHeader('set-cookie', formatCookie(cookie)),
    isAnswered: () => res?.headersSent === true,
  };
}

const passIt = 'Pass it as the second argument: authorizeAccessToken(req, res).';

/** Shows core a standard `Request`; what core sets goes where `answer` says. */
export function webExchange(
  request: Request,
  answer: Pick<BrowserExchange, 'session' | 'setHeader' | 'setCookie'>,
): BrowserExchange {
  return {
    request,
    response: undefined,
    method: request.method,
    header: (name) => request.headers.get(name) ?? undefined,
    query: new URL(request.url).search,
    body: () => request.body ?? '',
    ...answer,
  };
}

/** Puts what core sets into the headers of a standard `Response`. */
export function intoHeaders(headers: Headers): Pick<BrowserExchange, 'setHeader' | 'setCookie'> {
  return {
    setHeader: (name, value) => headers.set(name, value),
    setCookie: (cookie) => headers.append('set-cookie', formatCookie(cookie)),
  };
}
