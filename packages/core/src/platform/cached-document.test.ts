import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { CachedDocument } from './cached-document.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A document that is its number, and the failure of its next loads. */
function numbered(ttl = 1000): {
  document: CachedDocument<number>;
  state: { loads: number; fails: boolean };
} {
  const state = { loads: 0, fails: false };
  const document = new CachedDocument(async () => {
    state.loads += 1;
    await Promise.resolve();
    if (state.fails) throw new Error(`load ${state.loads}`);
    return state.loads;
  }, ttl);
  return { document, state };
}

it('is loaded once for concurrent callers, and again when its TTL is over', async () => {
  const { document } = numbered();
  expect(document.last).toBeUndefined();
  expect(await Promise.all([document.get(), document.fresh(), document.load()])).toEqual([1, 1, 1]);
  vi.advanceTimersByTime(999);
  expect(await document.get()).toBe(1);
  vi.advanceTimersByTime(1);
  expect([await document.get(), document.last, document.isLoading]).toEqual([2, 2, false]);
  expect(await document.load()).toBe(3);
});

it('is not loaded again for 5 seconds after a failure, then 10, 20, 40 and 60', async () => {
  const { document, state } = numbered();
  state.fails = true;
  for (const [index, pause] of [5, 10, 20, 40, 60, 60].entries()) {
    await expect(document.get()).rejects.toThrow(`load ${index + 1}`);
    vi.advanceTimersByTime(pause * 1000 - 1);
    for (const ask of ['get', 'fresh', 'load'] as const) {
      await expect(document[ask]()).rejects.toThrow(`load ${index + 1}`);
    }
    vi.advanceTimersByTime(1);
  }
  state.fails = false;
  expect(await document.get()).toBe(7);
  state.fails = true;
  await expect(document.load()).rejects.toThrow('load 8');
  vi.advanceTimersByTime(5000);
  await expect(document.load()).rejects.toThrow('load 9');
});

it('remains in use while it cannot be loaded again, except for callers who need a fresh one', async () => {
  const { document, state } = numbered();
  await document.get();
  state.fails = true;
  vi.advanceTimersByTime(1000);
  expect(await document.get()).toBe(1);
  await expect(document.fresh()).rejects.toThrow('load 2');
});
