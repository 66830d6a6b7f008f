import { monotonic } from '../../platform/crypto.js';
import { OAuthError } from '../../model/errors.js';
import type { TokenKey, TokenStore } from '../../model/ports.js';
import type { RevokedGrant, Token } from '../../model/types.js';
import type { TokensConfig } from './config.js';
import type { Found } from './found.js';
import { accessTokenOf, expiresIn, isExpired } from '../../platform/token-expiry.js';
import { SingleFlight } from '../../platform/single-flight.js';
import { guardTokenStore, isStoreFailure } from '../../platform/store-failure.js';
import type { CachePart } from '../../platform/bounded-cache.js';
import { notifyRevoked, notifyUpdate } from './notify.js';
import { authorizationEnded, refreshOutcome, survived, unwrapped } from './refresh-outcome.js';
import { lacksRefreshToken } from './second-login.js';
import { loggedIn, SharedRefresh } from './shared-refresh.js';
import { cannotRequest, hasRefreshToken, type TokenRequest } from './token-request.js';
import { buried, TokenRecords, type StoredRecord, type TokenRecord } from './records.js';

/** An owner's stored token. */
export interface StoredToken<T extends Token = Token> {
  account: string;
  token: T;
  /** `true` if the authorization has ended and the user must log in again. */
  dead: boolean;
  /** When a login stored the token; `undefined` if an older version stored it. */
  readonly createdAt?: Date | undefined;
  /** When the token last changed: at that login, or at the last refresh. */
  readonly updatedAt?: Date | undefined;
}

/** A stored token. Its times are getters, so that comparing two reads compares the stored data. */
class ReadableToken<T extends Token> implements StoredToken<T> {
  readonly account: string;
  readonly token: T;
  readonly dead: boolean;
  readonly #record: TokenRecord<T>;

  constructor(account: string, record: TokenRecord<T>) {
    this.account = account;
    this.token = record.token;
    this.dead = record.dead !== undefined;
    this.#record = record;
  }

  get createdAt(): Date | undefined {
    return dateOf(this.#record.createdAt);
  }

  get updatedAt(): Date | undefined {
    return dateOf(this.#record.updatedAt);
  }
}

/** A refresh of a stored token, or of another access token of its authorization. */
interface Renewal<T extends Token> {
  record: TokenRecord<T>;
  /** What the record is refreshed with, if it is known. */
  handle?: string;
  /** The token to replace; `undefined` if none was requested yet. */
  old?: T | undefined;
  wanted?: TokenRequest<T>;
}

/** One client's tokens in a store that processes share. */
export class StoredTokens<T extends Token> {
  readonly #config: TokensConfig<T>;
  readonly #store: TokenStore;
  readonly #records: TokenRecords<T>;
  readonly #shared: SharedRefresh<T>;
  readonly #reads = new SingleFlight<TokenRecord<T> | undefined>();
  readonly #refreshes = new SingleFlight<T>();
  readonly #memory: CachePart<StoredRecord<T> & { readAt: number }>;

  constructor(config: TokensConfig<T>, store: TokenStore) {
    const { timeout = 10_000 } = config.registry;
    this.#config = config;
    this.#store = guardTokenStore(store, timeout);
    this.#records = new TokenRecords(this.#store, {
      ...config.registry,
      renewsItself: config.options.longLivedToken?.refresh !== undefined,
    });
    this.#shared = new SharedRefresh(config, this.#store, this.#records);
    this.#memory = config.memory.part(config.app.name, 'stored');
  }

  /** Returns the token from the cache or the store; `undefined` if there is none. */
  async read(key: TokenKey): Promise<T | undefined> {
    return (await this.#read(key))?.token;
  }

  async #read(key: TokenKey): Promise<TokenRecord<T> | undefined> {
    const known = this.#memory.get(cacheName(key));
    const { cacheTtl } = this.#config.registry.refresh;
    if (known && monotonic() - known.readAt < cacheTtl * 1000) return known.record;
    try {
      return await this.#reads.run(cacheName(key), () => this.#load(key));
    } catch (error) {
      if (known && isStoreFailure(error) && !isExpired(known.record.token)) return known.record;
      throw error;
    }
  }

