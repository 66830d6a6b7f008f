import { isDocument } from '../client/callback-request.js';
import { checkReturnTo } from '../client/redirect-uri.js';
import { randomCode, sha256 } from '../platform/crypto.js';
import { toBase64Url } from '../platform/encoding.js';
import type { OAuthError } from '../model/errors.js';
import type { BrowserRequest, HandlerResponse } from '../model/ports.js';
import { failurePage } from './error-page.js';
import type { RequireLoginOptions } from './guard-options.js';
import type { Look } from './pages/look.js';
import { publicMount } from './mount.js';
import { report } from './report.js';
import { requestOf } from './request.js';
import { pageResponse } from './response.js';

/** The URLs of a request to a guarded page, as browsers see them. */
export interface Guarded {
  /** The path and query of the page. */
  path: string;
  /** The same, if the browser can return there after the login. */
  returnTo: string | undefined;
  /** The mount path of the routes. */
  mount: string;
}

/** Reads the URLs of a request. */
export function readGuarded(
  { method }: BrowserRequest,
  { url, prefix = '/auth', baseUrl }: Pick<RequireLoginOptions, 'prefix'> & GuardedUrl,
): Guarded {
  const path = atBase(url.replace(/^[a-z][a-z\d+.-]*:\/\/[^/?#]*/i, ''), baseUrl);
  // Only a GET can be repeated.
  const returnTo = method === 'GET' || method === 'HEAD' ? checkReturnTo(path, baseUrl) : undefined;
  return { path, returnTo, mount: atBase(prefix, baseUrl) };
}

interface GuardedUrl {
  url: string;
  baseUrl: string | undefined;
}

/** Adds the base path of the application, if a proxy or the framework has removed it. */
export function atBase(path: string, baseUrl: string | undefined): string {
  return publicMount({ path: '', mount: path }, baseUrl).mount;
}

/** The target of a refused request, and the response to one that is not for a page. */
export interface Away {
  /** The path and query of a login. */
  path: string;
  status: number;
  error: string;
  message: string;
}

/** Redirects a page to a login; other requests, such as `fetch()`, get an error in JSON. */
export function sendAway(
  browser: BrowserRequest,
  { path, status, error, message }: Away,
  baseUrl: string | undefined,
): HandlerResponse {
  const headers = { 'cache-control': 'no-store' };
  if (isDocument(browser)) {
    const isRead = browser.method === 'GET' || browser.method === 'HEAD';
    // A proxy of Next.js needs an absolute URL.
    const location = baseUrl === undefined ? path : new URL(baseUrl).origin + path;
    return { status: isRead ? 302 : 303, location, headers };
  }
  return {
    status,
    headers: {
      ...headers,
      'content-type': 'application/json',
      'x-content-type-options': 'nosniff',
    },
    body: JSON.stringify({ error, message }),
  };
}

/** Returns the path of the routes that starts the login of a guard. */
export function startPath(
  { mount, returnTo }: Guarded,
  { client, guard, scope }: { client: string; guard: string; scope?: string | undefined },
): string {
  const query = new URLSearchParams({
    ...(scope ? { scope } : {}),
    ...(returnTo === undefined ? {} : { returnTo }),
    guard,
  });
  return `${mount}/login/${encodeURIComponent(client)}?${query}`;
}

/** Returns what a guard waits for, as the routes carry it through the login. */
export async function guardOf(parts: readonly (string | undefined)[]): Promise<string> {
  return toBase64Url(await sha256(JSON.stringify(parts))).slice(0, 16);
}

/** Responds with a page to a login that succeeded in vain: another would start over and over. */
export async function loopPage(
  browser: BrowserRequest,
  { mount, returnTo = '/' }: Guarded,
  { client, error, look }: { client: string; error: OAuthError; look: Look },
): Promise<HandlerResponse> {
  const reference = randomCode();
  report(browser, { error, client, url: returnTo.replace(/[?#].*$/s, ''), reference });
  const login = { client, returnTo, ...requestOf(browser) };
  const place = { mount, login, home: '', hasPage: false, look };
  const page = failurePage({ error, reference }, place);
  return await pageResponse(403, page);
}
