import {
  sendAnswer,
  toResponse,
  type NodeAnswerable,
  type RouteAnswer,
} from '../routes/response.js';
import { placeOf } from '../routes/mount.js';
import type { Routes } from '../routes/routes.js';
import type { BrowserCookie, BrowserExchange } from '../model/ports.js';
import type { Awaitable } from '../model/types.js';
import { OAuthError } from '../model/errors.js';
import { checkSurplus } from '../options/arguments.js';
import { clientArguments, type ClientVerb } from '../options/verb-arguments.js';
import {
  intoHeaders,
  nodeExchange,
  webExchange,
  type NodeRequest,
  type NodeResponse,
} from './http.js';
import { checkHandlerArguments, see, type HandlerShape } from './handler-arguments.js';

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
  /** Its requests and responses, for errors. */
  shape?: HandlerShape;
  session: BrowserExchange['session'];
  /** Sets cookies of an answer that the application makes by itself. */
  setCookie(): Awaitable<(cookie: BrowserCookie) => void>;
}

/** The verbs of a framework with handlers of both kinds; `verb` names one for errors. */
export interface EitherVerbs<Req, Res> {
  /** A verb that answers the request. */
  answering<Args extends unknown[]>(
    run: Run<Args, RouteAnswer>,
    verb?: string,
  ): EitherVerb<Req, Res, Args, Response, void>;
  /** A verb that leaves the answer to the application. */
  returning<Args extends unknown[], T>(
    run: Run<Args, T>,
    verb?: string,
  ): EitherVerb<Req, Res, Args, T>;
  /** A verb that answers the request, or returns a result. */
  stepping<Args extends unknown[], T>(
    run: Run<Args, Step<T>>,
    verb?: string,
  ): EitherVerb<Req, Res, Args, Response | T, void | T>;
}

/** The arguments of one call, taken apart by the kind of its handler. */
type Call<Req, Res, Args> =
  { web: Request; args: Args } | { web?: undefined; req: Req; res: Res; args: Args };

const unnamed = 'This verb';

/** Makes the verbs of a framework with handlers of both kinds. */
export function eitherVerbs<Req extends NodeRequest, Res extends NodeResponse & NodeAnswerable>(
  framework: EitherFramework,
): EitherVerbs<Req, Res> {
  const { session, shape } = framework;

  /** `needs`: whether a handler of Node's needs its response in any case. */
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
    if (isVerb(verb)) checkSurplus({ verb }, clientArguments[verb], args);
    if (isWebRequest) return { web: request, args };
    return { req: request as Req, res: response as Res, args };
  }

  /** `headers` are those of the response, if it is not the application that makes it. */
  async function returned<Args extends unknown[], T>(
    run: Run<Args, T>,
    call: Call<Req, Res, Args>,
    headers: Headers = new Headers(),
  ): Promise<T> {
    if (!call.web) return await run(nodeExchange(call.req, call.res, session), ...call.args);
    const { setHeader } = intoHeaders(headers);
    const answer = { session, setCookie: await cookieSetter(framework), setHeader };
    return await run(webExchange(call.web, answer), ...call.args);
  }

  return {
    answering<Args extends unknown[]>(run: Run<Args, RouteAnswer>, verb = unnamed) {
      return (async (...given: unknown[]) => {
        const call = read<Args>({ verb, needs: true }, given);
        if (call.web) {
          const headers = new Headers();
          const browser = webExchange(call.web, { session, ...intoHeaders(headers) });
          return toResponse(await run(browser, ...call.args), headers);
        }
        const browser = nodeExchange(call.req, call.res, session);
        return await sendAnswer(call.res, await run(browser, ...call.args));
      }) as EitherVerb<Req, Res, Args, Response, void>;
    },
    returning<Args extends unknown[], T>(run: Run<Args, T>, verb = unnamed) {
      return (async (...given: unknown[]) =>
        await returned(run, read<Args>({ verb, needs: false }, given))) as EitherVerb<
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
        if (call.web) return toResponse(step.answer, headers);
        return await sendAnswer(call.res, step.answer);
      }) as EitherVerb<Req, Res, Args, Response | T, void | T>;
    },
  };
}

/** Outside a request a framework has no cookies to set; only a verb that sets one fails. */
async function cookieSetter(framework: EitherFramework): Promise<(cookie: BrowserCookie) => void> {
  try {
    return await framework.setCookie();
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

function isVerb(verb: string): verb is ClientVerb {
  return Object.hasOwn(clientArguments, verb);
}

function isWeb(request: unknown): request is Request {
  const { what, kind } = see(request);
  return what === 'request' && kind === 'web';
}

/** A handler of standard requests has no response to pass. */
function refuseResponse(verb: string, response: unknown): void {
  if (see(response).what !== 'response') return;
  throw new OAuthError(
    'invalid_options',
    `${verb}(): a Route Handler has no response to pass, and after the request there is ` +
      `${see(response).text}. Write ${verb}(request).`,
  );
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
  }, 'oauth.routes');
  return {
    GET: (request) => serve(request),
    POST: (request) => serve(request),
    handler: (req, res) => serve(req, res),
  };
}
