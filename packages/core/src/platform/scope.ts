/** A requested scope, as in the option `scope`. */
export type Scope = string | readonly string[] | undefined;

/** Returns whether a scope requests an id_token (OpenID Connect Core §3.1.2.1). */
export function asksForOpenId(requested: Scope): boolean {
  return (scopeText(requested) ?? '').split(' ').includes('openid');
}

/** Returns a scope in its wire form, space separated (RFC 6749 §3.3). */
export function scopeText(requested: Scope): string | undefined {
  if (requested === undefined || requested === null) return undefined;
  return Array.isArray(requested) ? requested.join(' ') : String(requested);
}
