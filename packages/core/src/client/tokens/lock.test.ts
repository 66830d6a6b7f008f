import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { TokenStore } from '../../model/ports.js';
import { memoryStore } from '../../stores/memory.js';
import { StoreLock } from './lock.js';

const key = { userId: 'ada', client: 'corp', account: '' };
const late = () => new Error('too late');
const wait = { timeout: 5000, late };

let time = 0;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  vi.spyOn(performance, 'now').mockImplementation(() => time);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/** Suspends the process: time passes, and no timer runs. */
function suspend(milliseconds: number): void {
  time += milliseconds;
}

/** Lets time pass, with its timers. */
async function pass(milliseconds: number): Promise<void> {
  for (let left = milliseconds; left > 0; left -= 5) {
    time += 5;
    await vi.advanceTimersByTimeAsync(5);
  }
}

describe('a lock', () => {
  it('is held by one at a time; the other is told that it waited', async () => {
    const store = memoryStore();
    const order: unknown[] = [];
    let release = (): void => {};
    const first = new StoreLock(store, key, 5000).hold(wait, async (hasWaited) => {
      order.push(['first', hasWaited]);
      await new Promise<void>((resolve) => (release = resolve));
      order.push('done');
      return 1;
    });
    const second = new StoreLock(store, key, 5000).hold(wait, async (hasWaited) => {
      order.push(['second', hasWaited]);
      return 2;
    });
    await pass(100);
    release();
    await pass(500);
    expect(await Promise.all([first, second])).toEqual([1, 2]);
    expect(order).toEqual([['first', false], 'done', ['second', true]]);
  });

  it('is released after a failure', async () => {
    const store = memoryStore();
    const failed = new StoreLock(store, key, 60_000).hold(wait, async () => {
      throw new Error('failed');
    });
    await expect(failed).rejects.toThrow('failed');
    expect(await store.lock(key, 'other', 1000)).toBe(true);
  });

  it('is no longer waited for if there is a result, or the time is over', async () => {
    const store = memoryStore();
    await store.lock(key, 'other', 60_000);
    const lock = new StoreLock(store, key, 5000);
    let looked = 0;
    const find = async () => (++looked === 2 ? 'found' : undefined);
    const work = async () => 'worked';
    const found = lock.hold({ ...wait, find }, work);
    await pass(500);
    expect(await found).toBe('found');
    await expect(lock.hold({ timeout: 0, late }, work)).rejects.toThrow('too late');
    const waiting = lock.hold({ timeout: 5000, late, find: async () => undefined }, work);
    const outcome = waiting.catch(String);
    await pass(4900);
    await store.unlock(key, 'another');
    await pass(1000);
    expect(await outcome).toContain('too late');
  });

  it('is extended while the work lasts', async () => {
    const store = memoryStore();
    const taken = await new StoreLock(store, key, 60).hold(wait, async () => {
      await pass(200);
      return await store.lock(key, 'other', 1000);
    });
    expect(taken).toBe(false);
  });

  it('is not extended after the work', async () => {
    const inner = memoryStore();
    let extensions = 0;
    const store: TokenStore = {
      ...inner,
      lock: (...given) => {
        extensions++;
        return inner.lock(...given);
      },
    };
    await new StoreLock(store, key, 30).hold(wait, () => pass(50));
    const before = extensions;
    expect(before).toBeGreaterThan(1);
    await pass(60);
    expect(extensions).toBe(before);
  });

  it('may fail to be extended or released', async () => {
    const inner = memoryStore();
    let calls = 0;
    const store: TokenStore = {
      ...inner,
      lock: (...given) => {
        if (++calls > 1) throw new Error('down');
        return inner.lock(...given);
      },
      unlock: () => {
        throw new Error('down');
      },
    };
    const work = async () => {
      await pass(60);
      return 'worked';
    };
    expect(await new StoreLock(store, key, 60).hold(wait, work)).toBe('worked');
  });
});

describe('before a request, the lock', () => {
  it('is extended if less than half of its time is left', async () => {
    const inner = memoryStore();
    let calls = 0;
    const store: TokenStore = {
      ...inner,
      lock: (...given) => {
        calls++;
        return inner.lock(...given);
      },
    };
    const lock = new StoreLock(store, key, 60_000);
    await lock.hold(wait, async () => {
      expect(await lock.ensure()).toBe(true);
      expect(calls).toBe(1);
    });
    expect(calls).toBe(1);
  });

  it('is lost if another holder has it', async () => {
    const store = memoryStore();
    const lock = new StoreLock(store, key, 30);
    await lock.hold(wait, async () => {
      suspend(60);
      await store.lock(key, 'other', 60_000);
      await expect(lock.ensure()).rejects.toMatchObject({ reason: 'LOCK_LOST' });
    });
  });

  it('is acquired again after it expired, which its holder is told once', async () => {
    const store = memoryStore();
    const lock = new StoreLock(store, key, 30);
    await lock.hold(wait, async () => {
      suspend(60);
      expect(await lock.ensure()).toBe(false);
      expect(await lock.ensure()).toBe(true);
    });
  });

  it('does not count if the response of the store arrives after its time', async () => {
    const inner = memoryStore();
    let slow = false;
    const store: TokenStore = {
      ...inner,
      lock: (...given) => {
        const held = inner.lock(...given);
        if (slow) suspend(50);
        return held;
      },
    };
    const lock = new StoreLock(store, key, 40);
    await lock.hold(wait, async () => {
      suspend(30);
      slow = true;
      await expect(lock.ensure()).rejects.toMatchObject({ reason: 'LOCK_LOST' });
      slow = false;
    });
  });
});