  /**
   * Returns a user's token, or another access token of the user's authorization; it is refreshed once
   * across all processes.
   */
  async find(
    key: TokenKey,
    request: unknown,
    wanted?: TokenRequest<T>,
  ): Promise<Found<T> | undefined> {
    const record = await this.#read(key);
    if (!record) return undefined;
    if (wanted) return await this.#findWanted(key, record, { request, wanted });
    const { token } = record;
    const handle = this.#config.app.renewal?.handle(token);
    if (handle !== undefined) {
      const renew = (): Promise<T> =>
        this.#refreshes.run(cacheName(key), () =>
          this.#renew(key, { record, handle, old: token }, request),
        );
      return { token, renew };
    }
    const reread = async (): Promise<T> => {
      this.#memory.delete(cacheName(key));
      return (await this.read(key)) ?? token;
    };
    const end = (refused: T): Promise<void> => this.#end(key, refused, request);
    return { token: isExpired(token) ? await reread() : token, reread, end };
  }

  /** Returns an access token for a resource or a scope; the first one is requested. */
  async #findWanted(
    key: TokenKey,
    record: TokenRecord<T>,
    { request, wanted }: { request: unknown; wanted: TokenRequest<T> },
  ): Promise<Found<T>> {
    const { name } = this.#config.app;
    if (!hasRefreshToken(record.token)) throw cannotRequest(name, 'it has no refresh token');
    let old = wanted.tokenIn(record);
    const renew = (): Promise<T> =>
      this.#refreshes.run(cacheName(key) + wanted.name, () =>
        this.#renew(key, { record, old, wanted }, request).catch(async (error: unknown) => {
          // The authorization has ended if the provider rejects the refresh token alone, too.
          if (refreshOutcome(survived(error)) === 'ended')
            await this.#refreshes.run(cacheName(key), () =>
              this.#renew(key, { record, old: record.token }, request),
            );
          throw error;
        }),
      );
    old ??= await unwrapped(renew());
    return { token: old, renew };
  }

  /** Returns a token that needs no user: a valid stored one other than `refused`, or a new one. */
  async obtain(key: TokenKey, grant: (old?: T) => Promise<T>, refused?: T): Promise<T> {
    return await this.#refreshes.run(cacheName(key), async () => {
      const there = await this.#shared.obtain(key, grant, refused);
      return this.#remember(key, there).token;
    });
  }

  /** Refreshes a token that expires within a number of seconds; returns whether it did. */
  async refreshWithin(key: TokenKey, seconds: number): Promise<boolean> {
    this.#memory.delete(cacheName(key));
    const found = await this.find(key, undefined);
    if (!found?.renew || (expiresIn(found.token) ?? Infinity) > seconds) return false;
    const token = await unwrapped(found.renew());
    return accessTokenOf(token) !== accessTokenOf(found.token);
  }

  /**
   * Ends the authorization of a rejected token that cannot be refreshed: the process that marks the
   * record notifies the application. A newer token is preserved.
   */
  async #end(key: TokenKey, token: T, request: unknown): Promise<void> {
    const isIt = (record: TokenRecord<T> | undefined): boolean =>
      record !== undefined && !record.dead && accessTokenOf(record.token) === accessTokenOf(token);
    const there = await this.#records.read(key);
    if (!there || !isIt(there.record)) return;
    const marked = buried(there.record, 'refused');
    const over = { version: there.version, mayReplace: isIt };
    const written = await this.#records.write(key, marked, over);
    this.#memory.delete(cacheName(key));
    if (written?.record !== marked) return;
    await this.#notifyRevoked(key, { token: marked.token, reason: 'refused' }, request);
  }

  async save(key: TokenKey, token: T): Promise<void> {
    const { app } = this.#config;
    if (this.#store.atomic === false && app.renewal?.handle(token) !== undefined)
      throw noCompareAndSet(app.name);
    this.#remember(key, await this.#save(key, token));
  }

  async #save(key: TokenKey, token: T): Promise<StoredRecord<T>> {
    if (lacksRefreshToken(token)) return await unwrapped(this.#shared.save(key, token));
    const version = this.#store.overwrites ? '*' : (await this.#store.get(key))?.version;
    return await this.#records.write(key, { token, ...loggedIn() }, { version });
  }

  async delete(key: TokenKey): Promise<void> {
    await this.#store.delete(key);
    this.#memory.delete(cacheName(key));
  }

  async list(userId: string): Promise<StoredToken<T>[]> {
    const found = await this.#records.list(userId, this.#config.app.name);
    const readable = found.flatMap(({ account, record }) =>
      record ? [new ReadableToken(account, record)] : [],
    );
    if (found.length > 0 && readable.length === 0) throw found[0]?.error;
    return readable;
  }

  async #load(key: TokenKey): Promise<TokenRecord<T> | undefined> {
    const there = await this.#records.read(key);
    if (there && !there.record.dead) return this.#remember(key, there);
    this.#memory.delete(cacheName(key));
    if (there?.record.dead) throw authorizationEnded(this.#config.app.name, there.record.dead);
    return undefined;
  }

  async #renew(
    key: TokenKey,
    { record, handle, old, wanted }: Renewal<T>,
    request: unknown,
  ): Promise<T> {
    const invalidated = (token: T, reason: RevokedGrant['reason']): Promise<void> =>
      this.#notifyRevoked(key, { token, reason }, request);
    const cached = this.#memory.get(cacheName(key));
    const known = cached?.record === record ? cached : undefined;
    try {
      const refresh = { key, old, known, wanted, invalidated };
      const { there, refreshed } = await this.#shared.renew(refresh);
      const { token } = this.#remember(key, there);
      if (refreshed && this.#isNew(token, refreshed)) {
        const refreshToken =
          refreshed === record.token && handle !== undefined
            ? handle
            : this.#config.app.renewal?.handle(refreshed);
        const was = {
          accessToken: accessTokenOf(refreshed),
          ...(refreshToken ? { refreshToken } : {}),
        };
        await notifyUpdate(this.#config, { token, old: was, request });
      }
      const found = wanted ? wanted.tokenIn(there.record) : token;
      if (found) return found;
      throw cannotRequest(this.#config.app.name, 'a new login without a refresh token replaced it');
    } catch (error) {
      const gone = error instanceof OAuthError && /^(invalid|missing)_token$/.test(error.code);
      if (gone) this.#memory.delete(cacheName(key));
      throw error;
    }
  }

  /** Returns whether the application must store a token: a request of another one may leave it as it is. */
  #isNew(token: T, old: T): boolean {
    const handle = (one: T): string | undefined => this.#config.app.renewal?.handle(one);
    return accessTokenOf(token) !== accessTokenOf(old) || handle(token) !== handle(old);
  }

  async #notifyRevoked(
    { userId, account }: TokenKey,
    dead: RevokedGrant,
    request: unknown,
  ): Promise<void> {
    await notifyRevoked(this.#config, { ...dead, userId, account }, request);
  }

  #remember(key: TokenKey, { record, version }: StoredRecord<T>): TokenRecord<T> {
    const value = { record, version, readAt: monotonic() };
    this.#memory.set(cacheName(key), value, lifetimeOf(record.token));
    return record;
  }
}

function noCompareAndSet(client: string): OAuthError {
  return new OAuthError(
    'invalid_options',
    `The token store cannot store this token of "${client}": it has a refresh token, and the store has no ` +
      'compare-and-set, so two processes could spend it twice. Use postgresStore(), mysqlStore() or redisStore(), or ' +
      'save the token without its refresh token.',
    { client },
  );
}

/**
 * Milliseconds for which a cached token is useful if the store is down: until it expires, at most a
 * day.
 */
function lifetimeOf(token: Token): number {
  return 1000 * Math.min(Math.max(expiresIn(token) ?? Infinity, 60), 86_400);
}

function dateOf(seconds: number | undefined): Date | undefined {
  return seconds === undefined ? undefined : new Date(seconds * 1000);
}

function cacheName({ userId, account }: TokenKey): string {
  return JSON.stringify([userId, account]);
}
