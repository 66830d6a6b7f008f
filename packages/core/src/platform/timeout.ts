import type { Awaitable } from '../model/types.js';
import { isPromise } from './awaitable.js';

/** Default timeout of a store operation, in milliseconds. */
const patience = 10_000;

/**
 * Runs a store operation; if it takes longer than `timeout` milliseconds, it fails with the code
 * `TIMEOUT`.
 */
export function withTimeout<T>(run: () => Awaitable<T>, timeout: number = patience): Awaitable<T> {
  const result = run();
  if (!isPromise(result)) return result;
  return new Promise<T>((resolve, reject) => {
    const timer = setTimeout(() => reject(storeTimeout()), timeout);
    result.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
}

function storeTimeout(): Error {
  return Object.assign(new Error('The store did not respond.'), { code: 'TIMEOUT' });
}
