import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import {
  absent,
  audienceRule,
  checkClaimRules,
  expiryRule,
  ifPresent,
  issuedRule,
  type ClaimRule,
} from './claim-rules.js';

const now = 1_800_000_000;
const subject = { what: 'test token', code: 'invalid_token' } as const;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: now * 1000 });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Whether a rule accepts a value of its claim. The error names the claim. */
async function accepts(rule: ClaimRule, value: unknown): Promise<boolean> {
  const [claim, , problem] = rule;
  try {
    await checkClaimRules({ [claim]: value }, [rule], subject);
    return true;
  } catch (error) {
    expect(error).toMatchObject({ code: 'invalid_token', reason: 'claim' });
    expect(String(error)).toContain(`"${claim}" ${problem}`);
    return false;
  }
}

it.each([
  [now + 1, true],
  [now - 29, true],
  [now - 30, false],
  [undefined, false],
  [Number.POSITIVE_INFINITY, false],
  [String(now + 1), false],
])('accepts an expiry of %j: %j', async (exp, accepted) => {
  expect(await accepts(expiryRule(30), exp)).toBe(accepted);
});

it.each([
  [now - 1, true],
  [now + 30, true],
  [now + 31, false],
  [undefined, false],
  [Number.NEGATIVE_INFINITY, false],
  [String(now), false],
])('accepts a time of issue of %j: %j', async (iat, accepted) => {
  expect(await accepts(issuedRule(30), iat)).toBe(accepted);
});

it.each([
  ['client', true],
  [['other', 'client'], true],
  ['other', false],
  [['other'], false],
  [[], false],
  [undefined, false],
])('accepts an audience of %j: %j', async (aud, accepted) => {
  expect(await accepts(audienceRule('client'), aud)).toBe(accepted);
});

it('accepts no audience for a client without a client ID but an empty one', async () => {
  expect(await accepts(audienceRule(), undefined)).toBe(false);
  expect(await accepts(audienceRule(), 'undefined')).toBe(false);
});

it('applies a rule for an optional claim only if the claim is present', async () => {
  const rule = ifPresent(expiryRule(0));
  expect(await accepts(rule, undefined)).toBe(true);
  expect(await accepts(rule, now + 1)).toBe(true);
  expect(await accepts(rule, now)).toBe(false);
  expect(await accepts(rule, null)).toBe(false);
});

it('rejects a claim that must be absent', async () => {
  const rule = absent('events', 'is not expected.');
  expect(await accepts(rule, undefined)).toBe(true);
  expect(await accepts(rule, {})).toBe(false);
  expect(await accepts(rule, false)).toBe(false);
});

it('reads own claims only', () => {
  const rule = absent('constructor', 'is not expected.');
  expect(() => checkClaimRules({}, [rule], subject)).not.toThrow();
});

it('waits for a rule, and reports the first claim that is rejected', async () => {
  const rules: ClaimRule[] = [
    ['a', () => true, 'passes.'],
    ['b', () => Promise.resolve(false), 'is rejected.'],
    ['c', () => false, 'is rejected too.'],
  ];
  await expect(checkClaimRules({}, rules, subject)).rejects.toThrow('"b" is rejected.');
});
