import { chain } from '../../platform/awaitable.js';
import { BoundedCache } from '../../platform/bounded-cache.js';
import {
  equalInConstantTime,
  now,
  nowSeconds,
  randomToken,
  sha256,
} from '../../platform/crypto.js';
import { isObject, toBase64Url } from '../../platform/encoding.js';
import { OAuthError } from '../../model/errors.js';
import { UsedValues } from '../../platform/used-values.js';
import type { BrowserRequest, Carried, StateStore } from '../../model/ports.js';
import type { AuthorizeData, Awaitable } from '../../model/types.js';
import { storeKey } from '../../platform/store-key.js';

/** A login between its redirect and its callback. */
export interface PendingLogin extends AuthorizeData {
  /** The client that started it; no other may finish it. */
  client: string;
  /** The protocol that started it; no other may finish it. */
  kind: string;
  /** Application data of the login. */
  carry?: Carried;
  /** Form-encoded parameters of a callback that must be repeated. */
  delivered?: string;
  /** A locally generated identifier, because the provider may choose the state. */
  id: string;
  /**
   * When the login expires, in milliseconds since the epoch; checked at the callback, regardless of
   * the storage's expiry.
   */
  expiresAt: number;
}

/** Maximum number of taken logins per process whose application data is cached. */
const maxCarried = 2000;

/** Returns whether a value from a store or session is a pending login. */
export function isPendingLogin(value: unknown): value is PendingLogin {
  return (
    isObject(value) &&
    ['state', 'id', 'client', 'kind', 'redirectUri'].every(
      (name) => typeof value[name] === 'string',
    ) &&
    typeof value['expiresAt'] === 'number'
  );
}

/** Returns a short identifier of a pending login: 96 bits of the hash of its state. */
export function loginId(state: string): Awaitable<string> {
  return chain(sha256(state), (hash) => toBase64Url(hash.subarray(0, 12)));
}

/** How a callback names its login. */
export interface LoginKey {
  state: string;
  /** The {@link loginId} of the state. */
  id: string;
}

/** Storage of pending logins: each is put once, taken once, and bound to one browser. */
export interface LoginStorage {
  put(browser: BrowserRequest, login: PendingLogin): Promise<void>;
  /** Returns and removes the browser's pending login, as it was stored. */
  take(browser: BrowserRequest, login: LoginKey): Promise<unknown>;
  /** Returns whether the browser sends a cookie of the login, even if its entry is gone. */
  binds?(browser: BrowserRequest, login: LoginKey): Promise<boolean>;
  /** Removes all of the browser's pending logins. */
  drop(browser: BrowserRequest): Promise<void>;
  /** The application's store shared by all processes, if there is one. */
  shared?(browser: BrowserRequest): Promise<StateStore | undefined>;
}

/** A value that may be used only once, such as a logout token. */
export interface Spendable {
  id: string;
  /** When it expires, in seconds since the epoch. */
  until: number;
}

/**
 * The pending logins of a registry. Within a process each login is taken only once, even by two
 * simultaneous callbacks or with a copy of an old cookie.
 */
export class PendingLogins {
  #storage: LoginStorage;
  readonly #ttl: number;
  /** Logins and other values used in this process. */
  readonly #used = new UsedValues();

  /** Application data of the logins taken last, by a hash of their state. */
  readonly #carried = new BoundedCache<Carried>(maxCarried);

  /** `ttl`: lifetime of a pending login in seconds. */
  constructor(storage: LoginStorage, ttl: number) {
    this.#storage = storage;
    this.#ttl = ttl;
  }

  /** Replaces the storage by what `wrap` makes of it, for tests; returns what restores it. */
  wrapStorage(wrap: (storage: LoginStorage) => LoginStorage): () => void {
    const before = this.#storage;
    this.#storage = wrap(before);
    return () => {
      this.#storage = before;
    };
  }

  async put(browser: BrowserRequest, login: Omit<PendingLogin, 'id' | 'expiresAt'>): Promise<void> {
    const id = randomToken(8);
    await this.#storage.put(browser, { ...login, id, expiresAt: now() + this.#ttl * 1000 });
  }

  /**
   * Takes the pending login of a callback, or throws the reason why there is none. `spent` receives
   * the application data of a login that this process has already taken and whose cookie this
   * browser sends, as with a duplicate callback.
   */
  async take(
    browser: BrowserRequest,
    state: string,
    spent?: (carry: Carried) => void,
  ): Promise<PendingLogin> {
    const key = { state, id: await loginId(state) };
    const login = await this.#storage.take(browser, key);
    if (!isPendingLogin(login) || !equalInConstantTime(login.state, state)) {
      const carry = this.#carried.get(key.id);
      if (carry && (await this.#storage.binds?.(browser, key))) spent?.(carry);
      throw mismatch(carry ? usedBefore : whyNone(browser));
    }
    if (!this.#used.use(login.id, login.expiresAt)) {
      spent?.(login.carry ?? {});
      throw mismatch(usedBefore);
    }
    this.#remember(key.id, login.carry);
    if (login.expiresAt > now()) return login;
    throw new OAuthError(
      'expired_state',
      `This login was started more than ${this.#ttl} s ago. Start it again; "limits.stateTtl" sets the time.`,
    );
  }

  /** Removes all of the browser's pending logins after its user has logged out. */
  async drop(browser: BrowserRequest): Promise<void> {
    await this.#storage.drop(browser);
  }

  /** Marks a value as used; returns `false` if it was already used, here or in the shared store. */
  async spend(browser: BrowserRequest, { id, until }: Spendable): Promise<boolean> {
    if (!this.#used.use(id, until * 1000)) return false;
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

  /** Reverts {@link spend} because the operation failed. */
  async unspend(browser: BrowserRequest, { id }: Spendable): Promise<void> {
    this.#used.delete(id);
    const store = await this.#storage.shared?.(browser);
    await store?.take(await spentKey(id));
  }

  /** Caches only the application data that is needed to redirect the user, with a bounded size. */
  #remember(id: string, carry: Carried = {}): void {
    const { data: _data, returnTo = '', ...marks } = carry;
    const short = returnTo !== '' && returnTo.length <= 256;
    this.#carried.set(id, short ? { ...marks, returnTo } : marks);
  }
}

const usedBefore =
  'It was used before: a callback works once, and this one was loaded again (the page was reloaded, opened ' +
  'twice, or reached with the Back button).';

function whyNone(browser: BrowserRequest): string {
  return browser.header('cookie') === undefined
    ? 'The request has no cookie: it came from another browser or host (localhost is ' +
        'not 127.0.0.1), the browser did not send it (Secure over http, SameSite with a POST), or the callback was ' +
        'used before and loaded again.'
    : 'It was used before and loaded again (reload, Back button), was started elsewhere, or is too old.';
}

function spentKey(id: string): Awaitable<string> {
  return storeKey(`spent ${id}`);
}

function mismatch(why: string): OAuthError {
  return new OAuthError(
    'mismatching_state',
    `This browser has no pending login for this callback. ${why} Start the login again.`,
  );
}
