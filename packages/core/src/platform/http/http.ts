import { monotonic, now } from '../crypto.js';
import { errorCode, loggedUrl, type LogRequest } from '../log.js';
import { parseUrl } from '../encoding.js';
import { OAuthError, reasonOf } from '../../model/errors.js';
import { isInside, refusedUrl, type Reach, isLoopback } from './address-policy.js';
import { Cancellation } from './cancellation.js';
import { guardedTransport } from './guarded.js';
import { defaultTransport } from './default-transport.js';
import { ProxyError } from './proxy.js';
import {
  fetchTransport,
  type HeaderReader,
  type IncomingResponse,
  type OutgoingRequest,
  type ReceivedHeaders,
} from './transport.js';
import { peek, readResponseBytes, type SizeLimit } from './body.js';
import { sentSecrets } from './sent-secrets.js';
import type { BodyInit, HeadersInit } from '../../model/web-types.js';

/** Options for requests to providers. */
export interface HttpOptions {
  /**
   * Milliseconds before a request to a provider times out, including reading its body. Default:
   * 10,000.
   */
  timeout?: number | undefined;
  /**
   * Replaces `fetch`, for a dispatcher or another runtime. Default: on Node.js `node:http`, which is
   * faster, with the proxies of `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`; the global `fetch` in other
   * runtimes, and if the application has replaced it or set a dispatcher for it.
   */
  fetch?: typeof globalThis.fetch | undefined;
  /**
   * The `User-Agent` header of requests that do not set one (RFC 9110 §10.1.5), for example
   * `my-app/1.0 (+https://app.example)`. Default: `oauth-registry/` and its version.
   */
  userAgent?: string | undefined;
  /** Allows plain http to hosts other than loopback. For development only. Default: `false`. */
  allowInsecureRequests?: boolean | undefined;
  /**
   * Allows URLs from untrusted input (users, third-party documents, options from `loadClient`) to
   * point at loopback or a private network. Use it only in development, in tests, and in networks
   * in which every user may reach every host. Default: `false`.
   */
  allowPrivateNetworks?: boolean | undefined;
}

/** A request to a provider. */
export interface HttpRequest {
  /** Describes the URL in messages: `token endpoint`, `metadata document`. */
  what: string;
  url: string | URL;
  method?: string;
  headers?: HeadersInit;
  body?: BodyInit | null;
  signal?: AbortSignal | undefined;
  /** Milliseconds; overrides the client's timeout. */
  timeout?: number | undefined;
  /** Maximum decoded bytes of the response. */
  limit?: number;
  /** The option that sets `limit`, for messages. */
  limitOption?: string;
  /**
   * Whether the response is a document that will be cached; for untrusted servers, at most 64 KB.
   */
  document?: boolean;
  /** Returns redirects as responses instead of throwing. */
  redirects?: boolean;
}

/** A provider's response, with its body fully read. */
export interface HttpResponse {
  status: number;
  headers: ReceivedHeaders;
  text: string;
  /** Secrets of the request, which must not appear in error text from the response. */
  secrets?: () => readonly string[];
}

/** Sends all HTTP requests of this library. */
export interface Http {
  /**
   * Sends a protocol request and reads the whole response, limited in time and size. Redirects are
   * an error.
   */
  send(request: HttpRequest): Promise<HttpResponse>;
  /** Sends a resource request; the caller reads the response body. Redirects are returned. */
  sendResource(request: HttpRequest): Promise<Response>;
  /** Reads the beginning of a response without consuming it; never throws. */
  peek(response: Response): Promise<string>;
  /** Throws `insecure_transport` unless the URL is https, or http on loopback. */
  check(url: string | URL, what: string): URL;
  /**
   * Like `check`, for a URL passed by the application: throws `unsafe_address` first if it is in a
   * private network.
   */
  checkGiven(url: string | URL, what: string): URL;
  /**
   * Returns an HTTP client for URLs from untrusted input (user-supplied or found in third-party
   * documents): https to public hosts only, checked again when connecting. Documents from loopback
   * (`from`) may name loopback.
   */
  guarded(from?: string): Http;
}

