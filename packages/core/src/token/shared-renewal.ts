import { monotonic } from '../crypto.js';
import type { TokenKey, TokenStore } from '../ports.js';
import type { Token } from '../types.js';
import { Cache } from '../cache.js';
import type { TokensConfig } from './config.js';
import { idOf, isDue } from './expiry.js';
import { Lease, sleep } from './lease.js';
import { ended, forgotten, Survivable, survivable, tooSlow } from './outcome.js';
import type { Shelf, Shelved } from './shelf.js';
import { Trade, type Traded, type Trading, type Unsaved } from './trade.js';
import type { TokenRecord } from './vault.js';

/**
 * Renews tokens that processes share: one of them gets the lock, reads again, and trades where that is
 * still needed; the others wait and read.
 */
export class SharedRenewal<T extends Token> {
  readonly #config: TokensConfig<T>;
  readonly #store: TokenStore;
  readonly #shelf: Shelf<T>;
  readonly #unsaved = new Cache<Unsaved<T>>(1000);

  constructor(config: TokensConfig<T>, store: TokenStore, shelf: Shelf<T>) {
    this.#config = config;
    this.#store = store;
    this.#shelf = shelf;
  }

  /** Finds the successor of a token in the store, or refreshes the one that is there. */
  async renew(key: TokenKey, old: T, died: Trading<T>['died']): Promise<Traded<T>> {
    const { app } = this.#config;
    const isSuccessor = ({ token }: TokenRecord<T>): boolean =>
      !this.#isDue(token) && (this.#isDue(old) || idOf(token) !== idOf(old));
    return await this.#locked(key, isSuccessor, async (there, lease) => {
      if (!there) throw forgotten(app.name);
      const { renewal } = app;
      if (renewal?.handle(there.record.token) === undefined) return there.record;
      const { shelf, unsaved, config } = this.#parts;
      return await new Trade({ config, renewal, shelf, unsaved, died }, key, lease).run(there);
    });
  }

  /** Finds a token that is still good, or asks for another one that no person has to agree to. */
  async obtain(key: TokenKey, grant: (old?: T) => Promise<T>, refused?: T): Promise<T> {
    const isGood = ({ token }: TokenRecord<T>): boolean =>
      !this.#isDue(token) && (!refused || idOf(refused) !== idOf(token));
    const { token } = await this.#locked(key, isGood, async (there) => {
      const granted = { token: await grant(there?.record.token).catch(fail) };
      await this.#shelf.write(key, granted, { version: there?.version });
      return granted;
    });
    return token;
  }

  get #parts(): Pick<Trading<T>, 'config' | 'shelf' | 'unsaved'> {
    return { config: this.#config, shelf: this.#shelf, unsaved: this.#unsaved };
  }

  #isDue(token: T): boolean {
    return isDue(token, this.#config.registry.refresh);
  }

  /** Works under the lock, unless the record that is wanted is there already, or turns up while waiting. */
  async #locked(
    key: TokenKey,
    isWanted: (record: TokenRecord<T>) => boolean,
    work: (there: Shelved<T> | undefined, lease: Lease) => Promise<Traded<T>>,
  ): Promise<Traded<T>> {
    const { app, registry } = this.#config;
    const lease = new Lease(this.#store, key, registry.refresh.lease * 1000);
    const deadline = monotonic() + registry.refresh.wait * 1000;
    const look = async (): Promise<Shelved<T> | undefined> => {
      const there = await this.#shelf.read(key);
      if (there?.record.dead) throw ended(app.name, there.record.dead);
      return there;
    };
    for (let pause = 10; !(await lease.take()); pause = Math.min(pause * 1.5, 250)) {
      if (monotonic() >= deadline) throw new Survivable(tooSlow(app.name, registry.refresh.wait));
      await sleep(pause * (0.5 + Math.random()));
      const there = await look();
      if (there && isWanted(there.record)) return { token: there.record.token };
    }
    try {
      const there = await look();
      if (there && isWanted(there.record)) return { token: there.record.token };
      const { token, traded } = await work(there, lease);
      return traded ? { token, traded } : { token };
    } finally {
      await lease.release();
    }
  }
}

function fail(error: unknown): never {
  throw survivable(error);
}
