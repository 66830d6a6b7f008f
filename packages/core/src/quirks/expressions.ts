import type { ClaimSource, ProfileSources } from './profile-types.js';
import { asText, readPath } from './paths.js';
import { unescapeHtml } from './html-entities.js';

type Transform = (rest: string, sources: ProfileSources) => unknown;

/** Transforms that may precede a path. */
const transforms: Record<string, Transform> = {
  bool: (path, sources) => isTrue(pathValue(path, sources)),
  // No value instead of `false`, so that an alternative applies.
  present: (path, sources) => hasValue(pathValue(path, sources)) || undefined,
  and: (rest, sources) => words(rest).every((path) => isTrue(pathValue(path, sources))),
  if: (rest, sources) => {
    const [condition = '', path = ''] = words(rest);
    return isTrue(pathValue(condition, sources)) ? pathValue(path, sources) : undefined;
  },
  concat: (rest, sources) =>
    words(rest)
      .map((path) => asText(pathValue(path, sources)))
      .filter((part) => part !== undefined)
      .join(' '),
  template: (rest, sources) => fillPaths(rest, sources, encodePart),
  lastSegment: (path, sources) => asText(pathValue(path, sources))?.split('/').at(-1),
  withoutQuery: (path, sources) => asText(pathValue(path, sources))?.split('?')[0],
  html: (path, sources) => {
    const text = asText(pathValue(path, sources));
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
  return transform ? transform(rest, sources) : pathValue(expression, sources);
}

/** Replaces `{path}` placeholders; a path without a source refers to the profile. */
export function fillPaths(
  template: string,
  sources: ProfileSources,
  encode: (text: string) => string = (text) => text,
): string | undefined {
  let complete = true;
  const filled = template.replace(/\{([^{}]+)\}/g, (_, path: string) => {
    const source = path.split(/[.[]/, 1)[0] ?? '';
    const value = asText(pathValue(Object.hasOwn(sources, source) ? path : `$.${path}`, sources));
    complete &&= value !== undefined;
    return encode(value ?? '');
  });
  return complete ? filled : undefined;
}

function pathValue(path: string, sources: ProfileSources): unknown {
  return readPath(sources, path);
}

/** Encodes a value for a URL path, preserving slashes. */
function encodePart(text: string): string {
  return encodeURI(text).replace(/[?#]/g, encodeURIComponent);
}

function words(text: string): string[] {
  return text.split(' ').filter((word) => word !== '');
}

/** Returns whether a value is unambiguously true. */
export function isTrue(value: unknown): boolean {
  return value === true || value === 1 || value === 'true' || value === '1';
}

function hasValue(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return value !== undefined && value !== null && !(typeof value === 'string' && !value.trim());
}
