import { toBase64Url, toBytes, toHex } from './encoding.js';

/** Draws a fresh, unguessable, url-safe text of `bytes` random bytes (256 bits by default). */
export function randomToken(bytes = 32): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(bytes)));
}

/** Hashes UTF-8 text with SHA-256. */
export async function sha256(text: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', toBytes(text)));
}

/** Computes the HMAC-SHA256 of UTF-8 texts (RFC 2104), in hexadecimal. */
export async function hmacSha256(secret: string, text: string): Promise<string> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', toBytes(secret), algorithm, false, ['sign']);
  return toHex(await crypto.subtle.sign('HMAC', key, toBytes(text)));
}

/** Compares two texts in time that depends on their length only. */
export function equalInConstantTime(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

/** The time in milliseconds since the epoch; the one place where this package reads the clock. */
export function now(): number {
  return Date.now();
}

/** Milliseconds that only ever grow, whatever happens to the clock; for measuring how long. */
export function monotonic(): number {
  return performance.now();
}

/** The time in whole seconds since the epoch. */
export function nowSeconds(): number {
  return Math.floor(now() / 1000);
}
