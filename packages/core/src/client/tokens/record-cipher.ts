import { cryptoFunctions, type EncryptionKey } from '../../platform/crypto-functions.js';
import { deriveKey, seal, unseal } from '../../platform/seal.js';
import { isObject, readObject, toBase64Url, toBytes } from '../../platform/encoding.js';
import { OAuthError } from '../../model/errors.js';
import type { TokenKey } from '../../model/ports.js';
import type { RevokedGrant, Token } from '../../model/types.js';

/** A stored token with its metadata. */
export interface TokenRecord<T extends Token = Token> {
  token: T;
  /** Why the authorization has ended, if it has. */
  dead?: RevokedGrant['reason'];
  /**
   * Written before a refresh: when the refresh token was sent, in seconds since the epoch, with no
   * known outcome.
   */
  sentAt?: number;
  /** Time until which the provider asked not to be called, in seconds since the epoch. */
  waitUntil?: number;
  /** When a login stored the token, and when it last changed, in seconds since the epoch. */
  createdAt?: number;
  updatedAt?: number;
}

/** Returns the record of an ended authorization, without its refresh metadata. */
export function buried<T extends Token>(
  record: TokenRecord<T>,
  dead: RevokedGrant['reason'],
): TokenRecord<T> {
  const { sentAt: _, waitUntil: __, ...rest } = record;
  return { ...rest, dead };
}

/** Encrypts and decrypts token records for a store. */
export interface RecordCipher {
  close(record: TokenRecord, key: TokenKey): Promise<string>;
  /**
   * Throws `storage_failed` for a record that was encrypted for another key or with an unknown
   * secret.
   */
  open<T extends Token>(value: string, key: TokenKey): Promise<TokenRecord<T>>;
}

const purpose = 'oauth-registry stored token';

/**
 * Encrypts records with AES-256-GCM, each bound to its owner, client and account, so that a moved
 * or copied row does not decrypt. The format is `1.{key id}.{iv and ciphertext}`. The first secret
 * encrypts; without a secret, records are plain JSON.
 */
export function createRecordCipher(
  secrets: readonly string[],
  allowPlaintext: boolean,
): RecordCipher {
  const keys = Promise.all(secrets.map(readKey));
  keys.catch(() => undefined);
  return {
    async close(record, key) {
      const text = JSON.stringify(record);
      const [newest] = await keys;
      if (!newest) return text;
      return `1.${newest.id}.${await seal(newest.key, context(key), toBytes(text))}`;
    },
    async open<T extends Token>(value: string, key: TokenKey) {
      const known = await keys;
      if (value.startsWith('{')) {
        if (!allowPlaintext)
          throw unusableRecord(key, 'it is not encrypted, but there is a secret');
        return readRecord<T>(value, key);
      }
      const [, id, sealed] = /^1\.([\w-]+)\.([\w-]+)$/.exec(value) ?? [];
      const found = known.find((candidate) => candidate.id === id);
      if (!found)
        throw unusableRecord(key, 'it was encrypted with a secret that is not configured here');
      const opened = await unseal(found.key, context(key), sealed ?? '');
      if (!opened)
        throw unusableRecord(
          key,
          'it was changed, or encrypted for another user, client or account',
        );
      return readRecord<T>(new TextDecoder().decode(opened), key);
    },
  };
}

/** Derives a key, and an id that identifies it without revealing the secret. */
async function readKey(secret: string): Promise<{ id: string; key: EncryptionKey }> {
  const id = await cryptoFunctions().hkdf(secret, `${purpose}, key id`, 8);
  return { id: toBase64Url(id), key: await deriveKey(secret, purpose) };
}

function readRecord<T extends Token>(text: string, key: TokenKey): TokenRecord<T> {
  const record = readObject(text);
  if (isObject(record?.['token'])) return record as unknown as TokenRecord<T>;
  throw unusableRecord(key, 'it contains no token');
}

function context({ userId, client, account }: TokenKey): string {
  return JSON.stringify([userId, client, account]);
}

function unusableRecord(key: TokenKey, why: string): OAuthError {
  return new OAuthError(
    'storage_failed',
    `The stored token cannot be used: ${why}. Check "secret" and the store; a new login replaces it.`,
    { client: key.client },
  );
}
