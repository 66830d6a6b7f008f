import { decryptText, deriveKey, encryptText } from '../../platform/crypto.js';
import { isObject, readObject, toBase64Url, toBytes } from '../../platform/encoding.js';
import { OAuthError } from '../../model/errors.js';
import type { TokenKey } from '../../model/ports.js';
import type { DeadAuthorization, Token } from '../../model/types.js';

/** What is known of a stored token. */
export interface TokenRecord<T extends Token = Token> {
  token: T;
  /** The authorization has ended, and why. */
  dead?: DeadAuthorization['reason'];
  /**
   * Written ahead of a refresh: the token's refresh token was sent at that time, in seconds since the
   * epoch, and no outcome is known.
   */
  sentAt?: number;
  /** The provider asked to be left alone until then, in seconds since the epoch. */
  waitUntil?: number;
  /** When a login stored it, and when the token changed last, in seconds since the epoch. */
  createdAt?: number;
  updatedAt?: number;
}

/** The record of an authorization that has ended: what was known of its refresh counts no more. */
export function buried<T extends Token>(
  record: TokenRecord<T>,
  dead: DeadAuthorization['reason'],
): TokenRecord<T> {
  const { sentAt: _, waitUntil: __, ...rest } = record;
  return { ...rest, dead };
}

/** Turns records into text for a store and back. */
export interface Vault {
  close(record: TokenRecord, key: TokenKey): Promise<string>;
  /** Throws `storage_failed` for what was not closed for this very key, or with no secret known here. */
  open<T extends Token>(value: string, key: TokenKey): Promise<TokenRecord<T>>;
}

const purpose = 'oauth-registry stored token';

/**
 * Seals records with AES-256-GCM, each bound to its owner, client and account, so that a row that is
 * moved or copied elsewhere does not open. Sealed text names its key: `1.{key id}.{iv and ciphertext}`.
 * The first secret seals; without any, records are plain JSON.
 */
export function createVault(secrets: readonly string[], allowPlaintext: boolean): Vault {
  const keys = Promise.all(secrets.map(readKey));
  keys.catch(() => undefined);
  return {
    async close(record, key) {
      const text = JSON.stringify(record);
      const [newest] = await keys;
      if (!newest) return text;
      return `1.${newest.id}.${await encryptText(newest.key, text, context(key))}`;
    },
    async open<T extends Token>(value: string, key: TokenKey) {
      const known = await keys;
      if (value.startsWith('{')) {
        if (!allowPlaintext) throw unreadable(key, 'it is not sealed, but there is a secret');
        return readRecord<T>(value, key);
      }
      const [, id, sealed] = /^1\.([\w-]+)\.([\w-]+)$/.exec(value) ?? [];
      const found = known.find((candidate) => candidate.id === id);
      if (!found) throw unreadable(key, 'it was sealed with a secret that is not known here');
      const text = await decryptText(found.key, sealed ?? '', context(key));
      if (text === undefined)
        throw unreadable(key, 'it was changed, or sealed for another owner, client or account');
      return readRecord<T>(text, key);
    },
  };
}

/** A key, and an id that tells it from others without telling anything of the secret. */
async function readKey(secret: string): Promise<{ id: string; key: CryptoKey }> {
  const material = await crypto.subtle.importKey('raw', toBytes(secret), 'HKDF', false, [
    'deriveBits',
  ]);
  const info = toBytes(`${purpose}, key id`);
  const parameters = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info };
  const bits = await crypto.subtle.deriveBits(parameters, material, 64);
  return { id: toBase64Url(bits), key: await deriveKey(secret, purpose) };
}

function readRecord<T extends Token>(text: string, key: TokenKey): TokenRecord<T> {
  const record = readObject(text);
  if (isObject(record?.['token'])) return record as unknown as TokenRecord<T>;
  throw unreadable(key, 'it holds no token');
}

function context({ owner, client, account }: TokenKey): string {
  return JSON.stringify([owner, client, account]);
}

function unreadable(key: TokenKey, why: string): OAuthError {
  return new OAuthError(
    'storage_failed',
    `The stored token cannot be used: ${why}. Check "secret" and the store; a new login replaces it.`,
    { client: key.client },
  );
}
