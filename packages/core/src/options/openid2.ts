import { responseModes, type ResponseMode } from './authorization-request.js';
import { isNonEmptyString } from '../platform/encoding.js';
import { must, oneOf, text, url, type Check } from '../platform/validators.js';
import { commonChecks, type CommonOptions } from './common.js';

/**
 * Options of an OpenID 2.0 client. It authenticates the user, but has no client identifier and
 * receives no access token.
 */
export interface OpenId2Options extends CommonOptions {
  /**
   * The OP Endpoint URL (OpenID Authentication 2.0 §2). Its presence selects OpenID 2.0.
   */
  openid2Endpoint?: string | undefined;
  /**
   * The claimed identifiers this provider is authoritative for, in place of discovery (OpenID
   * Authentication 2.0 §11.2): a regular expression for the whole identifier. Its first group is
   * the `sub`; without a group, the `sub` is the identifier itself. Required.
   */
  claimedIdPattern?: string | undefined;
  /**
   * The URL the user is asked to trust (OpenID Authentication 2.0 §9.2). Default: the origin of the
   * redirect URI.
   */
  realm?: string | undefined;
  /**
   * How the provider returns its response: `query`, or `form_post` for a provider that posts it
   * (OpenID Authentication 2.0 §5.2). Default: `query`.
   */
  responseMode?: ResponseMode | undefined;
}

function isPattern(value: unknown): boolean {
  try {
    return isNonEmptyString(value) && new RegExp(value) instanceof RegExp;
  } catch {
    return false;
  }
}

export const openid2Checks: Record<keyof OpenId2Options, Check> = {
  ...commonChecks,
  openid2Endpoint: url,
  claimedIdPattern: must(isPattern, 'must be a regular expression, as text'),
  realm: text,
  responseMode: oneOf(...responseModes),
};

/** Returns what is inconsistent between the options of an OpenID 2.0 client, if anything. */
export function openid2Problem(options: Readonly<OpenId2Options>): string | undefined {
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
