import { toBase64 } from '../encoding.js';
import { OAuthError } from '../errors.js';
import type { Digest } from './signature.js';

/** The content type of form bodies, as `fetch` names it. */
export const formContentType = 'application/x-www-form-urlencoded;charset=UTF-8';

/** Bodies that can be read without being used up. */
type ReadableBody = Exclude<BodyInit, FormData | ReadableStream>;

/**
 * Returns the text of a form body, whose parameters are signed, or `undefined` for any other body.
 * Parameters of the content type, such as a charset, do not matter.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5849#section-3.4.1.3.1
 */
export async function readForm(
  body: BodyInit | null,
  contentType: string | undefined,
): Promise<string | undefined> {
  if (!isFormBody(body, contentType)) return undefined;
  if (body === null) return '';
  return await new Response(readable(body, 'A form body is signed')).text();
}

/** Tells whether a body is a form: by its content type, else by what `fetch` makes of it. */
export function isFormBody(body: BodyInit | null, contentType: string | undefined): boolean {
  const essence = (contentType ?? impliedType(body)).split(';', 1)[0] ?? '';
  return essence.trim().toLowerCase() === 'application/x-www-form-urlencoded';
}

/** The content type that `fetch` derives from a body. */
function impliedType(body: BodyInit | null): string {
  if (body instanceof URLSearchParams) return formContentType;
  return body instanceof Blob ? body.type : '';
}

/**
 * Hashes a body for `oauth_body_hash`; no body counts as an empty one.
 *
 * @see https://datatracker.ietf.org/doc/html/draft-eaton-oauth-bodyhash-00#section-3.2
 */
export async function hashBody(body: BodyInit | null, digest: Digest): Promise<string> {
  const source = body === null ? '' : readable(body, '"forceIncludeBody" hashes the body');
  const bytes = await new Response(source).arrayBuffer();
  return toBase64(await crypto.subtle.digest(digest, bytes));
}

function readable(body: BodyInit, why: string): ReadableBody {
  const isReadable =
    typeof body === 'string' ||
    body instanceof URLSearchParams ||
    body instanceof Blob ||
    body instanceof ArrayBuffer ||
    ArrayBuffer.isView(body);
  if (isReadable) return body;
  throw new OAuthError(
    'invalid_options',
    `${why}, so it must be a string, URLSearchParams, Blob or bytes; not a stream or FormData.`,
  );
}
