import type { ResponseMode } from './authorization-request.js';
import { must, url, type Check } from '../platform/validators.js';

/** Options of `register()` for OpenID 2.0 clients only. */
export interface OpenID2RegisterOptions {
  /**
   * The OP Endpoint URL (OpenID Authentication 2.0 §2). Its presence selects OpenID 2.0, which
   * authenticates the user but has no client identifier and issues no access token.
   */
  openid2Endpoint?: string | undefined;
  /**
   * The claimed identifiers this provider is authoritative for, in place of discovery (OpenID
   * Authentication 2.0 §11.2): a regular expression for the whole identifier. Its first group is
   * the `sub`; without a group, the `sub` is the identifier itself.
   */
  claimedIdPattern?: string | undefined;
}

function isPattern(value: unknown): boolean {
  try {
    return typeof value === 'string' && value !== '' && new RegExp(value) instanceof RegExp;
  } catch {
    return false;
  }
}

export const openid2Checks: Record<keyof OpenID2RegisterOptions, Check> = {
  openid2Endpoint: url,
  claimedIdPattern: must(isPattern, 'must be a regular expression, as text'),
};

/** Returns what is inconsistent between the options of an OpenID 2.0 client, if anything. */
export function openid2Problem(
  options: Readonly<OpenID2RegisterOptions> & { readonly responseMode?: ResponseMode | undefined },
): string | undefined {
  if (options.claimedIdPattern === undefined) {
    return (
      '"claimedIdPattern" is missing: a regular expression for the identifiers this provider is authoritative ' +
      'for. Without it, the provider could log in any user (OpenID Authentication 2.0 §11.2).'
    );
  }
  const { responseMode = 'query' } = options;
  return ['query', 'form_post'].includes(responseMode)
    ? undefined
    : '"responseMode" must be query, or form_post for a provider that posts its responses.';
}
