import { nowSeconds } from '../../platform/crypto.js';
import { OAuthError } from '../../model/errors.js';
import type { TokenKey, TokenStore } from '../../model/ports.js';
import type { RevokedGrant, Token } from '../../model/types.js';
import { tokenStoreFailed } from '../../platform/store-failure.js';
import type { TokensConfig } from './config.js';
import { accessTokenOf, isDue, isExpired } from '../../platform/token-expiry.js';
import { StoreLock } from './lock.js';
import type { CachePart } from '../../platform/bounded-cache.js';
import {
  authorizationEnded,
  forgotten,
  interrupted,
  isMismatch,
  refreshOutcome,
  Survivable,
  survivable,
  tooEarly,
  tooSlow,
} from './refresh-outcome.js';
import { buried, type TokenRecord, type TokenRecords, type StoredRecord } from './records.js';
import { continued } from './second-login.js';

/** A refresh to do. */
export interface Refresh<T extends Token> {
  key: TokenKey;
  /** The token that is due or was rejected. */
  old: T;
  /** Its cached record, which need not be read again. */
  known?: StoredRecord<T> | undefined;
  /** Called once if the authorization has ended. */
  invalidated(token: T, reason: RevokedGrant['reason']): Promise<void>;
}

/** The result of a refresh: the record now stored, and the token that this process refreshed. */
export interface RefreshResult<T extends Token> {
  there: StoredRecord<T>;
  refreshed?: T;
}

/** A new token that could not be stored, and the token it replaces. */
interface Unsaved<T> {
  from: T;
  fresh: T;
}

/** Maximum seconds of a stored `Retry-After`; anything longer is due to a clock change. */
const longestWait = 600;

/** Attempts to write the pending marker while other processes write, or the lock expires. */
const maxAttempts = 5;

/**
 * Refreshes tokens that processes share: one process acquires the lock and refreshes, the others
 * wait and read. A pending marker is written first, so another process can tell that the refresh
 * token may be spent; it replaces only the version last read, cached or not. Then the refresh
 * request is sent, and the new token stored before it is returned.
 */
export class SharedRefresh<T extends Token> {
  readonly #config: TokensConfig<T>;
  readonly #store: TokenStore;
  readonly #records: TokenRecords<T>;
  readonly #unsaved: CachePart<Unsaved<T>>;

  constructor(config: TokensConfig<T>, store: TokenStore, records: TokenRecords<T>) {
    this.#config = config;
    this.#store = store;
    this.#records = records;
    this.#unsaved = config.memory.unsavedPart(config.app.name, 'stored');
  }

  /** Returns the successor of a token from the store, or refreshes the stored one. */
  async renew(refresh: Refresh<T>): Promise<RefreshResult<T>> {
    const { key, known } = refresh;
    const isDone = ({ token }: TokenRecord<T>): boolean => this.#isSuccessor(token, refresh.old);
    return await this.#hold(key, isDone, async (lock, hasWaited) => {
      const isUsable = known && !hasWaited && !isPending(known.record);
      const there = isUsable ? known : await this.#look(key);
      if (!there) throw forgotten(this.#config.app.name);
      return (
        (await this.#withoutRequest(refresh, there)) ?? (await this.#refresh(refresh, there, lock))
      );
    });
  }