const defaultTimeout = 10_000;
const defaultLimit = 1_000_000;
/** Maximum bytes of a document from an untrusted server. */
export const documentLimit = 65_536;
const utf8 = /* @__PURE__ */ new TextDecoder();

const defaultUserAgent = 'oauth-registry/0.1';

/** How the requests of a client are logged. */
interface HttpLog {
  log?: LogRequest | undefined;
  client?: string | undefined;
}

/** Creates the HTTP client from the registry's options. */
export function createHttp(options: HttpOptions & HttpLog = {}, reach?: Reach): Http {
  const { timeout = defaultTimeout, userAgent = defaultUserAgent } = options;
  const transport = options.fetch
    ? fetchTransport(options.fetch)
    : reach
      ? guardedTransport(reach)
      : defaultTransport;

  function check(url: string | URL, what: string): URL {
    return checkParsed(parseUrl(url, what), what);
  }

  function checkParsed(parsed: URL, what: string): URL {
    const secure = parsed.protocol === 'https:' || (reach !== 'public' && isLoopback(parsed));
    if ((!secure && !options.allowInsecureRequests) || parsed.username || parsed.password) {
      throw new OAuthError(
        'insecure_transport',
        `The ${what} must be an https URL without user information. Plain http is allowed for loopback ` +
          'hosts only; "allowInsecureRequests: true" allows it for others, for development.',
      );
    }
    checkHost(parsed, what);
    return parsed;
  }

  function checkHost(url: URL, what: string): void {
    const problem = reach && refusedUrl(url, reach);
    if (problem) throw unsafe(what, problem);
  }

  function sendOnce(request: HttpRequest, cancellation: Cancellation): Promise<IncomingResponse> {
    const url = check(request.url, request.what);
    const headers = { 'user-agent': userAgent, ...byName(request.headers) };
    const { method = 'GET', body = null } = request;
    const sent = { url, method, headers, body, cancellation };
    return options.log ? logged(sent, request.what) : transport(sent);
  }

  async function logged(sent: OutgoingRequest, what: string): Promise<IncomingResponse> {
    const start = monotonic();
    const line = { client: options.client, what, method: sent.method, url: loggedUrl(sent.url) };
    const taken = (): number => Math.round(monotonic() - start);
    try {
      const response = await transport(sent);
      options.log?.({ ...line, status: response.status, milliseconds: taken() });
      return response;
    } catch (error) {
      options.log?.({ ...line, error: errorCode(error), milliseconds: taken() });
      throw error;
    }
  }

  const http: Http = {
    check,
    checkGiven(url, what) {
      const parsed = parseUrl(url, what);
      // Report the host first: https would not make it allowed.
      if (isInside(parsed)) checkHost(parsed, what);
      return checkParsed(parsed, what);
    },
    send: (request) =>
      withDeadline(request, timeout, async (cancellation) => {
        const response = await sendOnce(request, cancellation);
        if (!request.redirects) refuseRedirect(response, request.what);
        const { what, document, limit: most = defaultLimit, limitOption } = request;
        const limit = reach && document ? Math.min(most, documentLimit) : most;
        const text = utf8.decode(await response.read({ what, limit, limitOption }));
        const { status, headers } = response;
        return { status, headers, text, secrets: () => sentSecrets(request) };
      }),
    sendResource: (request) =>
      withDeadline(request, timeout, async (cancellation) => {
        const response = await sendOnce(request, cancellation);
        return response.toResponse();
      }),
    peek: (response) => peek(response, timeout),
    guarded(from) {
      // An HTTP client that is already guarded is not widened.
      if (reach) return http;
      return createHttp(options, options.allowPrivateNetworks ? 'any' : reachFrom(from));
    },
  };
  return http;
}

