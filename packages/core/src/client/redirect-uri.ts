import { percentDecoded } from '../platform/encoding.js';

const maxLength = 2048;

/** Placeholder for an application without a known base URL; no real URL has this origin. */
const unknown = 'https://application.invalid';

/**
 * Returns the local path of a "return to" value, or `undefined` if it may lead elsewhere: another
 * origin, a path that browsers parse as a host, control characters. The result is safe in a
 * `Location` header.
 */
export function checkReturnTo(given: unknown, baseUrl: string | URL = unknown): string | undefined {
  const value = given instanceof URL ? given.href : given;
  if (typeof value !== 'string' || value === '' || value.length > maxLength) return undefined;
  if (!decodings(value).every((one) => stays(one, String(baseUrl)))) return undefined;
  const { pathname, search, hash } = new URL(value, baseUrl);
  return pathname + search + hash;
}

function stays(value: string, baseUrl: string): boolean {
  // Browsers strip control characters and treat a backslash as a slash.
  if (/[\\\p{Cc}]/u.test(value) || value !== value.trim() || !URL.canParse(value, baseUrl))
    return false;
  const base = new URL(baseUrl);
  const { protocol, origin, username, password, pathname } = new URL(value, base);
  return (
    origin === base.origin &&
    protocol === base.protocol &&
    username === '' &&
    password === '' &&
    !pathname.startsWith('//')
  );
}

/** Returns the value and its path after each repeated percent-decoding. */
function decodings(value: string): string[] {
  const path = value.replace(/[?#].*$/s, '');
  const found = [value];
  for (let next = decoded(path); next !== found.at(-1) && found.length < 5; next = decoded(next)) {
    found.push(next);
  }
  return found;
}

function decoded(text: string): string {
  return percentDecoded(text) ?? text;
}
