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
  for (const [name, value] of Object.entries(created)) {
    if (typeof value === 'object') Object.assign(created, { [name]: freeze(value) });
  }
  return Object.freeze(created);
}
