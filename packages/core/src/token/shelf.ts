import { monotonic, randomToken } from '../crypto.js';
import type { TokenEntry, TokenKey, TokenStore } from '../ports.js';
import type { Token } from '../types.js';
import { isStoreFailure, storeFailed } from './guard.js';
import { sleep } from './lease.js';
import type { TokenRecord, Vault } from './vault.js';

/** A record, and the version it has in the store. */
export interface Shelved<T extends Token> {
  record: TokenRecord<T>;
  version: string;
}

/** What a record is written over. */
export interface Over<T extends Token> {
  /** The version that was seen last; `undefined` for none. */
  version: string | undefined;
  /** Whether it may replace what turns out to be there instead. */
  mayReplace: (there: TokenRecord<T> | undefined) => boolean;
  /** `true` where a failure matters so little that the write is not repeated. */
  once?: boolean;
}

/** The records of a store: sealed and opened, and written so that they are really there. */
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

  /** Reads a record, and seals it anew where an old secret had sealed it. */
  async read(key: TokenKey): Promise<Shelved<T> | undefined> {
    const entry = await this.#store.get(key);
    return entry && (await this.#open(key, entry));
  }

  /** Reads every record of an owner at one client. */
  async list(owner: string, client: string): Promise<(TokenKey & Shelved<T>)[]> {
    const entries = (await this.#store.list(owner)).filter((entry) => entry.client === client);
    return await Promise.all(
      entries.map(async ({ account, ...entry }) => {
        const key = { owner, client, account };
        return { ...key, ...(await this.#open(key, entry)) };
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
      try {
        const written = await this.#store.put(key, entry, replaces);
        const there = await this.#store.get(key);
        if (there?.version === entry.version) return mine;
        // Somebody wrote on top of it.
        if (written && there?.version !== replaces) return mine;
        const found = there && (await this.#vault.open<T>(there.value, key)).record;
        if (!mayReplace(found)) return there && found && { record: found, version: there.version };
        replaces = there?.version;
        if (monotonic() >= deadline) throw storeFailed('NOT_WRITTEN');
      } catch (error) {
        if (!isStoreFailure(error) || monotonic() >= deadline) throw error;
      }
      await sleep(pause);
    }
  }

  async #open(key: TokenKey, { version, value }: TokenEntry): Promise<Shelved<T>> {
    const { record, outdated } = await this.#vault.open<T>(value, key);
    if (!outdated) return { record, version };
    const entry = { version: randomToken(12), value: await this.#vault.close(record, key) };
    try {
      const written = await this.#store.put(key, entry, version);
      return { record, version: written ? entry.version : version };
    } catch {
      return { record, version };
    }
  }
}
