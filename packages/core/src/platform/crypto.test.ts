import { afterEach, describe, expect, it, vi } from 'vitest';
import { randomBytes, randomToken } from './crypto.js';

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('random bytes', () => {
  it.each([0, 1, 12, 32, 4095, 4096, 4097, 10_000])('are %i bytes of their own', (length) => {
    const drawn = randomBytes(length);
    expect(drawn).toHaveLength(length);
    expect(drawn.byteOffset).toBe(0);
    expect(drawn.buffer.byteLength).toBe(length);
  });

  it('never repeat, across the draws of the runtime', () => {
    const tokens = Array.from({ length: 10_000 }, (_, index) => randomToken(12 + (index % 30)));
    const starts = tokens.map((token) => token.slice(0, 16));
    expect(new Set(starts).size).toBe(tokens.length);
    for (const token of tokens) expect(token).not.toMatch(/^A{8}|A{8}$/);
  });

  it.each([101, -101])(
    'that were drawn %i ms ago are discarded, as a process may continue from a snapshot of another',
    (age) => {
      vi.useFakeTimers({ toFake: ['Date'], now: 0 });
      randomBytes(4096);
      const draw = vi.spyOn(crypto, 'getRandomValues');
      for (let count = 0; count < 10; count++) randomBytes(12);
      vi.setSystemTime(age);
      for (let count = 0; count < 10; count++) randomBytes(12);
      expect(draw).toHaveBeenCalledTimes(2);
    },
  );
});
