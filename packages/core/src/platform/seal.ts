import { decryptBytes, deriveKey, encryptBytes } from './crypto.js';
import { concat, fromBase64Url, toBase64Url, toBytes } from './encoding.js';
import type { Seal } from '../model/ports.js';

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
      return await encryptBytes(key, textToBytes(text), context);
    },
    async open(sealed, context) {
      for (const key of keys) {
        const opened = await decryptBytes(await key, sealed, context);
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
