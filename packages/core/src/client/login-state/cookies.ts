import { now, sha256 } from '../../platform/crypto.js';
import { toBase64Url } from '../../platform/encoding.js';
import { OAuthError } from '../../model/errors.js';
import type { BrowserCookie, BrowserExchange } from '../../model/ports.js';

/** A cookie of a pending login. */
export interface LoginCookie {
  name: string;
  value: string;
}

const prefix = 'oauth-registry.';
const secureName = /^(?:__Host-)?oauth-registry\./;
const sealedPrefix = 'pending-login-';
/** The names of cookies that bind a login in a store, which sealed logins leave alone. */
const bindingId = new RegExp(`^(?!${sealedPrefix})(?:[\\w-]{16}|slot-\\d\\d)$`);

/** A short, safe name for a pending login: 96 bits of its state's hash. */
export async function loginId(state: string): Promise<string> {
  return toBase64Url((await sha256(state)).subarray(0, 12));
}

/**
 * Names a login cookie. Over https it carries the
 * `__Host-` prefix, which a sibling domain cannot plant (RFC 6265bis §4.1.3.2).
 */
export function cookieName(id: string, secure: boolean): string {
  return `${secure ? '__Host-' : ''}${prefix}${id}`;
}

/** The part of a login cookie's name that tells it from others. */
export function idOf({ name }: Pick<LoginCookie, 'name'>): string {
  return name.slice(name.indexOf(prefix) + prefix.length);
}

/** Whether a cookie has the name of a sealed login. */
export function isSealed(cookie: Pick<LoginCookie, 'name'>): boolean {
  return idOf(cookie).startsWith(sealedPrefix);
}

/** Whether a login's callback comes over https, where cookies can be protected from other hosts. */
export function isSecure({ redirectUri }: { redirectUri: string }): boolean {
  return new URL(redirectUri).protocol === 'https:';
}

/**
 * Seconds to keep a login: twice as long as it is good for, so that coming back late is told apart from
 * never having been here.
 */
export function keepFor({ expiresAt }: { expiresAt: number }): number {
  return Math.ceil((expiresAt - now()) / 1000) * 2;
}

/** The login cookies of a request, in the order the browser sent them. */
export function readLoginCookies(browser: BrowserExchange): LoginCookie[] {
  return (
    (browser.header('cookie') ?? '')
      // Only what RFC 6265 §4.2.1 puts between cookies: trim() would strip bytes that are part of a name.
      .split(/;[ \t]*/)
      .filter((pair) => secureName.test(pair) && pair.includes('='))
      .map((pair) => {
        const at = pair.indexOf('=');
        return { name: pair.slice(0, at), value: pair.slice(at + 1) };
      })
  );
}

/** How a login cookie travels. */
export interface CookieAttributes {
  secure: boolean;
  /** The provider POSTs its response from another site, so the cookie must be allowed to come along. */
  crossSite: boolean;
  /** Seconds. */
  maxAge: number;
}

/** The most bytes of one cookie, name and value, that every browser stores with its attributes. */
const maxCookieBytes = 3800;

/** Bytes of a request's `Cookie` header that no start of a login exceeds, below the 8 KB that nginx takes. */
const headerBytes = 7000;

/** Names that sealed logins have at most, however many requests run in parallel. */
export const maxSlots = 20;

/** Cookies that a response which sets another one removes at most: proxies limit the header of a response, too. */
export const maxRemoved = 12;

/** How much of a browser's cookies pending logins may take up. */
export interface CookieLimits {
  /** Logins. */
  count: number;
  /** Bytes of all their cookies in one request. */
  bytes: number;
}

/** A name for a new cookie, and what makes room for it. */
export interface Slot {
  name: string;
  /** What the cookie's value begins with: its age, and a dot. */
  stamp: string;
  /** The least recently set cookies, which leave no room. */
  dropped: LoginCookie[];
}

