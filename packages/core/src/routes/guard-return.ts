import type { BrowserRequest } from '../model/ports.js';
import { scopeText, type Scope } from '../platform/scope.js';

/** Seconds after a login in which the page that started it does not start another. */
const lifetime = 30;

const cookie = 'oauth-returned';

/** Returns what the guard that started a login waits for, if one did. */
export function readGuard(given: URLSearchParams): string | undefined {
  const guard = given.get('guard');
  return guard !== null && /^[\w-]{16}$/.test(guard) ? guard : undefined;
}

/** Marks that a login for a guard has succeeded, so that the guard does not start it over and over. */
export function markReturn(
  browser: BrowserRequest,
  guard: string,
  baseUrl: string | undefined,
): void {
  const secure = baseUrl?.startsWith('https:') ?? false;
  const name = nameOf(secure);
  browser.setCookie({ name, value: guard, maxAge: lifetime, secure, sameSite: 'lax' });
}

/** Returns whether a login for this guard has just succeeded. */
export function hasReturned(
  browser: BrowserRequest,
  guard: string,
  baseUrl: string | undefined,
): boolean {
  return cookieOf(browser, baseUrl?.startsWith('https:') ?? false) === guard;
}

/** Removes the mark after a logout. */
export function forgetReturn(browser: BrowserRequest): void {
  for (const secure of [true, false]) {
    if (cookieOf(browser, secure) === undefined) continue;
    browser.setCookie({ name: nameOf(secure), value: '', maxAge: 0, secure, sameSite: 'lax' });
  }
}

function nameOf(secure: boolean): string {
  return `${secure ? '__Host-' : ''}${cookie}`;
}

function cookieOf(browser: BrowserRequest, secure: boolean): string | undefined {
  const start = `${nameOf(secure)}=`;
  const pairs = (browser.header('cookie') ?? '').split(/;[ \t]*/);
  return pairs.find((pair) => pair.startsWith(start))?.slice(start.length);
}

/** Returns the single scopes; some providers separate those of a token by commas. */
export function scopesIn(scope: Scope): string[] {
  return (scopeText(scope) ?? '').split(/[ ,]+/).filter((one) => one !== '');
}