  /**
   * Stores the token of a login without a refresh token, combined with the stored one if allowed.
   * Uses the lock, because a refresh in progress is about to spend it.
   */
  async save(key: TokenKey, token: T): Promise<StoredRecord<T>> {
    const { there } = await this.#hold(key, undefined, async () => {
      const { record, version } = await this.#records.peek(key);
      const next = { ...continued(token, record), ...loggedIn() };
      return { there: await this.#records.write(key, next, { version }) };
    });
    return there;
  }

  /** Returns a valid stored token, or requests a new one with a grant that needs no user. */
  async obtain(
    key: TokenKey,
    grant: (old?: T) => Promise<T>,
    refused?: T,
  ): Promise<StoredRecord<T>> {
    const isGood = ({ token }: TokenRecord<T>): boolean =>
      !this.#isDue(token) && !(refused && isSame(refused, token));
    const { there } = await this.#hold(key, isGood, async () => {
      const before = await this.#look(key);
      if (before && isGood(before.record)) return { there: before };
      const granted = { token: await grant(before?.record.token).catch(fail), ...loggedIn() };
      return { there: await this.#records.write(key, granted, { version: before?.version }) };
    });
    return there;
  }

  #isDue(token: T): boolean {
    return isDue(token, this.#config.registry.refresh);
  }

  #isSuccessor(token: T, old: T): boolean {
    if (token === old || this.#isDue(token)) return false;
    return this.#isDue(old) || !isSame(token, old);
  }

  /** Reads a record; throws if its authorization has ended. */
  async #look(key: TokenKey): Promise<StoredRecord<T> | undefined> {
    return this.#alive(await this.#records.read(key));
  }

  #alive<R extends StoredRecord<T> | undefined>(there: R): R {
    if (there?.record.dead) throw authorizationEnded(this.#config.app.name, there.record.dead);
    return there;
  }

  /** Runs work under the lock, unless the wanted record appears while waiting. */
  async #hold(
    key: TokenKey,
    isWanted: ((record: TokenRecord<T>) => boolean) | undefined,
    work: (lock: StoreLock, hasWaited: boolean) => Promise<RefreshResult<T>>,
  ): Promise<RefreshResult<T>> {
    const { app, registry } = this.#config;
    const { lockTtl, lockTimeout } = registry.refresh;
    const lock = new StoreLock(this.#store, key, lockTtl * 1000);
    const find = async (): Promise<RefreshResult<T> | undefined> => {
      const there = await this.#look(key);
      return there && isWanted?.(there.record) ? { there } : undefined;
    };
    const wait = {
      timeout: lockTimeout * 1000,
      find: isWanted && find,
      late: () => new Survivable(tooSlow(app.name, lockTimeout)),
    };
    return await lock.hold(wait, (hasWaited) => work(lock, hasWaited));
  }

  /**
   * Returns the result if no request is needed: the record has a newer token, or this process has
   * one that it could not store.
   */
  async #withoutRequest(
    { key, old }: Refresh<T>,
    there: StoredRecord<T>,
  ): Promise<RefreshResult<T> | undefined> {
    const { token } = this.#alive(there).record;
    const isRefreshable = token === old || this.#config.app.renewal?.handle(token) !== undefined;
    if (!isRefreshable || this.#isSuccessor(token, old)) return { there };
    const unsaved = this.#unsaved.get(JSON.stringify(key));
    if (unsaved && isSame(unsaved.from, token))
      return await this.#storeFresh(key, there, unsaved.fresh);
    this.#refuseUntimely(there.record);
    return undefined;
  }

  /** Avoids any risk to the authorization while the old token is valid. */
  #refuseUntimely({ token, sentAt, waitUntil = 0 }: TokenRecord<T>): void {
    const { app, options } = this.#config;
    const wait = waitUntil - nowSeconds();
    if (wait > 0 && wait <= longestWait) throw new Survivable(tooEarly(app.name, wait));
    if (sentAt === undefined || isExpired(token) || !this.#isDue(token)) return;
    const age = nowSeconds() - sentAt;
    if (age < 0 || age > (options.refreshReuseWindow ?? 0))
      throw new Survivable(interrupted(app.name));
  }

  /**
   * Writes the pending marker over exactly the version that was judged, sends the refresh request,
   * and stores the new token. A record found instead is judged in turn. If the lock expired before
   * the request, the marker is written again: only that shows whether another process has refreshed.
   */
  async #refresh(
    refresh: Refresh<T>,
    judged: StoredRecord<T>,
    lock: StoreLock,
  ): Promise<RefreshResult<T>> {
    const { key } = refresh;
    let [old, over] = [judged, judged];
    for (let attempts = 0; attempts < maxAttempts; attempts += 1) {
      const { token, sentAt = nowSeconds() } = old.record;
      const marker = { ...old.record, sentAt };
      const marked = await this.#write(key, { over, next: marker });
      if (marked.record !== marker) {
        const result = await this.#withoutRequest(refresh, marked);
        if (result) return result;
        old = over = marked;
      } else if (await lock.ensure()) {
        let fresh: T;
        try {
          const { engine } = await this.#config.app.of(token);
          fresh = (await engine.renewal?.refresh(token)) ?? token;
        } catch (error) {
          return await this.#failed(refresh, { old: old.record, marked, error });
        }
        this.#unsaved.set(JSON.stringify(key), { from: token, fresh }, Infinity);
        return await this.#storeFresh(key, marked, fresh);
      } else over = marked;
    }
    throw tokenStoreFailed('LOCK_LOST');
  }

  async #storeFresh(key: TokenKey, over: StoredRecord<T>, fresh: T): Promise<RefreshResult<T>> {
    const { createdAt, token } = over.record;
    const times = { ...(createdAt === undefined ? {} : { createdAt }), updatedAt: nowSeconds() };
    const next = { token: fresh, ...times };
    const there = await this.#write(key, {
      over,
      next,
      mayReplace: (found) => isSame(found.token, token),
    });
    this.#unsaved.delete(JSON.stringify(key));
    return there.record === next ? { there, refreshed: token } : { there };
  }

  /**
   * Handles a refresh request that failed: removes the marker if the refresh token was not spent, and
   * notes how long to wait.
   */
  async #failed(refresh: Refresh<T>, failure: Failure<T>): Promise<RefreshResult<T>> {
    const { old, marked, error } = failure;
    const outcome = refreshOutcome(error);
    if (outcome === 'ended') return await this.#ended(refresh, failure);
    const { waitUntil: _, ...record } = outcome === 'unspent' ? old : marked.record;
    const wait = error instanceof OAuthError ? Math.min(error.retryAfter ?? 0, longestWait) : 0;
    const lastError = error instanceof OAuthError ? error.code : 'server_error';
    const failed = { ...record, lastError };
    const next = wait > 0 ? { ...failed, waitUntil: nowSeconds() + wait } : failed;
    const write = this.#write(refresh.key, { over: marked, next, once: true });
    await write.catch(() => undefined);
    throw survivable(error);
  }

  /** Marks the record as ended, unless it has a newer token. */
  async #ended(
    { key, invalidated }: Refresh<T>,
    { old, marked, error }: Failure<T>,
  ): Promise<RefreshResult<T>> {
    // A holder that lost the lock unnoticed may have stored its result in the meantime.
    const found = (await this.#records.read(key)) ?? marked;
    if (!isSame(found.record.token, old.token)) return { there: found };
    const refused = old.sentAt === undefined ? 'refused' : 'lost';
    const reason = isMismatch(error) ? 'mismatch' : refused;
    const next = buried(old, reason);
    const mayReplace = ({ token, dead }: TokenRecord<T>): boolean =>
      isSame(token, old.token) && !dead;
    const there = found.record.dead
      ? found
      : await this.#write(key, { over: found, next, mayReplace });
    if (!isSame(there.record.token, old.token)) return { there };
    // Another process that lost the lock may already have detected and reported it.
    if (there.record === next) await invalidated(old.token, reason);
    throw authorizationEnded(this.#config.app.name, there.record.dead ?? reason, error);
  }

  /** Writes a record over a version; throws if the record was deleted. */
  async #write(
    key: TokenKey,
    { over, next, mayReplace = () => false, once = false }: Change<T>,
  ): Promise<StoredRecord<T>> {
    const there = await this.#records.write(key, next, {
      version: over.version,
      mayReplace: (found) => found !== undefined && mayReplace(found),
      once,
    });
    if (there) return there;
    throw forgotten(this.#config.app.name);
  }
}

/** A refresh request that failed: the record before it, and the one with the pending marker. */
interface Failure<T extends Token> {
  old: TokenRecord<T>;
  marked: StoredRecord<T>;
  error: unknown;
}

/** A write of a record over a version. */
interface Change<T extends Token> {
  over: StoredRecord<T>;
  next: TokenRecord<T>;
  /** Whether another record found instead may be replaced. Default: never. */
  mayReplace?(found: TokenRecord<T>): boolean;
  once?: boolean;
}

/** Timestamps of a record whose token comes from a login or another grant. */
export function loggedIn(): Required<Pick<TokenRecord, 'createdAt' | 'updatedAt'>> {
  const now = nowSeconds();
  return { createdAt: now, updatedAt: now };
}

/** Returns whether a refresh of the record was sent or delayed; then only a read tells how it ended. */
function isPending({ sentAt, waitUntil }: TokenRecord): boolean {
  return sentAt !== undefined || waitUntil !== undefined;
}

function isSame(a: Token, b: Token): boolean {
  return accessTokenOf(a) === accessTokenOf(b);
}

function fail(error: unknown): never {
  throw survivable(error);
}
