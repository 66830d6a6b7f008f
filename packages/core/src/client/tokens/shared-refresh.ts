import { monotonic, nowSeconds } from '../../platform/crypto.js';
import type { TokenKey, TokenStore } from '../../model/ports.js';
import type { Token } from '../../model/types.js';
import type { TokensConfig } from './config.js';
import { accessTokenOf, isDue } from './expiry.js';
import { StoreLock, sleep } from './lock.js';
import type { MemoryPart } from './token-cache.js';
import {
  authorizationEnded,
  forgotten,
  Survivable,
  survivable,
  tooSlow,
} from './refresh-outcome.js';
import type { TokenRecords, StoredRecord } from './records.js';
import { continued } from './second-login.js';
import {
  RefreshAttempt,
  type RefreshResult,
  type RefreshParts,
  type Unsaved,
} from './refresh-attempt.js';
import type { TokenRecord } from './record-cipher.js';

/**
 * Refreshes tokens that processes share: one process acquires the lock, reads the record again, and
 * refreshes if still needed; the others wait and read.
 */
export class SharedRefresh<T extends Token> {
  readonly #config: TokensConfig<T>;
  readonly #store: TokenStore;
  readonly #records: TokenRecords<T>;
  readonly #unsaved: MemoryPart<Unsaved<T>>;

  constructor(config: TokensConfig<T>, store: TokenStore, records: TokenRecords<T>) {
    this.#config = config;
    this.#store = store;
    this.#records = records;
    this.#unsaved = config.memory.unsavedPart(config.app.name, 'stored');
  }

  /** Returns the successor of a token from the store, or refreshes the stored one. */
  async renew(
    key: TokenKey,
    old: T,
    invalidated: RefreshParts<T>['invalidated'],
  ): Promise<RefreshResult<T>> {
    const { app } = this.#config;
    const isSuccessor = ({ token }: TokenRecord<T>): boolean =>
      !this.#isDue(token) && (this.#isDue(old) || accessTokenOf(token) !== accessTokenOf(old));
    return await this.#locked(key, isSuccessor, async (there, lock) => {
      if (!there) throw forgotten(app.name);
      if (app.renewal?.handle(there.record.token) === undefined) return there.record;
      const { records, unsaved, config } = this.#parts;
      return await new RefreshAttempt({ config, records, unsaved, invalidated }, key, lock).run(
        there,
      );
    });
  }

  /**
   * Stores the token of a login without a refresh token, combined with the stored one if allowed.
   * Uses the lock, because a refresh in progress is about to spend it.
   */
  async save(key: TokenKey, token: T): Promise<T> {
    return await this.#hold(key, async () => {
      const { record, version } = await this.#records.peek(key);
      const next = { ...continued(token, record), ...loggedIn() };
      await this.#records.write(key, next, { version });
      return next.token;
    });
  }

  /** Returns a valid stored token, or requests a new one with a grant that needs no user. */
  async obtain(key: TokenKey, grant: (old?: T) => Promise<T>, refused?: T): Promise<T> {
    const isGood = ({ token }: TokenRecord<T>): boolean =>
      !this.#isDue(token) && (!refused || accessTokenOf(refused) !== accessTokenOf(token));
    const { token } = await this.#locked(key, isGood, async (there) => {
      const granted = { token: await grant(there?.record.token).catch(fail), ...loggedIn() };
      await this.#records.write(key, granted, { version: there?.version });
      return granted;
    });
    return token;
  }

  get #parts(): Pick<RefreshParts<T>, 'config' | 'records' | 'unsaved'> {
    return { config: this.#config, records: this.#records, unsaved: this.#unsaved };
  }

  #isDue(token: T): boolean {
    return isDue(token, this.#config.registry.refresh);
  }

  /** Runs work under the lock, unless the wanted record exists or appears while waiting. */
  async #locked(
    key: TokenKey,
    isWanted: (record: TokenRecord<T>) => boolean,
    work: (there: StoredRecord<T> | undefined, lock: StoreLock) => Promise<RefreshResult<T>>,
  ): Promise<RefreshResult<T>> {
    const look = async (): Promise<StoredRecord<T> | undefined> => {
      const there = await this.#records.read(key);
      if (there?.record.dead) throw authorizationEnded(this.#config.app.name, there.record.dead);
      return there;
    };
    const find = async (): Promise<RefreshResult<T> | undefined> => {
      const there = await look();
      return there && isWanted(there.record) ? { token: there.record.token } : undefined;
    };
    return await this.#hold(
      key,
      async (lock) => {
        const there = await look();
        if (there && isWanted(there.record)) return { token: there.record.token };
        const { token, refreshed } = await work(there, lock);
        return refreshed ? { token, refreshed } : { token };
      },
      find,
    );
  }

  /**
   * Runs work under the lock; `find` is called while waiting, and may make the work unnecessary.
   */
  async #hold<R>(
    key: TokenKey,
    work: (lock: StoreLock) => Promise<R>,
    find?: () => Promise<R | undefined>,
  ): Promise<R> {
    const { app, registry } = this.#config;
    const lock = new StoreLock(this.#store, key, registry.refresh.lockTtl * 1000);
    const deadline = monotonic() + registry.refresh.lockTimeout * 1000;
    for (let pause = 10; !(await lock.take()); pause = Math.min(pause * 1.5, 250)) {
      if (monotonic() >= deadline)
        throw new Survivable(tooSlow(app.name, registry.refresh.lockTimeout));
      await sleep(pause * (0.5 + Math.random()));
      const found = await find?.();
      if (found !== undefined) return found;
    }
    try {
      return await work(lock);
    } finally {
      await lock.release();
    }
  }
}

/** Timestamps of a record whose token comes from a login or another grant. */
export function loggedIn(): Required<Pick<TokenRecord, 'createdAt' | 'updatedAt'>> {
  const now = nowSeconds();
  return { createdAt: now, updatedAt: now };
}

function fail(error: unknown): never {
  throw survivable(error);
}
