import { monotonic, randomToken } from '../../platform/crypto.js';
import type { TokenEntry, TokenKey, TokenStore } from '../../model/ports.js';
import type { Token } from '../../model/types.js';
import { isStoreFailure, storeFailed } from './guarded-store.js';
import { sleep } from './lock.js';
import type { TokenRecord, RecordCipher } from './record-cipher.js';

/** A record, with its version in the store. */
export interface StoredRecord<T extends Token> {
  record: TokenRecord<T>;
  version: string;
}

/** The condition for writing a record. */
export interface WriteCondition<T extends Token> {
  /** The version last read; `undefined` for none. */
  version: string | undefined;
  /** Whether a record found instead may be replaced. Default: always, readable or not. */
  mayReplace?: (there: TokenRecord<T> | undefined) => boolean;
  /** `true` if the write is not retried, because a failure is harmless. */
  once?: boolean;
}

/**
 * Reads and writes encrypted token records, and verifies that writes are stored. A read never
 * writes: re-encrypting a record would change its version while another process stores a refreshed
 * token.
 */
export class TokenRecords<T extends Token> {
  readonly #store: TokenStore;
  readonly #vault: RecordCipher;
  /** Milliseconds for which a failing write is retried. */
  readonly #patience: number;

  constructor(store: TokenStore, vault: RecordCipher, patience: number) {
    this.#store = store;
    this.#vault = vault;
    this.#patience = patience;
  }

  async read(key: TokenKey): Promise<StoredRecord<T> | undefined> {
    const entry = await this.#store.get(key);
    if (!entry) return undefined;
    return { record: await this.#vault.open<T>(entry.value, key), version: entry.version };
  }

  /** Reads a record's version, and the record if it can be decrypted. */
  async peek(key: TokenKey): Promise<Partial<StoredRecord<T>>> {
    const entry = await this.#store.get(key);
    if (!entry) return {};
    const record = await this.#vault.open<T>(entry.value, key).catch(() => undefined);
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
          return { account, record: await this.#vault.open<T>(value, { userId, client, account }) };
        } catch (error) {
          return { account, error };
        }
      }),
    );
  }

  /**
   * Writes a record and reads it back to verify it. A store that fails, or reports a write it did
   * not make, is retried for a while. Returns the record finally stored: this one, or one that must
   * not be replaced; `undefined` if there is none.
   */
  async write(
    key: TokenKey,
    record: TokenRecord<T>,
    { version, mayReplace, once = false }: WriteCondition<T>,
  ): Promise<StoredRecord<T> | undefined> {
    const entry = { version: randomToken(12), value: await this.#vault.close(record, key) };
    const deadline = once ? 0 : monotonic() + this.#patience;
    const mine = { record, version: entry.version };
    let replaces = version;
    for (let pause = 10; ; pause = Math.min(2 * pause, 500)) {
      const there = await this.#put(key, entry, replaces).catch((error: unknown) => {
        if (!isStoreFailure(error) || monotonic() >= deadline) throw error;
        return 'unknown' as const;
      });
      if (there !== 'unknown') {
        if (there === 'mine') return mine;
        // Decrypted outside of the retry: a record that fails now will always fail.
        const found = there && mayReplace && (await this.#vault.open<T>(there.value, key));
        if (mayReplace && !mayReplace(found))
          return there && found && { record: found, version: there.version };
        replaces = there?.version;
        if (monotonic() >= deadline) throw storeFailed('NOT_WRITTEN');
      }
      await sleep(pause);
    }
  }

  /** Returns whether an entry is stored after writing it, or the entry found instead. */
  async #put(
    key: TokenKey,
    entry: TokenEntry,
    replaces: string | undefined,
  ): Promise<TokenEntry | 'mine' | undefined> {
    const written = await this.#store.put(key, entry, replaces);
    const there = await this.#store.get(key);
    // It was written, and has been overwritten since.
    const isMine = there?.version === entry.version || (written && there?.version !== replaces);
    return isMine ? 'mine' : there;
  }
}
