import type { ErrorRule } from '../option-types/quirks.js';
import { asText, readPath } from './paths.js';

/** What a rule found in an answer. */
export interface RuledRefusal {
  /** The standard code the rule names. */
  code?: string;
  error?: string;
  error_description?: string;
}

/**
 * Looks for a refusal that a provider words in its own way: the refusal, `'success'` where a rule says
 * that this value means success, or `undefined` where no rule has anything to say.
 */
export function ruledRefusal(
  rules: readonly ErrorRule[] | undefined,
  leg: NonNullable<ErrorRule['leg']>,
  answer: Record<string, unknown>,
): RuledRefusal | 'success' | undefined {
  let success = false;
  for (const rule of rules ?? []) {
    if (rule.leg !== undefined && rule.leg !== leg) continue;
    const value = readPath(answer, rule.when);
    if (fits(rule, value)) return refusalBy(rule, value, answer);
    success ||= rule.not !== undefined && value !== undefined && value !== null;
  }
  return success ? 'success' : undefined;
}

function fits({ is, not, missing }: ErrorRule, value: unknown): boolean {
  if (missing) return value === undefined || value === null || value === '';
  if (value === undefined || value === null) return false;
  const among = (values: unknown): boolean => [values].flat().includes(value);
  if (is !== undefined) return among(is);
  return not === undefined ? value !== '' && value !== false : !among(not);
}

function refusalBy(rule: ErrorRule, value: unknown, answer: Record<string, unknown>): RuledRefusal {
  const error = rule.error === undefined ? asText(value) : asText(readPath(answer, rule.error));
  const message = rule.message === undefined ? undefined : asText(readPath(answer, rule.message));
  return {
    ...(rule.code === undefined ? {} : { code: rule.code }),
    ...(error === undefined ? {} : { error }),
    ...(message === undefined ? {} : { error_description: message }),
  };
}
