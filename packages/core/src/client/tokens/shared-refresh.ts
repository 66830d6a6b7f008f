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
import type { TokenRequest } from './token-request.js';

/** A refresh to do. */
export interface Refresh<T extends Token> {
  key: TokenKey;
  /** The token that is due or was rejected; `undefined` if none was requested yet. */
  old: T | undefined;
  /** Requests an access token for a resource or a narrower scope, instead of that of the login. */
  wanted?: TokenRequest<T> | undefined;
  /** Its cached record, which need not be read again. */
  known?: StoredRecord<T> | undefined;
  /** Called once if the authorization has ended. */
  invalidated(token: T, reason: RevokedGrant['reason']): Promise<void>;
}

/** The result of a refresh: the record now stored, and the token that this process refreshed. */
export interface RefreshResult<T extends Token> {
  there: StoredRecord<T>;
  refreshed?: T | undefined;
}

/** A record, and whether it has the wanted token; otherwise it is to be refreshed. */
interface Judged<T extends Token> extends RefreshResult<T> {
  isDone: boolean;
}

/** The response of a refresh that could not be stored, and the record it belongs to. */
interface Unsaved<T extends Token> {
  from: TokenRecord<T>;
  fresh: T;
  wanted: TokenRequest<T> | undefined;
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
    const isDone = (record: TokenRecord<T>): boolean =>
      this.#isSuccessor(tokenIn(record, refresh.wanted), refresh.old);
    return await this.#hold(key, isDone, async (lock, hasWaited) => {
      const isUsable = known && !hasWaited && !isPending(known.record);
      const there = isUsable ? known : await this.#look(key);
      if (!there) throw forgotten(this.#config.app.name);
      return await this.#refresh(refresh, there, lock);
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
      !this.#isDue(token) && !(refused && accessTokenOf(refused) === accessTokenOf(token));
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

  #isSuccessor(token: T | undefined, old: T | undefined): boolean {
    if (!token || token === old || this.#isDue(token)) return false;
    return !old || this.#isDue(old) || accessTokenOf(token) !== accessTokenOf(old);
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
   * one that it could not store. Otherwise returns the record to refresh.
   */
  async #judge(refresh: Refresh<T>, found: StoredRecord<T>): Promise<Judged<T>> {
    const { old, wanted } = refresh;
    const { token } = this.#alive(found).record;
    const isRefreshable = token === old || this.#config.app.renewal?.handle(token) !== undefined;
    if (!isRefreshable || this.#isSuccessor(tokenIn(found.record, wanted), old))
      return { isDone: true, there: found };
    const unsaved = this.#unsaved.get(JSON.stringify(refresh.key));
    const stored: RefreshResult<T> =
      unsaved && isSame(unsaved.from, found.record)
        ? await this.#storeFresh(refresh.key, found, unsaved)
        : { there: found };
    if (stored.there !== found && unsaved?.wanted?.name === wanted?.name)
      return { isDone: true, ...stored };
    this.#refuseUntimely(stored.there.record, wanted);
    return { isDone: false, ...stored };
  }

  /** Avoids any risk to the authorization while the old token is valid. */
  #refuseUntimely(record: TokenRecord<T>, wanted: TokenRequest<T> | undefined): void {
    const { app, options } = this.#config;
    const { sentAt, waitUntil = 0 } = record;
    const wait = waitUntil - nowSeconds();
    if (wait > 0 && wait <= longestWait) throw new Survivable(tooEarly(app.name, wait));
    const token = tokenIn(record, wanted);
    if (sentAt === undefined || !token || isExpired(token) || !this.#isDue(token)) return;
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
    first: StoredRecord<T>,
    lock: StoreLock,
  ): Promise<RefreshResult<T>> {
    const { key, wanted } = refresh;
    let judged = await this.#judge(refresh, first);
    let over = judged.there;
    for (let attempts = 0; attempts < maxAttempts; attempts += 1) {
      if (judged.isDone) return judged;
      const { record } = judged.there;
      const marker = { ...record, sentAt: record.sentAt ?? nowSeconds() };
      const marked = await this.#write(key, { over, next: marker });
      over = marked;
      if (marked.record !== marker) {
        judged = await this.#judge(refresh, marked);
        over = judged.there;
      } else if (await lock.ensure()) {
        const { token } = record;
        let fresh: T;
        try {
          const { engine } = await this.#config.app.of(token);
          fresh = (await engine.renewal?.refresh(token, wanted?.params)) ?? token;
        } catch (error) {
          return await this.#failed(refresh, { old: record, marked, error });
        }
        const unsaved = { from: record, fresh, wanted };
        this.#unsaved.set(JSON.stringify(key), unsaved, Infinity);
        const { there, refreshed } = await this.#storeFresh(key, marked, unsaved);
        return { there, refreshed: judged.refreshed ?? refreshed };
      }
    }
    throw tokenStoreFailed('LOCK_LOST');
  }

  async #storeFresh(
    key: TokenKey,
    over: StoredRecord<T>,
    { fresh, wanted }: Unsaved<T>,
  ): Promise<RefreshResult<T>> {
    const { createdAt, narrowed, token } = over.record;
    const times = { ...(createdAt === undefined ? {} : { createdAt }), updatedAt: nowSeconds() };
    const content = wanted?.stored(over.record, fresh) ?? {
      token: fresh,
      ...(narrowed ? { narrowed } : {}),
    };
    const next = { ...content, ...times };
    const there = await this.#write(key, {
      over,
      next,
      mayReplace: (found) => isSame(found, over.record),
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
    // A provider may reject the resource or the scope with the same error as an invalid refresh token.
    if (outcome === 'ended' && !refresh.wanted) return await this.#ended(refresh, failure);
    const { waitUntil: _, ...record } = outcome === 'unknown' ? marked.record : old;
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
    if (!isSame(found.record, old)) return { there: found };
    const refused = old.sentAt === undefined ? 'refused' : 'lost';
    const reason = isMismatch(error) ? 'mismatch' : refused;
    const next = buried(old, reason);
    const mayReplace = (record: TokenRecord<T>): boolean => isSame(record, old) && !record.dead;
    const there = found.record.dead
      ? found
      : await this.#write(key, { over: found, next, mayReplace });
    if (!isSame(there.record, old)) return { there };
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

/** Returns whether no refresh has happened between two reads. */
function isSame<T extends Token>(a: TokenRecord<T>, b: TokenRecord<T>): boolean {
  return stateOf(a) === stateOf(b);
}

function stateOf({ token, narrowed = {} }: TokenRecord): string {
  const others = Object.values(narrowed).map((other) => other['access_token']);
  return JSON.stringify([accessTokenOf(token), token['refresh_token'], ...others]);
}

/** Returns the token of a record: that of the login, or another one of the authorization. */
function tokenIn<T extends Token>(
  record: TokenRecord<T>,
  wanted: TokenRequest<T> | undefined,
): T | undefined {
  return wanted ? wanted.tokenIn(record) : record.token;
}

function fail(error: unknown): never {
  throw survivable(error);
}
