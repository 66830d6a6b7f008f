import { parseUrl, toBase64, toBytes } from '../encoding.js';
import { OAuthError } from '../errors.js';
import type { SignatureMethod } from '../option-types.js';

/** A decoded request parameter. Lists keep duplicates and empty values. */
export type Pair = readonly [name: string, value: string];

/**
 * Percent-encodes text: everything but letters, digits, `-`, `.`, `_` and `~`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5849#section-3.6
 */
export function percentEncode(text: string): string {
  try {
    return encodeURIComponent(text).replace(/[!'()*]/g, escapeCharacter);
  } catch {
    throw new OAuthError(
      'invalid_options',
      'A value to sign holds half a surrogate pair, which has no UTF-8 form. Repair the text.',
    );
  }
}

function escapeCharacter(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

/**
 * Decodes a query or form body into its parameters. `+` is a space, malformed escapes stay as they
 * are, and only `&` separates.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5849#section-3.4.1.3.1
 */
export function formDecode(text: string): Pair[] {
  // The empty first field keeps a leading "?" from being taken for a query's delimiter.
  return [...new URLSearchParams(`&${text}`)];
}

/**
 * Encodes, sorts and joins the parameters. They are ordered by encoded name, then encoded value,
 * byte by byte; `oauth_signature` takes no part.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5849#section-3.4.1.3.2
 */
export function normalizeParameters(pairs: readonly Pair[]): string {
  return pairs
    .filter(([name]) => name !== 'oauth_signature')
    .map(([name, value]): Pair => [percentEncode(name), percentEncode(value)])
    .toSorted(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** Encoded text is ASCII, where the order of code units is the order of bytes. */
function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/**
 * Returns the scheme, authority and path to sign: lower-case host, no default port, no query and no
 * fragment.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5849#section-3.4.1.2
 */
export function baseStringUri(url: string | URL): string {
  const { protocol, host, port, pathname } = parseUrl(url, 'URL to sign');
  if (port === '0') {
    throw new OAuthError('invalid_options', 'The URL to sign has port 0, which no server has.');
  }
  return `${protocol}//${host}${pathname}`;
}

/** What a signature covers. */
export interface SignedParts {
  method: string;
  url: string | URL;
  /** The parameters of query, form body and protocol, decoded. The query of `url` is not read. */
  params: readonly Pair[];
}

/**
 * Builds the signature base string.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5849#section-3.4.1.1
 */
export function signatureBaseString({ method, url, params }: SignedParts): string {
  const parts = [method.toUpperCase(), baseStringUri(url), normalizeParameters(params)];
  return parts.map(percentEncode).join('&');
}

/** What a request is signed with. */
export interface SigningKey {
  clientSecret?: string | undefined;
  tokenSecret?: string | undefined;
}

/** One signature method: the digest it stands for, and how it turns a base string into a signature. */
export interface SigningAlgorithm {
  readonly digest: Digest;
  sign(baseString: string, key: SigningKey): Promise<string>;
}

/** A hash function, by its Web Crypto name. */
export type Digest = 'SHA-1' | 'SHA-256' | 'SHA-512';

const algorithms: Readonly<Record<SignatureMethod, SigningAlgorithm>> = {
  'HMAC-SHA1': hmac('SHA-1'),
  'HMAC-SHA256': hmac('SHA-256'),
  'HMAC-SHA512': hmac('SHA-512'),
  PLAINTEXT: { digest: 'SHA-1', sign: async (_, key) => sharedSecret(key) },
};

/** Finds a signature method by its wire name, or explains which ones there are. */
export function signingAlgorithm(method: SignatureMethod): SigningAlgorithm {
  if (Object.hasOwn(algorithms, method)) return algorithms[method];
  throw new OAuthError(
    'invalid_options',
    `"signatureMethod" must be one of ${Object.keys(algorithms).join(', ')}.`,
  );
}

/** RFC 5849 §3.4.2. */
function hmac(digest: Digest): SigningAlgorithm {
  return {
    digest,
    async sign(baseString, key) {
      const imported = await importHmacKey(digest, sharedSecret(key));
      return toBase64(await crypto.subtle.sign('HMAC', imported, toBytes(baseString)));
    },
  };
}

function importHmacKey(hash: Digest, secret: string): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', toBytes(secret), { name: 'HMAC', hash }, false, ['sign']);
}

/** Both secrets, encoded; the `&` is there even when they are empty (RFC 5849 §3.4.4). */
function sharedSecret({ clientSecret = '', tokenSecret = '' }: SigningKey): string {
  return `${percentEncode(clientSecret)}&${percentEncode(tokenSecret)}`;
}
