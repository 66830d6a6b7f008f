import { isHeaderSafe } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import { encodePair, type Pair } from './base-string.js';

/** Location of the protocol parameters in a request (RFC 5849 §3.5). */
export type SignatureType = 'HEADER' | 'QUERY' | 'BODY';

const signatureTypes: readonly string[] = ['HEADER', 'QUERY', 'BODY'] satisfies SignatureType[];

/** Throws unless the value is a valid `signatureType`. */
export function checkSignatureType(type: SignatureType): void {
  if (signatureTypes.includes(type)) return;
  throw new OAuthError(
    'invalid_options',
    `"signatureType" must be one of ${signatureTypes.join(', ')}.`,
  );
}

/**
 * Builds an `Authorization` header from percent-encoded parameters. Only protocol parameters are
 * included. The realm comes first and is not encoded.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5849#section-3.5.1
 */
export function authorizationHeader(params: readonly Pair[], realm?: string): string {
  const fields = realm === undefined ? [] : [`realm="${checkRealm(realm)}"`];
  for (const [name, value] of params) {
    if (name.startsWith('oauth_')) fields.push(`${name}="${value}"`);
  }
  return `OAuth ${fields.join(', ')}`;
}

/** Returns a realm that is valid in a quoted string. Throws for any other. */
export function checkRealm(realm: string): string {
  if (isHeaderSafe(realm) && !/["\\]/.test(realm)) return realm;
  throw new OAuthError(
    'invalid_options',
    '"realm" must be visible ASCII without quotation marks or backslashes.',
  );
}

/**
 * Appends percent-encoded parameters to a query or form body without changing the rest.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5849#section-3.5.2
 */
export function appendParams(text: string, params: readonly Pair[]): string {
  const added = params.map(([name, value]) => `${name}=${value}`);
  return [...(text === '' ? [] : [text]), ...added].join('&');
}

/** Returns a copy of a URL with percent-encoded parameters appended to its query. */
export function withEncodedQuery(url: URL, params: readonly Pair[]): URL {
  const copy = new URL(url);
  copy.search = appendParams(url.search.slice(1), params);
  return copy;
}

/**
 * Returns a copy of a URL with parameters appended to its query. The rest of the query is
 * unchanged.
 */
export function withQuery(url: URL, params: readonly Pair[]): URL {
  return withEncodedQuery(url, params.map(encodePair));
}
