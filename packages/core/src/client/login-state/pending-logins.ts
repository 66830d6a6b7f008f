import { now, nowSeconds, randomToken } from '../../platform/crypto.js';
import { isObject } from '../../platform/encoding.js';
import { OAuthError } from '../../model/errors.js';
import type { BrowserExchange, Carried, StateStore } from '../../model/ports.js';
import type { AuthorizeData } from '../../model/types.js';
import { loginId } from './cookies.js';
import { storeKey } from './store-key.js';

/** A login between its redirect and its callback. */
export interface PendingLogin extends AuthorizeData {
  /** The client that started it; no other may finish it. */
  client: string;
  /** The protocol that started it; no other may finish it. */
  kind: string;
  /** What the application sent along. */
  carry?: Carried;
  /** The parameters of a callback that has to come again, in form encoding. */
  delivered?: string;
  /** Ours alone, for telling logins apart whose state a provider chose. */
  id: string;
  /** Milliseconds since the epoch; checked on the way back, whatever the storage's own expiry. */
  expiresAt: number;
}

/** Taken logins of a process whose cargo is remembered. */
const maxCarried = 2000;

/** Tells whether a value from a store or session is a pending login. */
export function isPendingLogin(value: unknown): value is PendingLogin {
  return (
    isObject(value) &&
    ['state', 'id', 'client', 'kind', 'redirectUri'].every(
      (name) => typeof value[name] === 'string',
    ) &&
    typeof value['expiresAt'] === 'number'
  );
}

/** Where pending logins are kept: put once, taken once, bound to one browser. */
export interface LoginStorage {
  put(browser: BrowserExchange, login: PendingLogin): Promise<void>;
  /** Returns the browser's pending login of that state, and removes it. */
  take(browser: BrowserExchange, state: string): Promise<PendingLogin | undefined>;
  /** Tells whether this browser brings a cookie of the login of that state, whose entry may be gone. */
  binds?(browser: BrowserExchange, state: string): Promise<boolean>;
  /** Removes all of the browser's pending logins. */
  drop(browser: BrowserExchange): Promise<void>;
  /** The store of the application's own that entries can stand in for every process, if there is one. */
  shared?(browser: BrowserExchange): Promise<StateStore | undefined>;
}

/** Something that is good for one use, such as a logout token. */
export interface Spendable {
  id: string;
  /** When it ends by itself, in seconds since the epoch. */
  until: number;
}

/**
 * The pending logins of a registry. Within this process a login is taken once, even by two callbacks
 * at the same moment or with a copy of an old cookie.
 */
export class PendingLogins {
  readonly #storage: LoginStorage;
  readonly #ttl: number;
  /** Logins taken in this process, with the time after which their login would have expired anyway. */
  readonly #spent = new Map<string, number>();

  /** What the logins that were taken last had carried, by a hash of their state. */
  readonly #carried = new Map<string, Carried>();

  /** What else was used up in this process, with the seconds since the epoch at which it ends anyway. */
  readonly #used = new Map<string, number>();

  /** `ttl`: seconds a login may take. */
  constructor(storage: LoginStorage, ttl: number) {
    this.#storage = storage;
    this.#ttl = ttl;
  }

  async put(
    browser: BrowserExchange,
    login: Omit<PendingLogin, 'id' | 'expiresAt'>,
  ): Promise<void> {
    const id = randomToken(8);
    await this.#storage.put(browser, { ...login, id, expiresAt: now() + this.#ttl * 1000 });
  }

  /**
   * Takes the login a callback answers, or explains why there is none. `spent` is told what a login had
   * carried that this process has taken before, and whose cookie this browser brings, as one does that
   * sends a callback twice.
   */
  async take(
    browser: BrowserExchange,
    state: string,
    spent?: (carry: Carried) => void,
  ): Promise<PendingLogin> {
    const login = await this.#storage.take(browser, state);
    const id = await loginId(state);
    if (!login) {
      const carry = this.#carried.get(id);
      if (carry && (await this.#storage.binds?.(browser, state))) spent?.(carry);
      throw mismatch(this.#carried.has(id) ? usedBefore : whyNone(browser));
    }
    if (this.#spent.has(login.id)) {
      spent?.(login.carry ?? {});
      throw mismatch(usedBefore);
    }
    this.#spend(login);
    this.#remember(id, login.carry);
    if (login.expiresAt > now()) return login;
    throw new OAuthError(
      'expired_state',
      `This login was started more than ${this.#ttl} s ago. Start it again; "limits.stateTtl" sets the time.`,
    );
  }

  /** Drops all of the browser's pending logins: its user has logged out. */
  async drop(browser: BrowserExchange): Promise<void> {
    await this.#storage.drop(browser);
  }

  /** Uses something up; `false` where it was used before, here or where the store is shared. */
  async spend(browser: BrowserExchange, { id, until }: Spendable): Promise<boolean> {
    for (const [old, end] of this.#used) if (end <= nowSeconds()) this.#used.delete(old);
    if (this.#used.has(id)) return false;
    this.#used.set(id, until);
    try {
      const store = await this.#storage.shared?.(browser);
      if (!store) return true;
      const key = await spentKey(id);
      const before = await store.take(key);
      await store.put(key, 'spent', Math.max(1, Math.ceil(until - nowSeconds())));
      return before === undefined;
    } catch (error) {
      this.#used.delete(id);
      throw error;
    }
  }

  /** Takes back a {@link spend}: what was to be done with it has failed. */
  async unspend(browser: BrowserExchange, { id }: Spendable): Promise<void> {
    this.#used.delete(id);
    const store = await this.#storage.shared?.(browser);
    await store?.take(await spentKey(id));
  }

  #spend({ id, expiresAt }: PendingLogin): void {
    this.#spent.set(id, expiresAt);
    for (const [old, expiry] of this.#spent) {
      if (expiry > now()) break;
      this.#spent.delete(old);
    }
  }

  /** Remembers of what a login carried no more than what leads its user on, and of bounded size. */
  #remember(id: string, carry: Carried = {}): void {
    const { data: _data, returnTo = '', ...marks } = carry;
    const short = returnTo !== '' && returnTo.length <= 256;
    this.#carried.set(id, short ? { ...marks, returnTo } : marks);
    const [oldest] = this.#carried.keys();
    if (this.#carried.size > maxCarried && oldest !== undefined) this.#carried.delete(oldest);
  }
}

const usedBefore =
  'It was used before: a callback works once, and this one was loaded again (the page was reloaded, opened ' +
  'twice, or reached with the Back button).';

function whyNone(browser: BrowserExchange): string {
  return browser.header('cookie') === undefined
    ? 'The request carries no cookie at all: it came from another browser or host (localhost is ' +
        'not 127.0.0.1), the cookie was held back (Secure over http, SameSite with a POST), or the callback was ' +
        'used before and loaded again.'
    : 'It was used before and loaded again (reload, Back button), was started elsewhere, or is too old.';
}

async function spentKey(id: string): Promise<string> {
  return await storeKey(`spent ${id}`);
}

function mismatch(why: string): OAuthError {
  return new OAuthError(
    'mismatching_state',
    `This browser has no pending login for this callback. ${why} Start the login again.`,
  );
}
