import { monotonic, randomToken } from '../../platform/crypto.js';
import { isObject, readObject } from '../../platform/encoding.js';
import {
  createKeyedCipher,
  type Decrypted,
  type KeyedCipher,
} from '../../platform/keyed-cipher.js';
import { OAuthError } from '../../model/errors.js';
import type { TokenEntry, TokenKey, TokenStore } from '../../model/ports.js';
import type { RegistryOptions } from '../../options/read-registry-options.js';
import type { RevokedGrant, Token } from '../../model/types.js';
import { expiryOf } from '../../platform/token-expiry.js';
import { isStoreFailure, tokenStoreFailed } from '../../platform/store-failure.js';
import { sleep } from './lock.js';

/** A stored token with its metadata. */
export interface TokenRecord<T extends Token = Token> {
  token: T;
  /** Further access tokens of the authorization, by the name of their request. */
  narrowed?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
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
  /** The code of the error with which the last refresh failed. */
  lastError?: string;
}

/** Returns the record of an ended authorization, without its refresh metadata and further tokens. */
export function buried<T extends Token>(
  record: TokenRecord<T>,
  dead: RevokedGrant['reason'],
): TokenRecord<T> {
  const { sentAt: _, waitUntil: __, narrowed: ___, ...rest } = record;
  return { ...rest, dead };
}

/** A record, with its version in the store. */
export interface StoredRecord<T extends Token> {
  record: TokenRecord<T>;
  version: string;
}

/** A write that replaces any record, readable or not. */
interface Overwrite {
  /** The version last read; `undefined` for none, `*` for any. */
  version: string | undefined;
  mayReplace?: undefined;
  once?: undefined;
}

/** The condition for writing a record. */
interface WriteCondition<T extends Token> {
  /** The version last read. */
  version: string;
  /** Whether a record found instead may be replaced. */
  mayReplace: (there: TokenRecord<T> | undefined) => boolean;
  /** `true` if a failed write is not retried, because that is harmless. */
  once?: boolean;
}

/** The options of a registry that concern its stored tokens. */
type RecordOptions = RegistryOptions & {
  /** Whether a token is refreshed with itself, without a refresh token. */
  renewsItself?: boolean;
};

const purpose = 'oauth-registry stored token';

const problems: Readonly<Record<NonNullable<Decrypted['problem']>, string>> = {
  'not encrypted': 'it is not encrypted, but there is a secret',
  'unknown secret': 'it was encrypted with a secret that is not configured here',
  changed: 'it was changed, or encrypted for another user, client or account',
};

/** Writes of one record that may find a version other than the expected one. */
const maxConflicts = 50;

/**
 * Reads and writes encrypted token records, and verifies that writes are stored. A read never
 * writes: re-encrypting a record would change its version while another process stores a refreshed
 * token.
 */
export class TokenRecords<T extends Token> {
  readonly #store: TokenStore;
  readonly #cipher: KeyedCipher;
  readonly #renewsItself: boolean;
  /** Milliseconds for which a failing write is retried. */
  readonly #patience: number;

  constructor(store: TokenStore, options: Readonly<RecordOptions>) {
    const { secret, allowPlaintextTokens, refresh, renewsItself = false } = options;
    const allowPlaintext = secret === undefined || allowPlaintextTokens === true;
    this.#store = store;
    this.#renewsItself = renewsItself;
    this.#cipher = createKeyedCipher({ secrets: [secret ?? []].flat(), purpose, allowPlaintext });
    this.#patience = refresh.lockTtl * 1000;
  }

  async read(key: TokenKey): Promise<StoredRecord<T> | undefined> {
    const entry = await this.#store.get(key);
    if (!entry) return undefined;
    return { record: await this.#open(entry.value, key), version: entry.version };
  }

  /** Decrypts a record; throws `storage_failed` if that is impossible. */
  async #open(value: string, key: TokenKey): Promise<TokenRecord<T>> {
    const { text, problem } = await this.#cipher.decrypt(value, context(key));
    const record = text === undefined ? undefined : readObject(text);
    if (isObject(record?.['token'])) return record as unknown as TokenRecord<T>;
    throw new OAuthError(
      'storage_failed',
      `The stored token cannot be used: ${problem ? problems[problem] : 'it contains no token'}. ` +
        'Check "secret" and the store; a new login replaces it.',
      { client: key.client },
    );
  }

  /** Reads a record's version, and the record if it can be decrypted. */
  async peek(key: TokenKey): Promise<Partial<StoredRecord<T>>> {
    const entry = await this.#store.get(key);
    if (!entry) return {};
    const record = await this.#open(entry.value, key).catch(() => undefined);
    return { version: entry.version, ...(record ? { record } : {}) };
  }

