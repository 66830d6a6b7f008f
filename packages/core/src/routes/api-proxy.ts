import { internalsOf, type FrameworkClient } from '../client/client.js';
import { randomCode } from '../platform/crypto.js';
import { OAuthError } from '../model/errors.js';
import { readLimited } from '../platform/http/http.js';
import { readBodyBytes } from '../client/callback-request.js';
import { stepUpChallenge } from '../protocols/oauth2/api/step-up.js';
import type { HandlerResponse, BrowserRequest } from '../model/ports.js';
import type { Awaitable } from '../model/types.js';
import { userIdOf, type RoutesSettings } from './user-id.js';
import { allows, readRules, readTarget, type AccessRule } from './api-proxy-rules.js';

import { concernsOperator, isProduction, report } from './report.js';
import { refuseCrossSite } from './same-site.js';

/** What the API proxy needs from a registry. */
export interface AccessSource {
  /** Finds a client. @throws OAuthError `unknown_client` */
  find(name: string): Awaitable<FrameworkClient>;
  baseUrl: string | undefined;
  accessBytes: number;
}

/** A call requested by a page. */
interface Call {
  method: string;
  target: URL;
}

/** Request headers that do not identify the sender. */
const forwarded = [
  'accept',
  'accept-language',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-unmodified-since',
  'prefer',
];

/** Response headers that set no state and redirect nowhere. */
const handedBack =
  /^(content-(type|language)|etag|last-modified|link|location|retry-after|(x-)?ratelimit(-.*)?|x-total-count)$/;

/**
 * Security headers: a third-party response must not be rendered as a page of the application, nor
 * be cached.
 */
const securityHeaders = {
  'cache-control': 'private, no-store',
  'content-security-policy': "default-src 'none'; sandbox; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
};

/**
 * Proxies API calls of the application's pages: only those allowed by the rules, only from the
 * application's own pages, and only with the signed-in user's token.
 */
export class Access {
  readonly #source: AccessSource;
  readonly #options: RoutesSettings;
  readonly #rules: ReadonlyMap<string, readonly AccessRule[]>;

  constructor(source: AccessSource, options: RoutesSettings) {
    this.#source = source;
    this.#options = options;
    const rules = Object.entries(options.access ?? {});
    this.#rules = new Map(rules.map(([name, list]) => [name, readRules(name, list)]));
  }

  /** `url`: the request URL without its query, for the log. */
  async handle(
    browser: BrowserRequest,
    { name, url }: { name: string; url: string },
  ): Promise<HandlerResponse> {
    if (browser.method !== 'POST')
      return { status: 405, headers: { ...securityHeaders, allow: 'POST' } };
    try {
      return await this.#handle(browser, name);
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error;
      const { code, message, statusCode } = error;
      // The user must log in, possibly again.
      if (['missing_token', 'token_expired', 'invalid_token'].includes(code)) {
        return jsonError(401, code, message);
      }
      if (!concernsOperator(error)) return jsonError(statusCode, code, message);
      const reference = randomCode();
      report(browser, { error, client: name, url, reference });
      const plain = `The call failed. Reference: ${reference}.`;
      return jsonError(statusCode, code, isProduction() ? plain : message);
    }
  }

  async #handle(browser: BrowserRequest, name: string): Promise<HandlerResponse> {
    refuseCrossSite(browser, this.#source.baseUrl);
    // Forms and links cannot send this header, and another origin needs CORS permission for it.
    const line = browser.header('oauth-request');
    if (line === undefined)
      return jsonError(
        403,
        'cross_site_request',
        'No "oauth-request" header. Send the call with ' +
          'access() of @oauth-registry/core/browser.',
      );
    const client = await this.#source.find(name);
    const call = readCall(line, internalsOf(client).options.apiBaseUrl);
    if (!call || !this.#rules.get(name)?.some((rule) => allows(rule, call.method, call.target))) {
      return jsonError(
        403,
        'not_allowed',
        'No rule in "access" of routes() allows this call of ' +
          `"${name}". Add one for its method and path.`,
      );
    }
    const owner = await this.#ownerOf(browser, client);
    if (!owner)
      return jsonError(401, 'missing_token', 'No user is signed in. Sign in, and call again.');
    return await this.#call(client, call, { browser, owner });
  }

