import { now } from '../crypto.js';
import { parseUrl } from '../encoding.js';
import { OAuthError, reasonOf } from '../../model/errors.js';
import { isInside, refusedUrl, type Reach, isLoopback } from './address-policy.js';
import { guardedFetch } from './guarded-fetch.js';
import { peek, readBytes, readText } from './body.js';
import { sentSecrets } from './sent-secrets.js';
import type { BodyInit, HeadersInit } from '../../model/web-types.js';

/** How this package talks to providers. */
export interface HttpOptions {
  /** Replaces the global `fetch`, for a proxy, a dispatcher or another runtime. */
  fetch?: typeof globalThis.fetch | undefined;
  /** Milliseconds for one exchange, body included. */
  timeout?: number | undefined;
  /** The `User-Agent` of every request that has none of its own. */
  userAgent?: string | undefined;
  /** Allows plain http to hosts other than loopback. For development only. */
  allowInsecureRequests?: boolean | undefined;
  /** Lets what users, documents and loaded clients name be on this machine or in a private network. */
  allowPrivateNetworks?: boolean | undefined;
}

/** A request to a provider. */
export interface HttpRequest {
  /** What the address is, for messages: `token endpoint`, `metadata document`. */
  what: string;
  url: string | URL;
  method?: string;
  headers?: HeadersInit;
  body?: BodyInit | null;
  signal?: AbortSignal | undefined;
  /** Milliseconds, in place of the client's. */
  timeout?: number | undefined;
  /** The most decoded bytes the answer may have. */
  limit?: number;
  /** Says that it is a document that will be remembered: of a server that others name, 64 KB at most. */
  document?: boolean;
  /** Hands a redirect back as an answer. */
  redirects?: boolean;
}

/** A provider's answer, read to its end. */
export interface HttpAnswer {
  status: number;
  headers: Headers;
  text: string;
  /** What its request carried in confidence: no words of the answer may show it. */
  secrets?: readonly string[];
}

/** The one door to the network. */
export interface Http {
  /** Sends a protocol request and reads the whole answer: bounded in time and size, never redirected. */
  exchange(request: HttpRequest): Promise<HttpAnswer>;
  /** Sends a resource request; the answer's body is the caller's to read. Redirects are handed back. */
  send(request: HttpRequest): Promise<Response>;
  /** Reads the beginning of an answer that stays whole for its reader; never throws. */
  peek(response: Response): Promise<string>;
  /** Throws `insecure_transport` unless the address is https, or http on loopback. */
  check(url: string | URL, what: string): URL;
  /** The same for an address that the application hands in: `unsafe_address` comes first, if it is inside. */
  checkGiven(url: string | URL, what: string): URL;
  /**
   * The same door for addresses that a person or a document of somebody else has named: https to public
   * hosts, checked again when connecting. Documents of this machine (`from`) may name this machine.
   */
  guarded(from?: string): Http;
}

const defaultTimeout = 10_000;
const defaultLimit = 1_000_000;
/** Bytes of a document from a server that others name. */
export const documentLimit = 65_536;
const defaultUserAgent = 'oauth-registry/0.1';

