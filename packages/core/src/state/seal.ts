import { fromBase64Url, toBase64Url, toBytes } from '../encoding.js';
import type { Seal } from '../ports.js';

const ivBytes = 12;
const algorithm = 'AES-GCM';

/**
 * Builds an AES-256-GCM seal for one purpose. Its keys are derived from the secrets and the purpose, so
 * that what one purpose sealed is noise to another. The first secret seals, every one opens.
 */
export function createSeal(secrets: readonly string[], purpose: string): Seal {
  const keys = secrets.map((secret) => deriveKey(secret, purpose));
  for (const key of keys) key.catch(() => undefined);
  return {
    async seal(text, context) {
      const iv = crypto.getRandomValues(new Uint8Array(ivBytes));
      const parameters = { name: algorithm, iv, additionalData: toBytes(context) };
      const key = await keys[0];
      if (!key) throw new TypeError('A seal needs a secret.');
      const sealed = new Uint8Array(await crypto.subtle.encrypt(parameters, key, toBytes(text)));
      return toBase64Url(new Uint8Array([...iv, ...sealed]));
    },
    async open(sealed, context) {
      const bytes = fromBase64Url(sealed);
      if (!bytes || bytes.length <= ivBytes) return undefined;
      for (const key of keys) {
        const opened = await decrypt(await key, bytes, context);
        if (opened !== undefined) return opened;
      }
      return undefined;
    },
  };
}

async function decrypt(
  key: CryptoKey,
  bytes: Uint8Array<ArrayBuffer>,
  context: string,
): Promise<string | undefined> {
  const parameters = {
    name: algorithm,
    iv: bytes.subarray(0, ivBytes),
    additionalData: toBytes(context),
  };
  try {
    const opened = await crypto.subtle.decrypt(parameters, key, bytes.subarray(ivBytes));
    return new TextDecoder().decode(opened);
  } catch {
    return undefined;
  }
}

/** Derives an AES-256-GCM key for one purpose from a secret: HKDF (RFC 5869), the purpose as info. */
export async function deriveKey(secret: string, purpose: string): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey('raw', toBytes(secret), 'HKDF', false, [
    'deriveKey',
  ]);
  return await crypto.subtle.deriveKey(
    { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: toBytes(purpose) },
    material,
    { name: algorithm, length: 256 },
    false,
    ['encrypt', 'decrypt'],
  );
}
