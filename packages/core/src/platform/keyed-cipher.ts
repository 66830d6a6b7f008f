import { cryptoFunctions, type EncryptionKey } from './crypto-functions.js';
import { toBase64Url, toBytes } from './encoding.js';
import { deriveKey, seal, unseal } from './seal.js';

/** Decrypted text, or why there is none. */
export type Decrypted =
  | { text: string; problem?: never }
  | { text?: never; problem: 'not encrypted' | 'unknown secret' | 'changed' };

/** Encrypts and decrypts JSON objects whose secret may be rotated. */
export interface KeyedCipher {
  encrypt(json: string, context: string): Promise<string>;
  decrypt(value: string, context: string): Promise<Decrypted>;
  /** Whether a value is encrypted with the newest secret. */
  isCurrent(value: string): Promise<boolean>;
}

/** Settings of a {@link KeyedCipher}. */
export interface KeyedCipherOptions {
  /** The first encrypts, all of them decrypt; without a secret, the JSON stays as it is. */
  secrets: readonly string[];
  purpose: string;
  /** Whether unencrypted JSON is accepted. */
  allowPlaintext: boolean;
}

/**
 * Creates a cipher whose output names its key: `1.{key id}.{iv and ciphertext}`, with AES-256-GCM.
 * It decrypts only with the same `context`.
 */
export function createKeyedCipher(options: KeyedCipherOptions): KeyedCipher {
  const { secrets, purpose, allowPlaintext } = options;
  const keys = Promise.all(secrets.map((secret) => readKey(secret, purpose)));
  keys.catch(() => undefined);
  return {
    async encrypt(json, context) {
      const [newest] = await keys;
      if (!newest) return json;
      return `1.${newest.id}.${await seal(newest.key, context, toBytes(json))}`;
    },
    async isCurrent(value) {
      const [newest] = await keys;
      return newest ? value.startsWith(`1.${newest.id}.`) : value.startsWith('{');
    },
    async decrypt(value, context) {
      const known = await keys;
      if (value.startsWith('{'))
        return allowPlaintext ? { text: value } : { problem: 'not encrypted' };
      const [, id, sealed = ''] = /^1\.([\w-]+)\.([\w-]+)$/.exec(value) ?? [];
      const found = known.find((candidate) => candidate.id === id);
      if (!found) return { problem: 'unknown secret' };
      const opened = await unseal(found.key, context, sealed);
      return opened ? { text: new TextDecoder().decode(opened) } : { problem: 'changed' };
    },
  };
}

/** Derives a key, and an id that identifies it without revealing the secret. */
async function readKey(
  secret: string,
  purpose: string,
): Promise<{ id: string; key: EncryptionKey }> {
  const id = await cryptoFunctions().hkdf(secret, `${purpose}, key id`, 8);
  return { id: toBase64Url(id), key: await deriveKey(secret, purpose) };
}
