import { isObject, readObject } from './encoding.js';

const step = /\.?([^.[\]]+)|\[(-?\d+)\]|\["([^"]+)"\]|\[\?(\w+)\]/y;

/**
 * Returns the value at a path: `user.id`, `items[0].name`, `sizes[-1].link`,
 * `emails[?primary].email`, `["https://claims.example/id"]`. Returns `undefined` if there is none;
 * text that contains a JSON object is parsed.
 */
export function readPath(value: unknown, path: string): unknown {
  step.lastIndex = 0;
  let found = value;
  while (step.lastIndex < path.length) {
    const match = step.exec(path);
    if (!match || found === undefined || found === null) return undefined;
    found = followStep(found, match);
  }
  return found;
}

function followStep(value: unknown, [, name, index, quoted, flag]: RegExpExecArray): unknown {
  const holder = typeof value === 'string' ? readObject(value) : value;
  if (index !== undefined) return Array.isArray(holder) ? holder.at(Number(index)) : undefined;
  if (flag !== undefined)
    return Array.isArray(holder)
      ? holder.find((item) => isObject(item) && isTrue(item[flag]))
      : undefined;
  const member = name ?? quoted ?? '';
  return isObject(holder) && Object.hasOwn(holder, member) ? holder[member] : undefined;
}

/** Returns whether a value is unambiguously true. */
export function isTrue(value: unknown): boolean {
  return value === true || value === 1 || value === 'true' || value === '1';
}

/** Returns a text or number as text; `undefined` for blank text and other values. */
export function asText(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value;
  return Number.isFinite(value) || typeof value === 'bigint' ? String(value) : undefined;
}
