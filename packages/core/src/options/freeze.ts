import { isObject, mapMembers } from '../platform/encoding.js';

/**
 * Deeply copies and freezes plain objects and lists; functions and instances are returned
 * unchanged.
 */
export function freeze(value: unknown): unknown {
  if (Array.isArray(value)) return Object.freeze(value.map(freeze));
  if (!isObject(value) || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.freeze(mapMembers(value, freeze));
}
