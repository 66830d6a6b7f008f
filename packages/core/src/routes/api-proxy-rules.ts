import { OAuthError } from '../model/errors.js';

/** One rule: what pages may call. */
export interface AccessRule {
  methods: readonly string[];
  /** The path's segments; `*` is any one. */
  segments: readonly string[];
  /** Whether more segments may follow. */
  open: boolean;
  /** Names of query parameters that may come; `undefined` for any. */
  query: ReadonlySet<string> | undefined;
}

/** Reads the rules of one client. @throws OAuthError `invalid_options` for one that says nothing clear */
export function readRules(client: string, rules: unknown): AccessRule[] {
  if (Array.isArray(rules)) return rules.map((rule: unknown) => readRule(client, rule));
  throw invalid(client, 'must be a list of rules such as "/me" or "POST /projects/*/comments"');
}

function readRule(client: string, text: unknown): AccessRule {
  const [, method = 'GET', path = '', query = ''] =
    /^(?:([A-Z]+) )?(\/[^?]*)(?:\?(.+))?$/.exec(String(text)) ?? [];
  const open = path.endsWith('/**');
  const plain = open ? path.slice(0, -3) : path;
  if (path === '' || (plain !== '' && !readTarget(plain)) || /[^/]\*|\*[^/]/.test(plain)) {
    throw invalid(
      client,
      `has the rule ${JSON.stringify(text)}. Write a method (default GET) and a path below "apiBaseUrl": ` +
        '"/me", "GET /projects?page", "PATCH /projects/*", "/files/**"',
    );
  }
  return {
    methods: method === 'GET' ? ['GET', 'HEAD'] : [method],
    segments: plain === '' ? [] : plain.slice(1).split('/'),
    open,
    query: query === '*' ? undefined : new Set(query.split('&').filter(Boolean)),
  };
}

function invalid(client: string, problem: string): OAuthError {
  return new OAuthError('invalid_options', `routes(): "access" of "${client}" ${problem}.`);
}

/**
 * Reads a path and query that mean the same to everyone on the way: a URL parser leaves them as they are,
 * and nothing that decodes a segment, however often, makes two of it, or a step up. `undefined` for others.
 */
export function readTarget(target: string): URL | undefined {
  if (!/^\/[!-~]*$/.test(target) || !URL.canParse(target, 'http://api.invalid')) return undefined;
  const url = new URL(target, 'http://api.invalid');
  const same = url.pathname + url.search === target;
  const segments = url.pathname.slice(1).split('/');
  // A path may end in a slash.
  const empty = segments.indexOf('');
  const whole = empty === -1 || empty === segments.length - 1;
  return same && whole && segments.every(isPlain) ? url : undefined;
}

/** Bytes that are never UTF-8, or are written in two ways, are read differently by different servers. */
function isPlain(segment: string): boolean {
  let text: string;
  try {
    text = decodeURIComponent(segment);
  } catch {
    return false;
  }
  for (let round = 0; round < 5; round++) {
    const decoded = text.replaceAll(/%([\da-f]{2})/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
    // Some servers cut a segment's parameters off before they look for dots.
    if (decoded === text) return !/[/\\\p{Cc}]|^\.{1,2}$|^\.{0,2};/u.test(text);
    text = decoded;
  }
  return false;
}

/** Tells whether a rule allows a call. */
export function allows(rule: AccessRule, method: string, { pathname, search }: URL): boolean {
  // Some servers end a parameter at a semicolon, too.
  const given = new URLSearchParams(search.replaceAll(';', '&'));
  const segments = pathname.slice(1).split('/');
  return (
    rule.methods.includes(method) &&
    (rule.open
      ? segments.length > rule.segments.length
      : segments.length === rule.segments.length) &&
    rule.segments.every((one, at) => (one === '*' ? segments[at] !== '' : one === segments[at])) &&
    [...given.keys()].every((name) => rule.query?.has(name) ?? true)
  );
}