  /** Returns the owner of the token: always the signed-in user, never a value from the page. */
  async #ownerOf(
    browser: BrowserRequest,
    client: FrameworkClient,
  ): Promise<{ request: unknown; userId?: string } | undefined> {
    const { request } = browser;
    const { options, registry } = internalsOf(client);
    if (await this.#options.hasEnded?.(browser)) return undefined;
    const { userId: own } = this.#options;
    const userId = await userIdOf(browser, { userId: own });
    if (this.#options.userId && userId === undefined) return undefined;
    if (options.grantType === 'client_credentials') throw noUser(client.name);
    if (options.fetchToken ?? registry.fetchToken) return { request };
    if (registry.tokenStore && userId !== undefined) return { request, userId };
    throw new OAuthError(
      'invalid_options',
      'routes({ access }) cannot determine whose token to send. Give the registry a "fetchToken" hook, or a ' +
        '"tokenStore" and routes({ userId }).',
    );
  }

  async #call(
    client: FrameworkClient,
    { method, target }: Call,
    { browser, owner }: { browser: BrowserRequest; owner: { request: unknown; userId?: string } },
  ): Promise<HandlerResponse> {
    const { accessBytes: limit } = this.#source;
    const body = await readBodyBytes(given(browser), limit).catch(() => 'too large' as const);
    if (body === 'too large') {
      return jsonError(
        413,
        'request_too_large',
        `The body has more than ${limit} bytes. "limits.accessBytes" allows more.`,
      );
    }
    const sent =
      Number(browser.header('content-length')) > 0 || browser.header('transfer-encoding');
    if (!body && sent) throw parsed();
    if (body?.byteLength && /^(?:GET|HEAD)$/.test(method)) {
      return jsonError(
        400,
        'invalid_request',
        `A ${method} call must not have a body; remove it, or use POST.`,
      );
    }
    const headers = headersOf(browser, body);
    const { pathname, search } = target;
    const options = { ...owner, headers, ...(body?.byteLength ? { body } : {}) };
    const response = await client.request(method, pathname + search, options);
    const { timeout } = internalsOf(client).registry;
    const bytes = await readLimited(response, {
      what: 'API',
      limit,
      limitOption: 'limits.accessBytes',
      timeout,
    });
    return handBack(response, bytes);
  }
}

/**
 * Parses `PATCH /projects/7?draft=1`, or the same with an absolute URL below the API's base URL.
 */
function readCall(line: string, apiBaseUrl = ''): Call | undefined {
  const [, method, url] = /^([A-Z]+) (\S+)$/.exec(line) ?? [];
  if (method === undefined || url === undefined) return undefined;
  const base = apiBaseUrl.replace(/\/$/, '');
  const target = readTarget(url.startsWith(base) ? url.slice(base.length) : url);
  return target && { method, target };
}

/** Returns the body of a call; if a parser decoded it to text, its bytes. */
function given(browser: BrowserRequest): unknown {
  const body = browser.body();
  const latin1 = /; *charset=latin1$/i.test(browser.header('content-type') ?? '');
  if (typeof body !== 'string' || !latin1) return body;
  return Uint8Array.from(body, (letter) => letter.charCodeAt(0));
}

function headersOf(browser: BrowserRequest, body: Uint8Array | undefined): Headers {
  const headers = new Headers();
  for (const name of forwarded) {
    const value = browser.header(name);
    if (value !== undefined) headers.set(name, value);
  }
  const type = browser.header('oauth-content-type');
  if (type !== undefined && body?.byteLength) headers.set('content-type', type);
  return headers;
}

function handBack(response: Response, bytes: Uint8Array<ArrayBuffer>): HandlerResponse {
  const { status } = response;
  if (status >= 300 && status < 400 && status !== 304) {
    return jsonError(
      502,
      'invalid_response',
      `The API responded with a redirect (HTTP ${status}), which is not followed. Call the URL it redirects to.`,
    );
  }
  const headers = new Headers([...response.headers].filter(([name]) => handedBack.test(name)));
  const challenge = stepUpChallenge(response);
  if (challenge !== undefined) headers.set('www-authenticate', challenge);
  for (const [name, value] of Object.entries(securityHeaders)) headers.set(name, value);
  const empty = [204, 205, 304].includes(status);
  return { status, response: new Response(empty ? null : bytes, { status, headers }) };
}

/** Returns an error response with a message of this library. */
function jsonError(status: number, error: string, message: string): HandlerResponse {
  const headers = { ...securityHeaders, 'content-type': 'application/json' };
  return { status, headers, body: JSON.stringify({ error, message }) };
}

function parsed(): OAuthError {
  return new OAuthError(
    'invalid_options',
    'A body parser has changed the body of this call. Exclude the type ' +
      '"application/octet-stream" from it, or add it after the routes.',
  );
}

function noUser(name: string): OAuthError {
  return new OAuthError(
    'invalid_options',
    `"${name}" uses client credentials, so its tokens belong to no user. Call its ` +
      'API from the server.',
  );
}
