import { sendResponse, toResponse, type NodeWritable } from '../routes/response.js';
import { mountOf } from '../routes/mount.js';
import type { Guard } from '../routes/guard-options.js';
import type { Routes } from '../routes/routes.js';
import type { HandlerResponse, BrowserCookie, BrowserRequest } from '../model/ports.js';
import type { Awaitable } from '../model/types.js';
import { OAuthError } from '../model/errors.js';
import { checkVerbArguments } from '../options/verb-arguments.js';
import { memberName } from '../model/verb-groups.js';
import {
  intoHeaders,
  fromNode,
  fromWeb,
  type NodeRequest,
  type NodeResponse,
} from '../platform/http/messages.js';
import {
  checkHandlerArguments,
  see,
  type HandlerShape,
} from '../platform/http/handler-arguments.js';

/**
 * A method for both kinds of handlers: `(request, …)` with a standard `Request`, or Node's `(req,
 * res, …)`.
 */
export interface DualVerb<Req, Res, Args extends unknown[], Web, Node = Web> {
  (request: Request, ...args: Args): Promise<Web>;
  (req: Req, res: Res, ...args: Args): Promise<Node>;
}

type Run<Args extends unknown[], Result> = (
  browser: BrowserRequest,
  ...args: Args
) => Promise<Result>;

type Step<T> = { response: HandlerResponse } | { result: T };

/** What a framework with both kinds of handlers provides. */
export interface DualFramework {
  /** Its requests and responses, for error messages. */
  shape?: HandlerShape;
  session: BrowserRequest['session'];
  /** Sets cookies on a response that the application creates itself. */
  setCookie(): Awaitable<(cookie: BrowserCookie) => void>;
}

/**
 * Creates the methods of a framework with both kinds of handlers; `verb` is the method's name in
 * error messages.
 */
export interface DualVerbs<Req, Res> {
  /** A method that sends the response. */
  responding<Args extends unknown[]>(
    run: Run<Args, HandlerResponse>,
    verb?: string,
  ): DualVerb<Req, Res, Args, Response, void>;
  /** A method that leaves the response to the application. */
  returning<Args extends unknown[], T>(
    run: Run<Args, T>,
    verb?: string,
  ): DualVerb<Req, Res, Args, T>;
  /** A method that sends the response or returns a result. */
  stepping<Args extends unknown[], T>(
    run: Run<Args, Step<T>>,
    verb?: string,
  ): DualVerb<Req, Res, Args, Response | T, void | T>;
  /** A guard of pages; arguments of the framework after the request are ignored. */
  guarding(guard: Guard, verb: string): DualGuard<Req, Res>;
}

/** A guard of pages, for both kinds of handlers. */
export interface DualGuard<Req, Res> {
  /** Returns the response to a request that the page must not be shown to, or `undefined`. */
  (request: Request, ...others: unknown[]): Promise<Response | undefined>;
  /** Sends that response; returns whether it did. */
  (req: Req, res: Res): Promise<boolean>;
}

/** The arguments of one call, by the kind of its handler. */
type Call<Req, Res, Args> =
  { web: Request; args: Args } | { web?: undefined; req: Req; res: Res; args: Args };

const unnamed = 'This method';

