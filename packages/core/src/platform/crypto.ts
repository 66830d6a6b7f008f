import type { Awaitable } from '../model/types.js';
import { chain } from './awaitable.js';
import { cryptoFunctions, type HashName } from './crypto-functions.js';
import { toBase64Url } from './encoding.js';
import type { CryptoKey } from '../model/web-types.js';

/** Random bytes drawn in bulk: a draw takes much longer than a few bytes more. */
const pool = new Uint8Array(4096);
let next = pool.length;
let drawnAt = -Infinity;

/**
 * Milliseconds after which the rest of a draw is discarded: several processes may continue from one
 * snapshot of the memory, and must not generate the same secrets.
 */
const poolTtl = 100;

/** Generates random bytes. */
export function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  if (length > pool.length) return crypto.getRandomValues(new Uint8Array(length));
  const age = Math.abs(now() - drawnAt);
  if (next + length > pool.length || age > poolTtl) {
    crypto.getRandomValues(pool);
    drawnAt = now();
    next = 0;
  }
  const drawn = pool.slice(next, next + length);
  pool.fill(0, next, next + length);
  next += length;
  return drawn;
}

/** Generates a random, URL-safe token of `bytes` bytes. Default: 32 (256 bits). */
export function randomToken(bytes = 32): string {
  return toBase64Url(randomBytes(bytes));
}

/** Generates a human-readable code without characters that look alike. */
export function randomCode(length = 8): string {
  const letters = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';
  const bytes = randomBytes(length);
  return Array.from(bytes, (byte) => letters[byte % letters.length]).join('');
}

/**
 * Returns whether a value is a `CryptoKey`, which some runtimes do not have as a global, and which
 * may come from another realm.
 */
export function isCryptoKey(key: unknown): key is CryptoKey {
  return Object.prototype.toString.call(key) === '[object CryptoKey]';
}

/** Hashes UTF-8 text with SHA-256; at once if the runtime has `node:crypto`. */
export function sha256(text: string): Awaitable<Uint8Array<ArrayBuffer>> {
  return digest('SHA-256', text);
}

/** Hashes bytes, or UTF-8 text; at once if the runtime has `node:crypto`. */
export function digest(
  hash: HashName,
  data: string | Uint8Array<ArrayBuffer>,
): Awaitable<Uint8Array<ArrayBuffer>> {
  return cryptoFunctions().digest(hash, data);
}

/**
 * Derives the nonce of a login from its code verifier, so that a pending login need not store both.
 * The hash does not reveal the verifier, which has 256 random bits.
 */
export function nonceOf(codeVerifier: string): Awaitable<string> {
  return chain(sha256(`nonce ${codeVerifier}`), toBase64Url);
}

/** Computes the HMAC (RFC 2104) of UTF-8 texts; at once if the runtime has `node:crypto`. */
export function hmac(
  hash: HashName,
  secret: string,
  text: string,
): Awaitable<Uint8Array<ArrayBuffer>> {
  return cryptoFunctions().hmac(hash, secret, text);
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
