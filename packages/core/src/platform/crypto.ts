import { concat, fromBase64Url, toBase64Url, toBytes, toHex } from './encoding.js';
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

const cipher = 'AES-GCM';
const ivBytes = 12;

/** Derives an AES-256-GCM key for one purpose from a secret: HKDF (RFC 5869), the purpose as info. */
export async function deriveKey(secret: string, purpose: string): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey('raw', toBytes(secret), 'HKDF', false, [
    'deriveKey',
  ]);
  return await crypto.subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: toBytes(purpose) },
    material,
    { name: cipher, length: 256 },
    false,
    ['encrypt', 'decrypt'],
  );
}

/**
 * Encrypts text with AES-GCM as base64url, the random IV first. It decrypts only with the same
 * `context`, which is authenticated but not included.
 */
export async function encryptText(key: CryptoKey, text: string, context: string): Promise<string> {
  return await encryptBytes(key, toBytes(text), context);
}

/** Encrypts bytes like {@link encryptText}. */
export async function encryptBytes(
  key: CryptoKey,
  bytes: Uint8Array<ArrayBuffer>,
  context: string,
): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(ivBytes));
  const parameters = { name: cipher, iv, additionalData: toBytes(context) };
  const encrypted = await crypto.subtle.encrypt(parameters, key, bytes);
  return toBase64Url(concat([iv, new Uint8Array(encrypted)]));
}

/**
 * Decrypts the output of {@link encryptText} with the same key and context; returns `undefined` for
 * anything else.
 */
export async function decryptText(
  key: CryptoKey,
  encrypted: string,
  context: string,
): Promise<string | undefined> {
  const opened = await decryptBytes(key, encrypted, context);
  return opened && new TextDecoder().decode(opened);
}

/**
 * Decrypts the output of {@link encryptBytes} with the same key and context; returns `undefined`
 * for anything else.
 */
export async function decryptBytes(
  key: CryptoKey,
  encrypted: string,
  context: string,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const bytes = fromBase64Url(encrypted);
  if (!bytes || bytes.length <= ivBytes) return undefined;
  const iv = bytes.subarray(0, ivBytes);
  const parameters = { name: cipher, iv, additionalData: toBytes(context) };
  try {
    return new Uint8Array(await crypto.subtle.decrypt(parameters, key, bytes.subarray(ivBytes)));
  } catch {
    return undefined;
  }
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
