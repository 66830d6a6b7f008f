import type { HeaderReader } from './transport.js';

/** One challenge of a `WWW-Authenticate` header (RFC 9110 §11.6.1). */
export interface Challenge {
  /** Lower case. */
  scheme: string;
  params: ReadonlyMap<string, string>;
}

/** Maximum length of a parsed header. */
const maxLength = 8192;

const part = /([\w!#$%&'*+.^`|~-]+)(\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]*)))?/g;

/** Parses all challenges of `WWW-Authenticate` headers, including several in one header. */
export function readChallenges(headers: HeaderReader): Challenge[] {
  const header = (headers.get('www-authenticate') ?? '').slice(0, maxLength);
  const challenges: { scheme: string; params: Map<string, string> }[] = [];
  for (const [, name = '', assigned, quoted, plain] of header.matchAll(part)) {
    if (assigned === undefined) {
      challenges.push({ scheme: name.toLowerCase(), params: new Map() });
      continue;
    }
    const value = quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? '';
    const params = challenges.at(-1)?.params;
    // The first value counts, so that a second one cannot override it.
    if (params && !params.has(name.toLowerCase())) params.set(name.toLowerCase(), value);
  }
  return challenges;
}

/** Returns a parameter of the first challenge for access tokens that has it. */
export function challengeParam(headers: HeaderReader, name: string): string | undefined {
  return readChallenges(headers)
    .filter(({ scheme }) => scheme === 'bearer' || scheme === 'dpop')
    .map(({ params }) => params.get(name))
    .find((value) => value !== undefined);
}
