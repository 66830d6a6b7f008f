import { nonceOf } from '../../platform/crypto.js';
import { concat, fromBase64Url, toBase64Url, toBytes } from '../../platform/encoding.js';
import type { PendingLogin } from './pending-logins.js';

/**
 * The numbers of a pending login's fields. All fields are included, so that none is lost, except
 * the state, which is needed to decrypt, and the id, which is derived from the others.
 */
const numbers: Record<Exclude<keyof PendingLogin, 'state' | 'id'>, number> = {
  client: 1,
  kind: 2,
  expiresAt: 3,
  redirectUri: 4,
  codeVerifier: 5,
  nonce: 6,
  openid: 7,
  maxAge: 8,
  formPost: 9,
  requestTokenSecret: 10,
  carry: 11,
  responseType: 12,
  fragment: 13,
  jarm: 14,
  acrValues: 15,
  dpopKey: 16,
  issuer: 17,
  server: 18,
  clientId: 19,
  scope: 20,
  delivered: 21,
};

const fields = Object.keys(numbers) as (keyof typeof numbers)[];
const fieldOf = new Map(fields.map((field) => [numbers[field], field]));

/**
 * Encodings of a field: JSON, text, base64url text, text below the base URL, `true`, a derived
 * nonce, a count.
 */
const form = { json: 0, text: 1, bytes: 2, below: 3, true: 4, derived: 5, count: 6 } as const;

/**
 * Encodes a login compactly, so that many fit into a request's cookies: field, form, length,
 * content.
 */
export async function pack(login: PendingLogin, baseUrl = ''): Promise<Uint8Array> {
  const derived = login.codeVerifier && (await nonceOf(login.codeVerifier));
  const pieces = fields.flatMap((field) => {
    const value: unknown = login[field];
    if (value === undefined) return [];
    const isDerived = field === 'nonce' && value === derived;
    const [how, content] = isDerived ? [form.derived] : contentOf(value, baseUrl);
    return piece(numbers[field] * 8 + how, content);
  });
  return concat(pieces);
}

/** Decodes the output of {@link pack}; returns `undefined` for anything else. */
export async function unpack(
  packed: Uint8Array,
  state: string,
  baseUrl = '',
): Promise<PendingLogin | undefined> {
  const login: Record<string, unknown> = { state };
  for (let at = 0; at < packed.length;) {
    const tag = packed[at] ?? 0;
    const long = packed[at + 1] ?? 0;
    const length = long < 128 ? long : (long - 128) * 256 + (packed[at + 2] ?? 0);
    const start = at + (long < 128 ? 2 : 3);
    at = start + length;
    const field = fieldOf.get(tag >> 3);
    if (field === undefined || at > packed.length) return undefined;
    login[field] = unpackValue(tag & 7, packed.subarray(start, at), baseUrl);
  }
  const { codeVerifier, nonce } = login;
  if (nonce === null) login['nonce'] = await nonceOf(String(codeVerifier));
  // Identifies callbacks with the same cookie, or copies of it, as one login.
  return { ...login, id: `${login['expiresAt']} ${state}` } as object as PendingLogin;
}

function piece(tag: number, content: Uint8Array = new Uint8Array()): Uint8Array[] {
  const { length } = content;
  const size = length < 128 ? [length] : [128 + (length >> 8), length & 255];
  return [new Uint8Array([tag, ...size]), content];
}

function contentOf(value: unknown, baseUrl: string): [number, Uint8Array?] {
  if (value === true) return [form.true];
  if (Number.isSafeInteger(value) && Number(value) >= 0) return [form.count, digits(Number(value))];
  if (typeof value !== 'string') return [form.json, toBytes(JSON.stringify(value))];
  const bytes = value.length < 8 ? undefined : fromBase64Url(value);
  if (bytes && toBase64Url(bytes) === value) return [form.bytes, bytes];
  if (baseUrl === '' || !value.startsWith(baseUrl)) return [form.text, toBytes(value)];
  return [form.below, toBytes(value.slice(baseUrl.length))];
}

function digits(value: number): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return new Uint8Array(bytes);
}

function unpackValue(how: number, content: Uint8Array, baseUrl: string): unknown {
  const text = new TextDecoder().decode(content);
  if (how === form.true) return true;
  if (how === form.bytes) return toBase64Url(content);
  if (how === form.count) return content.reduce((total, byte) => total * 256 + byte, 0);
  if (how === form.below) return baseUrl + text;
  if (how === form.text) return text;
  return how === form.derived ? null : JSON.parse(text);
}
