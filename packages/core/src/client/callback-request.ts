import { concat, isObject, toBytes, toPairs } from '../platform/encoding.js';
import { OAuthError } from '../model/errors.js';
import type { HandlerResponse, BrowserRequest } from '../model/ports.js';
import type { Params } from '../model/types.js';

/** Headers that browsers send with a prefetch. */
const browserHints: Hints = [
  ['purpose', /prefetch/i],
  ['x-purpose', /prefetch|preview/i],
  ['sec-purpose', /prefetch/i],
  ['x-moz', /prefetch/i],
];

/**
 * Headers that the Next.js router sends to request a page's data; Next.js middleware does not see
 * them.
 */
const routerHints: Hints = [
  ['next-router-prefetch', /./],
  ['next-router-segment-prefetch', /./],
  ['rsc', /./],
];

type Hints = readonly (readonly [header: string, sign: RegExp])[];

function hasHint(browser: BrowserRequest, hints: Hints): boolean {
  return hints.some(([header, sign]) => {
    const value = browser.header(header);
    return value !== undefined && sign.test(value);
  });
}

function isPrefetch(browser: BrowserRequest): boolean {
  return hasHint(browser, browserHints) || hasHint(browser, routerHints);
}

function isProbe({ method }: BrowserRequest): boolean {
  return method !== 'GET' && method !== 'POST';
}

/** Sets `Cache-Control: no-store` and `Referrer-Policy: no-referrer`. */
export function forbidCaching(browser: BrowserRequest): void {
  browser.setHeader('cache-control', 'no-store');
  browser.setHeader('referrer-policy', 'no-referrer');
}

/**
 * Whether a request is a navigation of a tab or window, as far as its headers tell (Fetch Metadata
 * §2.1).
 */
function isForPage(browser: BrowserRequest): boolean {
  // For a navigation that a service worker forwards, the value is `empty`.
  return ['document', 'empty'].includes(browser.header('sec-fetch-dest') ?? 'document');
}

/** Whether a browser will show the response, as far as the headers tell. */
export function isNavigation(browser: BrowserRequest): boolean {
  return (browser.header('sec-fetch-mode') ?? 'navigate') === 'navigate';
}

/**
 * Returns whether the response to a request will be a page: a navigation of a tab or window, and no
 * prefetch. Browsers without Fetch Metadata name HTML in `Accept`.
 */
export function isDocument(browser: BrowserRequest): boolean {
  if (isPrefetch(browser)) return false;
  if (browser.header('sec-fetch-mode') !== undefined) {
    return isNavigation(browser) && isForPage(browser);
  }
  if (browser.header('x-requested-with') !== undefined) return false;
  return /\btext\/html\b/.test(browser.header('accept') ?? '');
}

/**
 * Returns the response to a request that cannot start a login: other methods such as HEAD, images,
 * frames, `fetch()`, prefetches. Returns `undefined` for a request that may start one. Relies only
 * on headers that no framework removes.
 *
 * @see https://www.w3.org/TR/fetch-metadata/
 */
export function rejectionResponse(browser: BrowserRequest): HandlerResponse | undefined {
  if (isProbe(browser) || hasHint(browser, browserHints)) return unwantedLogout(browser);
  // Checked before the router's headers, so that a request gets the same response on every route.
  return isNavigation(browser) ? unwantedLogout(browser) : navigationRequired(browser);
}

/** Returns the same for a logout, which a server of the application may start with `fetch()`. */
export function unwantedLogout(browser: BrowserRequest): HandlerResponse | undefined {
  if (isProbe(browser)) {
    browser.setHeader('allow', 'GET, POST');
    return { status: 405 };
  }
  if (hasHint(browser, browserHints)) return { status: 204 };
  if (!isForPage(browser)) return navigationRequired(browser);
  return hasHint(browser, routerHints) ? { status: 204 } : undefined;
}

function navigationRequired(browser: BrowserRequest): HandlerResponse {
  browser.setHeader('content-type', 'text/plain;charset=UTF-8');
  browser.setHeader('x-content-type-options', 'nosniff');
  return { status: 403, body: notNavigation };
}

const notNavigation =
  'Nothing was started: only a navigation can be redirected to the provider. Link to this URL with <a href>, submit ' +
  'a form to it, or set location.href. Images, frames and fetch() cannot follow.\n';

