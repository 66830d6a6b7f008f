import { isLoopback } from '../../platform/http/address-policy.js';

/**
 * Parses a profile URL, entered by a user or sent by a server. Returns its canonical form, with a
 * scheme, a path and a lowercase host, or `undefined` if it is invalid. Plain http becomes https,
 * because content over http can be changed in transit. Ports and IP addresses are only for
 * loopback.
 *
 * @see https://indieauth.spec.indieweb.org/#user-profile-url
 * @see https://indieauth.spec.indieweb.org/#url-canonicalization
 */
export function readProfileUrl(text: unknown): string | undefined {
  const typed = typeof text === 'string' ? text.trim() : '';
  const absolute = /^[a-z][a-z0-9+.-]*:\/\//i.test(typed) ? typed : `https://${typed}`;
  const url = URL.canParse(absolute) ? new URL(absolute) : undefined;
  if (!url || !isProfile(url, absolute)) return undefined;
  if (!isLoopback(url)) url.protocol = 'https:';
  return url.href;
}

function isProfile(url: URL, typed: string): boolean {
  return (
    /^https?:$/.test(url.protocol) &&
    !url.username &&
    !url.password &&
    !typed.includes('#') &&
    !hasDotSegment(typed) &&
    !/[\s\\]/.test(typed) &&
    (isLoopback(url) || (url.port === '' && isDomain(url.hostname)))
  );
}

/** WHATWG URLs resolve such segments, plain or escaped, during parsing. */
function hasDotSegment(typed: string): boolean {
  const [path = ''] = typed.split('?');
  return path
    .split('/')
    .slice(3)
    .some((segment) => /^(\.|%2e){1,2}$/i.test(segment));
}

/**
 * Whether a host is a domain. IPv4 addresses end in a number in every notation, IPv6 addresses have
 * colons.
 */
function isDomain(host: string): boolean {
  return /^[^:[\]]+\.[^.:\d][^.:]*$/.test(host);
}
