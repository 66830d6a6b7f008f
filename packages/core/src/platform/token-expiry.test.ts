import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { authorized, expirationDate, expireSoon, expiresIn, isExpired } from '../index.js';
import type { OAuth2Token } from '../model/types.js';

const now = 1_700_000_000;
const bearer = { access_token: 'a', token_type: 'Bearer' };
const one = { oauth_token: 'a', oauth_token_secret: 'b' };

beforeEach(() => {
  vi.useFakeTimers({ now: now * 1000, toFake: ['Date'] });
});
afterEach(() => vi.useRealTimers());

describe('when a token expires', () => {
  const token = { ...bearer, expires_at: now + 60 };

  it('[M5] how many seconds are left, and the date', () => {
    expect(expiresIn(token)).toBe(60);
    expect(expirationDate(token)).toEqual(new Date('2023-11-14T22:14:20.000Z'));
    expect(expiresIn({ ...token, expires_at: now - 5 })).toBe(0);
  });

  it('[M5] expired at its very second, with a leeway before, and soon', () => {
    expect(isExpired(token)).toBe(false);
    expect(isExpired(token, 59)).toBe(false);
    expect(isExpired(token, 60)).toBe(true);
    expect(isExpired({ ...token, expires_at: now })).toBe(true);
    expect(expireSoon(token, 59)).toBe(false);
    expect(expireSoon(token, 60)).toBe(true);
    expect(expireSoon({ ...token, expires_at: now - 1 }, 0)).toBe(true);
  });

  it.each([bearer, one, { ...bearer, expires_in: 5 }, { ...bearer, expires_at: Number.NaN }])(
    '[M5] is unknown for %j',
    (unknown) => {
      expect([isExpired(unknown), expireSoon(unknown, 1e9)]).toEqual([false, false]);
      expect([expiresIn(unknown), expirationDate(unknown)]).toEqual([undefined, undefined]);
    },
  );

  it('[M5] a number that a database hands back as text', () => {
    const row = { ...bearer, expires_at: String(now + 9) } as unknown as OAuth2Token;
    expect(expiresIn(row)).toBe(9);
  });
});

describe('authorized', () => {
  it.each([
    [bearer, true],
    [one, true],
    [{ ...bearer, expires_at: now + 1 }, true],
    [{ ...bearer, expires_at: now - 1 }, false],
    [{ ...bearer, expires_at: now - 1, refresh_token: 'r' }, true],
    [{ ...bearer, access_token: '' }, false],
    [{ ...one, oauth_token_secret: '' }, true],
    [{ oauth_token: 'a' } as never, false],
    [undefined, false],
    [null, false],
  ])('[R9] %j: %s', (token, expected) => {
    expect(authorized(token)).toBe(expected);
  });
});
