import { isLoopback } from '../../platform/http/address-policy.js';

/**
 * Reads a profile URL, typed by a person or named by a server, in its canonical form: with a scheme, a
 * path, and a host in lower case; `undefined` for what is none. Plain http becomes https: who a page
 * belongs to is not learned from what anybody on the way can change. Ports and addresses are for a
 * developer's own machine.
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

/** WHATWG URLs resolve such segments, written plainly or escaped, before anybody sees them. */
function hasDotSegment(typed: string): boolean {
  const [path = ''] = typed.split('?');
  return path
    .split('/')
    .slice(3)
    .some((segment) => /^(\.|%2e){1,2}$/i.test(segment));
}

/** Addresses of IPv4 end in a number, in whatever way they were written; those of IPv6 have colons. */
function isDomain(host: string): boolean {
  return /^[^:[\]]+\.[^.:\d][^.:]*$/.test(host);
}
