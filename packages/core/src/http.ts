import { now } from './crypto.js';
import { concat, parseUrl } from './encoding.js';
import { OAuthError, reasonOf } from './errors.js';

/** How this package talks to providers. */
export interface HttpOptions {
  /** Replaces the global `fetch`, for a proxy, a dispatcher or another runtime. */
  fetch?: typeof globalThis.fetch | undefined;
  /** Milliseconds for one exchange, body included. */
  timeout?: number | undefined;
  /** Allows plain http to hosts other than loopback. For development only. */
  allowInsecureRequests?: boolean | undefined;
}

export interface HttpRequest {
  /** What the address is, for messages: `token endpoint`, `metadata document`. */
  what: string;
  url: string | URL;
  method?: string;
  headers?: HeadersInit;
  body?: BodyInit | null;
  signal?: AbortSignal | undefined;
  /** The most decoded bytes the answer may have. */
  limit?: number;
}

/** A provider's answer, read to its end. */
export interface HttpAnswer {
  status: number;
  headers: Headers;
  text: string;
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
}

const defaultTimeout = 10_000;
const defaultLimit = 1_000_000;
const userAgent = 'oauth-registry/0.1';

/** Builds the door to the network from the registry's options. */
export function createHttp(options: HttpOptions = {}): Http {
  const timeout = options.timeout ?? defaultTimeout;

  function check(url: string | URL, what: string): URL {
    const parsed = parseUrl(url, what);
    const secure = parsed.protocol === 'https:' || isLoopback(parsed);
    if ((!secure && !options.allowInsecureRequests) || parsed.username || parsed.password) {
      throw new OAuthError(
        'insecure_transport',
        `The ${what} must be an https URL without user information. Plain http is for loopback ` +
          'addresses; "allowInsecureRequests: true" allows it elsewhere, for development.',
      );
    }
    return parsed;
  }

  async function fetchOnce(request: HttpRequest, signal: AbortSignal): Promise<Response> {
    const url = check(request.url, request.what);
    const headers = new Headers(request.headers);
    if (!headers.has('user-agent')) headers.set('user-agent', userAgent);
    const send = options.fetch ?? globalThis.fetch;
    return await send(url.href, {
      method: request.method ?? 'GET',
      headers,
      body: request.body ?? null,
      redirect: 'manual',
      signal,
      ...(request.body instanceof ReadableStream ? { duplex: 'half' } : {}),
    });
  }

  return {
    check,
    exchange: (request) =>
      withDeadline(request, timeout, async (signal) => {
        const response = await fetchOnce(request, signal);
        refuseRedirect(response, request.what);
        const text = await readText(response, request, signal);
        return { status: response.status, headers: response.headers, text };
      }),
    send: (request) => withDeadline(request, timeout, (signal) => fetchOnce(request, signal)),
    peek: (response) => peek(response, timeout),
  };
}

/** Tells whether a URL's host is this machine (RFC 8252 §7.3). */
export function isLoopback(url: URL): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
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
  request: HttpRequest,
  timeout: number,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
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
    { status },
  );
}

async function readText(
  response: Response,
  request: HttpRequest,
  signal: AbortSignal,
): Promise<string> {
  const limit = request.limit ?? defaultLimit;
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = response.body?.getReader();
  const stop = (): void => void reader?.cancel().catch(() => undefined);
  signal.addEventListener('abort', stop, { once: true });
  for (;;) {
    const chunk = await reader?.read();
    if (!chunk || chunk.done) break;
    size += chunk.value.byteLength;
    if (size > limit) {
      stop();
      throw tooLarge(request.what, limit, response.status);
    }
    chunks.push(chunk.value);
  }
  return new TextDecoder().decode(concat(chunks));
}

const peekLimit = 16_384;

/** Reads the beginning of a copy, which is then let go; an answer that stalls reads as far as it got. */
async function peek(response: Response, timeout: number): Promise<string> {
  const reader = response.clone().body?.getReader();
  const stop = (): void => void reader?.cancel().catch(() => undefined);
  const timer = setTimeout(stop, timeout);
  const decoder = new TextDecoder();
  let text = '';
  try {
    while (text.length < peekLimit) {
      const chunk = await reader?.read();
      if (!chunk || chunk.done) break;
      text += decoder.decode(chunk.value, { stream: true });
    }
  } catch {
    // What arrived is all there is to see; the reader of the answer gets the error.
  } finally {
    clearTimeout(timer);
    stop();
  }
  return text;
}

function tooLarge(what: string, limit: number, status: number): OAuthError {
  return new OAuthError(
    'response_too_large',
    `The ${what} answered with more than ${limit} bytes. Nothing of the answer was used.`,
    { status },
  );
}
