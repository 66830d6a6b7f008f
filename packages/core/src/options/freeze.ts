import { isObject } from '../platform/encoding.js';

/** Copies plain objects and lists deeply and freezes them; functions and instances stay as they are. */
export function freeze(value: unknown): unknown {
  if (Array.isArray(value)) return Object.freeze(value.map(freeze));
  if (!isObject(value) || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.freeze(Object.fromEntries(Object.entries(value).map(([k, v]) => [k, freeze(v)])));
}
