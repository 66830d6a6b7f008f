import type { ClaimSource, ProfileSources } from './profile-types.js';
import { asText, isTrue, readPath } from './paths.js';
import { fillPaths } from './templates.js';
import { unescapeHtml } from './html-entities.js';

type Transform = (rest: string, sources: ProfileSources) => unknown;

/** Transforms that may precede a path. */
const transforms: Record<string, Transform> = {
  bool: (path, sources) => isTrue(readPath(sources, path)),
  // No value instead of `false`, so that an alternative applies.
  present: (path, sources) => hasValue(readPath(sources, path)) || undefined,
  and: (rest, sources) => words(rest).every((path) => isTrue(readPath(sources, path))),
  if: (rest, sources) => {
    const [condition = '', path = ''] = words(rest);
    return isTrue(readPath(sources, condition)) ? readPath(sources, path) : undefined;
  },
  concat: (rest, sources) =>
    words(rest)
      .map((path) => asText(readPath(sources, path)))
      .filter((part) => part !== undefined)
      .join(' '),
  template: (rest, sources) => fillPaths(rest, sources, { encode: encodePart }),
  lastSegment: (path, sources) => asText(readPath(sources, path))?.split('/').at(-1),
  withoutQuery: (path, sources) => asText(readPath(sources, path))?.split('?')[0],
  html: (path, sources) => {
    const text = asText(readPath(sources, path));
    return text === undefined ? undefined : unescapeHtml(text);
  },
  const: (value) => value,
};

/** Returns what is wrong with an expression; `undefined` if it is valid. */
export function expressionProblem(source: string): string | undefined {
  const names = source.split('|').map((alternative) => /^(\w+):/.exec(alternative.trim())?.[1]);
  const strange = names.find((name) => name !== undefined && !Object.hasOwn(transforms, name));
  return (
    strange && `begins with "${strange}:", not with one of ${Object.keys(transforms).join(', ')}`
  );
}

/** Evaluates the source of a claim; empty text and `null` count as no value. */
export function evaluate(source: ClaimSource, sources: ProfileSources): unknown {
  if (typeof source === 'function') return source(sources);
  return source
    .split('|')
    .map((alternative) => evaluateOne(alternative.trim(), sources))
    .find(hasValue);
}

function evaluateOne(expression: string, sources: ProfileSources): unknown {
  const [, name = '', rest = ''] = /^(\w+):(.*)$/s.exec(expression) ?? [];
  const transform = Object.hasOwn(transforms, name) ? transforms[name] : undefined;
  return transform ? transform(rest, sources) : readPath(sources, expression);
}

/** Encodes a value for a URL path, preserving slashes. */
function encodePart(text: string): string {
  return encodeURI(text).replace(/[?#]/g, encodeURIComponent);
}

function words(text: string): string[] {
  return text.split(' ').filter((word) => word !== '');
}

function hasValue(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return value !== undefined && value !== null && !(typeof value === 'string' && !value.trim());
}
