import { nowSeconds } from '../crypto.js';
import type { Awaitable } from '../../model/types.js';
import { isPromise } from '../awaitable.js';
import { refusedClaim, type JwtSubject } from './jws.js';

type Claims = Readonly<Record<string, unknown>>;

/** A rule for one claim: whether a value passes, and what is wrong with one that does not. */
export type ClaimRule = readonly [
  claim: string,
  passes: (value: unknown) => Awaitable<boolean>,
  problem: string,
];

/** The remedy for a time that is rejected. */
export const checkClock = 'Check the clock of this machine; "leeway" allows a difference.';

/** Whether a claim is a time in seconds (RFC 7519 §2, "NumericDate"). */
export function isNumericDate(value: unknown): value is number {
  return Number.isFinite(value);
}

/** Validates claims. The error names the first one that is rejected. */
export function checkClaimRules(
  claims: Claims,
  rules: readonly ClaimRule[],
  subject: JwtSubject,
): Awaitable<void> {
  for (const [index, [claim, passes, problem]] of rules.entries()) {
    const passed = passes(Object.hasOwn(claims, claim) ? claims[claim] : undefined);
    // Only hashes are asynchronous, and only in some runtimes.
    if (isPromise(passed)) {
      const rest = rules.slice(index + 1);
      return passed.then((isAccepted) => {
        if (isAccepted) return checkClaimRules(claims, rest, subject);
        throw refusedClaim(subject, claim, problem);
      });
    }
    if (!passed) throw refusedClaim(subject, claim, problem);
  }
}

/** Lets a rule pass if its claim is absent. */
export function ifPresent([claim, passes, problem]: ClaimRule): ClaimRule {
  return [claim, (value) => value === undefined || passes(value), problem];
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
