import { OAuthError } from '../model/errors.js';
import { builtinModule } from './node-builtins.js';

const utf8 = /* @__PURE__ */ new TextEncoder();

/** Encodes text as UTF-8. */
export function toBytes(text: string): Uint8Array<ArrayBuffer> {
  return utf8.encode(text) as Uint8Array<ArrayBuffer>;
}

/** Concatenates byte arrays. */
export function concat(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const [only] = chunks;
  if (only && chunks.length === 1) return new Uint8Array(only);
  const bytes = new Uint8Array(chunks.reduce((size, chunk) => size + chunk.byteLength, 0));
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

/** The part of Node's `Buffer` that is used. */
interface BufferClass {
  from(text: string, encoding: 'base64url'): Uint8Array;
  from(
    buffer: ArrayBufferLike,
    offset: number,
    length: number,
  ): { toString(encoding: 'base64' | 'base64url'): string };
}

let buffers: { Buffer: BufferClass | undefined } | undefined;

/** Returns Node's `Buffer`, which is several times faster than `atob` and `btoa`. */
function bufferClass(): BufferClass | undefined {
  buffers ??= { Buffer: builtinModule<{ Buffer: BufferClass }>('node:buffer')?.Buffer };
  return buffers.Buffer;
}

function encode(
  bytes: Uint8Array | ArrayBuffer,
  encoding: 'base64' | 'base64url',
): string | undefined {
  const { buffer, byteOffset, byteLength } =
    bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
  return bufferClass()?.from(buffer, byteOffset, byteLength).toString(encoding);
}

/** Encodes bytes as base64url without padding (RFC 7515 §2). */
export function toBase64Url(bytes: Uint8Array | ArrayBuffer): string {
  return (
    encode(bytes, 'base64url') ??
    toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
  );
}

/** Encodes bytes as hexadecimal. */
export function toHex(bytes: Uint8Array | ArrayBuffer): string {
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Decodes base64url; returns `undefined` if the text is not strictly base64url. */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^[\w-]+$/.test(text) || text.length % 4 === 1) return undefined;
  const decoded = bufferClass()?.from(text, 'base64url');
  if (decoded) return new Uint8Array(decoded);
  try {
    const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    return Uint8Array.from(binary, (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/** Encodes bytes as base64 with padding (RFC 4648 §4). */
export function toBase64(bytes: Uint8Array | ArrayBuffer): string {
  const encoded = encode(bytes, 'base64');
  if (encoded !== undefined) return encoded;
  let binary = '';
  for (const byte of new Uint8Array(bytes)) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** Converts parameters to pairs; arrays repeat the name, `null` and `undefined` are omitted. */
export function toPairs(params: Record<string, unknown> | URLSearchParams): [string, string][] {
  if (params instanceof URLSearchParams) return [...params];
  return Object.entries(params).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value])
      .filter(
        (item) =>
          item instanceof URL || ['string', 'number', 'boolean', 'bigint'].includes(typeof item),
      )
      .map((item): [string, string] => [name, String(item)]),
  );
}

/**
 * Parses untrusted JSON without prototype pollution: an own `__proto__` member, which a later
 * `Object.assign` would apply, is dropped. Integers beyond the precision of a number, as
 * identifiers often are, become strings with the same digits. Throws a `SyntaxError` if the text is not
 * JSON, or nests deeper than 500 levels: code that walks a value recursively would overflow the stack.
 */
export function parseJson(text: string): unknown {
  if (isTooDeep(text)) throw new SyntaxError(`The JSON nests deeper than ${maxDepth} levels.`);
  const json = /\d{16}/.test(text) ? quoteBigIntegers(text) : text;
  // A reviver is slow.
  return JSON.parse(json, mayNamePrototype(json) ? withoutPrototype : undefined);
}

/** Each of its characters may be written as an escape: `\u005f` is an underscore, `\u006f` an "o". */
function mayNamePrototype(json: string): boolean {
  return json.includes('__proto__') || /\\u00[567]/.test(json);
}

const maxDepth = 500;

/** Returns whether arrays and objects nest deeper than {@link maxDepth}, without parsing the text. */
function isTooDeep(text: string): boolean {
  if (countUpTo(maxDepth, text, '[') + countUpTo(maxDepth, text, '{') <= maxDepth) return false;
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '"') inString = !inString;
    else if (inString) at += character === '\\' ? 1 : 0;
    else if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth -= 1;
    if (depth > maxDepth) return true;
  }
  return false;
}

/** Counts a character in a text, up to one more than a maximum. */
function countUpTo(most: number, text: string, character: string): number {
  let count = 0;
  let at = text.indexOf(character);
  while (at !== -1 && count <= most) {
    count += 1;
    at = text.indexOf(character, at + 1);
  }
  return count;
}

function withoutPrototype(key: string, value: unknown): unknown {
  return key === '__proto__' ? undefined : value;
}

