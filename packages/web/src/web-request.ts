import {
  checkHandlerArguments,
  checkVerbArguments,
  fromWeb,
  intoHeaders,
  toResponse,
  type BrowserRequest,
  type HandlerResponse,
  type HandlerShape,
} from '@oauth-registry/core/adapter';
import { OAuthError } from '@oauth-registry/core';

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
  /** Creates the response, with the headers that core has set. */
  send(response: HandlerResponse): Response;
}

/** Splits the first argument of a method into the request and the headers of its response. */
export function split(given: unknown): { request: Request; headers: Headers | undefined } {
  const { request = given, headers } = (given ?? {}) as Partial<Exclude<WebRequest, Request>>;
  const isPair = request !== given && headers instanceof Headers;
  return { request: request as Request, headers: isPair ? headers : undefined };
}

/** A call of a method: its name, and its first argument. */
interface Call {
  verb: string;
  client?: string | undefined;
  request: unknown;
}

/** Checks the arguments of a method, and converts its request for core. */
export function open({ verb, client, request: given }: Call, all: Iterable<unknown>): WebCall {
  const { request, headers: own } = split(given);
  checkHandlerArguments(shape, { verb, client, request, response: undefined, needs: false });
  checkVerbArguments(verb, client, [...all].slice(1));
  const headers = own ?? new Headers();
  const browser = {
    ...fromWeb(request, { session: noSession, ...intoHeaders(headers) }),
    response: { headers },
  };
  return { browser, send: (response) => toResponse(response, new Headers(headers)) };
}

function noSession(): never {
  throw new OAuthError(
    'missing_session',
    'A standard Request has no session. Store pending logins in cookies (the default: set "secret"), or ' +
      'pass a function that returns your session to new OAuth({ session }).',
  );
}
