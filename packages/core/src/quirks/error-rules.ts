import { readObject } from '../platform/encoding.js';
import type { Http } from '../platform/http/http.js';
import type { ErrorRule } from './types.js';
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

/** Tells whether a rule for `resource` reads a response to a call as the end of its token. */
export async function isRuledOut(
  response: Response,
  errors: readonly ErrorRule[] | undefined,
  { peek }: Pick<Http, 'peek'>,
): Promise<boolean> {
  const rules = (errors ?? []).filter(({ leg }) => leg === 'resource');
  const type = response.headers.get('content-type') ?? '';
  if (rules.length === 0 || !/\b(?:json|javascript)\b/i.test(type)) return false;
  const body = readObject(await peek(response));
  const ruled = body && ruledRefusal(rules, 'resource', body);
  return typeof ruled === 'object' && ruled.code === 'invalid_token';
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

/** Where providers put a code, and where they explain it, who do not say it as the specifications have it. */
const codes =
  'error_type error_name code category status errors[0].extensions.code errors[0].code'.split(' ');
const explanations = (
  'error_description error_message message msg detail reason err error_text description ' +
  'errors[0].message errors[0].detail meta.msg errors'
).split(' ');

/**
 * Reads why an answer refuses that is a refusal by its status alone: under the names that providers are
 * in the habit of, or as the one line of plain text that it is.
 */
export function habitualWords(
  { headers, text }: { headers: Headers; text: string },
  body: Record<string, unknown> | undefined = readObject(text),
): RuledRefusal {
  const error = firstText(body, codes);
  const message = body === undefined ? plainLine(text, headers) : firstText(body, explanations);
  return {
    ...(error === undefined ? {} : { error }),
    ...(message === undefined ? {} : { error_description: message }),
  };
}

function firstText(body: unknown, paths: readonly string[]): string | undefined {
  return paths
    .map((path) => readPath(body, path))
    .filter((value) => !isStatus(value))
    .map(asText)
    .find((text) => text !== undefined);
}

/** A number that only repeats the status, or stands for nothing. */
function isStatus(value: unknown): boolean {
  return typeof value === 'number' && (value === 0 || (value >= 100 && value <= 599));
}

function plainLine(text: string, headers: Headers): string | undefined {
  const isPlain = /^text\/plain\b/i.test(headers.get('content-type') ?? '');
  return isPlain && /^[^\n<]{1,300}\n?$/.test(text) ? asText(text.trim()) : undefined;
}
