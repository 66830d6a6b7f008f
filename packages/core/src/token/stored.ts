import { monotonic } from '../crypto.js';
import { OAuthError } from '../errors.js';
import type { TokenKey, TokenStore } from '../ports.js';
import type { DeadAuthorization, Token } from '../types.js';
import { Cache } from '../cache.js';
import type { TokensConfig } from './config.js';
import { idOf, isDue, isExpired } from './expiry.js';
import { Flights } from './flights.js';
import { guardStore, isStoreFailure } from './guard.js';
import { tellDead, tellUpdate } from './telling.js';
import { ended } from './outcome.js';
import { SharedRenewal } from './shared-renewal.js';
import { Shelf } from './shelf.js';
import { createVault, type TokenRecord } from './vault.js';

/** A token of an owner's, as the store has it. */
export interface StoredToken<T extends Token = Token> {
  account: string;
  token: T;
  /** `true` where the authorization has ended, and the person must log in again. */
  dead: boolean;
}

/** The tokens of one client in a store that processes share. */
export class StoredTokens<T extends Token> {
  readonly #config: TokensConfig<T>;
  readonly #store: TokenStore;
  readonly #shelf: Shelf<T>;
  readonly #shared: SharedRenewal<T>;
  readonly #reads = new Flights<T | undefined>();
  readonly #renewals = new Flights<T>();
  readonly #memory: Cache<{ token: T; readAt: number }>;

  constructor(config: TokensConfig<T>, store: TokenStore) {
    const { secret, allowPlaintextTokens, timeout = 10_000, limits, refresh } = config.registry;
    const plain = secret === undefined || allowPlaintextTokens === true;
    this.#config = config;
    this.#store = guardStore(store, timeout);
    const vault = createVault([secret ?? []].flat(), plain);
    this.#shelf = new Shelf(this.#store, vault, refresh.lease * 1000);
    this.#shared = new SharedRenewal(config, this.#store, this.#shelf);
    this.#memory = new Cache(limits.tokensInMemory);
  }

  /** The token as it is, from memory or from the store; `undefined` where there is none. */
  async read(key: TokenKey): Promise<T | undefined> {
    const known = this.#memory.get(nameOf(key));
    const { memory } = this.#config.registry.refresh;
    if (known && monotonic() - known.readAt < memory * 1000) return known.token;
    try {
      return await this.#reads.run(nameOf(key), () => this.#load(key));
    } catch (error) {
      if (known && isStoreFailure(error) && !isExpired(known.token)) return known.token;
      throw error;
    }
  }

  /** The token as the store has it now. */
  async reread(key: TokenKey): Promise<T | undefined> {
    this.#memory.delete(nameOf(key));
    return await this.read(key);
  }

  canRenew(token: T): boolean {
    return this.#config.app.renewal?.handle(token) !== undefined;
  }

  /** Finds or makes the successor of a token: one refresh, whichever process asks. */
  async renew(key: TokenKey, old: T, request: unknown): Promise<T> {
    return await this.#renewals.run(nameOf(key), () => this.#renew(key, old, request));
  }

  /** A token that nobody has to agree to: a good one that is there and is not `refused`, or a new one. */
  async obtain(key: TokenKey, grant: (old?: T) => Promise<T>, refused?: T): Promise<T> {
    const token = await this.read(key);
    const isOther = token && (!refused || idOf(refused) !== idOf(token));
    if (isOther && !isDue(token, this.#config.registry.refresh)) return token;
    return await this.#renewals.run(nameOf(key), async () =>
      this.#remember(key, await this.#shared.obtain(key, grant, refused)),
    );
  }

  /**
   * Ends the authorization of a token that is refused and cannot be refreshed: the record is marked, and whoever
   * marks it tells the application. A token that has replaced it stays as it is.
   */
  async end(key: TokenKey, token: T, request: unknown): Promise<void> {
    const isIt = (record: TokenRecord<T> | undefined): boolean =>
      record !== undefined && !record.dead && idOf(record.token) === idOf(token);
    const there = await this.#shelf.read(key);
    if (!there || !isIt(there.record)) return;
    const marked: TokenRecord<T> = { token: there.record.token, dead: 'refused' };
    const over = { version: there.version, mayReplace: isIt };
    const written = await this.#shelf.write(key, marked, over);
    this.#memory.delete(nameOf(key));
    if (written?.record !== marked) return;
    await this.#told(key, { token: marked.token, reason: 'refused' }, request);
  }

  async save(key: TokenKey, token: T): Promise<void> {
    const there = await this.#store.get(key);
    await this.#shelf.write(key, { token }, { version: there?.version });
    this.#remember(key, token);
  }

  async delete(key: TokenKey): Promise<void> {
    await this.#store.delete(key);
    this.#memory.delete(nameOf(key));
  }

  async list(owner: string): Promise<StoredToken<T>[]> {
    const found = await this.#shelf.list(owner, this.#config.app.name);
    return found.map(({ account, record: { token, dead } }) => ({
      account,
      token,
      dead: dead !== undefined,
    }));
  }

  async #load(key: TokenKey): Promise<T | undefined> {
    const there = await this.#shelf.read(key);
    if (there && !there.record.dead) return this.#remember(key, there.record.token);
    this.#memory.delete(nameOf(key));
    if (there?.record.dead) throw ended(this.#config.app.name, there.record.dead);
    return undefined;
  }

  async #renew(key: TokenKey, old: T, request: unknown): Promise<T> {
    const { app } = this.#config;
    const died = (token: T, reason: DeadAuthorization['reason']): Promise<void> =>
      this.#told(key, { token, reason }, request);
    try {
      const { token, traded } = await this.#shared.renew(key, old, died);
      this.#remember(key, token);
      if (traded) {
        const handle = app.renewal?.handle(traded);
        const was = { accessToken: idOf(traded), ...(handle ? { refreshToken: handle } : {}) };
        await tellUpdate(this.#config, { token, old: was, request });
      }
      return token;
    } catch (error) {
      const gone = error instanceof OAuthError && /^(invalid|missing)_token$/.test(error.code);
      if (gone) this.#memory.delete(nameOf(key));
      throw error;
    }
  }

  async #told(
    { owner, account }: TokenKey,
    dead: DeadAuthorization,
    request: unknown,
  ): Promise<void> {
    await tellDead(this.#config, { ...dead, owner, account }, request);
  }

  #remember(key: TokenKey, token: T): T {
    this.#memory.set(nameOf(key), { token, readAt: monotonic() }, Infinity);
    return token;
  }
}

function nameOf({ owner, account }: TokenKey): string {
  return JSON.stringify([owner, account]);
}
