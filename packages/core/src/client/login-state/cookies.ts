import { now } from '../../platform/crypto.js';
import { OAuthError } from '../../model/errors.js';
import type { BrowserCookie, BrowserRequest } from '../../model/ports.js';

/** A cookie of a pending login. */
export interface LoginCookie {
  name: string;
  value: string;
}

/** A cookie of a pending login that a browser has sent. */
export interface ReceivedCookie extends LoginCookie {
  /** The identifying part of its name. */
  id: string;
  /** Whether its name has the `__Host-` prefix, so that no sibling domain can have set it. */
  secure: boolean;
  /** Whether it has the name of an encrypted login. */
  sealed: boolean;
}

const prefix = 'oauth-registry.';
const secureName = /^(?:__Host-)?oauth-registry\./;
const sealedPrefix = 'pending-login-';
/** Names of cookies that bind a login in a store; encrypted logins leave them unchanged. */
const bindingId = new RegExp(`^(?!${sealedPrefix})(?:[\\w-]{16}|slot-\\d\\d)$`);

/**
 * Returns the name of a login cookie. Over https it has the `__Host-` prefix, so a sibling domain
 * cannot set it (RFC 6265bis §4.1.3.2).
 */
export function cookieName(id: string, secure: boolean): string {
  return `${secure ? '__Host-' : ''}${prefix}${id}`;
}

/** Whether a login's callback uses https, so that its cookies can be protected from other hosts. */
export function isSecure({ redirectUri }: { redirectUri: string }): boolean {
  return new URL(redirectUri).protocol === 'https:';
}

/**
 * Returns the seconds to store a login: twice its lifetime, so that a late callback is
 * distinguishable from an unknown one.
 */
export function storageSeconds({ expiresAt }: { expiresAt: number }): number {
  return Math.ceil((expiresAt - now()) / 1000) * 2;
}

/** Returns the login cookies of a request, in the order sent by the browser. */
export function readLoginCookies(browser: BrowserRequest): ReceivedCookie[] {
  return (
    (browser.header('cookie') ?? '')
      // Splits only as in RFC 6265 §4.2.1: trim() would remove bytes that belong to a name.
      .split(/;[ \t]*/)
      .filter((pair) => secureName.test(pair) && pair.includes('='))
      .map((pair) => {
        const at = pair.indexOf('=');
        const name = pair.slice(0, at);
        const id = name.slice(name.indexOf(prefix) + prefix.length);
        const secure = name.startsWith('__Host-');
        return { name, value: pair.slice(at + 1), id, secure, sealed: id.startsWith(sealedPrefix) };
      })
  );
}

/** Attributes of a login cookie. */
export interface CookieAttributes {
  secure: boolean;
  /** Whether the provider POSTs its response cross-site, so the cookie must be sent with it. */
  crossSite: boolean;
  /** Lifetime in seconds. */
  maxAge: number;
}

/** Maximum bytes of a cookie's name and value that every browser accepts with its attributes. */
const maxCookieBytes = 3800;

/**
 * Maximum bytes of a request's `Cookie` header after a login starts, below nginx's limit of 8 KB.
 */
const headerBytes = 7000;

/** Maximum number of names of encrypted logins, however many requests run in parallel. */
export const maxSlots = 20;

/**
 * Maximum cookies that a response removes while setting another: proxies limit response headers,
 * too.
 */
export const maxRemoved = 12;

/** Limits on the cookies of pending logins per browser. */
export interface CookieLimits {
  /** Maximum number of logins. */
  count: number;
  /** Maximum bytes of all their cookies in one request. */
  bytes: number;
}

/** A name for a new cookie, and the cookies to remove for it. */
export interface Slot {
  name: string;
  /** Prefix of the cookie's value: its timestamp and a dot. */
  stamp: string;
  /** The least recently set cookies, which are removed to make room. */
  dropped: LoginCookie[];
}

/**
 * The cookies of encrypted logins, under a fixed number of names. Parallel requests do not see each
 * other's cookies; beyond that number they overwrite each other and cannot overflow the header.
 */
export class LoginCookies {
  readonly #limits: CookieLimits;
  #turn: number | undefined;

  constructor(limits: CookieLimits) {
    this.#limits = limits;
  }

