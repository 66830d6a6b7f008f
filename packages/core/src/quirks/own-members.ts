/**
 * Members of a token that the library writes: what it has verified, and where the token belongs. A response, or a
 * callback, never says them. `expires_at` is not among them: it is read from a response, like `expires_in`.
 */
const ownMembers: ReadonlySet<string> = new Set([
  'userinfo',
  'server',
  'issuer',
  'client_id',
  'dpop_key',
  'expires_unreadable',
  // A later `Object.assign` would act on it.
  '__proto__',
]);

/** Tells whether a member of a token is the library's own. */
export function isOwnMember(name: string): boolean {
  return ownMembers.has(name);
}

/** Leaves the library's own members out of what a provider sent. */
export function withoutOwnMembers(
  body: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !isOwnMember(name)));
}
