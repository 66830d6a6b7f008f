import { afterEach, beforeEach, vi } from 'vitest';

/** Second at which a test with {@link fakeClock} begins. */
export const startOfTest = 1_800_000_000;

/** The clocks of a test. */
interface FakeClock {
  /** Lets a number of seconds pass. */
  pass(seconds: number): void;
  /** Lets milliseconds pass on the monotonic clock only. */
  advanceMonotonic(milliseconds: number): void;
}

/**
 * Replaces the clocks in every test of a file: the time of day and the monotonic time. Timers remain real.
 */
export function fakeClock(): FakeClock {
  let time = 0;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: startOfTest * 1000 });
    time = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => time);
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });
  const advanceMonotonic = (milliseconds: number): void => void (time += milliseconds);
  return {
    advanceMonotonic,
    pass: (seconds) => {
      advanceMonotonic(seconds * 1000);
      vi.setSystemTime(Date.now() + seconds * 1000);
    },
  };
}
