import {
  checkHandlerArguments,
  checkVerbArguments,
  fromWeb,
  intoHeaders,
  toResponse,
  withoutSession,
  type BrowserRequest,
  type Guard,
  type HandlerResponse,
  type HandlerShape,
} from '@oauth-registry/core/adapter';

/**
 * A request, and the headers of the response that the application creates itself. Methods that
 * return no `Response` add their cookies to these headers; without headers no cookie can be set.
 */
export type WebRequest = Request | { readonly request: Request; readonly headers: Headers };

/** The headers of the response, for hooks of the routes: pass them to `setSession`. */
export interface WebResponse {
  readonly headers: Headers;
}

const shape: HandlerShape = {
  package: '@oauth-registry/web',
  write: (verb, rest) =>
    verb === 'oauth.routes' ? 'oauth.routes({ onLogin })(request)' : `${verb}(request${rest})`,
  kinds: ['web'],
};

/** A checked call of a method. */
export interface WebCall {
  browser: BrowserRequest;
  url: string;
  /** Creates the response, with the headers that core has set. */
  send(response: HandlerResponse): Response;
}

/** Splits the first argument of a method into the request and the headers of its response. */
export function split(given: unknown): { request: Request; headers: Headers | undefined } {
  const { request = given, headers } = (given ?? {}) as Partial<Exclude<WebRequest, Request>>;
  const isPair = request !== given && headers instanceof Headers;
  return { request: request as Request, headers: isPair ? headers : undefined };
}

/** A call of a method; a method of the registry has no client. */
interface Call {
  verb: string;
  client?: { readonly name: string };
}

/** Checks the arguments of a method, and converts its request for core. */
export function open({ verb, client }: Call, given: unknown, all: Iterable<unknown>): WebCall {
  const { request, headers = new Headers() } = split(given);
  const call = { verb, client: client?.name, request, response: undefined, needs: false };
  checkHandlerArguments(shape, call);
  checkVerbArguments(verb, call.client, [...all].slice(1));
  const context = { session: withoutSession('A standard Request'), ...intoHeaders(headers) };
  return {
    browser: { ...fromWeb(request, context), response: { headers } },
    url: request.url,
    send: (response) => toResponse(response, new Headers(headers)),
  };
}

/** Returns the response to a request that a page must not be shown to, or `undefined`. */
export type WebGuard = (request: WebRequest) => Promise<Response | undefined>;

/** Converts a function of core, which may return a response, to one of standard requests. */
export function serving(verb: string, respond: Guard): WebGuard {
  return async (...given) => {
    const { browser, url, send } = open({ verb }, given[0], given);
    const response = await respond(browser, url);
    return response && send(response);
  };
}
