import { concat, isObject, toBytes, toPairs } from '../platform/encoding.js';
import { OAuthError } from '../model/errors.js';
import type { BrowserAnswer, BrowserExchange } from '../model/ports.js';
import type { Params } from '../model/types.js';

/** Headers by which browsers announce a prefetch. */
const browserHints: Record<string, RegExp> = {
  purpose: /prefetch/i,
  'x-purpose': /prefetch|preview/i,
  'sec-purpose': /prefetch/i,
  'x-moz': /prefetch/i,
};

/** Headers by which the router of Next.js asks for a page's data; its middleware does not see them. */
const routerHints: Record<string, RegExp> = {
  'next-router-prefetch': /./,
  'next-router-segment-prefetch': /./,
  rsc: /./,
};

function hasHint(browser: BrowserExchange, hints: Record<string, RegExp>): boolean {
  return Object.entries(hints).some(([name, sign]) => sign.test(browser.header(name) ?? ''));
}

function isPrefetch(browser: BrowserExchange): boolean {
  return hasHint(browser, browserHints) || hasHint(browser, routerHints);
}

function isProbe({ method }: BrowserExchange): boolean {
  return method !== 'GET' && method !== 'POST';
}

/** Keeps what belongs to one browser, and the addresses with codes in them, out of caches and logs. */
export function forbidCaching(browser: BrowserExchange): void {
  browser.setHeader('cache-control', 'no-store');
  browser.setHeader('referrer-policy', 'no-referrer');
}

/** Whether a request is for a page in a tab or window, as far as a browser says (Fetch Metadata §2.1). */
function isForPage(browser: BrowserExchange): boolean {
  // A service worker that passes a navigation on makes it `empty`.
  return /^(?:document|empty)$/.test(browser.header('sec-fetch-dest') ?? 'document');
}

function isNavigation(browser: BrowserExchange): boolean {
  return (browser.header('sec-fetch-mode') ?? 'navigate') === 'navigate';
}

/**
 * The response to a request that cannot become a login and starts none: HEAD and its like, images, frames,
 * `fetch()`, prefetches. `undefined` for a request that may start one. It goes by what no framework removes.
 *
 * @see https://www.w3.org/TR/fetch-metadata/
 */
export function unwantedAnswer(browser: BrowserExchange): BrowserAnswer | undefined {
  if (isProbe(browser) || hasHint(browser, browserHints)) return unwantedLogout(browser);
  // Before the router's own headers: a request gets the same response wherever it arrives.
  return isNavigation(browser) ? unwantedLogout(browser) : refused(browser);
}

/** The same for a logout, which a server of the application's own may start with `fetch()`. */
export function unwantedLogout(browser: BrowserExchange): BrowserAnswer | undefined {
  if (isProbe(browser)) {
    browser.setHeader('allow', 'GET, POST');
    return { status: 405 };
  }
  if (hasHint(browser, browserHints)) return { status: 204 };
  if (!isForPage(browser)) return refused(browser);
  return hasHint(browser, routerHints) ? { status: 204 } : undefined;
}

function refused(browser: BrowserExchange): BrowserAnswer {
  browser.setHeader('content-type', 'text/plain;charset=UTF-8');
  browser.setHeader('x-content-type-options', 'nosniff');
  return { status: 403, body: notNavigation };
}

const notNavigation =
  'Nothing was started: only a navigation can go on to the provider. Link to this URL with <a href>, submit ' +
  'a form to it, or set location.href. Images, frames and fetch() cannot follow.\n';

/** Refuses a request that must not finish a login, before it could use anything up. */
export function refuseUnwanted(browser: BrowserExchange): void {
  if (!isProbe(browser) && !isPrefetch(browser)) return;
  if (isProbe(browser)) browser.setHeader('allow', 'GET, POST');
  const seen = isProbe(browser) ? `a ${browser.method} request` : 'a prefetch';
  throw new OAuthError(
    'unwanted_request',
    `The callback address got ${seen}, which finishes no login; the pending one is untouched. Answer it ` +
      'with error.statusCode.',
  );
}

/**
 * Reads the form fields of a request body, whatever a framework's parser has made of it: text, bytes,
 * an object whose repeated fields are lists, or nothing yet (a stream of bytes).
 *
 * @throws OAuthError `invalid_callback` past `limit` bytes
 */
export async function readForm(body: unknown, limit: number): Promise<URLSearchParams> {
  if (body instanceof URLSearchParams) return body;
  const bytes = await readBytes(body, limit);
  if (bytes) return new URLSearchParams(new TextDecoder().decode(bytes));
  return fromObject(isObject(body) ? body : {});
}

/**
 * Reads the bytes of a request body; `undefined` for what a framework's parser has made something else of.
 *
 * @throws OAuthError `invalid_callback` past `limit` bytes
 */
export async function readBytes(
  body: unknown,
  limit: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (isStream(body)) return await readStream(body, limit);
  const bytes = typeof body === 'string' ? toBytes(body) : body;
  if (!(bytes instanceof Uint8Array)) return undefined;
  if (bytes.byteLength > limit) throw tooLarge(limit);
  return new Uint8Array(bytes);
}

/** Fields that a parser made nested objects of are none of a callback's. */
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

function tooLarge(limit: number): OAuthError {
  return new OAuthError(
    'invalid_callback',
    `The form_post callback has more than ${limit} bytes; nothing of it was used.`,
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
      if (size > limit) throw tooLarge(limit);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof OAuthError) throw error;
    throw new OAuthError('invalid_callback', 'The form_post callback broke off before its end.');
  }
  return concat(chunks);
}

/** Reading the parameters of a callback. */
export const readCallback = {
  /** Of a browser's request: the query of a GET, the form of a POST; both of one that may be either. */
  async request(
    browser: BrowserExchange,
    limit: number,
    eitherWay = false,
  ): Promise<URLSearchParams> {
    const query = new URLSearchParams(browser.query);
    if (browser.method !== 'POST') return query;
    // A framework's parser has limits of its own, and keeps no count.
    if (Number(browser.header('content-length')) > limit) throw tooLarge(limit);
    if (/^application\/x-www-form-urlencoded\b/i.test(browser.header('content-type') ?? '')) {
      const form = await readForm(browser.body(), limit);
      return eitherWay ? new URLSearchParams([...query, ...form]) : form;
    }
    throw new OAuthError('invalid_callback', 'The callback is a POST request, but not of a form.');
  },

  /** Of parameters, a query string or a whole URL, as an application without a framework has them. */
  params(given: URLSearchParams | Params | string | URL): URLSearchParams {
    if (given instanceof URL) return given.searchParams;
    if (typeof given !== 'string') return new URLSearchParams(toPairs(given));
    return URL.canParse(given) ? new URL(given).searchParams : new URLSearchParams(given);
  },

  /** Refuses an answer that came by another method than the one that was asked for. */
  checkMethod(browser: BrowserExchange, posted: boolean): void {
    if ((browser.method === 'POST') === posted) return;
    throw new OAuthError(
      'invalid_callback',
      posted
        ? 'The callback is a GET request, but the provider was asked for a form_post or a fragment, ' +
            'which fragmentPage() posts.'
        : 'The callback is a POST request, but the provider was asked for a query. If it always posts, ' +
            "register the client with responseMode: 'form_post'.",
    );
  },
};