/** Parses untrusted JSON; returns `undefined` if it is invalid. */
export function tryJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** Parses an untrusted JSON object; returns `undefined` for anything else. */
export function readObject(text: string): Record<string, unknown> | undefined {
  const value = tryJson(text);
  return isObject(value) ? value : undefined;
}

/** Quotes integers beyond 2^53 outside of strings. Throws if the text is not valid JSON. */
function quoteBigIntegers(text: string): string {
  JSON.parse(text);
  let quoted = '';
  let copied = 0;
  let end = 0;
  for (const token of jsonTokens(text)) {
    end += token.length;
    if (!/^-?\d{16,}$/.test(token) || Number.isSafeInteger(Number(token))) continue;
    quoted += `${text.slice(copied, end - token.length)}"${token}"`;
    copied = end;
  }
  return quoted + text.slice(copied);
}

/**
 * Splits valid JSON text into strings, numbers, brackets and the text between them. Each match
 * starts at the end of the last one, so the cost is linear.
 */
export function* jsonTokens(json: string): Generator<string> {
  const token = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*|[{}[\]]|[^"\d{}[\]-]+/y;
  for (let match = token.exec(json); match; match = token.exec(json)) yield match[0];
}

/** Returns whether a value is a plain JSON object. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Removes members that are `null`, which means absent. Applied to every document of a provider:
 * metadata, claims, keys, token and registration responses.
 */
export function withoutNulls<T extends object>(value: T): { [K in keyof T]: Exclude<T[K], null> } {
  return filterMembers(value, (member) => member !== null) as never;
}

/**
 * Returns whether text is well-formed Unicode without control characters, so that different texts
 * never have the same bytes.
 */
export function isPlainText(value: unknown): value is string {
  return typeof value === 'string' && !/[\p{Cc}\p{Surrogate}]/u.test(value);
}

export function isNonEmptyString(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** Decodes percent-encoded text; returns `undefined` if it is invalid. */
export function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Maps the value of each member. */
export function mapMembers<T extends object, V>(
  object: T,
  change: (value: T[keyof T], name: string) => V,
): Record<string, V> {
  const entries = Object.entries(object) as [string, T[keyof T]][];
  return Object.fromEntries(entries.map(([name, value]) => [name, change(value, name)]));
}

/** Returns the members that satisfy a condition: the same object if all do. */
export function filterMembers<T extends object>(
  object: T,
  holds: (value: T[keyof T], name: string) => boolean,
): string extends keyof T ? T : Partial<T> {
  const names = Object.keys(object) as (keyof T & string)[];
  const held = names.filter((name) => holds(object[name], name));
  if (held.length === names.length) return object as never;
  return Object.fromEntries(held.map((name) => [name, object[name]])) as never;
}

/** Options compared with values from a provider. */
const bareNames: ReadonlySet<string> = new Set([
  'issuer',
  'publicAuthority',
  'clientAssertionAudience',
]);

/**
 * Converts `URL` objects in options to text, at any depth; objects without one are returned
 * unchanged. Issuers are compared exactly, and few end with the slash that a `URL` adds for an
 * empty path.
 */
export function textUrls(options: object): object {
  return Object.values(options).some((value) => typeof value === 'object')
    ? mapMembers(options, (value, name) => textUrl(value, bareNames.has(name)))
    : options;
}

function textUrl(value: unknown, bare: boolean): unknown {
  if (value instanceof URL) return bare ? issuerText(value) : value.href;
  if (Array.isArray(value)) {
    const items = value.map((item) => textUrl(item, bare));
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  if (!isObject(value) || !isRecord(value)) return value;
  const members = mapMembers(value, (member) => textUrl(member, false));
  return Object.keys(value).every((name) => members[name] === value[name]) ? value : members;
}

/** Class instances, such as keys, are not traversed. */
function isRecord(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** Returns an issuer as text, without the slash of an empty path. */
export function issuerText(url: URL): string {
  return url.pathname === '/' ? url.href.replace(/\/$/, '') : url.href;
}

/** Removes members without a value. */
export function withoutUndefined<T extends object>(
  value: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return filterMembers(value, (member) => member !== undefined) as never;
}

/** Returns whether text is valid in an HTTP header: visible ASCII and spaces. */
export function isHeaderSafe(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

/** Returns whether text is an HTTP token, such as a method (RFC 9110 §5.6.2). */
export function isToken(text: string): boolean {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(text);
}

/** Parses an absolute http(s) URL; throws an error that names it otherwise. */
export function parseUrl(url: string | URL, what: string): URL {
  const parsed = tryUrl(url);
  if (parsed && (parsed.protocol === 'https:' || parsed.protocol === 'http:')) return parsed;
  throw new OAuthError('invalid_options', `The ${what} must be an absolute https URL.`);
}

function tryUrl(url: string | URL): URL | undefined {
  try {
    return new URL(url);
  } catch {
    return undefined;
  }
}
