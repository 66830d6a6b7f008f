import { afterEach, expect, it, vi } from 'vitest';
import { UsedValues } from './used-values.js';

afterEach(() => void vi.useRealTimers());

it('accepts a value once until it expires, and again if it is deleted', () => {
  vi.useFakeTimers({ now: 1000 });
  const used = new UsedValues();
  expect([used.use('a', 1005), used.use('a', 1005), used.use('b', 1005)]).toEqual([
    true,
    false,
    true,
  ]);
  vi.setSystemTime(1005);
  expect(used.use('a', 1005)).toBe(false);
  used.delete('a');
  expect(used.use('a', 1005)).toBe(true);
  vi.setSystemTime(1006);
  expect(used.use('b', 2000)).toBe(true);
  expect(used.use('b', 2000)).toBe(false);
});

it('remembers any number of values that have not expired, in any order', () => {
  vi.useFakeTimers({ now: 0 });
  const used = new UsedValues();
  const lasting = Array.from({ length: 500 }, (_, index) => `value ${index}`);
  for (const value of lasting) {
    expect(used.use(value, 1_000_000)).toBe(true);
    expect(used.use(`short ${value}`, 5)).toBe(true);
    vi.advanceTimersByTime(10);
  }
  for (const value of lasting) expect(used.use(value, 1_000_000)).toBe(false);
});
