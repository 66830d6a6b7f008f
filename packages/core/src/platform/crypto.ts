import { toBase64Url, toBytes, toHex } from './encoding.js';
import type { CryptoKey } from '../model/web-types.js';

/** Generates a random, URL-safe token of `bytes` bytes. Default: 32 (256 bits). */
export function randomToken(bytes = 32): string {
  return toBase64Url(crypto.getRandomValues(new Uint8Array(bytes)));
}

/** Generates a human-readable code without characters that look alike. */
export function randomCode(length = 8): string {
  const letters = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';
  const bytes = crypto.getRandomValues(new Uint8Array(length));
  return Array.from(bytes, (byte) => letters[byte % letters.length]).join('');
}

/**
 * Returns whether a value is a `CryptoKey`, which some runtimes do not have as a global, and which
 * may come from another realm.
 */
export function isCryptoKey(key: unknown): key is CryptoKey {
  return Object.prototype.toString.call(key) === '[object CryptoKey]';
}

/** Hashes UTF-8 text with SHA-256. */
export async function sha256(text: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', toBytes(text)));
}

/**
 * Derives the nonce of a login from its code verifier, so that a pending login need not store both.
 * The hash does not reveal the verifier, which has 256 random bits.
 */
export async function nonceOf(codeVerifier: string): Promise<string> {
  return toBase64Url(await sha256(`nonce ${codeVerifier}`));
}

/** Computes the HMAC-SHA256 of UTF-8 texts (RFC 2104), in hexadecimal. */
export async function hmacSha256(secret: string, text: string): Promise<string> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', toBytes(secret), algorithm, false, ['sign']);
  return toHex(await crypto.subtle.sign('HMAC', key, toBytes(text)));
}

/** Compares two texts in a time that depends only on their length. */
export function equalInConstantTime(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

/**
 * Returns the time in milliseconds since the epoch. The only function of this package that reads
 * the clock.
 */
export function now(): number {
  return Date.now();
}

/** Returns monotonic milliseconds, unaffected by clock changes; for measuring durations. */
export function monotonic(): number {
  return performance.now();
}

/** Returns the time in whole seconds since the epoch. */
export function nowSeconds(): number {
  return Math.floor(now() / 1000);
}
