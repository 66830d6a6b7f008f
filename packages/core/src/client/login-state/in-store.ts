import { BoundedCache } from '../../platform/bounded-cache.js';
import { randomToken, sha256 } from '../../platform/crypto.js';
import { toBase64Url, tryJson } from '../../platform/encoding.js';
import type { BrowserRequest, StateStore } from '../../model/ports.js';
import type { Awaitable } from '../../model/types.js';
import { dropAll } from './in-cookie.js';
import {
  cookieBytes,
  cookieName,
  dropLoginCookie,
  isSecure,
  storageSeconds,
  maxRemoved,
  readLoginCookies,
  setLoginCookie,
  type CookieLimits,
  type LoginCookie,
  type ReceivedCookie,
  totalBytes,
} from './cookies.js';
import { guardStateStore } from '../../platform/guarded-session.js';
import { loginId, type LoginKey, type LoginStorage, type PendingLogin } from './pending-logins.js';
import { storeKey } from '../../platform/store-key.js';

/** Options of the store storage of pending logins. */
export interface StoreStorageOptions extends CookieLimits {
  /** Milliseconds before a store operation times out. */
  timeout?: number | undefined;
  /** Entries already taken, if several storages share them. */
  taken?: TakenEntries;
}

/** A cookie of this storage, with its parsed content. */
interface Binding {
  cookie: LoginCookie;
  /** Whether the cookie is for https: a sibling domain could have planted another. */
  secure: boolean;
  /** A random value that is part of every entry's key. */
  secret: string;
  /** Whether the callback is a cross-site POST. */
  crossSite: boolean;
  /** The identifier of the cookie's only login; `undefined` if logins share the cookie. */
  id: string | undefined;
}

/** Maximum logins with a separate cookie; further logins share one. */
const maxOwn = 20;

/**
 * Maximum parallel starts, which do not see each other's cookies, that must fit into the header.
 */
const burst = 60;

/** Maximum bytes of the `Cookie` header after a start, slightly below nginx's limit of 8 KB. */
const headerBytes = 8000;

/** Maximum bytes of the `Cookie` header with parallel starts beside many other cookies. */
const crowdedBytes = 7000;

/** Length of a login identifier, in characters. */
const idLength = 16;
const bindingShape = /^([lp])([\w-]{22})([\w-]{16})?$/;
const sharedPrefix = 'shared-';

/** Maximum shared cookies that a callback tries. */
const maxShared = 8;

/** The keys of the entries taken last, which identify a duplicate callback. */
export type TakenEntries = BoundedCache<true>;

export function takenEntries(): TakenEntries {
  return new BoundedCache(2000);
}

/**
 * Stores pending logins in a store of the application. Each is bound to its browser by a cookie
 * with a random value. The first twenty have separate cookies with different names: parallel starts
 * cannot overwrite each other, whichever process responds. Later logins share a cookie derived from
 * another, so that parallel starts set the same one.
 */
export class StoreStorage implements LoginStorage {
  readonly #store: StateStore;
  readonly #limits: CookieLimits;
  readonly #taken: TakenEntries;

  constructor(store: StateStore, options: StoreStorageOptions) {
    this.#store = guardStateStore(store, options.timeout);
    this.#limits = options;
    this.#taken = options.taken ?? takenEntries();
  }

