import {
  sendAnswer,
  toResponse,
  type NodeAnswerable,
  type RouteAnswer,
} from '../dropin/answers.js';
import { placeOf } from '../dropin/place.js';
import type { Routes } from '../dropin/routes.js';
import type { BrowserCookie, BrowserExchange } from '../ports.js';
import type { Awaitable } from '../types.js';
import {
  intoHeaders,
  nodeExchange,
  webExchange,
  type NodeRequest,
  type NodeResponse,
} from './exchange.js';

/** A verb for handlers of both kinds: `(request, …)` with a standard `Request`, or Node's `(req, res, …)`. */
export interface EitherVerb<Req, Res, Args extends unknown[], Web, Node = Web> {
  (request: Request, ...args: Args): Promise<Web>;
  (req: Req, res: Res, ...args: Args): Promise<Node>;
}

type Run<Args extends unknown[], Result> = (
  browser: BrowserExchange,
  ...args: Args
) => Promise<Result>;

type Step<T> = { answer: RouteAnswer } | { result: T };

/** What a framework with handlers of both kinds has to say. */
export interface EitherFramework {
  session: BrowserExchange['session'];
  /** Sets cookies of an answer that the application makes by itself. */
  setCookie(): Awaitable<(cookie: BrowserCookie) => void>;
}

/** The verbs of a framework with handlers of both kinds. */
export interface EitherVerbs<Req, Res> {
  /** A verb that answers the request. */
  answering<Args extends unknown[]>(
    run: Run<Args, RouteAnswer>,
  ): EitherVerb<Req, Res, Args, Response, void>;
  /** A verb that leaves the answer to the application. */
  returning<Args extends unknown[], T>(run: Run<Args, T>): EitherVerb<Req, Res, Args, T>;
  /** A verb that answers the request, or returns a result. */
  stepping<Args extends unknown[], T>(
    run: Run<Args, Step<T>>,
  ): EitherVerb<Req, Res, Args, Response | T, void | T>;
}

/** Makes the verbs of a framework with handlers of both kinds. */
export function eitherVerbs<Req extends NodeRequest, Res extends NodeResponse & NodeAnswerable>(
  framework: EitherFramework,
): EitherVerbs<Req, Res> {
  const { session } = framework;

  /** `headers` are those of the response, if it is not the application that makes it. */
  async function returned<Args extends unknown[], T>(
    run: Run<Args, T>,
    [request, ...rest]: [Request | Req, ...unknown[]],
    headers: Headers = new Headers(),
  ): Promise<T> {
    if (isWeb(request)) {
      const { setHeader } = intoHeaders(headers);
      const answer = { session, setCookie: await framework.setCookie(), setHeader };
      return await run(webExchange(request, answer), ...(rest as Args));
    }
    const [res, ...args] = rest as [Res, ...Args];
    return await run(nodeExchange(request, res, session), ...args);
  }

  return {
    answering<Args extends unknown[]>(run: Run<Args, RouteAnswer>) {
      return (async (request: Request | Req, ...rest: unknown[]) => {
        if (isWeb(request)) {
          const headers = new Headers();
          const browser = webExchange(request, { session, ...intoHeaders(headers) });
          return toResponse(await run(browser, ...(rest as Args)), headers);
        }
        const [res, ...args] = rest as [Res, ...Args];
        return await sendAnswer(res, await run(nodeExchange(request, res, session), ...args));
      }) as EitherVerb<Req, Res, Args, Response, void>;
    },
    returning<Args extends unknown[], T>(run: Run<Args, T>) {
      return (...given: [Request | Req, ...unknown[]]) => returned(run, given);
    },
    stepping<Args extends unknown[], T>(run: Run<Args, Step<T>>) {
      return (async (...given: [Request | Req, ...unknown[]]) => {
        const headers = new Headers();
        const step = await returned(run, given, headers);
        if ('result' in step) return step.result;
        if (isWeb(given[0])) return toResponse(step.answer, headers);
        return await sendAnswer(given[1] as Res, step.answer);
      }) as EitherVerb<Req, Res, Args, Response | T, void | T>;
    },
  };
}

function isWeb(request: Request | NodeRequest): request is Request {
  return request.headers instanceof Headers;
}

/** The drop-in routes, as a file of each kind of handler exports them. */
export interface EitherRoutes<Req, Res> {
  GET(request: Request): Promise<Response>;
  POST(request: Request): Promise<Response>;
  handler(req: Req, res: Res): Promise<void>;
}

/** Serves the drop-in routes from a file that catches every path below its own. */
export function serveRoutes<Req, Res>(
  { answering }: EitherVerbs<Req, Res>,
  routes: Routes,
): EitherRoutes<Req, Res> {
  const serve: EitherVerb<Req, Res, [], Response, void> = answering(async (browser) => {
    const { url } = browser.request as { url: string };
    return (await routes.handle(browser, placeOf(url))) ?? { status: 404 };
  });
  return {
    GET: (request) => serve(request),
    POST: (request) => serve(request),
    handler: (req, res) => serve(req, res),
  };
}
