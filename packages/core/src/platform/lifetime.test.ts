import { describe, expect, it } from 'vitest';
import { readDuration, readMoment, secondsAfter } from './lifetime.js';

describe('readDuration', () => {
  it.each([
    [3600, 3600],
    ['3600', 3600],
    [' 3600.9 ', 3600],
    [3600n, 3600],
    [0, 0],
    [-1, -1],
    ['-1', -1],
    [undefined, undefined],
    [null, undefined],
    ['', undefined],
    ['soon', 'unreadable'],
    ['1h', 'unreadable'],
    ['1e3', 'unreadable'],
    ['9'.repeat(100), 'unreadable'],
    [Number.NaN, 'unreadable'],
    [Infinity, 'unreadable'],
    [true, 'unreadable'],
    [{ a: 0 }, 'unreadable'],
    [[3600], 'unreadable'],
  ])('reads %s as %s', (value, expected) => expect(readDuration(value)).toBe(expected));
});

describe('readMoment', () => {
  const second = 1_767_225_600; // 2026-01-01T00:00:00Z
  it.each<[unknown, number | 'unreadable' | undefined]>([
    [second, second],
    [String(second), second],
    [BigInt(second), second],
    [second + 0.9, second],
    [second * 1000, second],
    [second * 1000 + 999, second],
    [String(second * 1000), second],
    [second * 1_000_000, second],
    [second * 1_000_000_000, second],
    [new Date(second * 1000), second],
    ['2026-01-01T00:00:00Z', second],
    ['2026-01-01T00:00:00.123456Z', second],
    ['2026-01-01T00:00:00,5z', second],
    ['2026-01-01T02:00:00+02:00', second],
    ['2026-01-01T02:00:00+0200', second],
    ['2026-01-01T02:00+02', second],
    ['2026-01-01 00:00:00', second],
    ['2026-01-01 00:00:00 +00', second],
    ['2026-01-01', second],
    ['Thu, 01 Jan 2026 00:00:00 GMT', second],
    [0, 0],
    [-5, -5],
    [undefined, undefined],
    [null, undefined],
    ['', undefined],
    ['soon', 'unreadable'],
    ['2026-13-01T00:00:00Z', 'unreadable'],
    ['01/02/2026', 'unreadable'],
    [Number.NaN, 'unreadable'],
    [false, 'unreadable'],
    [{}, 'unreadable'],
    [`2026-01-01T00:00:00.${'0'.repeat(100)}Z`, 'unreadable'],
  ])('reads %s as %s', (value, expected) => expect(readMoment(value)).toBe(expected));

  it('reads a Date that is none as unreadable', () => {
    expect(readMoment(new Date('nonsense'))).toBe('unreadable');
  });

  it('reads what secondsAfter() computes as it is, however far ahead', () => {
    for (const seconds of [0, -1, 3600, 1e12, 1e300]) {
      const moment = secondsAfter(second, seconds);
      expect(readMoment(moment)).toBe(moment);
    }
  });
});
