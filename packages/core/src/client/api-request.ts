import { isToken, toPairs } from '../platform/encoding.js';
import { OAuthError } from '../model/errors.js';
import { filledBaseUrl, isApiOrigin } from './api-origins.js';
import type { ClientTokens } from './tokens/client-tokens.js';
import type {
  Engine,
  ResourceOptions,
  ResourceRequest,
  Token,
  TokenVerdict,
} from '../model/types.js';
import type { RegisterOptions } from '../options/register-options.js';
import type { EngineSource } from '../protocols/engine-source.js';

/** Configuration of resource calls. */
export interface CallConfig<T extends Token> {
  app: EngineSource<T>;
  tokens: ClientTokens<T>;
}

/** The method and URL of a call. */
export interface ApiTarget {
  method: string;
  url: string | URL;
  /** Receives the URL that the request is sent to. */
  onUrl?: ((url: URL) => void) | undefined;
}

/** Calls an API with the token of its owner, with the client's own token, or without a token. */
export async function callApi<T extends Token>(
  { app, tokens }: CallConfig<T>,
  target: ApiTarget,
  options: ResourceOptions<T>,
): Promise<Response> {
  checkCaller(options);
  const send = async (token?: T): Promise<{ value: Response; verdict: TokenVerdict }> => {
    const { engine, options: there } = await app.api(token);
    const api = {
      apiBaseUrl: filledBaseUrl(there, token),
      apiOrigins: there.apiOrigins,
    };
    const request = resourceRequest(target, options, api);
    target.onUrl?.(request.url);
    const value = options.twoLegged
      ? await sendAsClient(engine, request, options.signal)
      : await engine.send(request, token, options.signal);
    return { value, verdict: token && (await engine.judge?.(value)) };
  };
  if (options.withholdToken || options.twoLegged) return (await send()).value;
  if (app.identityOnly) throw noAccessToken(app.name);
  return await tokens.send(options, send, {
    // A stream can be sent only once.
    isRepeatable: !(options.body instanceof ReadableStream),
    isSafe: safeMethods.has(target.method.toUpperCase()) || options.retryUnsafe === true,
  });
}

/** Safe methods (RFC 9110 §9.2.1). */
const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Methods that `fetch` does not send: a proxy must not be asked for with a token, and the response to
 * TRACE returns it (RFC 9110 §9.3.8).
 */
const forbiddenMethods: ReadonlySet<string> = new Set(['CONNECT', 'TRACE', 'TRACK']);

/** Rejects options that select more than one caller. */
function checkCaller({ token, userId, withholdToken, twoLegged }: ResourceOptions): void {
  if (!twoLegged || (token === undefined && userId === undefined && !withholdToken)) return;
  throw new OAuthError(
    'invalid_options',
    '"twoLegged" calls the API as the client. Remove "token", "userId" and "withholdToken".',
  );
}

async function sendAsClient<T extends Token>(
  engine: Engine<T>,
  request: ResourceRequest,
  signal: AbortSignal | undefined,
): Promise<Response> {
  if (engine.sendAsClient) return await engine.sendAsClient(request, signal);
  throw new OAuthError(
    'invalid_options',
    '"twoLegged" works only with OAuth 1, and with OpenID 2.0 and an "apiKey". Pass ' +
      'a token of the client instead.',
  );
}

function noAccessToken(name: string): OAuthError {
  return new OAuthError(
    'missing_token',
    `"${name}" only authenticates users and issues no access token. Call the API with the "apiKey" ` +
      '("twoLegged: true") or without a token ("withholdToken: true").',
  );
}

/**
 * Builds a resource request: resolves its URL against the API's base URL, and serializes its body.
 */
export function resourceRequest(
  { method, url }: { method: string; url: string | URL },
  options: ResourceOptions,
  api: ApiUrls,
): ResourceRequest {
  const target = resolveApiUrl(String(url), api, options.withholdToken === true);
  for (const [name, value] of toPairs(options.query ?? {})) target.searchParams.append(name, value);
  const headers = readHeaders(options.headers);
  const body = readBody(options, headers);
  if (!isToken(method) || forbiddenMethods.has(method.toUpperCase()))
    throw new OAuthError(
      'invalid_options',
      'The "method" of the request is not an HTTP method that can be sent. Pass one such as "GET" or "POST".',
    );
  if (body !== null && /^(?:get|head)$/i.test(method)) {
    throw new OAuthError(
      'invalid_options',
      'A GET or HEAD request has no body. Pass its parameters as "query".',
    );
  }
  const { timeout } = options;
  return { method: method.toUpperCase(), url: target, headers, body, timeout };
}

