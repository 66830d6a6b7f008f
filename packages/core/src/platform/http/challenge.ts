/** One challenge of a `WWW-Authenticate` header (RFC 9110 §11.6.1). */
export interface Challenge {
  /** In lower case. */
  scheme: string;
  params: ReadonlyMap<string, string>;
}

/** Longer headers say nothing that a client needs. */
const maxLength = 8192;

const part = /([\w!#$%&'*+.^`|~-]+)(\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]*)))?/g;

/** Reads every challenge of a `WWW-Authenticate` header, also where several stand in one line. */
export function readChallenges(headers: Headers): Challenge[] {
  const header = (headers.get('www-authenticate') ?? '').slice(0, maxLength);
  const challenges: { scheme: string; params: Map<string, string> }[] = [];
  for (const [, name = '', assigned, quoted, plain] of header.matchAll(part)) {
    if (assigned === undefined) {
      challenges.push({ scheme: name.toLowerCase(), params: new Map() });
      continue;
    }
    const value = quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? '';
    const params = challenges.at(-1)?.params;
    // The first one counts, so that nobody can add a second.
    if (params && !params.has(name.toLowerCase())) params.set(name.toLowerCase(), value);
  }
  return challenges;
}

/** The value of a parameter, in whichever challenge for access tokens has it. */
export function challengeParam(headers: Headers, name: string): string | undefined {
  return readChallenges(headers)
    .filter(({ scheme }) => scheme === 'bearer' || scheme === 'dpop')
    .map(({ params }) => params.get(name))
    .find((value) => value !== undefined);
}