/**
 * The cookies of sealed logins, under a fixed number of names: requests in parallel, each of which sees
 * none of the others' cookies, overwrite each other beyond that number and cannot fill the header.
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

  /** Finds a place for a cookie whose value has `size` bytes; the least recently set ones go. */
  place(browser: BrowserExchange, { secure, size }: { secure: boolean; size: number }): Slot {
    const names = this.#names(secure);
    const stamp = nextStamp(browser);
    const [name = ''] = names;
    const own = bytesOf({ name, value: stamp }) + size;
    if (own > maxCookieBytes) throw tooLong();
    const mine = readLoginCookies(browser).filter(
      (cookie) => cookie.name.startsWith('__Host-') === secure && !bindingId.test(idOf(cookie)),
    );
    const others = (browser.header('cookie') ?? '').length - sum(mine);
    const room = Math.max(own, Math.min(this.#limits.bytes, headerBytes - others));
    const kept = this.#kept(mine, names, room - own);
    const dropped = mine.filter((cookie) => !kept.includes(cookie)).toSorted(byAge);
    const free = names.filter((one) => !kept.some((cookie) => cookie.name === one));
    const unused = free.filter((one) => !dropped.some((cookie) => cookie.name === one));
    const allowed = (unused.length > 0 ? unused : free).slice(
      0,
      Math.floor((room - sum(kept)) / own),
    );
    // Drawn late: some runtimes have no randomness before the first request.
    const turn = (this.#turn ?? crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) + 1;
    this.#turn = turn;
    return {
      name: allowed[turn % allowed.length] ?? name,
      stamp,
      dropped: dropped.slice(0, Math.min(this.#limits.count, maxRemoved)),
    };
  }

  /** The most recently set cookies that leave room for one more. */
  #kept(mine: LoginCookie[], names: string[], room: number): LoginCookie[] {
    let total = 0;
    // Cookies under other names are no logins of this version, or planted.
    const known = mine.filter(({ name }) => names.includes(name)).toSorted(byAge);
    return known.toReversed().filter((cookie, index) => {
      total += bytesOf(cookie);
      return index + 1 < names.length && total <= room;
    });
  }
}

/** Sets a login cookie. */
export function setLoginCookie(
  browser: BrowserExchange,
  { name, value }: LoginCookie,
  { secure, maxAge, crossSite }: CookieAttributes,
): void {
  browser.setCookie({ name, value, secure, maxAge, ...sameSite(secure, crossSite) });
}

/** What was set as a login cookie's value. */
export function cookieContent({ value }: LoginCookie): string {
  return value.slice(value.indexOf('.') + 1);
}

/** Orders the least recently set first. Browsers send older cookies first (RFC 6265 §5.4). */
export function byAge(a: LoginCookie, b: LoginCookie): number {
  return setAt(a) - setAt(b);
}

/** Milliseconds that later cookies of a browser are allowed to be ahead of the clock. */
const maxAhead = 10_000;

/** A stamp above those of all cookies of this request, on which nothing but their order relies. */
function nextStamp(browser: BrowserExchange): string {
  const latest = Math.max(0, ...readLoginCookies(browser).map(setAt));
  return `${Math.max(now(), latest + 1).toString(36)}.`;
}

function setAt({ value }: LoginCookie): number {
  const time = Number.parseInt(value.slice(0, value.indexOf('.')), 36) || 0;
  return Math.min(time, now() + maxAhead);
}

/** What a cookie takes up in the header, with its `=` and `; `. */
export function bytesOf({ name, value }: LoginCookie): number {
  return name.length + value.length + 3;
}

function sum(cookies: LoginCookie[]): number {
  return cookies.reduce((total, cookie) => total + bytesOf(cookie), 0);
}

/**
 * A cookie that must come along with a POST from another site is `None`, which browsers accept only
 * with Secure. Without https it goes unmarked: such a cookie still comes along for two minutes.
 */
function sameSite(secure: boolean, crossSite: boolean): Pick<BrowserCookie, 'sameSite'> {
  if (!crossSite) return { sameSite: 'lax' };
  return secure ? { sameSite: 'none' } : {};
}

/** Removes a login cookie from the browser. */
export function dropLoginCookie(browser: BrowserExchange, name: string): void {
  const secure = name.startsWith('__Host-');
  browser.setCookie({ name, value: '', secure, maxAge: 0, sameSite: 'lax' });
}

/** Writes a cookie as a `Set-Cookie` header (RFC 6265 §4.1). */
export function formatCookie({
  name,
  value,
  maxAge,
  secure,
  sameSite: site,
}: BrowserCookie): string {
  const sent = site === undefined ? '' : `; SameSite=${site === 'lax' ? 'Lax' : 'None'}`;
  // Next.js writes cookies anew when it adds its own, and loses a Max-Age of 0 on the way.
  const gone = maxAge === 0 ? '; Expires=Thu, 01 Jan 1970 00:00:00 GMT' : '';
  return `${name}=${value}; Path=/; Max-Age=${maxAge}${gone}; HttpOnly${sent}${secure ? '; Secure' : ''}`;
}

function tooLong(): OAuthError {
  return new OAuthError(
    'invalid_options',
    'This pending login does not fit into a cookie: the redirect URI, "returnTo" or "data" is too long. Shorten it, or keep ' +
      'pending logins in the session.',
  );
}
