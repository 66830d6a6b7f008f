import { now, randomToken } from '../crypto.js';
import { isObject } from '../encoding.js';
import { OAuthError } from '../errors.js';
import type { BrowserExchange, Carried } from '../ports.js';
import type { AuthorizeData } from '../types.js';

/** A login between its redirect and its callback. */
export interface PendingLogin extends AuthorizeData {
  /** The client that started it; no other may finish it. */
  client: string;
  /** The protocol that started it; no other may finish it. */
  kind: string;
  /** What the application sent along. */
  carry?: Carried;
  /** Ours alone, for telling logins apart whose state a provider chose. */
  id: string;
  /** Milliseconds since the epoch; checked on the way back, whatever the storage's own expiry. */
  expiresAt: number;
}

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

  /** `ttl`: seconds a login may take. */
  constructor(storage: LoginStorage, ttl: number) {
    this.#storage = storage;
    this.#ttl = ttl;
  }

  async put(
    browser: BrowserExchange,
    login: Omit<PendingLogin, 'id' | 'expiresAt'>,
  ): Promise<void> {
    const id = randomToken(12);
    await this.#storage.put(browser, { ...login, id, expiresAt: now() + this.#ttl * 1000 });
  }

  /** Takes the login a callback answers, or explains why there is none. */
  async take(browser: BrowserExchange, state: string): Promise<PendingLogin> {
    const login = await this.#storage.take(browser, state);
    if (!login) throw mismatch(this.#whyNone(browser));
    if (this.#spent.has(login.id)) throw mismatch('It was used before: a callback works once.');
    this.#spend(login);
    if (login.expiresAt > now()) return login;
    throw new OAuthError(
      'expired_state',
      `This login was started more than ${this.#ttl} s ago. Start it again; "limits.stateTtl" sets the time.`,
    );
  }

  #spend({ id, expiresAt }: PendingLogin): void {
    this.#spent.set(id, expiresAt);
    for (const [old, expiry] of this.#spent) {
      if (expiry > now()) break;
      this.#spent.delete(old);
    }
  }

  #whyNone(browser: BrowserExchange): string {
    return browser.header('cookie') === undefined
      ? 'The request carries no cookie at all: it came from another browser or host (localhost is ' +
          'not 127.0.0.1), or the cookie was held back (Secure over http, SameSite with a POST).'
      : 'It was started elsewhere, has been used already, or is too old.';
  }
}

function mismatch(why: string): OAuthError {
  return new OAuthError(
    'mismatching_state',
    `This browser has no pending login for this callback. ${why} Start the login again.`,
  );
}
