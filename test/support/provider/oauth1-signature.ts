import { createHmac, timingSafeEqual, verify } from 'node:crypto';
import { isForm, type ProviderRequest } from './log.js';

/** What a signature is made with. */
export interface SignatureSecrets {
  clientSecret: string;
  tokenSecret: string;
  publicKey: string | undefined;
}

/** The protocol parameters of a request, and their place in it. */
export interface OAuth1Params {
  placement: 'header' | 'body' | 'uri';
  /** Decoded, in the order of the request, without `realm`. */
  entries: [string, string][];
}

/** Encodes everything but letters, digits and `-._~` (RFC 5849 §3.6). */
export function percentEncode(text: string): string {
  let encoded = '';
  for (const byte of Buffer.from(text, 'utf8')) {
    const character = String.fromCharCode(byte);
    encoded += /[A-Za-z0-9\-._~]/.test(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

/** Reads the protocol parameters from the one place that has them (RFC 5849 §3.5). */
export function readOAuth1Params(request: ProviderRequest): OAuth1Params | undefined {
  const header = request.headers['authorization'];
  if (header !== undefined && /^OAuth\s/i.test(header)) {
    const entries = readHeader(header.slice(6));
    return entries && { placement: 'header', entries };
  }
  if (request.form.has('oauth_signature')) return pick(request.form, 'body');
  if (request.query.has('oauth_signature')) return pick(request.query, 'uri');
  return undefined;
}

/** Whether the signature is valid. */
export function isSignatureRight(
  request: ProviderRequest,
  params: OAuth1Params,
  secrets: SignatureSecrets,
): boolean {
  const given = valueOf(params, 'oauth_signature') ?? '';
  const method = valueOf(params, 'oauth_signature_method') ?? '';
  const key = `${percentEncode(secrets.clientSecret)}&${percentEncode(secrets.tokenSecret)}`;
  if (method === 'PLAINTEXT') return isSame(given, key);
  const hash = `sha${method.split('-SHA')[1]}`;
  const text = baseString(request, params);
  if (method.startsWith('HMAC-SHA'))
    return isSame(given, createHmac(hash, key).update(text).digest('base64'));
  if (!method.startsWith('RSA-SHA') || secrets.publicKey === undefined) return false;
  return verify(hash, Buffer.from(text), secrets.publicKey, Buffer.from(given, 'base64'));
}

/** The value of a protocol parameter. */
export function valueOf({ entries }: OAuth1Params, name: string): string | undefined {
  return entries.find(([key]) => key === name)?.[1];
}

/** The signature base string (RFC 5849 §3.4.1). */
export function baseString(request: ProviderRequest, params: OAuth1Params): string {
  const pairs: [string, string][] = [...request.query];
  if (isForm(request.headers)) pairs.push(...request.form);
  if (params.placement === 'header') pairs.push(...params.entries);
  const encoded = pairs
    .filter(([name]) => name !== 'oauth_signature')
    .map(([name, value]) => [percentEncode(name), percentEncode(value)] as const)
    .toSorted((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]));
  const normalized = encoded.map(([name, value]) => `${name}=${value}`).join('&');
  const parts = [request.method.toUpperCase(), baseUri(request), normalized];
  return parts.map(percentEncode).join('&');
}

/** The URL without its query, with the host of the `Host` header (RFC 5849 §3.4.1.2). */
function baseUri(request: ProviderRequest): string {
  const host = (request.headers['host'] ?? '').toLowerCase().replace(/:80$/, '');
  return `http://${host}${request.path}`;
}

function readHeader(text: string): [string, string][] | undefined {
  const entries: [string, string][] = [];
  for (const part of text.split(',')) {
    const match = /^\s*([^=\s]+)="([^"]*)"\s*$/.exec(part);
    if (!match) return undefined;
    const [, name = '', value = ''] = match;
    if (name.toLowerCase() !== 'realm') entries.push([decode(name), decode(value)]);
  }
  return entries;
}

function pick(source: URLSearchParams, placement: 'body' | 'uri'): OAuth1Params {
  return { placement, entries: [...source].filter(([name]) => name.startsWith('oauth_')) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Compares bytes: encoded text is ASCII, so its code units are bytes. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