/** Describes a document for messages: its client, and its URL without a query. */
export function namedDocument(
  what: string,
  { client, url }: { client?: string | undefined; url: string },
): string {
  const { origin, pathname } = new URL(url);
  const plain = /^[\w.:/@~%+-]{1,300}$/.test(origin + pathname) ? ` at ${origin}${pathname}` : '';
  return `${what}${client === undefined ? '' : ` of "${client}"`}${plain}`;
}

function reachFrom(from: string | undefined): Reach {
  return from !== undefined && isLoopback(new URL(from)) ? 'loopback' : 'public';
}

function unsafe(what: string, problem: string): OAuthError {
  return new OAuthError(
    'unsafe_address',
    `The ${what} ${problem}. Its URL comes from a user, a third-party document, or the options of a ` +
      'loaded client: only https to public hosts is allowed, unless "allowPrivateNetworks: true". Nothing was sent.',
  );
}

/** Parses `Retry-After` to seconds (RFC 9110 §10.2.3). */
export function retryAfter(headers: HeaderReader): number | undefined {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : undefined;
}

/** Returns headers by their names in lower case. */
function byName(headers: HeadersInit = {}): Record<string, string> {
  if (headers instanceof Headers) return Object.fromEntries(headers);
  if (Symbol.iterator in headers) return Object.fromEntries(new Headers(headers));
  const named: Record<string, string> = {};
  for (const name of Object.keys(headers)) named[name.toLowerCase()] = headers[name] ?? '';
  return named;
}

/** Runs a request with a timeout, and converts every failure to an `OAuthError`. */
function withDeadline<T>(
  request: Pick<HttpRequest, 'what' | 'signal' | 'timeout'>,
  standard: number,
  run: (cancellation: Cancellation) => Promise<T>,
): Promise<T> {
  const { what, timeout = standard, signal } = request;
  return new Promise((resolve, reject) => {
    const cancellation = new Cancellation(signal);
    const timer = setTimeout(() => {
      const error = timedOut(what, timeout);
      // A custom fetch may ignore its signal.
      reject(error);
      cancellation.cancel(error);
    }, timeout);
    run(cancellation).then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        if (error instanceof OAuthError) reject(error);
        else if (signal?.aborted) reject(signal.reason);
        else reject(unreachable(what, error));
      },
    );
  });
}

function timedOut(what: string, timeout: number): OAuthError {
  return new OAuthError(
    'timeout',
    `The ${what} did not respond within ${timeout} ms. Try again, or increase "timeout".`,
  );
}

const unsent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);

/** Returns whether a request failed before anything was sent. */
export function isUnsent({ reason = '' }: OAuthError): boolean {
  return unsent.has(reason) || reason.startsWith('PROXY_');
}

function unreachable(what: string, error: unknown): OAuthError {
  const reason = reasonOf(error);
  if (error instanceof ProxyError) {
    const message = `The ${what} could not be reached through a proxy. ${error.message}`;
    return new OAuthError('provider_unavailable', message, { reason });
  }
  return new OAuthError(
    'provider_unavailable',
    `The ${what} could not be reached${reason ? ` (${reason})` : ''}. Check its URL and the network.`,
    { reason },
  );
}

function refuseRedirect(response: IncomingResponse, what: string): void {
  const { status, isOpaque } = response;
  if (!isOpaque && (status < 300 || status > 399)) return;
  response.cancel();
  throw new OAuthError(
    'invalid_response',
    `The ${what} responded with a redirect, which is never followed with credentials. ` +
      'Configure the URL it redirects to.',
    { providerStatus: status },
  );
}

/** Reads the whole body of a response, limited in time and size. */
export function readLimited(
  response: Response,
  bounds: SizeLimit & { timeout?: number | undefined },
): Promise<Uint8Array<ArrayBuffer>> {
  const { timeout = defaultTimeout } = bounds;
  return withDeadline(bounds, timeout, ({ signal }) => readResponseBytes(response, bounds, signal));
}
