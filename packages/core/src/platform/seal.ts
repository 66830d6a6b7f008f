import { BoundedCache } from './bounded-cache.js';
import { randomBytes } from './crypto.js';
import { cryptoFunctions, type EncryptionKey } from './crypto-functions.js';
import { concat, fromBase64Url, toBase64Url, toBytes } from './encoding.js';
import type { Seal } from '../model/ports.js';
import type { Awaitable } from '../model/types.js';

const ivBytes = 12;

/** Maximum number of cached keys: one for each secret and purpose. */
const maxKeys = 100;

const derived = new BoundedCache<Awaitable<EncryptionKey>>(maxKeys);

/**
 * Derives an AES-256-GCM key for one purpose from a secret: HKDF (RFC 5869), the purpose as info.
 * Each key is derived once and cached.
 */
export function deriveKey(secret: string, purpose: string): Awaitable<EncryptionKey> {
  const name = JSON.stringify([secret, purpose]);
  const known = derived.get(name);
  if (known) return known;
  const key = cryptoFunctions().deriveKey(secret, purpose);
  derived.set(name, key);
  if (key instanceof Promise) key.catch(() => derived.delete(name));
  return key;
}

/**
 * Encrypts bytes with AES-GCM as base64url, the random IV first. They decrypt only with the same
 * `context`, which is authenticated but not included.
 */
export async function seal(
  key: EncryptionKey,
  context: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const iv = randomBytes(ivBytes);
  const encrypted = await cryptoFunctions().encrypt({ key, iv, context }, bytes);
  return toBase64Url(concat([iv, encrypted]));
}

/** Decrypts the output of {@link seal} with the same key and context; `undefined` for other text. */
export async function unseal(
  key: EncryptionKey,
  context: string,
  sealed: string,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const bytes = fromBase64Url(sealed);
  if (!bytes || bytes.length <= ivBytes) return undefined;
  const iv = bytes.subarray(0, ivBytes);
  return await cryptoFunctions().decrypt({ key, iv, context }, bytes.subarray(ivBytes));
}

/** Marks base64url text stored as bytes; no UTF-8 text begins with this byte. */
const isBytes = 0xff;

/**
 * Creates an AES-256-GCM cipher for one purpose. Its keys are derived from the secrets and the
 * purpose, so text of another purpose cannot be decrypted. The first secret encrypts, all of them
 * decrypt. Base64url text is encrypted as its bytes, which are shorter.
 */
export function createSeal(secrets: readonly string[], purpose: string): Seal {
  return {
    async seal(text, context) {
      const [secret] = secrets;
      if (secret === undefined) throw new TypeError('An encryption secret is required.');
      return await seal(await deriveKey(secret, purpose), context, textToBytes(text));
    },
    async open(sealed, context) {
      for (const secret of secrets) {
        const opened = await unseal(await deriveKey(secret, purpose), context, sealed);
        if (opened) return bytesToText(opened);
      }
      return undefined;
    },
  };
}

function textToBytes(text: string): Uint8Array<ArrayBuffer> {
  const bytes = fromBase64Url(text);
  const isExact = bytes !== undefined && toBase64Url(bytes) === text;
  return isExact ? concat([new Uint8Array([isBytes]), bytes]) : toBytes(text);
}

function bytesToText(bytes: Uint8Array): string {
  return bytes[0] === isBytes ? toBase64Url(bytes.subarray(1)) : new TextDecoder().decode(bytes);
}
