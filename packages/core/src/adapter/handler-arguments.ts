import { isObject } from '../platform/encoding.js';
import { OAuthError } from '../model/errors.js';

/** The kinds of requests and responses that frameworks hand to their handlers. */
export type HandlerKind = 'express' | 'fastify' | 'pages' | 'web' | 'http';

/** What an argument is: the request or the response of a framework, or something else. */
interface Seen {
  what: 'request' | 'response' | 'other';
  kind?: HandlerKind;
  text: string;
}

/** What a verb of a framework takes, in that framework's words. */
export interface HandlerShape {
  /** The package, for messages. */
  package: string;
  /** Writes the call of a verb; `rest` is what comes after the request and the response. */
  write(verb: string, rest: string): string;
  /** The kinds of requests and responses that are its own. */
  kinds: readonly HandlerKind[];
}

/** One call of a verb. `needs` tells whether it writes in any case, so that it needs the response. */
export interface VerbCall {
  verb: string;
  client?: string | undefined;
  request: unknown;
  response: unknown;
  needs: boolean;
}

const named = {
  express: 'Express',
  pages: 'the Pages Router of Next.js',
  http: 'Node.js',
} as const;

const packages: Readonly<Record<HandlerKind, string>> = {
  express: 'the OAuth of @oauth-registry/express',
  fastify: 'the OAuth of @oauth-registry/fastify',
  pages: 'the OAuth of @oauth-registry/next',
  web: 'the OAuth of @oauth-registry/next, or createAuthorizationUrl() and fetchAccessToken()',
  http: 'the OAuth of @oauth-registry/express',
};

/**
 * Refuses a request or a response that is missing, not awaited, swapped with the other, or another framework's.
 *
 * @throws OAuthError `invalid_options` that names what was seen and what to write
 */
export function checkHandlerArguments(shape: HandlerShape, call: VerbCall): void {
  const [request, response] = [see(call.request), see(call.response)];
  if (request.what === 'response' && response.what === 'request') {
    throw refused(shape, call, { problem: 'the request and the response are swapped' });
  }
  if (!isOwn(shape, request, 'request')) {
    const problem = `where the request belongs there is ${request.text}`;
    throw refused(shape, call, { problem, kind: request.kind });
  }
  if (call.response === undefined && !call.needs) return;
  if (!isOwn(shape, response, 'response')) {
    const problem = `where the response belongs there is ${response.text}`;
    throw refused(shape, call, { problem, kind: response.kind });
  }
}

/** A request or response that is not recognised is left to the framework's own types. */
function isOwn({ kinds }: HandlerShape, seen: Seen, what: Seen['what']): boolean {
  return seen.what === what && (seen.kind === undefined || kinds.includes(seen.kind));
}

function refused(
  { package: own, write, kinds }: HandlerShape,
  { verb, client }: VerbCall,
  { problem, kind }: { problem: string; kind?: HandlerKind | undefined },
): OAuthError {
  const isForeign = kind !== undefined && !kinds.includes(kind);
  const instead = isForeign ? ` For that one, use ${packages[kind]}.` : '';
  return new OAuthError(
    'invalid_options',
    `${verb}(): ${problem}. With ${own} write ${write(verb, rest(verb))}.${instead}`,
    { client },
  );
}

/** What comes after the request and the response. */
function rest(verb: string): string {
  if (/^(?:authorizeRedirect|login)$/.test(verb)) return ', redirectUri, params';
  if (verb === 'authorizeAccessToken') return ', options';
  if (verb === 'saveAuthorizeData') return ', data';
  if (verb === 'logoutRedirect') return ', postLogoutRedirectUri, params';
  return verb === 'frontchannelLogout' ? ', { sid }' : '';
}

/** Tells what an argument is, without reading anything of it that could be secret. */
export function see(value: unknown): Seen {
  if (value === undefined || value === null) return { what: 'other', text: 'nothing' };
  if (typeof value === 'string') return { what: 'other', text: 'text' };
  if (value instanceof URL) return { what: 'other', text: 'a URL' };
  if (typeof value === 'function') return { what: 'other', text: 'a function, such as next' };
  if (!isObject(value)) return { what: 'other', text: `a ${typeof value}` };
  if (typeof value['then'] === 'function') {
    const text = 'a promise: write "await" before the call that returns it';
    // A reply of Fastify can be awaited too.
    return fastify(value) ?? { what: 'other', text };
  }
  return fastify(value) ?? web(value) ?? node(value) ?? unknown(value);
}

