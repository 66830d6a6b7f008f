import { percentDecoded } from '../platform/encoding.js';
import { OAuthError } from '../model/errors.js';

/** A rule that allows pages to call an API endpoint. */
export interface AccessRule {
  methods: readonly string[];
  /** The path's segments; `*` matches any segment. */
  segments: readonly string[];
  /** Whether further segments may follow. */
  open: boolean;
  /** Allowed query parameters; `undefined` for any. */
  query: ReadonlySet<string> | undefined;
}

/** Parses the rules of one client. @throws OAuthError `invalid_options` for an invalid rule */
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
 * Parses a path and query that are unambiguous: a URL parser leaves them unchanged, and repeated
 * decoding of a segment never produces another segment or a parent path. Returns `undefined`
 * otherwise.
 */
export function readTarget(target: string): URL | undefined {
  if (!/^\/[!-~]*$/.test(target) || !URL.canParse(target, 'http://api.invalid')) return undefined;
  const url = new URL(target, 'http://api.invalid');
  const same = url.pathname + url.search === target;
  const segments = url.pathname.slice(1).split('/');
  // A path may end with a slash.
  const empty = segments.indexOf('');
  const whole = empty === -1 || empty === segments.length - 1;
  return same && whole && segments.every(isUnambiguous) ? url : undefined;
}

/**
 * Rejects bytes that are invalid UTF-8 or have several encodings, because servers interpret them
 * differently.
 */
function isUnambiguous(segment: string): boolean {
  let text = percentDecoded(segment);
  for (let round = 0; text !== undefined && round < 5; round++) {
    const decoded: string = text.replaceAll(/%([\da-f]{2})/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
    // Some servers remove a segment's parameters before they check for dot segments.
    if (decoded === text) return !/[/\\\p{Cc}]|^\.{1,2}$|^\.{0,2};/u.test(text);
    text = decoded;
  }
  return false;
}

/** Returns whether a rule allows a call. */
export function allows(rule: AccessRule, method: string, { pathname, search }: URL): boolean {
  // Some servers also separate parameters with semicolons.
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
