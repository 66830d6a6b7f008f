import { isObject } from '../encoding.js';
import { OAuthError } from '../../model/errors.js';
import { memberName } from '../../model/verb-groups.js';

/** The kinds of requests and responses that frameworks pass to their handlers. */
export type HandlerKind = 'express' | 'fastify' | 'pages' | 'web' | 'http';

/** The classification of an argument: a framework's request or response, or something else. */
interface Seen {
  what: 'request' | 'response' | 'other';
  kind?: HandlerKind;
  text: string;
}

/** The handler arguments of a framework. */
export interface HandlerShape {
  /** The package name, for messages. */
  package: string;
  /** Formats the call of a method; `rest` is what follows the request and the response. */
  write(verb: string, rest: string): string;
  /** The supported kinds of requests and responses. */
  kinds: readonly HandlerKind[];
}

/** One call of a method. `needs`: whether it always needs the response. */
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
  web: 'the OAuth of @oauth-registry/next or @oauth-registry/web',
  http: 'the OAuth of @oauth-registry/express',
};

/**
 * Rejects a request or response that is missing, not awaited, swapped with the other, or from
 * another framework.
 *
 * @throws OAuthError `invalid_options` with what was seen and the correct call
 */
export function checkHandlerArguments(shape: HandlerShape, call: VerbCall): void {
  const [request, response] = [see(call.request), see(call.response)];
  if (request.what === 'response' && response.what === 'request') {
    throw wrongArgument(shape, call, { problem: 'the request and the response are swapped' });
  }
  if (!isOfFramework(shape, request, 'request')) {
    const problem = `instead of the request there is ${request.text}`;
    throw wrongArgument(shape, call, { problem, kind: request.kind });
  }
  if (call.response === undefined && !call.needs) return;
  if (!isOfFramework(shape, response, 'response')) {
    const problem = `instead of the response there is ${response.text}`;
    throw wrongArgument(shape, call, { problem, kind: response.kind });
  }
}

/** Accepts unrecognized requests and responses; the framework's types check them. */
function isOfFramework({ kinds }: HandlerShape, seen: Seen, what: Seen['what']): boolean {
  return seen.what === what && (seen.kind === undefined || kinds.includes(seen.kind));
}

function wrongArgument(
  { package: own, write, kinds }: HandlerShape,
  { verb, client }: VerbCall,
  { problem, kind }: { problem: string; kind?: HandlerKind | undefined },
): OAuthError {
  const isForeign = kind !== undefined && !kinds.includes(kind);
  const instead = isForeign ? ` For that kind of handler, use ${packages[kind]}.` : '';
  return new OAuthError(
    'invalid_options',
    `${memberName(verb)}(): ${problem}. With ${own} write ${write(memberName(verb), rest(verb))}.${instead}`,
    { client },
  );
}

/** Returns the arguments after the request and the response. */
function rest(verb: string): string {
  if (/^(?:authorizeRedirect|login)$/.test(verb)) return ', redirectUri, params';
  if (verb === 'authorizeAccessToken') return ', options';
  if (verb === 'saveAuthorizeData') return ', data';
  if (verb === 'logoutRedirect') return ', postLogoutRedirectUri, params';
  return verb === 'frontchannelLogout' ? ', { sid }' : '';
}

/** Classifies an argument without reading secrets. */
export function see(value: unknown): Seen {
  if (value === undefined || value === null) return { what: 'other', text: 'nothing' };
  if (typeof value === 'string') return { what: 'other', text: 'text' };
  if (value instanceof URL) return { what: 'other', text: 'a URL' };
  if (typeof value === 'function') return { what: 'other', text: 'a function, such as next' };
  if (!isObject(value)) return { what: 'other', text: `a ${typeof value}` };
  if (typeof value['then'] === 'function') {
    const text = 'a promise: write "await" before the call that returns it';
    // A Fastify reply is also thenable.
    return fastify(value) ?? { what: 'other', text };
  }
  return fastify(value) ?? web(value) ?? node(value) ?? classifyObject(value);
}

function classifyObject(value: Readonly<Record<string, unknown>>): Seen {
  if (isObject(value['req'])) {
    return { what: 'other', text: 'an object with "req" and "res": pass these one by one' };
  }
  return { what: 'other', text: 'another object' };
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

/**
 * Classifies Node.js objects, which Express and the Pages Router extend; on a custom server both
 * do.
 */
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
 * Returns the error for a registry method that was passed to a framework without calling it, such
 * as `app.use(oauth.routes)`; `undefined` if the arguments are not from a framework.
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
    `${method} was passed to the framework without calling it. Write ${write}.`,
  );
}

/**
 * Rejects a registry method that was passed to a framework without calling it.
 *
 * @throws OAuthError `invalid_options` with the correct call
 */
export function refuseUncalled(method: string, given: readonly unknown[], write: string): void {
  const mistake = uncalled(method, given, write);
  if (mistake) throw mistake;
}

/** Whether a value is the application that Fastify passes to a plugin. */
function isApplication(value: unknown): boolean {
  return isObject(value) && typeof value['addHook'] === 'function';
}

/**
 * Creates the error for a method detached from its client: `app.get('/login',
 * oauth.corp.authorizeRedirect)`.
 */
export function unbound(verb: string): OAuthError {
  return new OAuthError(
    'invalid_options',
    `${memberName(verb)}() was detached from its client. Write a function that calls it: ` +
      `(...given) => oauth.corp.${memberName(verb)}(...given).`,
  );
}
