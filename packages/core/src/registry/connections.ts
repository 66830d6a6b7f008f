import { internalsOf, type FrameworkClient } from '../client/client.js';
import { isRenewable, TokenRecords, type TokenRecord } from '../client/tokens/records.js';
import { OAuthError } from '../model/errors.js';
import type { TokenEntry, TokenKey, TokenPage, TokenStore } from '../model/ports.js';
import type { Token } from '../model/types.js';
import type { RegistryOptions } from '../options/read-registry-options.js';
import { nowSeconds } from '../platform/crypto.js';
import { guardTokenStore } from '../platform/store-failure.js';
import { expiryOf, isExpired } from '../platform/token-expiry.js';

/** A stored token of a user, at one client and account. It contains no token. */
export interface Connection {
  client: string;
  account: string;
  /**
   * `active`: API calls work, after a refresh if it is due. `expired`: it has expired and cannot be
   * refreshed. `ended`: the provider has ended the authorization. `unreadable`: it cannot be
   * decrypted. After all but `active` the user must log in again.
   */
  state: 'active' | 'expired' | 'ended' | 'unreadable';
  /** The scopes of the token, if the provider names them. */
  scope?: string | undefined;
  /** When the access token expires. */
  expiresAt?: Date | undefined;
  /** When the user logged in. */
  createdAt?: Date | undefined;
  /** When the token last changed: at that login, or at the last refresh. */
  updatedAt?: Date | undefined;
  /** The code of the error with which the last refresh failed, or of the error of an unreadable one. */
  error?: string | undefined;
}

/** Options of `refreshDue()` and `reseal()`. */
export interface PageOptions {
  /** Tokens of one call. Default: 100. */
  limit?: number | undefined;
  /** `next` of the previous call, to continue after it. */
  after?: string | undefined;
}

/** Options of `refreshDue()`. */
export interface RefreshDueOptions extends PageOptions {
  /** Refreshes tokens that expire within this number of seconds. Default: 3600. */
  within?: number | undefined;
}

/** What a call of `refreshDue()` or `reseal()` did. */
export interface PageResult {
  /** Tokens that were refreshed, or encrypted anew. */
  changed: number;
  failures: { userId: string; client: string; account: string; error: unknown }[];
  /** Continues after this page; absent if there is no more. Store it to resume later. */
  next?: string | undefined;
}

/** Refreshes at the same time. */
const concurrency = 8;

/** The stored tokens of all clients of a registry, for lists and workers. */
export class Connections {
  readonly #store: TokenStore;
  readonly #records: TokenRecords<Token>;
  readonly #find: (name: string) => Promise<FrameworkClient>;

  constructor(
    registry: Readonly<RegistryOptions>,
    find: (name: string) => Promise<FrameworkClient>,
  ) {
    const { tokenStore, timeout = 10_000 } = registry;
    if (!tokenStore) {
      throw new OAuthError(
        'invalid_options',
        'There is no token store. Give the registry a "tokenStore".',
      );
    }
    this.#store = guardTokenStore(tokenStore, timeout);
    this.#records = new TokenRecords(this.#store, registry);
    this.#find = find;
  }

  async list(userId: string): Promise<Connection[]> {
    const entries = await this.#store.list(userId);
    const found = await Promise.all(entries.map((entry) => this.#connection(entry)));
    const order = (one: Connection): string => JSON.stringify([one.client, one.account]);
    return found.toSorted((a, b) => (order(a) < order(b) ? -1 : 1));
  }

  async #connection(entry: TokenKey & TokenEntry): Promise<Connection> {
    const { client, account } = entry;
    try {
      const record = await this.#records.open(entry);
      const renewable = isRenewable(record.token) || (await this.#renewsItself(client));
      return { client, account, state: stateOf(record, renewable), ...describe(record) };
    } catch (error) {
      return { client, account, state: 'unreadable', error: codeOf(error) };
    }
  }

  /** Whether tokens of a client are refreshed with themselves. */
  async #renewsItself(client: string): Promise<boolean> {
    try {
      const { options } = internalsOf(await this.#find(client));
      return options.longLivedToken?.refresh !== undefined;
    } catch {
      // A client that is no longer registered.
      return false;
    }
  }

  async refreshDue({ within = 3600, limit = 100, after }: RefreshDueOptions): Promise<PageResult> {
    const { due } = this.#store;
    if (!due) throw cannot('due', 'list the tokens that are about to expire');
    const page = await due(nowSeconds() + within, limit, after);
    return await each(page, async ({ userId, client, account }) => {
      const app = internalsOf(await this.#find(client));
      return await app.refreshWithin({ userId, account }, within);
    });
  }

  async reseal({ limit = 100, after }: PageOptions): Promise<PageResult> {
    const { page } = this.#store;
    if (!page) throw cannot('page', 'list all tokens');
    return await each(await page(limit, after), (entry) => this.#records.reseal(entry));
  }
}

/** Runs a step for each entry of a page, some at a time. */
async function each(
  { entries, next }: TokenPage,
  step: (entry: TokenKey & TokenEntry) => Promise<boolean>,
): Promise<PageResult> {
  const result: PageResult = { changed: 0, failures: [], ...(next === undefined ? {} : { next }) };
  const rest = [...entries];
  const work = async (): Promise<void> => {
    for (let entry = rest.shift(); entry; entry = rest.shift()) {
      const { userId, client, account } = entry;
      try {
        if (await step(entry)) result.changed += 1;
      } catch (error) {
        result.failures.push({ userId, client, account, error });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, entries.length) }, work));
  return result;
}

function stateOf({ dead, token }: TokenRecord, renewable: boolean): Connection['state'] {
  if (dead !== undefined) return 'ended';
  return isExpired(token) && !renewable ? 'expired' : 'active';
}

function describe({ token, createdAt, updatedAt, lastError }: TokenRecord): Partial<Connection> {
  const { scope } = token;
  const all = {
    scope: typeof scope === 'string' ? scope : undefined,
    expiresAt: date(expiryOf(token)),
    createdAt: date(createdAt),
    updatedAt: date(updatedAt),
    error: lastError,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

function date(seconds: number | undefined): Date | undefined {
  return seconds === undefined ? undefined : new Date(seconds * 1000);
}

function codeOf(error: unknown): string {
  return error instanceof OAuthError ? error.code : 'storage_failed';
}

function cannot(method: 'page' | 'due', what: string): OAuthError {
  return new OAuthError(
    'invalid_options',
    `The token store cannot ${what}. Use a store that has "${method}", such as postgresStore(), or add it to yours.`,
  );
}
