import { toPairs } from './encoding.js';
import { OAuthError } from './errors.js';
import type { ResourceOptions, ResourceRequest } from './types.js';

/** Puts a resource request together: its address below the API's, and one body. */
export function resourceRequest(
  { method, url }: { method: string; url: string | URL },
  options: ResourceOptions,
  apiBaseUrl: string | undefined,
): ResourceRequest {
  const target = resolve(String(url), apiBaseUrl, options.withholdToken === true);
  for (const [name, value] of toPairs(options.query ?? {})) target.searchParams.append(name, value);
  const headers = new Headers(options.headers);
  return { method: method.toUpperCase(), url: target, headers, body: readBody(options, headers) };
}

/**
 * Resolves a URL below the API's: a relative one is appended, whether it begins with a slash or not; an
 * absolute one must have the same origin, unless no token goes with it.
 */
function resolve(url: string, apiBaseUrl: string | undefined, free: boolean): URL {
  const absolute = /^(?:https?:|[a-z][a-z\d+.-]*:\/\/)/i.test(url);
  if (!absolute && apiBaseUrl === undefined) {
    throw new OAuthError(
      'invalid_options',
      'A relative URL needs an "apiBaseUrl" to be appended to. Register one, or call an absolute URL.',
    );
  }
  const resolved = absolute ? parse(url) : append(url, apiBaseUrl ?? '');
  const sameOrigin = apiBaseUrl === undefined || resolved?.origin === new URL(apiBaseUrl).origin;
  if (resolved && (sameOrigin || free)) return resolved;
  throw new OAuthError(
    'foreign_origin',
    `The URL leads away from "${new URL(apiBaseUrl ?? url).origin}", where the token belongs; nothing was ` +
      'sent. Use a path below "apiBaseUrl", or "withholdToken: true" to call without the token.',
  );
}

function parse(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined;
}

/** Appends a path and query to the base, keeping the base's own path. */
function append(path: string, base: string): URL | undefined {
  // Browsers read these as the start of another host.
  if (/^[\\/]{2}|[\\\p{Cc}]/u.test(path)) return undefined;
  const { origin, pathname, search } = new URL(base);
  const joined =
    path === '' ? pathname : `${pathname.replace(/\/$/, '')}/${path.replace(/^\//, '')}`;
  const resolved = parse(`${origin}${joined.startsWith('/') ? '' : '/'}${joined}`);
  for (const [name, value] of new URLSearchParams(search))
    resolved?.searchParams.append(name, value);
  return resolved;
}

function readBody(options: ResourceOptions, headers: Headers): BodyInit | null {
  const given = (['body', 'json', 'form'] as const).filter((name) => options[name] !== undefined);
  if (given.length > 1) {
    throw new OAuthError(
      'invalid_options',
      `A request has one body, but ${given.map((name) => `"${name}"`).join(' and ')} are given.`,
    );
  }
  if (options.form !== undefined) return new URLSearchParams(toPairs(options.form));
  if (options.json === undefined) return options.body ?? null;
  if (!headers.has('content-type')) headers.set('content-type', 'application/json');
  return JSON.stringify(options.json);
}
