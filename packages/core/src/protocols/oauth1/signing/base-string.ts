import { OAuthError } from '../../../model/errors.js';

/** A request parameter. A list may contain duplicates and empty values. */
export type Pair = readonly [name: string, value: string];

/** Text that percent-encoding does not change. */
const unreserved = /^[\w.~-]*$/;

/**
 * Percent-encodes text: everything but letters, digits, `-`, `.`, `_` and `~`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5849#section-3.6
 */
export function percentEncode(text: string): string {
  if (unreserved.test(text)) return text;
  try {
    return encodeURIComponent(text).replace(/[!'()*]/g, escapeCharacter);
  } catch {
    throw new OAuthError(
      'invalid_options',
      'A value to sign contains a lone surrogate, which cannot be encoded as UTF-8. Correct ' +
        'the text.',
    );
  }
}

function escapeCharacter(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** Percent-encodes a parameter. */
export function encodePair([name, value]: Pair): Pair {
  return [percentEncode(name), percentEncode(value)];
}

/**
 * Decodes a query or form body into parameters. `+` is a space, malformed escapes are unchanged,
 * and only `&` separates.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5849#section-3.4.1.3.1
 */
export function formDecode(text: string): Pair[] {
  // The empty first field prevents a leading "?" from being read as the query delimiter.
  return [...new URLSearchParams(`&${text}`)];
}

/**
 * Reads a query or form body into percent-encoded parameters, like {@link formDecode} followed by
 * {@link encodePair}, but byte by byte: escapes that are not UTF-8 are signed as raw bytes (RFC
 * 5849 §3.6).
 */
export function formEncoded(text: string): Pair[] {
  const pairs: Pair[] = [];
  for (const field of text.split('&')) {
    if (field === '') continue;
    const end = field.indexOf('=');
    pairs.push(end < 0 ? [recode(field), ''] : [recode(field.slice(0, end)), recode(field.slice(end + 1))]); // prettier-ignore
  }
  return pairs;
}

/**
 * Matches text that is not canonically percent-encoded: reserved characters, lowercase or
 * unnecessary escapes.
 */
const notEncoded = /[^\w.~%-]|%(?![\dA-F]{2})|%(?:2[DE]|3\d|[46][1-9A-F]|[57][\dA]|5F|7E)/;

function recode(given: string): string {
  const text = given.includes('+') ? given.replaceAll('+', '%20') : given;
  if (!notEncoded.test(text)) return text;
  return text.replace(/%[\dA-Fa-f]{2}|[^\w.~%-]+|%/g, (part) => {
    if (part.length !== 3 || part[0] !== '%') return percentEncode(part);
    const character = String.fromCharCode(Number.parseInt(part.slice(1), 16));
    return unreserved.test(character) ? character : part.toUpperCase();
  });
}

/** Encoded text is ASCII, so code unit order equals byte order. */
function sorted(encoded: readonly Pair[]): Pair[] {
  return encoded.toSorted((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]));
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/**
 * Returns the base string URI: lowercase host, no default port, no query and no fragment.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5849#section-3.4.1.2
 */
function uriOf({ protocol, host, port, pathname }: URL): string {
  if (port === '0') {
    throw new OAuthError(
      'invalid_options',
      'The URL to sign has port 0, which is not a valid port.',
    );
  }
  return `${protocol}//${host}${pathname}`;
}

/** The parts of a request that a signature covers. */
export interface SignedParts {
  /** In upper case. */
  method: string;
  url: URL;
  /** The percent-encoded parameters of query, form body and protocol. */
  params: readonly Pair[];
}

/**
 * Builds the signature base string. The parameters are ordered by encoded name, then by encoded
 * value, byte by byte.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5849#section-3.4.1.1
 */
export function encodedBaseString({ method, url, params }: SignedParts): string {
  const pairs = sorted(params).map(
    ([name, value]) => `${encodeAgain(name)}%3D${encodeAgain(value)}`,
  );
  return `${percentEncode(method)}&${percentEncode(uriOf(url))}&${pairs.join('%26')}`;
}

/** Percent-encodes text that is already encoded, so only `%` changes. */
function encodeAgain(encoded: string): string {
  return encoded.includes('%') ? encoded.replaceAll('%', '%25') : encoded;
}