  async put(browser: BrowserRequest, login: PendingLogin): Promise<void> {
    const id = await loginId(login.state);
    const { binding, dropped } = await this.#place(browser, login, id);
    const maxAge = storageSeconds(login);
    await this.#store.put(await entryKey(binding, id), JSON.stringify(login), maxAge);
    const { cookie, secure, crossSite } = binding;
    const gone = [...unrecognizedCookies(browser, secure), ...dropped.map((one) => one.cookie)];
    for (const { name } of gone.slice(0, Math.min(this.#limits.count, maxRemoved)))
      if (name !== cookie.name) dropLoginCookie(browser, name);
    setLoginCookie(browser, cookie, { secure, crossSite, maxAge });
    await this.#forget(dropped);
  }

  async take(browser: BrowserRequest, { id }: LoginKey): Promise<unknown> {
    for (const binding of bindingsOf(browser, id)) {
      const key = await entryKey(binding, id);
      const found = await this.#store.take(key);
      if (found === undefined) continue;
      this.#taken.set(key, true);
      // A shared cookie remains until it expires: other logins need it, and parallel responses
      // set it.
      if (binding.id !== undefined) dropLoginCookie(browser, binding.cookie.name);
      return tryJson(found);
    }
    return undefined;
  }

  async binds(browser: BrowserRequest, { id }: LoginKey): Promise<boolean> {
    const keys = bindingsOf(browser, id).map(async (one) => await entryKey(one, id));
    return (await Promise.all(keys)).some((key) => this.#taken.get(key));
  }

  async drop(browser: BrowserRequest): Promise<void> {
    const all = readBindings(browser);
    const shared = all.filter(({ id }) => id === undefined);
    // While the oldest cookie exists, a later login would share the very cookie being removed.
    const oldest = [true, false].map((secure) => all.find((one) => one.secure === secure));
    const first = [...shared, ...oldest].flatMap((one) => one?.cookie ?? []);
    dropAll(browser, first);
    // Without its cookie an entry cannot be addressed, so entries that the store fails to remove
    // only expire.
    await this.#forget(all).catch(() => undefined);
  }

  async shared(): Promise<StateStore> {
    return this.#store;
  }

  /** Selects the cookie of a login, and the cookies to remove. */
  async #place(
    browser: BrowserRequest,
    login: PendingLogin,
    id: string,
  ): Promise<{ binding: Binding; dropped: Binding[] }> {
    const { count, bytes } = this.#limits;
    const secure = isSecure(login);
    const crossSite = login.formPost === true;
    const mine = readBindings(browser).filter((one) => one.secure === secure);
    const own = mine.filter((one) => one.id !== undefined);
    const header = browser.header('cookie')?.length ?? 0;
    const added = create(id, { secure, crossSite });
    const size = cookieBytes(added.cookie);
    const crowded =
      header + burst * size > headerBytes ||
      totalBytes(own.map(({ cookie }) => cookie)) + size > Math.min(bytes, crowdedBytes);
    const dropped = oldestBeyond(own, header + size - headerBytes);
    if (!crowded && own.length < Math.min(count, maxOwn)) return { binding: added, dropped };
    if (!crowded && count <= maxOwn && own.length === count)
      return { binding: added, dropped: own.slice(0, 1) };
    if (mine.length > 0)
      return { binding: await sharedBinding(mine, { secure, crossSite }), dropped };
    return {
      binding: await slotted(added, Math.floor((crowdedBytes - header) / (size + idLength))),
      dropped,
    };
  }

  async #forget(gone: readonly Binding[]): Promise<void> {
    const own = gone.flatMap((one) => (one.id === undefined ? [] : [entryKey(one, one.id)]));
    if (own.length === 0) return;
    await Promise.all(own.map(async (key) => await this.#store.take(await key)));
  }
}

/** Creates a cookie for one login. */
function create(id: string, { secure, crossSite }: Pick<Binding, 'secure' | 'crossSite'>): Binding {
  const secret = randomToken(16);
  const cookie = { name: cookieName(id, secure), value: `${crossSite ? 'p' : 'l'}${secret}` };
  return { cookie, secure, secret, crossSite, id };
}

/**
 * Uses one of a few names instead: beside many other cookies, parallel starts overwrite each other.
 */
async function slotted(binding: Binding, room: number): Promise<Binding> {
  const { cookie, secure, id = '' } = binding;
  if (room >= burst) return binding;
  const [byte = 0] = await sha256(id);
  const slot = String(byte % Math.max(1, room)).padStart(2, '0');
  const name = cookieName(`slot-${slot}`, secure);
  return { ...binding, cookie: { name, value: `${cookie.value}${id}` } };
}

/** Returns the cookie that logins share: an existing one, or one derived from the oldest. */
async function sharedBinding(
  mine: readonly Binding[],
  { secure, crossSite }: Pick<Binding, 'secure' | 'crossSite'>,
): Promise<Binding> {
  const shared = mine.find((one) => one.id === undefined && one.crossSite === crossSite);
  if (shared) return shared;
  const way = crossSite ? 'p' : 'l';
  const seed = await sha256(`shared login ${way} ${mine[0]?.secret ?? ''}`);
  const secret = toBase64Url(seed.subarray(0, 16));
  const name = cookieName(
    `${sharedPrefix}${toBase64Url(seed.subarray(16, 23)).slice(0, 9)}`,
    secure,
  );
  const cookie = { name, value: `${way}${secret}` };
  return { cookie, secure, secret, crossSite, id: undefined };
}

/**
 * Returns the oldest cookies that exceed a number of bytes, limited to what one response removes.
 * Browsers send older cookies first (RFC 6265 §5.4).
 */
function oldestBeyond(own: readonly Binding[], bytes: number): Binding[] {
  let left = bytes;
  const gone = own.filter(({ cookie }) => {
    if (left <= 0) return false;
    left -= cookieBytes(cookie);
    return true;
  });
  return gone.slice(0, maxRemoved);
}

/** Returns the cookies that may bind a login with that identifier: its own, or shared ones. */
function bindingsOf(browser: BrowserRequest, id: string): Binding[] {
  const all = readBindings(browser);
  // Those of https first: a sibling domain could plant more of the others than a callback tries.
  const shared = all
    .filter((one) => one.id === undefined)
    .toSorted((a, b) => Number(b.secure) - Number(a.secure))
    .slice(0, maxShared);
  return [...all.filter((one) => one.id === id), ...shared];
}

function readBindings(browser: BrowserRequest): Binding[] {
  return readLoginCookies(browser)
    .map(readBinding)
    .filter((one) => one !== undefined);
}

/** Returns cookies that belong to no login: from another version, or planted. */
function unrecognizedCookies(browser: BrowserRequest, secure: boolean): ReceivedCookie[] {
  return readLoginCookies(browser).filter(
    (cookie) => cookie.secure === secure && !cookie.sealed && readBinding(cookie) === undefined,
  );
}

function readBinding(cookie: ReceivedCookie): Binding | undefined {
  const [, way, secret = '', given] = bindingShape.exec(cookie.value) ?? [];
  if (way === undefined) return undefined;
  const { id: named, secure } = cookie;
  const shared = named.startsWith(sharedPrefix);
  if (!shared && given === undefined && named.length !== idLength) return undefined;
  const id = shared ? undefined : (given ?? named);
  return { cookie, secure, secret, crossSite: way === 'p', id };
}

function entryKey(
  { secure, secret }: Pick<Binding, 'secure' | 'secret'>,
  id: string,
): Awaitable<string> {
  return storeKey(`login ${secure ? 'https' : 'http'} ${secret} ${id}`);
}