function unknown(value: Readonly<Record<string, unknown>>): Seen {
  if (isObject(value['req'])) {
    return { what: 'other', text: 'an object with "req" and "res": pass these one by one' };
  }
  return { what: 'other', text: 'an object that is none' };
}

function fastify(value: Readonly<Record<string, unknown>>): Seen | undefined {
  if (!isObject(value['raw'])) return undefined;
  if (typeof value['code'] === 'function' || typeof value['send'] === 'function') {
    return { what: 'response', kind: 'fastify', text: 'a reply of Fastify' };
  }
  return isObject(value['headers'])
    ? { what: 'request', kind: 'fastify', text: 'a request of Fastify' }
    : undefined;
}

function web(value: Readonly<Record<string, unknown>>): Seen | undefined {
  const { headers } = value;
  if (!isObject(headers) || typeof headers['get'] !== 'function') return undefined;
  return typeof value['method'] === 'string'
    ? { what: 'request', kind: 'web', text: 'a standard Request' }
    : { what: 'response', kind: 'web', text: 'a standard Response' };
}

/** Objects of Express and of the Pages Router are those of Node.js with more; with both on a custom server. */
function node(value: Readonly<Record<string, unknown>>): Seen | undefined {
  const marks = ['preview', 'draftMode', 'setPreviewData', 'setDraftMode'];
  const isPages = marks.some((mark) => mark in value);
  const isExpress = 'app' in value;
  const own = isExpress ? 'express' : isPages ? 'pages' : 'http';
  const kind: Pick<Seen, 'kind'> = isExpress && isPages ? {} : { kind: own };
  if (typeof value['setHeader'] === 'function') {
    return { what: 'response', ...kind, text: `a response of ${named[own]}` };
  }
  return isObject(value['headers'])
    ? { what: 'request', ...kind, text: `a request of ${named[own]}` }
    : undefined;
}

/**
 * The error of a method of the registry that a framework was given without a call, such as
 * `app.use(oauth.routes)`; `undefined` if the arguments are no framework's.
 */
export function uncalled(
  method: string,
  given: readonly unknown[],
  write: string,
): OAuthError | undefined {
  const [first] = given;
  if (see(first).what === 'other' && !isApplication(first)) return undefined;
  return new OAuthError(
    'invalid_options',
    `${method} was given to the framework without a call. Write ${write}.`,
  );
}

/**
 * Refuses a method of the registry that a framework was given without a call.
 *
 * @throws OAuthError `invalid_options` that says what to write
 */
export function refuseUncalled(method: string, given: readonly unknown[], write: string): void {
  const mistake = uncalled(method, given, write);
  if (mistake) throw mistake;
}

/** What Fastify calls a plugin with. */
function isApplication(value: unknown): boolean {
  return isObject(value) && typeof value['addHook'] === 'function';
}

/** The error of a verb that was taken off its client: `app.get('/login', oauth.corp.authorizeRedirect)`. */
export function unbound(verb: string): OAuthError {
  return new OAuthError(
    'invalid_options',
    `${verb}() was passed on without its client. Write a function that calls it: ` +
      `(...given) => oauth.corp.${verb}(...given).`,
  );
}

/**
 * Refuses to write into a response that is already on its way, most often because a verb was not awaited.
 *
 * @throws OAuthError `invalid_options` that says what to write
 */
export function refuseSent(isSent: boolean): void {
  if (!isSent) return;
  throw new OAuthError(
    'invalid_options',
    'The response was sent before the verb that writes into it was done. Write "await" (or "return") before ' +
      'the call, and send nothing before it is done.',
  );
}

/** What only writes of a response fail with if there is none. */
export function noResponse(how: string): never {
  throw new OAuthError(
    'invalid_options',
    `There is no response to set a header or a cookie on. ${how}`,
  );
}
