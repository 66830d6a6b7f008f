import { must, url, type Check } from '../platform/validators.js';
import type { RegisterOptions } from './register-options.js';
import type { OpenID2RegisterOptions } from './openid2-types.js';

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
export function openid2Problem(options: Readonly<RegisterOptions>): string | undefined {
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