  /**
   * Reads all records of an owner at one client; records that cannot be decrypted are returned as
   * errors.
   */
  async list(
    userId: string,
    client: string,
  ): Promise<{ account: string; record?: TokenRecord<T>; error?: unknown }[]> {
    const entries = (await this.#store.list(userId)).filter((entry) => entry.client === client);
    return await Promise.all(
      entries.map(async ({ account, value }) => {
        try {
          return { account, record: await this.#open(value, { userId, client, account }) };
        } catch (error) {
          return { account, error };
        }
      }),
    );
  }

  /** When a token expires that can be refreshed. */
  #dueAt({ dead, token }: TokenRecord<T>): number | undefined {
    if (dead !== undefined || !(this.#renewsItself || isRenewable(token))) return undefined;
    const end = Math.floor(expiryOf(token) ?? NaN);
    // A later one would not fit into the columns of databases, and is never due.
    return end >= 0 && end < 2 ** 40 ? end : undefined;
  }

  /** Decrypts an entry of a list. */
  async open({ value, ...key }: TokenKey & TokenEntry): Promise<TokenRecord<T>> {
    return await this.#open(value, key);
  }

  /** Encrypts an entry with the newest secret, unless it is; returns whether it was written. */
  async reseal({ value, version, dueAt, ...key }: TokenKey & TokenEntry): Promise<boolean> {
    if (await this.#cipher.isCurrent(value)) return false;
    const record = await this.#open(value, key);
    const sealed = await this.#cipher.encrypt(JSON.stringify(record), context(key));
    const due = dueAt ?? this.#dueAt(record);
    const entry = {
      version: randomToken(12),
      value: sealed,
      ...(due === undefined ? {} : { dueAt: due }),
    };
    // A newer version has been written with the newest secret.
    return (await this.#put(key, entry, version)) === 'mine';
  }

  /**
   * Writes a record and verifies that it is stored. A store that fails, or reports a write it did
   * not make, is retried for a while after the first failure; a conflict is resolved at once,
   * however long that takes. Returns the record finally stored: this one, or one that must not be
   * replaced; `undefined` if there is none.
   */
  async write(
    key: TokenKey,
    record: TokenRecord<T>,
    condition: Overwrite,
  ): Promise<StoredRecord<T>>;
  async write(
    key: TokenKey,
    record: TokenRecord<T>,
    condition: WriteCondition<T>,
  ): Promise<StoredRecord<T> | undefined>;
  async write(
    key: TokenKey,
    record: TokenRecord<T>,
    { version, mayReplace, once = false }: Overwrite | WriteCondition<T>,
  ): Promise<StoredRecord<T> | undefined> {
    const value = await this.#cipher.encrypt(JSON.stringify(record), context(key));
    const dueAt = this.#dueAt(record);
    const entry = { version: randomToken(12), value, ...(dueAt === undefined ? {} : { dueAt }) };
    let replaces = version;
    for (let conflicts = 0; conflicts < maxConflicts; conflicts += 1) {
      const there = await this.#patiently(() => this.#put(key, entry, replaces), once);
      if (there === 'mine') return { record, version: entry.version };
      if (mayReplace) {
        const found = there && (await this.#open(there.value, key));
        if (!mayReplace(found)) return there && found && { record: found, version: there.version };
      }
      replaces = there?.version;
    }
    throw tokenStoreFailed('NOT_WRITTEN');
  }

  /** Repeats a failing step of the store. */
  async #patiently<R>(step: () => Promise<R>, once: boolean): Promise<R> {
    let deadline: number | undefined;
    for (let pause = 10; ; pause = Math.min(2 * pause, 500)) {
      try {
        return await step();
      } catch (error) {
        deadline ??= monotonic() + (once ? 0 : this.#patience);
        if (!isStoreFailure(error) || monotonic() >= deadline) throw error;
      }
      await sleep(pause);
    }
  }

  /**
   * Returns whether an entry is stored after writing it, or the entry found instead; throws if
   * nothing changed.
   */
  async #put(
    key: TokenKey,
    entry: TokenEntry,
    replaces: string | undefined,
  ): Promise<TokenEntry | 'mine' | undefined> {
    const result = await this.#store.put(key, entry, replaces);
    const there = typeof result === 'object' ? result : await this.#store.get(key);
    if (there?.version === entry.version) return 'mine';
    if (there?.version === replaces) throw tokenStoreFailed('NOT_WRITTEN');
    // It was written, and has been overwritten since; after `*` that is not certain.
    return result === true && replaces !== '*' ? 'mine' : there;
  }
}

/** Returns whether a token has what a refresh sends. */
export function isRenewable(token: Token): boolean {
  const { refresh_token: refresh, oauth_session_handle: handle } = token as Record<string, unknown>;
  return typeof refresh === 'string' || typeof handle === 'string';
}

/** What a record is encrypted for: a moved or copied row does not decrypt. */
function context({ userId, client, account }: TokenKey): string {
  return JSON.stringify([userId, client, account]);
}
