import type { Awaitable } from '../model/types.js';

/** Returns whether a value must be awaited: a promise, or another object with a `then` method. */
export function isPromise<T>(value: T): value is T & Promise<Awaited<T>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { then?: unknown }).then === 'function'
  );
}

/**
 * Applies a function to a value when it is there, which is usually at once: an async function would
 * create promises even then.
 */
export function chain<T, R>(value: Awaitable<T>, use: (value: T) => Awaitable<R>): Awaitable<R> {
  return isPromise(value) ? value.then(use as (value: unknown) => Awaitable<R>) : use(value as T);
}