/** Rejects a request that must not finish a login, before a pending login is used up. */
export function rejectUnsupported(browser: BrowserRequest): void {
  if (!isProbe(browser) && !isPrefetch(browser)) return;
  if (isProbe(browser)) browser.setHeader('allow', 'GET, POST');
  const seen = isProbe(browser) ? `a ${browser.method} request` : 'a prefetch';
  throw new OAuthError(
    'unwanted_request',
    `The callback URL received ${seen}, which cannot finish a login; the pending login is unchanged. Respond ` +
      'with error.statusCode.',
  );
}

/**
 * Parses the form fields of a request body in any form that a framework's parser returns: text,
 * bytes, an object with lists for repeated fields, or an unread stream of bytes.
 *
 * @throws OAuthError `invalid_callback` past `limit` bytes
 */
export async function readFormBody(body: unknown, limit: number): Promise<URLSearchParams> {
  if (body instanceof URLSearchParams) return body;
  const bytes = await readBodyBytes(body, limit);
  if (bytes) return new URLSearchParams(new TextDecoder().decode(bytes));
  return fromObject(isObject(body) ? body : {});
}

/**
 * Reads the bytes of a request body; returns `undefined` if a framework's parser has converted
 * them.
 *
 * @throws OAuthError `invalid_callback` past `limit` bytes
 */
export async function readBodyBytes(
  body: unknown,
  limit: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (isStream(body)) return await readStream(body, limit);
  const bytes = typeof body === 'string' ? toBytes(body) : body;
  if (!(bytes instanceof Uint8Array)) return undefined;
  if (bytes.byteLength > limit) throw formTooLarge(limit);
  return new Uint8Array(bytes);
}

/** Ignores fields that a parser turned into nested objects; a callback has none. */
function fromObject(fields: Record<string, unknown>): URLSearchParams {
  const pairs = Object.entries(fields).flatMap(([name, value]) =>
    [value].flat().map((item) => [name, item] as const),
  );
  return new URLSearchParams(
    pairs
      .filter((pair): pair is [string, string] => typeof pair[1] === 'string')
      .map((p) => [...p]),
  );
}

function formTooLarge(limit: number): OAuthError {
  return new OAuthError(
    'invalid_callback',
    `The form in the request has more than ${limit} bytes and was not read. "limits.formBytes" allows more.`,
  );
}

function bodyWasRead(): OAuthError {
  return new OAuthError(
    'invalid_callback',
    'The form in the request was read before, and the request has no "body". Parse it as a form (express.urlencoded), or ' +
      'leave it unread for this URL.',
  );
}

function isStream(body: unknown): body is AsyncIterable<Uint8Array> {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body;
}

async function readStream(
  stream: AsyncIterable<Uint8Array>,
  limit: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of stream) {
      size += chunk.byteLength;
      if (size > limit) throw formTooLarge(limit);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof OAuthError) throw error;
    throw new OAuthError(
      'invalid_callback',
      'The connection closed before the form in the request was complete. Send it again.',
    );
  }
  return concat(chunks);
}

/** Reads the parameters of a callback. */
export const readCallback = {
  /**
   * Reads a browser's request: the query of a GET, the form of a POST, or both if the response mode
   * allows either.
   */
  async request(
    browser: BrowserRequest,
    limit: number,
    eitherWay = false,
  ): Promise<URLSearchParams> {
    const query = new URLSearchParams(browser.query);
    if (browser.method !== 'POST') return query;
    // A framework's parser has limits of its own and does not report the size.
    if (Number(browser.header('content-length')) > limit) throw formTooLarge(limit);
    if (/^application\/x-www-form-urlencoded\b/i.test(browser.header('content-type') ?? '')) {
      const body = browser.body();
      if (body === undefined) throw bodyWasRead();
      const form = await readFormBody(body, limit);
      return eitherWay ? new URLSearchParams([...query, ...form]) : form;
    }
    throw new OAuthError(
      'invalid_callback',
      'The request is a POST, but its body is not a form (application/x-www-form-urlencoded). Only the provider sends ' +
        'requests to this URL, and it sends forms. Check what else posts to it.',
    );
  },

  /**
   * Reads parameters, a query string or a whole URL, as passed by an application without a
   * framework.
   */
  params(given: URLSearchParams | Params | string | URL): URLSearchParams {
    if (given instanceof URL) return given.searchParams;
    if (typeof given !== 'string') return new URLSearchParams(toPairs(given));
    return URL.canParse(given) ? new URL(given).searchParams : new URLSearchParams(given);
  },
};
