import { toBase64, toBytes } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import type { Awaitable } from '../../../model/types.js';
import { digest } from '../../../platform/crypto.js';
import type { Digest } from './types.js';

/** The content type of form bodies, as `fetch` sets it. */
export const formContentType = 'application/x-www-form-urlencoded;charset=UTF-8';

/**
 * Returns the text of a form body, whose parameters are signed, or `undefined` for any other body.
 * Parameters of the content type, such as a charset, are ignored.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5849#section-3.4.1.3.1
 */
export function signedFormText(
  body: BodyInit | null,
  contentType: string | undefined,
): Awaitable<string | undefined> {
  if (!isFormBody(body, contentType)) return undefined;
  if (body === null || typeof body === 'string') return body ?? '';
  if (body instanceof URLSearchParams) return body.toString();
  return decodeForm(body);
}

/** Whether a body is a form, by its content type or else by the type `fetch` would set. */
export function isFormBody(body: BodyInit | null, contentType: string | undefined): boolean {
  const type = contentType ?? impliedType(body);
  if (type === '' || type === formContentType) return type !== '';
  const [essence = ''] = type.split(';', 1);
  return essence.trim().toLowerCase() === 'application/x-www-form-urlencoded';
}

/** Returns the content type that `fetch` derives from a body. */
function impliedType(body: BodyInit | null): string {
  if (body instanceof URLSearchParams) return formContentType;
  return body instanceof Blob ? body.type : '';
}

async function decodeForm(body: BodyInit): Promise<string> {
  const bytes = await rereadableBytes(body, 'A form body is signed');
  try {
    // A byte order mark is sent, so it is signed too.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new OAuthError(
      'invalid_options',
      'The form body is not valid UTF-8. Percent-encode the other bytes.',
    );
  }
}

/**
 * Hashes a body for `oauth_body_hash`. A missing body is hashed as an empty one.
 *
 * @see https://datatracker.ietf.org/doc/html/draft-eaton-oauth-bodyhash-00#section-3.2
 */
export async function hashBody(body: BodyInit | null, hash: Digest): Promise<string> {
  const bytes = await rereadableBytes(body ?? '', '"forceIncludeBody" hashes the body');
  return toBase64(await digest(hash, bytes));
}

/** Reads the bytes of a body that is not consumed by reading. */
async function rereadableBytes(body: BodyInit, why: string): Promise<Uint8Array<ArrayBuffer>> {
  if (typeof body === 'string' || body instanceof URLSearchParams) return toBytes(String(body));
  if (body instanceof Blob) return new Uint8Array(await body.arrayBuffer());
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  if (ArrayBuffer.isView(body)) {
    return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  }
  throw new OAuthError(
    'invalid_options',
    `${why}, so it must be a string, URLSearchParams, Blob or bytes; not a stream or FormData.`,
  );
}