/** Builds the door to the network from the registry's options. */
export function createHttp(options: HttpOptions = {}, reach?: Reach): Http {
  const { timeout = defaultTimeout, userAgent = defaultUserAgent } = options;
  const ownFetch = options.fetch ?? (reach && guardedFetch(reach));

  function check(url: string | URL, what: string): URL {
    const parsed = parseUrl(url, what);
    const secure = parsed.protocol === 'https:' || (reach !== 'public' && isLoopback(parsed));
    if ((!secure && !options.allowInsecureRequests) || parsed.username || parsed.password) {
      throw new OAuthError(
        'insecure_transport',
        `The ${what} must be an https URL without user information. Plain http is for loopback ` +
          'addresses; "allowInsecureRequests: true" allows it elsewhere, for development.',
      );
    }
    checkHost(parsed, what);
    return parsed;
  }

  function checkHost(url: URL, what: string): void {
    const problem = reach && refusedUrl(url, reach);
    if (problem) throw unsafe(what, problem);
  }

  async function fetchOnce(request: HttpRequest, signal: AbortSignal): Promise<Response> {
    const url = check(request.url, request.what);
    const headers = new Headers(request.headers);
    if (!headers.has('user-agent')) headers.set('user-agent', userAgent);
    return await (ownFetch ?? globalThis.fetch)(url.href, {
      method: request.method ?? 'GET',
      headers,
      body: request.body ?? null,
      redirect: 'manual',
      signal,
      ...(request.body instanceof ReadableStream ? { duplex: 'half' } : {}),
    });
  }

  const door: Http = {
    check,
    checkGiven(url, what) {
      const parsed = parseUrl(url, what);
      // Its scheme is no help to an address that is out of reach.
      if (isInside(parsed)) checkHost(parsed, what);
      return check(url, what);
    },
    exchange: (request) =>
      withDeadline(request, timeout, async (signal) => {
        const response = await fetchOnce(request, signal);
        if (!request.redirects) refuseRedirect(response, request.what);
        const { what, document, limit: most = defaultLimit } = request;
        const limit = reach && document ? Math.min(most, documentLimit) : most;
        const text = await readText(response, { what, limit }, signal);
        const { status, headers } = response;
        return { status, headers, text, secrets: sentSecrets(request) };
      }),
    send: (request) => withDeadline(request, timeout, (signal) => fetchOnce(request, signal)),
    peek: (response) => peek(response, timeout),
    guarded(from) {
      // A door that is guarded already opens no wider.
      if (reach) return door;
      return createHttp(options, options.allowPrivateNetworks ? 'any' : reachFrom(from));
    },
  };
  return door;
}

/** Names a document for messages: for which client it is, and its URL without a query. */
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
    `The ${what} ${problem}. It was named by a user, by a document of somebody else, or by the options of a ` +
      'loaded client: only https to public hosts is used, unless "allowPrivateNetworks: true". Nothing was sent.',
  );
}

/** Reads `Retry-After` in seconds (RFC 9110 §10.2.3). */
export function retryAfter(headers: Headers): number | undefined {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, Math.ceil(seconds)) : undefined;
}

/** Runs one exchange under a deadline, and turns every way it can fail into one of our errors. */
async function withDeadline<T>(
  request: Pick<HttpRequest, 'what' | 'signal' | 'timeout'>,
  standard: number,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { timeout = standard } = request;
  const deadline = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  // A custom fetch may ignore the signal, so the deadline is also raced.
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      deadline.abort();
      reject(timedOut(request.what, timeout));
    }, timeout);
  });
  // Node 20 never lets go of what AbortSignal.any() makes: a call without a signal must do without.
  const signal = request.signal
    ? AbortSignal.any([deadline.signal, request.signal])
    : deadline.signal;
  try {
    return await Promise.race([run(signal), late]);
  } catch (error) {
    if (error instanceof OAuthError) throw error;
    if (request.signal?.aborted) throw request.signal.reason;
    throw unreachable(request.what, error);
  } finally {
    clearTimeout(timer);
  }
}

function timedOut(what: string, timeout: number): OAuthError {
  return new OAuthError(
    'timeout',
    `The ${what} did not answer within ${timeout} ms. Try again; "timeout" sets the limit.`,
  );
}

const unsent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);

/** Tells whether a request failed before anything of it was sent. */
export function isUnsent({ reason = '' }: OAuthError): boolean {
  return unsent.has(reason);
}

function unreachable(what: string, error: unknown): OAuthError {
  const reason = reasonOf(error);
  return new OAuthError(
    'provider_unavailable',
    `The ${what} could not be reached${reason ? ` (${reason})` : ''}. Check its address and the network.`,
    { reason },
  );
}

function refuseRedirect(response: Response, what: string): void {
  const { status } = response;
  if (response.type !== 'opaqueredirect' && (status < 300 || status > 399)) return;
  response.body?.cancel().catch(() => undefined);
  throw new OAuthError(
    'invalid_response',
    `The ${what} answered with a redirect, which is never followed with credentials. ` +
      'Configure the address it leads to.',
    { providerStatus: status },
  );
}

/** Reads the whole body of an answer that was sent for, within bounds of time and size. */
export function readAnswer(
  response: Response,
  bounds: { what: string; limit: number; timeout?: number | undefined },
): Promise<Uint8Array<ArrayBuffer>> {
  const { timeout = defaultTimeout } = bounds;
  return withDeadline(bounds, timeout, (signal) => readBytes(response, bounds, signal));
}
