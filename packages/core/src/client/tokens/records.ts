import { monotonic, randomToken } from '../../platform/crypto.js';
import type { TokenEntry, TokenKey, TokenStore } from '../../model/ports.js';
import type { Token } from '../../model/types.js';
import { isStoreFailure, storeFailed } from './guarded-store.js';
import { sleep } from './lock.js';
import type { TokenRecord, Vault } from './record-cipher.js';

/** A record, and the version it has in the store. */
export interface Shelved<T extends Token> {
  record: TokenRecord<T>;
  version: string;
}

/** What a record is written over. */
export interface Over<T extends Token> {
  /** The version that was seen last; `undefined` for none. */
  version: string | undefined;
  /** Whether it may replace what turns out to be there instead. Default: whatever is there, readable or not. */
  mayReplace?: (there: TokenRecord<T> | undefined) => boolean;
  /** `true` where a failure matters so little that the write is not repeated. */
  once?: boolean;
}

/**
 * The records of a store: sealed and opened, and written so that they are really there. A read never
 * writes: a process that sealed what it reads with its own first secret would take the version away from
 * one that is about to store a refreshed token.
 */
export class Shelf<T extends Token> {
  readonly #store: TokenStore;
  readonly #vault: Vault;
  /** Milliseconds for which a write is repeated that fails. */
  readonly #patience: number;

  constructor(store: TokenStore, vault: Vault, patience: number) {
    this.#store = store;
    this.#vault = vault;
    this.#patience = patience;
  }

  async read(key: TokenKey): Promise<Shelved<T> | undefined> {
    const entry = await this.#store.get(key);
    if (!entry) return undefined;
    return { record: await this.#vault.open<T>(entry.value, key), version: entry.version };
  }

  /** Reads the version of a record, and the record if it opens. */
  async peek(key: TokenKey): Promise<Partial<Shelved<T>>> {
    const entry = await this.#store.get(key);
    if (!entry) return {};
    const record = await this.#vault.open<T>(entry.value, key).catch(() => undefined);
    return { version: entry.version, ...(record ? { record } : {}) };
  }

  /** Reads every record of an owner at one client; those that do not open come as the error of that. */
  async list(
    owner: string,
    client: string,
  ): Promise<{ account: string; record?: TokenRecord<T>; error?: unknown }[]> {
    const entries = (await this.#store.list(owner)).filter((entry) => entry.client === client);
    return await Promise.all(
      entries.map(async ({ account, value }) => {
        try {
          return { account, record: await this.#vault.open<T>(value, { owner, client, account }) };
        } catch (error) {
          return { account, error };
        }
      }),
    );
  }

  /**
   * Writes a record, and reads it back: only then it is there. A store that fails, or says that it wrote
   * and has not, is asked again for a while. Returns the record that is there in the end: this one, or
   * one that must not be replaced; `undefined` where there is none any more.
   */
  async write(
    key: TokenKey,
    record: TokenRecord<T>,
    { version, mayReplace, once = false }: Over<T>,
  ): Promise<Shelved<T> | undefined> {
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
        // Opened outside of the repetition: what does not open now never will.
        const found = there && mayReplace && (await this.#vault.open<T>(there.value, key));
        if (mayReplace && !mayReplace(found))
          return there && found && { record: found, version: there.version };
        replaces = there?.version;
        if (monotonic() >= deadline) throw storeFailed('NOT_WRITTEN');
      }
      await sleep(pause);
    }
  }

  /** Tells whether an entry is there after it was put, or what is there in its place. */
  async #put(
    key: TokenKey,
    entry: TokenEntry,
    replaces: string | undefined,
  ): Promise<TokenEntry | 'mine' | undefined> {
    const written = await this.#store.put(key, entry, replaces);
    const there = await this.#store.get(key);
    // One that was written and is another by now was written over.
    const isMine = there?.version === entry.version || (written && there?.version !== replaces);
    return isMine ? 'mine' : there;
  }
}