/** Copies headers without quoting their values in errors, because a value may be a secret. */
function readHeaders(given: HeadersInit | undefined): Record<string, string> {
  if (given === undefined) return {};
  try {
    return Object.fromEntries(new Headers(given));
  } catch {
    throw new OAuthError(
      'invalid_options',
      '"headers" has a name or a value that is invalid in HTTP, such as one with a line break. Remove or encode it.',
    );
  }
}

/** The base URL of an API, and further origins that the token may be sent to. */
export type ApiUrls = Pick<RegisterOptions, 'apiBaseUrl' | 'apiOrigins'>;

/**
 * Resolves a URL against the API's base URL: a relative one is appended, with or without a leading
 * slash; an absolute one must be on the same origin or on one of `apiOrigins`, unless no token is
 * sent.
 */
function resolveApiUrl(url: string, api: ApiUrls, free: boolean): URL {
  const { apiBaseUrl } = api;
  const absolute = /^(?:https?:|[a-z][a-z\d+.-]*:\/\/)/i.test(url);
  const resolved = absolute ? parse(url) : append(url, apiBaseUrl);
  if (apiBaseUrl === undefined && (!absolute || !resolved)) {
    throw new OAuthError(
      'invalid_options',
      'The URL must be absolute because there is no "apiBaseUrl". Set "apiBaseUrl" in register(), or call an ' +
        'absolute URL.',
    );
  }
  if (resolved && (free || isApiOrigin(resolved, api))) return resolved;
  throw new OAuthError(
    'foreign_origin',
    `The URL is not on ${originsOf(api)}, which the token is for; nothing was sent. Use a path below "apiBaseUrl", ` +
      'add the origin to "apiOrigins", or call it without the token ("withholdToken: true").',
  );
}

function originsOf({ apiBaseUrl, apiOrigins = [] }: ApiUrls): string {
  const own = apiBaseUrl === undefined ? [] : [new URL(apiBaseUrl).origin];
  return [...own, ...apiOrigins].map((origin) => `"${origin}"`).join(' or ') || 'an absolute URL';
}

/**
 * Resolves a redirect URI: an absolute one is returned unchanged; a relative one is appended to the
 * application's base URL. Returns `undefined` for an unusable redirect URI.
 */
export function resolveRedirectUri(uri: string, baseUrl: string | undefined): string | undefined {
  // RFC 5849 §2.1: "oob" is the callback of an application that cannot receive one.
  if (uri === 'oob') return uri;
  const absolute = /^[a-z][a-z\d+.-]*:/i.test(uri);
  const base = baseUrl?.replace(/\/?$/, '/');
  const resolved =
    absolute || base === undefined ? uri : parse(uri.replace(/^[\\/]+/, ''), base)?.href;
  // RFC 6749 §3.1.2: no fragment.
  return resolved !== undefined && parse(resolved) && !resolved.includes('#')
    ? resolved
    : undefined;
}

function parse(url: string, base?: string): URL | undefined {
  try {
    return new URL(url, base);
  } catch {
    return undefined;
  }
}

/** Appends a path and query to the base URL, preserving its path. */
function append(path: string, base: string | undefined): URL | undefined {
  // Browsers parse these as the start of another host.
  if (base === undefined || /^[\\/]{2}|[\\\p{Cc}]/u.test(path)) return undefined;
  const { origin, pathname, search } = new URL(base);
  const joined = /^(?:[?#]|$)/.test(path)
    ? pathname + path
    : `${pathname.replace(/\/$/, '')}/${path.replace(/^\//, '')}`;
  const resolved = parse(origin + joined);
  for (const [name, value] of new URLSearchParams(search))
    resolved?.searchParams.append(name, value);
  return resolved;
}

function readBody(options: ResourceOptions, headers: Record<string, string>): BodyInit | null {
  const given = (['body', 'json', 'form'] as const).filter((name) => options[name] !== undefined);
  if (given.length > 1) {
    throw new OAuthError(
      'invalid_options',
      `A request has only one body, but ${given.map((name) => `"${name}"`).join(' and ')} are set. Remove all but one.`,
    );
  }
  if (options.form !== undefined) return new URLSearchParams(toPairs(options.form));
  if (options.json === undefined) return options.body ?? null;
  headers['content-type'] ??= 'application/json';
  return JSON.stringify(options.json);
}
