/**
 * Token members that only the library sets: verified data, and the token's server. They are ignored
 * in responses and callbacks. `expires_at` is not included: it is read from a response, like
 * `expires_in`.
 */
const ownMembers: ReadonlySet<string> = new Set([
  'userinfo',
  'server',
  'issuer',
  'client_id',
  'dpop_key',
  'expires_unreadable',
  // A later `Object.assign` would change the prototype.
  '__proto__',
]);

/** Returns whether only the library may set a token member. */
export function isOwnMember(name: string): boolean {
  return ownMembers.has(name);
}

/** Removes reserved token members from provider data. */
export function withoutOwnMembers(
  body: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !isOwnMember(name)));
}
