import type { Awaitable } from '../model/types.js';

/** Milliseconds that a store has for one step if the registry has no `timeout`. */
const patience = 10_000;

/** Runs a step of a store; one that takes longer than `timeout` milliseconds fails, with the code `TIMEOUT`. */
export async function inTime<T>(run: () => Awaitable<T>, timeout: number = patience): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = Object.assign(new Error('The store did not respond.'), { code: 'TIMEOUT' });
    timer = setTimeout(() => reject(error), timeout);
  });
  try {
    return await Promise.race([run(), late]);
  } finally {
    clearTimeout(timer);
  }
}
