import type { BrowserCookie } from '../../model/ports.js';

/** Formats a cookie as a `Set-Cookie` header (RFC 6265 §4.1). */
export function formatCookie({
  name,
  value,
  maxAge,
  secure,
  sameSite: site,
}: BrowserCookie): string {
  const sent = site === undefined ? '' : `; SameSite=${site === 'lax' ? 'Lax' : 'None'}`;
  // Next.js rewrites cookies when it adds its own, and drops a Max-Age of 0.
  const gone = maxAge === 0 ? '; Expires=Thu, 01 Jan 1970 00:00:00 GMT' : '';
  return `${name}=${value}; Path=/; Max-Age=${maxAge}${gone}; HttpOnly${sent}${secure ? '; Secure' : ''}`;
}