/** Creates the methods of a framework with both kinds of handlers. */
export function dualHandlers<Req extends NodeRequest, Res extends NodeResponse & NodeWritable>(
  framework: DualFramework,
): DualVerbs<Req, Res> {
  const { session, shape } = framework;

  /** `needs`: whether a Node handler always needs its response. */
  function read<Args extends unknown[]>(
    { verb, needs }: { verb: string; needs: boolean },
    given: readonly unknown[],
  ): Call<Req, Res, Args> {
    const [request, ...rest] = given;
    const isWebRequest = isWeb(request);
    const [response] = rest;
    const pair = { verb, request, response: isWebRequest ? undefined : response };
    if (shape) checkHandlerArguments(shape, { ...pair, needs: needs && !isWebRequest });
    if (isWebRequest) refuseResponse(verb, response);
    const args = (isWebRequest ? rest : rest.slice(1)) as Args;
    checkVerbArguments(verb, undefined, args);
    if (isWebRequest) return { web: request, args };
    return { req: request as Req, res: response as Res, args };
  }

  /** `headers`: those of the response, unless the application creates it. */
  async function returned<Args extends unknown[], T>(
    run: Run<Args, T>,
    call: Call<Req, Res, Args>,
    headers: Headers = new Headers(),
  ): Promise<T> {
    if (!call.web) return await run(fromNode(call.req, call.res, session), ...call.args);
    const { setHeader } = intoHeaders(headers);
    const context = { session, setCookie: await cookieSetter(framework), setHeader };
    return await run(fromWeb(call.web, context), ...call.args);
  }

  return {
    responding<Args extends unknown[]>(run: Run<Args, HandlerResponse>, verb = unnamed) {
      return (async (...given: unknown[]) => {
        const call = read<Args>({ verb, needs: true }, given);
        if (call.web) {
          const headers = new Headers();
          const browser = fromWeb(call.web, { session, ...intoHeaders(headers) });
          return toResponse(await run(browser, ...call.args), headers);
        }
        const browser = fromNode(call.req, call.res, session);
        return await sendResponse(call.res, await run(browser, ...call.args));
      }) as DualVerb<Req, Res, Args, Response, void>;
    },
    returning<Args extends unknown[], T>(run: Run<Args, T>, verb = unnamed) {
      return (async (...given: unknown[]) =>
        await returned(run, read<Args>({ verb, needs: false }, given))) as DualVerb<
        Req,
        Res,
        Args,
        T
      >;
    },
    stepping<Args extends unknown[], T>(run: Run<Args, Step<T>>, verb = unnamed) {
      return (async (...given: unknown[]) => {
        const headers = new Headers();
        const call = read<Args>({ verb, needs: true }, given);
        const step = await returned(run, call, headers);
        if ('result' in step) return step.result;
        if (call.web) return toResponse(step.response, headers);
        return await sendResponse(call.res, step.response);
      }) as DualVerb<Req, Res, Args, Response | T, void | T>;
    },
    guarding(guard: Guard, verb: string) {
      return (async (...given: unknown[]) => {
        const pair = isWeb(given[0]) ? given.slice(0, 1) : given.slice(0, 2);
        const call = read<[]>({ verb, needs: true }, pair);
        if (call.web) {
          const headers = new Headers();
          const browser = fromWeb(call.web, { session, ...intoHeaders(headers) });
          const response = await guard(browser, call.web.url);
          if (response?.location === undefined) return response && toResponse(response, headers);
          // A proxy of Next.js needs an absolute URL, even without "baseUrl".
          const location = new URL(response.location, call.web.url).href;
          return toResponse({ ...response, location }, headers);
        }
        const { req, res } = call;
        const response = await guard(
          fromNode(req, res, session),
          req.originalUrl ?? req.url ?? '/',
        );
        if (response) await sendResponse(res, response);
        return response !== undefined;
      }) as DualGuard<Req, Res>;
    },
  };
}

/** Outside a request the framework cannot set cookies; only methods that set one fail. */
async function cookieSetter(framework: DualFramework): Promise<(cookie: BrowserCookie) => void> {
  try {
    return await framework.setCookie();
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

function isWeb(request: unknown): request is Request {
  const { what, kind } = see(request);
  return what === 'request' && kind === 'web';
}

/** Rejects a response argument: a handler of standard requests has none. */
function refuseResponse(verb: string, response: unknown): void {
  if (see(response).what !== 'response') return;
  throw new OAuthError(
    'invalid_options',
    `${memberName(verb)}(): a Route Handler has no response argument, but the second argument is ` +
      `${see(response).text}. Write ${memberName(verb)}(request).`,
  );
}

/** The routes, as exported by a file of each kind of handler. */
export interface DualRoutes<Req, Res> {
  GET(request: Request): Promise<Response>;
  POST(request: Request): Promise<Response>;
  handler(req: Req, res: Res): Promise<void>;
}

/** Serves the routes from a catch-all file. */
export function serveRoutes<Req, Res>(
  { responding }: DualVerbs<Req, Res>,
  routes: Routes,
): DualRoutes<Req, Res> {
  const serve: DualVerb<Req, Res, [], Response, void> = responding(async (browser) => {
    const { url } = browser.request as { url: string };
    return (await routes.handle(browser, mountOf(url))) ?? { status: 404 };
  }, 'oauth.routes');
  return {
    GET: (request) => serve(request),
    POST: (request) => serve(request),
    handler: (req, res) => serve(req, res),
  };
}