  #names(secure: boolean): string[] {
    return Array.from({ length: Math.min(this.#limits.count, maxSlots) }, (_, index) =>
      cookieName(`${sealedPrefix}${String(index).padStart(2, '0')}`, secure),
    );
  }

  /**
   * Selects the name of a cookie whose value has `size` bytes; removes the least recently set ones
   * if needed.
   */
  place(browser: BrowserRequest, { secure, size }: { secure: boolean; size: number }): Slot {
    const names = this.#names(secure);
    const stamp = nextStamp(browser);
    const [name = ''] = names;
    const own = cookieBytes({ name, value: stamp }) + size;
    if (own > maxCookieBytes) throw loginTooLargeForCookie();
    const mine = readLoginCookies(browser).filter(
      (cookie) => cookie.secure === secure && !bindingId.test(cookie.id),
    );
    const others = (browser.header('cookie') ?? '').length - totalBytes(mine);
    const room = Math.max(own, Math.min(this.#limits.bytes, headerBytes - others));
    const remaining = this.#remaining(mine, names, room - own);
    const dropped = mine.filter((cookie) => !remaining.includes(cookie)).toSorted(byAge);
    const free = names.filter((one) => !remaining.some((cookie) => cookie.name === one));
    const unused = free.filter((one) => !dropped.some((cookie) => cookie.name === one));
    const allowed = (unused.length > 0 ? unused : free).slice(
      0,
      Math.floor((room - totalBytes(remaining)) / own),
    );
    // Drawn lazily: some runtimes have no randomness before the first request.
    const turn = (this.#turn ?? crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) + 1;
    this.#turn = turn;
    return {
      name: allowed[turn % allowed.length] ?? name,
      stamp,
      dropped: dropped.slice(0, Math.min(this.#limits.count, maxRemoved)),
    };
  }

  /** Returns the most recently set cookies that leave room for one more. */
  #remaining(mine: LoginCookie[], names: string[], room: number): LoginCookie[] {
    let total = 0;
    // Cookies under other names are from another version, or planted.
    const known = mine.filter(({ name }) => names.includes(name)).toSorted(byAge);
    return known.toReversed().filter((cookie, index) => {
      total += cookieBytes(cookie);
      return index + 1 < names.length && total <= room;
    });
  }
}

/** Sets a login cookie. */
export function setLoginCookie(
  browser: BrowserRequest,
  { name, value }: LoginCookie,
  { secure, maxAge, crossSite }: CookieAttributes,
): void {
  browser.setCookie({ name, value, secure, maxAge, ...sameSite(secure, crossSite) });
}

/** Returns the content of a login cookie. */
export function cookieContent({ value }: LoginCookie): string {
  return value.slice(value.indexOf('.') + 1);
}

/**
 * Sorts cookies by age, least recently set first. Browsers send older cookies first (RFC 6265
 * §5.4).
 */
export function byAge(a: LoginCookie, b: LoginCookie): number {
  return setAt(a) - setAt(b);
}

/** Maximum milliseconds that a browser's later cookies may be ahead of the clock. */
const maxAhead = 10_000;

/**
 * Returns a timestamp greater than those of all cookies of this request; it is used only for
 * ordering.
 */
function nextStamp(browser: BrowserRequest): string {
  const latest = Math.max(0, ...readLoginCookies(browser).map(setAt));
  return `${Math.max(now(), latest + 1).toString(36)}.`;
}

function setAt({ value }: LoginCookie): number {
  const time = Number.parseInt(value, 36) || 0;
  return Math.min(time, now() + maxAhead);
}

/** Returns the bytes of a cookie in the header, including its `=` and `; `. */
export function cookieBytes({ name, value }: LoginCookie): number {
  return name.length + value.length + 3;
}

/** Returns the bytes of several cookies in the header. */
export function totalBytes(cookies: LoginCookie[]): number {
  return cookies.reduce((total, cookie) => total + cookieBytes(cookie), 0);
}

/**
 * Returns the `SameSite` attribute. A cookie sent with a cross-site POST needs `None`, which
 * browsers accept only with `Secure`. Without https the attribute is omitted: browsers still send
 * such a cookie for two minutes.
 */
function sameSite(secure: boolean, crossSite: boolean): Pick<BrowserCookie, 'sameSite'> {
  if (!crossSite) return { sameSite: 'lax' };
  return secure ? { sameSite: 'none' } : {};
}

/** Removes a login cookie from the browser. */
export function dropLoginCookie(browser: BrowserRequest, name: string): void {
  const secure = name.startsWith('__Host-');
  browser.setCookie({ name, value: '', secure, maxAge: 0, sameSite: 'lax' });
}

function loginTooLargeForCookie(): OAuthError {
  return new OAuthError(
    'invalid_options',
    'This pending login does not fit into a cookie: the redirect URI, "returnTo" or "data" is too long. Shorten it, or store ' +
      'the pending logins in the session.',
  );
}
