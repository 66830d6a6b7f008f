import { onTestFinished, vi } from 'vitest';

/**
 * Skips the pauses between polls until the test ends: the clock moves on instead. Returns a list to which each pause
 * adds its seconds.
 */
export function skipPauses(): number[] {
  const pauses: number[] = [];
  let skipped = 0;
  const { setTimeout: wait } = globalThis;
  const { now } = Date;
  const timer = vi.spyOn(globalThis, 'setTimeout').mockImplementation(((
    run: () => void,
    ms = 0,
  ) => {
    if (!new Error('caller').stack?.includes('grants/polling')) return wait(run, ms);
    pauses.push(Math.round(ms / 1000));
    skipped += ms;
    return wait(run, 0);
  }) as typeof setTimeout);
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => now() + skipped);
  onTestFinished(() => {
    timer.mockRestore();
    clock.mockRestore();
  });
  return pauses;
}
