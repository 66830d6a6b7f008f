import { isHeaderSafe } from '../encoding.js';
import { OAuthError } from '../errors.js';
import { percentEncode, type Pair } from './signature.js';

/** Where the protocol parameters travel (RFC 5849 §3.5). */
export type SignatureType = 'HEADER' | 'QUERY' | 'BODY';

const signatureTypes: readonly string[] = ['HEADER', 'QUERY', 'BODY'] satisfies SignatureType[];

/** Throws unless the value names a place for protocol parameters. */
export function checkSignatureType(type: SignatureType): void {
  if (signatureTypes.includes(type)) return;
  throw new OAuthError(
    'invalid_options',
    `"signatureType" must be one of ${signatureTypes.join(', ')}.`,
  );
}

/**
 * Writes the value of an `Authorization` header; only protocol parameters go in. The realm comes
 * first and is not encoded, so it must not need quoting.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5849#section-3.5.1
 */
export function authorizationHeader(params: readonly Pair[], realm?: string): string {
  const fields = params
    .filter(([name]) => name.startsWith('oauth_'))
    .map(([name, value]) => `${percentEncode(name)}="${percentEncode(value)}"`);
  if (realm !== undefined) fields.unshift(`realm="${checkRealm(realm)}"`);
  return `OAuth ${fields.join(', ')}`;
}

/** Returns a realm that can stand between quotation marks as it is, or says what is wrong with it. */
export function checkRealm(realm: string): string {
  if (isHeaderSafe(realm) && !/["\\]/.test(realm)) return realm;
  throw new OAuthError(
    'invalid_options',
    '"realm" must be visible ASCII without quotation marks and backslashes.',
  );
}

/**
 * Appends parameters to a query or form body, whose text stays as it is.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5849#section-3.5.2
 */
export function appendParams(text: string, params: readonly Pair[]): string {
  const added = params.map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`);
  return [...(text === '' ? [] : [text]), ...added].join('&');
}

/** Returns a copy of a URL with parameters appended to its query, whose text stays as it is. */
export function withQuery(url: URL, params: readonly Pair[]): URL {
  const copy = new URL(url);
  copy.search = appendParams(url.search.slice(1), params);
  return copy;
}
