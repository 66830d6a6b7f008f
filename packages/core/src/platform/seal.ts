import { concat, fromBase64Url, toBase64Url, toBytes } from './encoding.js';
import type { Seal } from '../model/ports.js';
import type { CryptoKey } from '../model/web-types.js';

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
 * Encrypts bytes with AES-GCM as base64url, the random IV first. They decrypt only with the same
 * `context`, which is authenticated but not included.
 */
export async function seal(
  key: CryptoKey,
  context: string,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(ivBytes));
  const parameters = { name: cipher, iv, additionalData: toBytes(context) };
  const encrypted = await crypto.subtle.encrypt(parameters, key, bytes);
  return toBase64Url(concat([iv, new Uint8Array(encrypted)]));
}

/** Decrypts the output of {@link seal} with the same key and context; `undefined` for other text. */
export async function unseal(
  key: CryptoKey,
  context: string,
  sealed: string,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const bytes = fromBase64Url(sealed);
  if (!bytes || bytes.length <= ivBytes) return undefined;
  const iv = bytes.subarray(0, ivBytes);
  const parameters = { name: cipher, iv, additionalData: toBytes(context) };
  try {
    return new Uint8Array(await crypto.subtle.decrypt(parameters, key, bytes.subarray(ivBytes)));
  } catch {
    return undefined;
  }
}

/** Marks base64url text stored as bytes; no UTF-8 text begins with this byte. */
const isBytes = 0xff;

/**
 * Creates an AES-256-GCM cipher for one purpose. Its keys are derived from the secrets and the
 * purpose, so text of another purpose cannot be decrypted. The first secret encrypts, all of them
 * decrypt. Base64url text is encrypted as its bytes, which are shorter.
 */
export function createSeal(secrets: readonly string[], purpose: string): Seal {
  const keys = secrets.map((secret) => deriveKey(secret, purpose));
  for (const key of keys) key.catch(() => undefined);
  return {
    async seal(text, context) {
      const key = await keys[0];
      if (!key) throw new TypeError('An encryption secret is required.');
      return await seal(key, context, textToBytes(text));
    },
    async open(sealed, context) {
      for (const key of keys) {
        const opened = await unseal(await key, context, sealed);
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
