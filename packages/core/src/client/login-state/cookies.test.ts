import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeBrowser } from '../../../../../test/support/fake-browser.js';
import type { BrowserCookie, BrowserRequest } from '../../model/ports.js';
import {
  byAge,
  cookieBytes,
  cookieContent,
  cookieName,
  dropLoginCookie,
  isSecure,
  LoginCookies,
  readLoginCookies,
  setLoginCookie,
  storageSeconds,
  totalBytes,
} from './cookies.js';

const now = 1_800_000_000_000;

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now }));
afterEach(() => void vi.useRealTimers());

/** A request with a `Cookie` header, and the cookies that its response sets. */
function request(cookie?: string): BrowserRequest & { set: BrowserCookie[] } {
  const set: BrowserCookie[] = [];
  const header = (name: string) => (name === 'cookie' ? cookie : undefined);
  return { ...new FakeBrowser().request(), header, setCookie: (one) => void set.push(one), set };
}

const stamped = (milliseconds: number): string => `${milliseconds.toString(36)}.`;
const sealedName = (index: number): string =>
  `__Host-oauth-registry.pending-login-${String(index).padStart(2, '0')}`;
const cookiesOf = (values: Record<string, string>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join('; ');

describe('the login cookies of a request', () => {
  it('are those with the prefix of this package, in their order', () => {
    const header = [
      'session=oauth-registry.no=1',
      'oauth-registry.a=1=2.3',
      '\t__Host-oauth-registry.pending-login-01=',
      'x-oauth-registry.b=1',
      'oauth-registry.c',
      '__Host-__Host-oauth-registry.d=1',
    ].join(';');
    expect(readLoginCookies(request(header))).toEqual([
      { name: 'oauth-registry.a', value: '1=2.3', id: 'a', secure: false, sealed: false },
      {
        name: '__Host-oauth-registry.pending-login-01',
        value: '',
        id: 'pending-login-01',
        secure: true,
        sealed: true,
      },
    ]);
    expect(readLoginCookies(request())).toEqual([]);
  });

  it('are split only at a semicolon with blanks or tabs (RFC 6265 §4.2.1)', () => {
    const names = (header: string) => readLoginCookies(request(header)).map(({ id }) => id);
    expect(names('a=1; \t oauth-registry.a=1;oauth-registry.b=1')).toEqual(['a', 'b']);
    expect(names('a=1;\u00A0__Host-oauth-registry.a=1')).toEqual([]);
    expect(names('a=1;\n__Host-oauth-registry.a=1')).toEqual([]);
  });
});

describe('a login cookie', () => {
  it('has the prefix __Host- over https (RFC 6265bis §4.1.3.2)', () => {
    expect(isSecure({ redirectUri: 'https://app.example/callback' })).toBe(true);
    expect(isSecure({ redirectUri: 'http://localhost/callback' })).toBe(false);
    expect(cookieName('a', true)).toBe('__Host-oauth-registry.a');
    expect(cookieName('a', false)).toBe('oauth-registry.a');
  });

  it.each([
    [true, false, 'lax'],
    [true, true, 'none'],
    [false, false, 'lax'],
    [false, true, undefined],
  ] as const)('with secure: %s, cross-site: %s has SameSite %s', (secure, crossSite, sameSite) => {
    const browser = request();
    setLoginCookie(browser, { name: 'a', value: 'b' }, { secure, crossSite, maxAge: 5 });
    const expected = { name: 'a', value: 'b', secure, maxAge: 5 };
    expect(browser.set).toStrictEqual([sameSite ? { ...expected, sameSite } : expected]);
  });

  it.each([true, false])('is removed with the attributes it was set with, secure: %s', (secure) => {
    const browser = request();
    const name = cookieName('a', secure);
    dropLoginCookie(browser, name);
    expect(browser.set).toEqual([{ name, value: '', secure, maxAge: 0, sameSite: 'lax' }]);
  });

  it('is stored for twice the rest of its lifetime, in whole seconds', () => {
    expect(storageSeconds({ expiresAt: now + 600_000 })).toBe(1200);
    expect(storageSeconds({ expiresAt: now + 1 })).toBe(2);
  });

  it('has its content behind the timestamp, and its bytes with "=" and "; "', () => {
    expect(cookieContent({ name: 'a', value: 'time.content.more' })).toBe('content.more');
    expect(cookieContent({ name: 'a', value: 'content' })).toBe('content');
    expect(cookieBytes({ name: 'ab', value: 'cde' })).toBe('ab=cde; '.length);
    expect(totalBytes([])).toBe(0);
    expect(totalBytes([1, 2].map(() => ({ name: 'ab', value: 'cde' })))).toBe(16);
  });

  it('is older with an earlier timestamp; one far in the future counts as 10 seconds ahead', () => {
    const cookie = (value: string) => ({ name: 'a', value });
    const [old, late, far, further, none] = [
      cookie(stamped(now - 1)),
      cookie(stamped(now + 9999)),
      cookie(stamped(now + 10_000)),
      cookie(stamped(now + 99_000)),
      cookie('*.x'),
    ];
    expect(byAge(old, late)).toBeLessThan(0);
    expect(byAge(late, far)).toBeLessThan(0);
    expect(byAge(far, further)).toBe(0);
    expect(byAge(none, old)).toBeLessThan(0);
  });
});

describe('the cookie of an encrypted login', () => {
  const limits = { count: 3, bytes: 7000 };
  const place = (cookie: string | undefined, size = 100, more: Partial<typeof limits> = {}) =>
    new LoginCookies({ ...limits, ...more }).place(request(cookie), { secure: true, size });

  it('has an unused name', () => {
    expect(
      place(cookiesOf({ [sealedName(0)]: stamped(now), [sealedName(2)]: stamped(now) })),
    ).toEqual({ name: sealedName(1), stamp: stamped(now + 1), dropped: [] });
  });

  it('has a later timestamp than all others of the request', () => {
    expect(place(undefined).stamp).toBe(stamped(now));
    expect(place(cookiesOf({ [sealedName(0)]: stamped(now - 5) })).stamp).toBe(stamped(now));
    expect(place(cookiesOf({ [sealedName(0)]: stamped(now + 5) })).stamp).toBe(stamped(now + 6));
  });

  it('replaces the oldest if all names are used', () => {
    const [oldest, ...others] = [stamped(now - 3), stamped(now - 2), stamped(now - 1)];
    const cookie = cookiesOf({
      [sealedName(0)]: String(others[0]),
      [sealedName(1)]: String(oldest),
      [sealedName(2)]: String(others[1]),
    });
    const { name, dropped } = place(cookie);
    expect(name).toBe(sealedName(1));
    expect(dropped.map((one) => one.name)).toEqual([sealedName(1)]);
  });

  it('drops cookies with names of no login, but none that binds a login in a store', () => {
    const cookie = cookiesOf({
      [sealedName(7)]: stamped(now),
      '__Host-oauth-registry.planted': 'x',
      '__Host-oauth-registry.aaaaaaaaaaaaaaaa': 'x',
      '__Host-oauth-registry.slot-07': 'x',
      'oauth-registry.planted': 'x',
    });
    const names = place(cookie).dropped.map((one) => one.name);
    expect(names.toSorted()).toEqual([sealedName(7), '__Host-oauth-registry.planted'].toSorted());
  });

  it('drops at most 12 cookies, and no more than there may be logins', () => {
    const planted = (count: number) =>
      cookiesOf(
        Object.fromEntries(
          Array.from({ length: count }, (_, index) => [`__Host-oauth-registry.p${index}`, 'x']),
        ),
      );
    expect(place(planted(15), 100, { count: 20 }).dropped).toHaveLength(12);
    expect(place(planted(15)).dropped).toHaveLength(3);
  });

  it('makes room within the bytes of the limit, and of the header', () => {
    const value = stamped(now) + 'x'.repeat(1000);
    const cookie = cookiesOf({ [sealedName(0)]: value, [sealedName(1)]: value });
    expect(place(cookie, 1000).dropped).toHaveLength(0);
    expect(place(cookie, 1000, { bytes: 2500 }).dropped).toHaveLength(1);
    expect(place(`${cookie}; other=${'x'.repeat(4500)}`, 1000).dropped).toHaveLength(1);
    expect(place(`${cookie}; other=${'x'.repeat(6500)}`, 1000).dropped).toHaveLength(2);
  });

  it('fills the limit to the last byte', () => {
    const own = cookieBytes({ name: sealedName(0), value: stamped(now) }) + 100;
    const cookie = { name: sealedName(1), value: stamped(now) };
    const bytes = own + cookieBytes(cookie);
    const header = cookiesOf({ [cookie.name]: cookie.value });
    expect(place(header, 100, { bytes }).dropped).toEqual([]);
    expect(place(header, 100, { bytes: bytes - 1 }).dropped).toHaveLength(1);
  });

  it('has a name that the browser does not have, rather than that of a cookie it drops', () => {
    const content = 'x'.repeat(1000);
    const cookie = cookiesOf({
      [sealedName(0)]: stamped(now - 2) + content,
      [sealedName(1)]: stamped(now - 1) + content,
    });
    const { name, dropped } = place(cookie, 1000, { bytes: 2500 });
    expect([name, dropped.map((one) => one.name)]).toEqual([sealedName(2), [sealedName(0)]]);
  });

  it('has one of as many names as there is room for', () => {
    const cookies = new LoginCookies({ count: 3, bytes: 2500 });
    const names = (cookie?: string) =>
      new Set(
        Array.from(
          { length: 6 },
          () => cookies.place(request(cookie), { secure: true, size: 1000 }).name,
        ),
      );
    expect([...names()].toSorted()).toEqual([sealedName(0), sealedName(1)]);
    const one = cookiesOf({ [sealedName(0)]: stamped(now) + 'x'.repeat(400) });
    expect([...names(one)]).toEqual([sealedName(1)]);
  });

  it('has at most 3800 bytes with its name', () => {
    const rest = cookieBytes({ name: sealedName(0), value: stamped(now) });
    expect(() => place(undefined, 3800 - rest)).not.toThrow();
    expect(() => place(undefined, 3801 - rest)).toThrow(
      expect.objectContaining({ code: 'invalid_options' }),
    );
  });

  it('has one of at most twenty names, whatever the limit', () => {
    const all = Object.fromEntries(
      Array.from({ length: 19 }, (_, index) => [sealedName(index), stamped(now)]),
    );
    expect(place(cookiesOf(all), 100, { count: 100 }).name).toBe(sealedName(19));
  });

  it('takes the names in turn, so that parallel starts rarely overwrite each other', () => {
    const cookies = new LoginCookies(limits);
    const names = Array.from(
      { length: 6 },
      () => cookies.place(request(), { secure: true, size: 100 }).name,
    );
    expect(new Set(names.slice(0, 3)).size).toBe(3);
    expect(names.slice(3)).toEqual(names.slice(0, 3));
  });

  it('has another name over http', () => {
    const { name } = new LoginCookies(limits).place(request(), { secure: false, size: 100 });
    expect(name).toMatch(/^oauth-registry\.pending-login-0[0-2]$/);
  });
});
