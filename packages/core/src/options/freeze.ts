import { isObject, mapMembers } from '../platform/encoding.js';

/**
 * Deeply copies and freezes plain objects and lists; functions and instances are returned
 * unchanged.
 */
export function freeze(value: unknown): unknown {
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) return Object.freeze(value.map(freeze));
  if (!isObject(value) || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.freeze(mapMembers(value, freeze));
}

/** Freezes an object made for this, with copies of its members. */
export function freezeMembers<T extends object>(created: T): Readonly<T> {
  for (const name of Object.keys(created) as (keyof T)[]) {
    if (typeof created[name] === 'object') created[name] = freeze(created[name]) as T[keyof T];
  }
  return Object.freeze(created);
}
