import { flag, type Check } from '../platform/validators.js';
import { privateKeyCheck, type PrivateKeyOption } from './private-key.js';

/** Options for tokens that are bound to a key with DPoP (RFC 9449). */
export interface DpopOptions {
  /**
   * Binds tokens to a key: the `dpopKey`, or a new ES256 key per token, stored in the token's
   * `dpop_key` (RFC 9449 §5). A token response with a bearer token is rejected. Default: `false`,
   * or `true` with a `dpopKey`.
   */
  dpop?: boolean | undefined;
  /** One DPoP key for all tokens of this client (RFC 9449 §4.2). Default: a new key per token. */
  dpopKey?: PrivateKeyOption | undefined;
}

export const dpopChecks: Record<keyof DpopOptions, Check> = {
  dpop: flag,
  dpopKey: privateKeyCheck,
};

/** Returns what is inconsistent between the DPoP options, if anything. */
export function dpopProblem({ dpop, dpopKey }: Readonly<DpopOptions>): string | undefined {
  return dpop === false && dpopKey !== undefined
    ? '"dpopKey" is set, but "dpop" is false; remove one of them.'
    : undefined;
}
