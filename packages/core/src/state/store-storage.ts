import { equalInConstantTime, randomToken } from '../crypto.js';
import { tryJson } from '../encoding.js';
import type { BrowserExchange, StateStore } from '../ports.js';
import { dropAll } from './cookie-storage.js';
import {
  byAge,
  cookieContent,
  dropLoginCookie,
  isSecure,
  keepFor,
  loginId,
  LoginCookies,
  maxSlots,
  nextStamp,
  readLoginCookies,
  setLoginCookie,
  type CookieLimits,
  type LoginCookie,
  type Slot,
} from './cookies.js';
import { guardStore } from './guarded.js';
import { isPendingLogin, type LoginStorage, type PendingLogin } from './pending-logins.js';
import { storeKey } from './store-key.js';

/** How pending logins are stored in a store. */
export interface StoreStorageOptions extends CookieLimits {
  /** Milliseconds that the store has for one step. */
  timeout?: number | undefined;
  /** The cookies of the browsers, if more than one storage shares them. */
  cookies?: LoginCookies;
}

/** What a cookie says: a random value, without which no entry can be named, and the logins stored with it. */
interface Binding {
  /** Whether the cookie is for https: a sibling domain could have planted another. */
  secure: boolean;
  secret: string;
  /** Whether one of the logins comes back with a POST from another site. */
  crossSite: boolean;
  /** The first characters of the logins' ids, oldest first. */
  marks: string[];
}

/** Characters of a mark: 48 bits, enough to tell the logins of one browser apart. */
const markLength = 8;
const bindingShape = /^([lp])([\w-]{22})((?:\.[\w-]{8})+)$/;

/**
 * Stores pending logins in a store of the application's own. Each is bound to its browser by a cookie with
 * a random value. Up to {@link maxSlots} logins have a cookie each; more of them share those.
 */
export function createStoreStorage(
  unguarded: StateStore,
  options: StoreStorageOptions,
): LoginStorage {
  const { count, timeout, cookies = new LoginCookies(options) } = options;
  const store = guardStore(unguarded, timeout);

  /** How many logins one cookie has at most, so that all of them have `count`. */
  function most({ name }: Pick<LoginCookie, 'name'>): number {
    const index = Number(name.slice(-2));
    return Math.max(1, Math.floor(count / maxSlots) + (index < count % maxSlots ? 1 : 0));
  }

  /** Where a login goes: to a cookie of its own, or to another login's if that leaves no room for one. */
  function place(browser: BrowserExchange, login: PendingLogin, mark: string): [Slot, Binding] {
    const secure = isSecure(login);
    const crossSite = login.formPost === true;
    const binding = { secure, secret: randomToken(16), crossSite, marks: [mark] };
    const shared = Math.ceil(count / maxSlots) - 1;
    const size = write(binding).length + Math.max(0, shared) * (markLength + 1);
    const slot = cookies.place(browser, { secure, size });
    if (shared < 1 || !slot.dropped.some(readBinding)) return [slot, binding];
    return join(browser, binding, slot);
  }

  /** Adds a login to one of the cookies there are: to the one used least recently if all are full. */
  function join(browser: BrowserExchange, added: Binding, { turn }: Slot): [Slot, Binding] {
    const names = cookies.names(added.secure);
    const held = (cookie: LoginCookie): number => readBinding(cookie)?.marks.length ?? 0;
    const mine = readLoginCookies(browser)
      .filter((cookie) => names.includes(cookie.name) && held(cookie) > 0)
      .toSorted(byAge);
    const fewest = Math.min(...mine.map(held));
    const open = mine.filter((cookie) => held(cookie) === fewest && fewest < most(cookie));
    const joined = (open[turn % open.length] ?? mine[0]) as LoginCookie;
    const old = readBinding(joined) as Binding;
    const marks = [...old.marks, ...added.marks].slice(-most(joined));
    const gone = { ...old, marks: old.marks.filter((mark) => !marks.includes(mark)) };
    const dropped = gone.marks.length > 0 ? [{ name: joined.name, value: `.${write(gone)}` }] : [];
    const slot = { name: joined.name, stamp: nextStamp(browser), turn, dropped };
    return [slot, { ...old, crossSite: old.crossSite || added.crossSite, marks }];
  }

  async function forget(gone: readonly LoginCookie[]): Promise<void> {
    const bindings = gone.map(readBinding).filter((one) => one !== undefined);
    const keys = bindings.flatMap((one) => one.marks.map((mark) => entryKey(one, mark)));
    await Promise.all(keys.map(async (key) => await store.take(await key)));
  }

  return {
    async put(browser, login) {
      const mark = (await loginId(login.state)).slice(0, markLength);
      const [slot, binding] = place(browser, login, mark);
      const { crossSite } = binding;
      const maxAge = keepFor(login);
      await store.put(await entryKey(binding, mark), JSON.stringify(login), maxAge);
      const attributes = { secure: isSecure(login), crossSite, maxAge };
      setLoginCookie(browser, slot, { content: write(binding), ...attributes });
      await forget(slot.dropped);
    },
    async take(browser, state) {
      const mark = (await loginId(state)).slice(0, markLength);
      for (const cookie of readLoginCookies(browser)) {
        const binding = readBinding(cookie);
        if (!binding?.marks.includes(mark)) continue;
        const found = await store.take(await entryKey(binding, mark));
        if (found === undefined) continue;
        // A cookie of several logins stays until it expires: parallel responses may have added to it.
        if (binding.marks.length === 1) dropLoginCookie(browser, cookie.name);
        const login = readLogin(found, state);
        if (login) return login;
      }
      return undefined;
    },
    async binds(browser, state) {
      const mark = (await loginId(state)).slice(0, markLength);
      return readLoginCookies(browser).some((one) => readBinding(one)?.marks.includes(mark));
    },
    async drop(browser) {
      dropAll(browser);
      // Without its cookie no entry can be named, so that what the store fails to remove only expires.
      await forget(readLoginCookies(browser)).catch(() => undefined);
    },
    shared: async () => store,
  };
}

function write({ secret, crossSite, marks }: Omit<Binding, 'secure'>): string {
  return [`${crossSite ? 'p' : 'l'}${secret}`, ...marks].join('.');
}

function readBinding(cookie: LoginCookie): Binding | undefined {
  const [, way, secret = '', marks = ''] = bindingShape.exec(cookieContent(cookie)) ?? [];
  if (way === undefined) return undefined;
  const secure = cookie.name.startsWith('__Host-');
  return { secure, secret, crossSite: way === 'p', marks: marks.slice(1).split('.') };
}

/** An entry that is not what was put there counts as none. */
function readLogin(text: string, state: string): PendingLogin | undefined {
  const login = tryJson(text);
  return isPendingLogin(login) && equalInConstantTime(login.state, state) ? login : undefined;
}

async function entryKey({ secure, secret }: Binding, mark: string): Promise<string> {
  return await storeKey(`login ${secure ? 'https' : 'http'} ${secret} ${mark}`);
}
