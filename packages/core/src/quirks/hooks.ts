import { isPlain } from '../platform/validators.js';
import { isObject } from '../platform/encoding.js';
import type { OAuthErrorCode } from '../model/error-codes.js';
import { OAuthError } from '../model/errors.js';
import type { QuirkOptions } from './types.js';
import type { Awaitable } from '../model/types.js';

/**
 * Lets a hook of the application edit a request. Whatever it changes in the URL, the request stays
 * on the origin that was checked before.
 *
 * @throws OAuthError `foreign_origin` if the hook has changed the URL to another origin
 */
export async function editRequest<R extends { url: string | URL; headers: Headers }>(
  hook: string,
  request: R,
  edit: ((request: R) => Awaitable<unknown>) | undefined,
): Promise<R> {
  if (!edit) return request;
  const before = String(request.url);
  const isText = typeof request.url === 'string';
  const returned = await edit(request);
  if (returned !== request && (isPlain(returned) || Array.isArray(returned)))
    throw unusedResult(hook);
  const url = sameOrigin(hook, String(request.url), before);
  return { ...request, url: isText ? url.href : url, headers: new Headers(request.headers) };
}

function sameOrigin(hook: string, url: string, before: string): URL {
  const { origin } = new URL(before);
  const after = URL.canParse(url, before) ? new URL(url, before) : undefined;
  if (after?.origin === origin) return after;
  throw new OAuthError(
    'foreign_origin',
    `The hook "${hook}" changed the URL to another origin than "${origin}", the only one the request ` +
      'may be sent to; nothing was sent. Change only the path and the query.',
  );
}

function unusedResult(hook: string): OAuthError {
  return new OAuthError(
    'invalid_options',
    `The hook "${hook}" returned a value, which is ignored; nothing was sent. Edit "url", "headers" and ` +
      '"body" of its request argument.',
  );
}

/**
 * Requires that a hook of the application returned an object, so that a forgotten `return` is not
 * reported as an error of the provider.
 */
export function returnedObject<T>(
  hook: string,
  returned: T,
  code: OAuthErrorCode = 'invalid_options',
): NonNullable<T> {
  if (isObject(returned) && !(Symbol.iterator in returned)) return returned as NonNullable<T>;
  throw new OAuthError(
    code,
    `The hook "${hook}" returned ${typeName(returned)}; it must return an object. Check that every path through it ` +
      'ends with "return".',
  );
}

type Hook = NonNullable<QuirkOptions['transformResponse']>;

/**
 * Lets the client's hook parse a response; if there is none or it returns `undefined`, the standard
 * parser is used.
 */
export async function transform(
  endpoint: Parameters<Hook>[0],
  text: string,
  client: Parameters<Hook>[2] & Pick<QuirkOptions, 'transformResponse'>,
): Promise<Record<string, unknown> | undefined> {
  const { transformResponse: hook, clientId, clientSecret, url, nonce } = client;
  const read = await hook?.(endpoint, text, { clientId, clientSecret, url, nonce });
  return (read ?? undefined) && returnedObject('transformResponse', read, 'invalid_response');
}

/** Returns a hint for unreadable responses that the hook did not parse. */
export function unlessTransformed(hook: Hook | undefined): string {
  return hook ? ', and the hook "transformResponse" returned nothing for it' : '';
}

function typeName(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object without members of its own' : `a ${typeof value}`;
}
