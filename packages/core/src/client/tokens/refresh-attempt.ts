import { nowSeconds } from '../../platform/crypto.js';
import { OAuthError } from '../../model/errors.js';
import type { TokenKey } from '../../model/ports.js';
import type { RevokedGrant, Token } from '../../model/types.js';
import { refreshToken } from '../../protocols/engine-source.js';
import { accessTokenOf, isDue, isExpired } from './expiry.js';
import type { TokensConfig } from './config.js';
import type { StoreLock } from './lock.js';
import type { MemoryPart } from './token-cache.js';
import {
  authorizationEnded,
  forgotten,
  interrupted,
  isMismatch,
  refreshOutcome,
  Survivable,
  survivable,
  tooEarly,
} from './refresh-outcome.js';
import type { TokenRecords, StoredRecord } from './records.js';
import { buried, type TokenRecord } from './record-cipher.js';

/** A new token that could not be stored, and the access token it replaces. */
export interface Unsaved<T> {
  from: string;
  fresh: T;
}

/** Configuration of a refresh attempt. */
export interface RefreshParts<T extends Token> {
  config: TokensConfig<T>;
  records: TokenRecords<T>;
  unsaved: MemoryPart<Unsaved<T>>;
  /** Called once when an authorization has ended. */
  invalidated: (token: T, reason: RevokedGrant['reason']) => Promise<void>;
}

/** The result of a refresh: the token now stored, and the one that this process received. */
export interface RefreshResult<T> {
  token: T;
  refreshed?: T;
}

/** Maximum seconds of a stored `Retry-After`; anything longer is due to a clock change. */
const longestWait = 600;

/**
 * One refresh, under the lock. A pending marker is written first, so another process can tell that
 * the refresh token may be spent; then the refresh request is sent and the new token stored before
 * it is returned.
 */
export class RefreshAttempt<T extends Token> {
  readonly #parts: RefreshParts<T>;
  readonly #key: TokenKey;
  readonly #lock: StoreLock;

  constructor(parts: RefreshParts<T>, key: TokenKey, lock: StoreLock) {
    this.#parts = parts;
    this.#key = key;
    this.#lock = lock;
  }

  async run(old: StoredRecord<T>): Promise<RefreshResult<T>> {
    const { unsaved } = this.#parts;
    const { token } = old.record;
    const name = JSON.stringify(this.#key);
    const known = unsaved.get(name);
    if (known?.from === accessTokenOf(token)) return await this.#store(old, known.fresh);
    this.#refuseUntimely(old.record);
    const noted = await this.#write(old, {
      ...old.record,
      sentAt: old.record.sentAt ?? nowSeconds(),
    });
    if (!isSame(noted.record, old.record)) return noted.record;
    await this.#lock.ensure();
    let fresh: T;
    try {
      fresh = await refreshToken(this.#parts.config.app, token);
    } catch (error) {
      return await this.#failed(old, noted, error);
    }
    unsaved.set(name, { from: accessTokenOf(token), fresh }, Infinity);
    return await this.#store(noted, fresh);
  }

  /** Avoids any risk to the authorization while the old token is valid. */
  #refuseUntimely({ token, sentAt, waitUntil = 0 }: TokenRecord<T>): void {
    const { app, options, registry } = this.#parts.config;
    const wait = waitUntil - nowSeconds();
    if (wait > 0 && wait <= longestWait) throw new Survivable(tooEarly(app.name, wait));
    if (sentAt === undefined || isExpired(token) || !isDue(token, registry.refresh)) return;
    const age = nowSeconds() - sentAt;
    if (age < 0 || age > (options.refreshReuseWindow ?? 0))
      throw new Survivable(interrupted(app.name));
  }

  async #store(over: StoredRecord<T>, fresh: T): Promise<RefreshResult<T>> {
    const { createdAt } = over.record;
    const times = { ...(createdAt === undefined ? {} : { createdAt }), updatedAt: nowSeconds() };
    const there = await this.#write(over, { token: fresh, ...times });
    this.#parts.unsaved.delete(JSON.stringify(this.#key));
    return there.record.token === fresh
      ? { token: fresh, refreshed: over.record.token }
      : there.record;
  }

  async #failed(
    old: StoredRecord<T>,
    noted: StoredRecord<T>,
    error: unknown,
  ): Promise<RefreshResult<T>> {
    const { records, config, invalidated } = this.#parts;
    const outcome = refreshOutcome(error);
    if (outcome !== 'ended') {
      const { waitUntil: _, ...record } = (outcome === 'unspent' ? old : noted).record;
      const wait = error instanceof OAuthError ? Math.min(error.retryAfter ?? 0, longestWait) : 0;
      const next = wait > 0 ? { ...record, waitUntil: nowSeconds() + wait } : record;
      if (outcome === 'unspent' || wait > 0) {
        await this.#write(noted, next, true).catch(() => undefined);
      }
      throw survivable(error);
    }
    // A holder that lost the lock unnoticed may have stored its result in the meantime.
    const there = (await records.read(this.#key)) ?? noted;
    if (!isSame(there.record, old.record)) return there.record;
    const refused = old.record.sentAt === undefined ? 'refused' : 'lost';
    const reason = isMismatch(error) ? 'mismatch' : refused;
    const { token } = old.record;
    const dead = buried(old.record, reason);
    const tombstone = there.record.dead ? there : await this.#write(there, dead);
    if (!isSame(tombstone.record, old.record)) return tombstone.record;
    // Another process that lost the lock may already have detected and reported it.
    if (tombstone.record === dead) await invalidated(token, reason);
    throw authorizationEnded(config.app.name, tombstone.record.dead ?? reason, error);
  }

  /**
   * Overwrites a record, or any other record of the same token; a newer token is preserved, and so
   * is a tombstone of another.
   */
  async #write(
    over: StoredRecord<T>,
    next: TokenRecord<T>,
    once = false,
  ): Promise<StoredRecord<T>> {
    const { records, config } = this.#parts;
    const there = await records.write(this.#key, next, {
      version: over.version,
      mayReplace: (found) =>
        found !== undefined && isSame(found, over.record) && !(next.dead && found.dead),
      once,
    });
    if (there) return there;
    throw forgotten(config.app.name);
  }
}

function isSame<T extends Token>(a: TokenRecord<T>, b: TokenRecord<T>): boolean {
  return accessTokenOf(a.token) === accessTokenOf(b.token);
}
