import type { RegisterOptions } from './register-options.js';

/** Tells whether a scope asks for an id_token (OpenID Connect Core §3.1.2.1). */
export function asksForOpenId(requested: RegisterOptions['scope']): boolean {
  return (scopeText(requested) ?? '').split(' ').includes('openid');
}

/** Writes a scope as it travels: space separated (RFC 6749 §3.3). */
export function scopeText(requested: RegisterOptions['scope']): string | undefined {
  if (requested === undefined || requested === null) return undefined;
  return Array.isArray(requested) ? requested.join(' ') : String(requested);
}
