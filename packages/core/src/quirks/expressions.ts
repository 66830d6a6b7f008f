import type { ClaimSource, ProfileSources } from './profile-types.js';
import { asText, readPath } from './paths.js';
import { unescapeHtml } from './html-entities.js';

type Transform = (rest: string, sources: ProfileSources) => unknown;

/** What may stand before a path. */
const transforms: Record<string, Transform> = {
  bool: (path, sources) => isTrue(pathValue(path, sources)),
  // No value rather than `false`, so that an alternative may say more.
  present: (path, sources) => has(pathValue(path, sources)) || undefined,
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

/** What is wrong with an expression, in words; `undefined` for one that can be evaluated. */
export function flawOf(source: string): string | undefined {
  const names = source.split('|').map((alternative) => /^(\w+):/.exec(alternative.trim())?.[1]);
  const strange = names.find((name) => name !== undefined && !Object.hasOwn(transforms, name));
  return (
    strange && `begins with "${strange}:", not with one of ${Object.keys(transforms).join(', ')}`
  );
}

/** Evaluates where a claim comes from; empty text and `null` count as no value. */
export function evaluate(source: ClaimSource, sources: ProfileSources): unknown {
  if (typeof source === 'function') return source(sources);
  return source
    .split('|')
    .map((alternative) => evaluateOne(alternative.trim(), sources))
    .find(has);
}

function evaluateOne(expression: string, sources: ProfileSources): unknown {
  const [, name = '', rest = ''] = /^(\w+):(.*)$/s.exec(expression) ?? [];
  const transform = Object.hasOwn(transforms, name) ? transforms[name] : undefined;
  return transform ? transform(rest, sources) : pathValue(expression, sources);
}

/** Fills `{path}`; a path without a source before it is one of the profile. */
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

/** Encodes for a path of a URL, where a slash may be meant. */
function encodePart(text: string): string {
  return encodeURI(text).replace(/[?#]/g, encodeURIComponent);
}

function words(text: string): string[] {
  return text.split(' ').filter((word) => word !== '');
}

/** Tells whether a provider really says yes. */
export function isTrue(value: unknown): boolean {
  return value === true || value === 1 || value === 'true' || value === '1';
}

function has(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return value !== undefined && value !== null && !(typeof value === 'string' && !value.trim());
}
