import { now, nowSeconds, sha256 } from '../crypto.js';
import { toBase64Url } from '../encoding.js';
import { OAuthError } from '../errors.js';
import type { BrowserCookie, BrowserExchange } from '../ports.js';

/** A cookie of a pending login. */
export interface LoginCookie {
  name: string;
  value: string;
}

const prefix = 'oauth-registry.';
const secureName = /^(?:__Host-)?oauth-registry\./;

/** A short, safe name for a pending login: 96 bits of its state's hash. */
export async function loginId(state: string): Promise<string> {
  return toBase64Url((await sha256(state)).subarray(0, 12));
}

/**
 * Names the cookie of one pending login, so that logins never share one. Over https it carries the
 * `__Host-` prefix, which a sibling domain cannot plant (RFC 6265bis §4.1.3.2).
 */
export function cookieName(id: string, secure: boolean): string {
  return `${secure ? '__Host-' : ''}${prefix}${id}`;
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
  /** The provider POSTs its answer from another site, so the cookie must be allowed to come along. */
  crossSite: boolean;
  /** Seconds. */
  maxAge: number;
}

/** The most bytes of one cookie, name and value, that every browser keeps with its attributes. */
const maxCookieBytes = 3800;

/** How much of a browser's cookies pending logins may take up. */
export interface CookieLimits {
  /** Cookies. */
  count: number;
  /** Bytes of all of them in one request. */
  bytes: number;
}

/**
 * Adds a login cookie to the response and drops the oldest ones that leave no room for it. Returns the
 * dropped ones. The value begins with the time it was set, on which nothing but that order relies.
 */
export function addLoginCookie(
  browser: BrowserExchange,
  { name, value, ...attributes }: LoginCookie & CookieAttributes,
  limits: CookieLimits,
): LoginCookie[] {
  const added = { name, value: `${nowSeconds().toString(36)}.${value}` };
  if (added.name.length + added.value.length + 1 > maxCookieBytes) throw tooLong();
  const dropped = overflow(readLoginCookies(browser), added, limits).slice(0, limits.count);
  for (const cookie of dropped) dropLoginCookie(browser, cookie.name);
  const { secure, maxAge, crossSite } = attributes;
  browser.setCookie({ ...added, secure, maxAge, ...sameSite(secure, crossSite) });
  return dropped;
}

/** What was added as a login cookie's value. */
export function cookieContent({ value }: LoginCookie): string {
  return value.slice(value.indexOf('.') + 1);
}

/** The oldest cookies, as many as must go for the new one to fit. */
function overflow(
  cookies: LoginCookie[],
  added: LoginCookie,
  { count, bytes }: CookieLimits,
): LoginCookie[] {
  const size = (cookie: LoginCookie): number => cookie.name.length + cookie.value.length + 3;
  // Browsers send older cookies first (RFC 6265 §5.4), which decides between those of one second.
  const secure = added.name.startsWith('__Host-');
  const newestFirst = cookies
    .filter(({ name }) => name !== added.name && name.startsWith('__Host-') === secure)
    .toReversed()
    .toSorted((a, b) => setAt(b) - setAt(a));
  let total = size(added);
  return newestFirst.filter((cookie, index) => {
    total += size(cookie);
    return index + 2 > count || total > bytes;
  });
}

function setAt({ value }: LoginCookie): number {
  const seconds = Number.parseInt(value.slice(0, value.indexOf('.')), 36) || 0;
  return Math.min(seconds, nowSeconds());
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
    'This pending login does not fit into a cookie: the redirect URI is too long. Shorten it, or keep ' +
      'pending logins in the session.',
  );
}
