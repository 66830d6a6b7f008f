/**
 * Completes the description of a valid value with what was given: `must be a function (it is a
 * list)`. Text and numbers, which may be secrets, are not quoted, except numbers in place of
 * others. Nothing is added if the type is one that the description names.
 */
export function withReceived(sentence: string, value: unknown): string {
  const received = describeReceived(sentence, value);
  return received === undefined ? sentence : `${sentence} (it is ${received})`;
}

function describeReceived(sentence: string, value: unknown): string | undefined {
  if (value === null) return 'null';
  if (value === '') return 'empty';
  if (Array.isArray(value)) {
    return value.length > 0 ? unlessNamed(sentence, 'a list', /\blists?\b/) : 'an empty list';
  }
  switch (typeof value) {
    case 'boolean':
      return String(value);
    case 'number':
      return /\b(?:number|seconds|milliseconds)\b/.test(sentence) ? String(value) : 'a number';
    case 'string':
      return /^must be (?:true or false|an? (?:function|number|whole number|object|list))\b/.test(
        sentence,
      )
        ? unlessNamed(sentence, 'a string', /\b(?:string|text)\b/)
        : undefined;
    case 'function':
      return unlessNamed(sentence, 'a function', /\bfunctions?\b/);
    case 'object':
      return unlessNamed(sentence, 'an object', /\bobject\b|\{/);
    default:
      return `a ${typeof value}`;
  }
}

function unlessNamed(sentence: string, kind: string, named: RegExp): string | undefined {
  return named.test(sentence) ? undefined : kind;
}
