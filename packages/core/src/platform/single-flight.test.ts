import { expect, it } from 'vitest';
import { SingleFlight } from './single-flight.js';

it('shares a run with all callers of its key, and starts another once it has ended', async () => {
  const flights = new SingleFlight<number>();
  let runs = 0;
  const start = (): Promise<number> => Promise.resolve((runs += 1));
  const shared = [flights.run('a', start), flights.run('a', start), flights.run('b', start)];
  expect(flights.isRunning('a')).toBe(true);
  expect(await Promise.all(shared)).toEqual([1, 1, 2]);
  expect(flights.isRunning('a')).toBe(false);
  await expect(flights.run('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await flights.run('a', start)).toBe(3);
});

it('starts another run of a key that was forgotten, whose end does not concern it', async () => {
  const flights = new SingleFlight<boolean>();
  const ends: (() => void)[] = [];
  const start = async (isCurrent: () => boolean): Promise<boolean> => {
    await new Promise<void>((end) => void ends.push(end));
    return isCurrent();
  };
  const first = flights.run('a', start);
  flights.forget('a');
  const second = flights.run('a', start);
  ends[0]?.();
  expect(await first).toBe(false);
  expect(flights.isRunning('a')).toBe(true);
  ends[1]?.();
  expect(await second).toBe(true);
});
