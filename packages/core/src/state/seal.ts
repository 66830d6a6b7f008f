import { decryptText, deriveKey, encryptText } from '../crypto.js';
import type { Seal } from '../ports.js';

/**
 * Builds an AES-256-GCM seal for one purpose. Its keys are derived from the secrets and the purpose, so
 * that what one purpose sealed is noise to another. The first secret seals, every one opens.
 */
export function createSeal(secrets: readonly string[], purpose: string): Seal {
  const keys = secrets.map((secret) => deriveKey(secret, purpose));
  for (const key of keys) key.catch(() => undefined);
  return {
    async seal(text, context) {
      const key = await keys[0];
      if (!key) throw new TypeError('A seal needs a secret.');
      return await encryptText(key, text, context);
    },
    async open(sealed, context) {
      for (const key of keys) {
        const opened = await decryptText(await key, sealed, context);
        if (opened !== undefined) return opened;
      }
      return undefined;
    },
  };
}
