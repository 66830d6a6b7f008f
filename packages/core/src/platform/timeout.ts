import type { Awaitable } from '../model/types.js';

/** Default timeout of a store operation, in milliseconds. */
const patience = 10_000;

/**
 * Runs a store operation; if it takes longer than `timeout` milliseconds, it fails with the code
 * `TIMEOUT`.
 */
export async function withTimeout<T>(
  run: () => Awaitable<T>,
  timeout: number = patience,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(storeTimeout()), timeout);
  });
  try {
    return await Promise.race([run(), late]);
  } finally {
    clearTimeout(timer);
  }
}

function storeTimeout(): Error {
  return Object.assign(new Error('The store did not respond.'), { code: 'TIMEOUT' });
}
