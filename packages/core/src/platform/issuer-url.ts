/** Scheme, host, port and path, without characters that are special in HTML, headers or logs. */
const plain = /^https?:\/\/(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?(?:\/[\w.~!$()*+,:=@%/-]*)?$/i;

const longest = 1024;

/**
 * Returns whether untrusted text is an issuer identifier: a URL without user information, query or
 * fragment. Whether plain http is allowed is checked when the URL is used.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8414#section-2
 */
export function isIssuerUrl(value: unknown): value is string {
  return (
    typeof value === 'string' && value.length <= longest && plain.test(value) && URL.canParse(value)
  );
}

/**
 * Returns whether two documents name the same issuer, ignoring the slash of an empty path.
 *
 * @see https://www.rfc-editor.org/rfc/rfc3986#section-6.2.3
 */
export function isSameIssuer(one: string, other: string): boolean {
  return withoutEmptyPath(one) === withoutEmptyPath(other);
}

/** Returns the equivalent spellings of an issuer: two if its path is empty, the given one first. */
export function spellings(issuer: string): [string, ...string[]] {
  const bare = withoutEmptyPath(issuer);
  if (!URL.canParse(bare) || new URL(bare).pathname !== '/') return [issuer];
  return issuer === bare ? [bare, `${bare}/`] : [issuer, bare];
}

function withoutEmptyPath(issuer: string): string {
  return URL.canParse(issuer) && new URL(issuer).pathname === '/'
    ? issuer.replace(/\/$/, '')
    : issuer;
}
