import { nowSeconds } from '../crypto.js';
import type { Awaitable } from '../../model/types.js';
import { isPromise } from '../awaitable.js';
import { refusedClaim, type JwtSubject } from './jws.js';

type Claims = Readonly<Record<string, unknown>>;

/**
 * A rule for one claim: whether a value passes, and what is wrong with one that does not. Both receive
 * the JWT that is validated, so that rules can be constants.
 */
export type ClaimRule<C extends JwtSubject = JwtSubject> = readonly [
  claim: string,
  passes: (value: unknown, jwt: C) => Awaitable<boolean>,
  problem: string | ((jwt: C) => string),
];

/** The remedy for a time that is rejected. */
export const checkClock = 'Check the clock of this machine; "leeway" allows a difference.';

/** Whether a claim is a time in seconds (RFC 7519 §2, "NumericDate"). */
export function isNumericDate(value: unknown): value is number {
  return Number.isFinite(value);
}

/** Validates claims. The error names the first one that is rejected. */
export function checkClaimRules<C extends JwtSubject>(
  claims: Claims,
  rules: readonly ClaimRule<C>[],
  jwt: C,
): Awaitable<void> {
  for (let index = 0; index < rules.length; index += 1) {
    const [claim, passes, problem] = rules[index] as ClaimRule<C>;
    const passed = passes(Object.hasOwn(claims, claim) ? claims[claim] : undefined, jwt);
    const refused = (): Error =>
      refusedClaim(jwt, claim, typeof problem === 'string' ? problem : problem(jwt));
    // Only hashes are asynchronous, and only in some runtimes.
    if (isPromise(passed)) {
      const rest = rules.slice(index + 1);
      return passed.then((isAccepted) => {
        if (isAccepted) return checkClaimRules(claims, rest, jwt);
        throw refused();
      });
    }
    if (!passed) throw refused();
  }
}

/** Lets a rule pass if its claim is absent. */
export function ifPresent<C extends JwtSubject = JwtSubject>([
  claim,
  passes,
  problem,
]: ClaimRule<C>): ClaimRule<C> {
  return [claim, (value, jwt) => value === undefined || passes(value, jwt), problem];
}

/** Requires a claim to be absent. */
export function absent(claim: string, problem: string): ClaimRule {
  return [claim, (value) => value === undefined, problem];
}

export function audienceRule(clientId = ''): ClaimRule {
  const passes = (aud: unknown): boolean => [aud].flat().includes(clientId);
  return ['aud', passes, 'does not name this client. Check "clientId".'];
}

export function expiryRule(
  leeway: number,
  problem = `is in the past, or missing. ${checkClock}`,
): ClaimRule {
  return ['exp', (exp) => isNumericDate(exp) && exp > nowSeconds() - leeway, problem];
}

export function issuedRule(leeway: number): ClaimRule {
  const passes = (iat: unknown): boolean => isNumericDate(iat) && iat <= nowSeconds() + leeway;
  return ['iat', passes, `is in the future, or missing. ${checkClock}`];
}
