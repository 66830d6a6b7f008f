import { OAuthError } from '../model/errors.js';
import type { Token } from '../model/types.js';
import { isExpired } from '../platform/token-expiry.js';

/** What the provider says about a token. */
export interface TokenCheck {
  /**
   * `active`: the provider accepts it. `expired`: the access token has expired; a refresh may renew
   * it. `revoked`: the provider rejects it, or has ended the authorization. `insufficient_scope`: it
   * lacks a scope. `unknown`: the provider did not say.
   */
  state: 'active' | 'expired' | 'revoked' | 'insufficient_scope' | 'unknown';
  /** The code of the error that says so. */
  error?: string | undefined;
}

/** How a token is checked. */
interface TokenProbe<T extends Token> {
  /** Returns the stored token. */
  find(): Promise<T>;
  /** Asks the introspection endpoint, if there is one. */
  introspect?: ((token: T) => Promise<{ active: boolean; scope?: string }>) | undefined;
  /** Requests the profile with the token. */
  profile(token: T): Promise<unknown>;
}

/**
 * Checks a token in the way of its provider: by introspection (RFC 7662), or by a request of the
 * profile. Spends nothing: no token is refreshed.
 */
export async function checkToken<T extends Token>(
  probe: TokenProbe<T>,
  needed: readonly string[],
): Promise<TokenCheck> {
  let token: T;
  try {
    token = await probe.find();
  } catch (error) {
    if (error instanceof OAuthError && error.code === 'invalid_token')
      return { state: 'revoked', error: error.code };
    throw error;
  }
  if (isExpired(token)) return { state: 'expired' };
  const { scope } = token;
  if (lacks(scope, needed)) return { state: 'insufficient_scope' };
  try {
    if (probe.introspect) {
      const { active, scope: current } = await probe.introspect(token);
      if (!active) return { state: 'revoked' };
      return { state: lacks(current, needed) ? 'insufficient_scope' : 'active' };
    }
  } catch {
    // Not every client may use the endpoint; the profile tells as well.
  }
  try {
    await probe.profile(token);
    return { state: 'active' };
  } catch (error) {
    if (!(error instanceof OAuthError)) throw error;
    const { code } = error;
    if (code === 'invalid_token') return { state: 'revoked', error: code };
    if (code === 'insufficient_scope') return { state: 'insufficient_scope', error: code };
    return { state: 'unknown', error: code };
  }
}

/** Returns whether named scopes lack one; if the provider names none, that is unknown. */
function lacks(scope: unknown, needed: readonly string[]): boolean {
  if (typeof scope !== 'string' || scope === '') return false;
  const granted = scope.split(/[\s,]+/);
  return needed.some((one) => !granted.includes(one));
}
