import type { HeaderReader } from '../platform/http/transport.js';
import { readObject } from '../platform/encoding.js';
import type { Http } from '../platform/http/http.js';
import type { ErrorRule } from './types.js';
import { asText, readPath } from '../platform/paths.js';

/** The result of an error rule. */
export interface MatchedError {
  /** The standard error code of the rule. */
  code?: string;
  error?: string;
  error_description?: string;
}

/**
 * Applies a provider's error rules to a response: returns the error, `'success'` if a rule matches
 * a success value, or `undefined` if no rule matches.
 */
export function matchErrorRule(
  rules: readonly ErrorRule[] | undefined,
  endpoint: NonNullable<ErrorRule['endpoint']>,
  body: Record<string, unknown>,
): MatchedError | 'success' | undefined {
  let success = false;
  for (const rule of rules ?? []) {
    if (rule.endpoint !== undefined && rule.endpoint !== endpoint) continue;
    const value = readPath(body, rule.when);
    if (matches(rule, value)) return errorResponseBy(rule, value, body);
    success ||= rule.not !== undefined && value !== undefined && value !== null;
  }
  return success ? 'success' : undefined;
}

/** Returns whether a rule for `resource` treats an API response as an invalid token. */
export async function isRuledOut(
  response: Response,
  errors: readonly ErrorRule[] | undefined,
  { peek }: Pick<Http, 'peek'>,
): Promise<boolean> {
  const rules = (errors ?? []).filter(({ endpoint }) => endpoint === 'resource');
  const type = response.headers.get('content-type') ?? '';
  if (rules.length === 0 || !/\b(?:json|javascript)\b/i.test(type)) return false;
  const body = readObject(await peek(response));
  const ruled = body && matchErrorRule(rules, 'resource', body);
  return typeof ruled === 'object' && ruled.code === 'invalid_token';
}

function matches({ is, not, missing }: ErrorRule, value: unknown): boolean {
  if (missing) return value === undefined || value === null || value === '';
  if (value === undefined || value === null) return false;
  const among = (values: unknown): boolean => [values].flat().includes(value);
  if (is !== undefined) return among(is);
  return not === undefined ? value !== '' && value !== false : !among(not);
}

function errorResponseBy(
  rule: ErrorRule,
  value: unknown,
  body: Record<string, unknown>,
): MatchedError {
  const error = rule.error === undefined ? asText(value) : asText(readPath(body, rule.error));
  const message = rule.message === undefined ? undefined : asText(readPath(body, rule.message));
  return {
    ...(rule.code === undefined ? {} : { code: rule.code }),
    ...(error === undefined ? {} : { error }),
    ...(message === undefined ? {} : { error_description: message }),
  };
}

/** Non-standard fields in which providers send error codes and descriptions. */
const codes =
  'error_type error_name code category status errors[0].extensions.code errors[0].code'.split(' ');
const explanations = (
  'error_description error_message message msg detail reason err error_text description ' +
  'errors[0].message errors[0].detail meta.msg errors'
).split(' ');

/**
 * Extracts the reason from an error response that has only an HTTP status: from commonly used JSON
 * fields, or the plain-text body.
 */
export function commonErrorFields(
  { headers, text }: { headers: HeaderReader; text: string },
  body: Record<string, unknown> | undefined = readObject(text),
): MatchedError {
  const error = firstTextAt(body, codes);
  const message = body === undefined ? plainLine(text, headers) : firstTextAt(body, explanations);
  return {
    ...(error === undefined ? {} : { error }),
    ...(message === undefined ? {} : { error_description: message }),
  };
}

function firstTextAt(body: unknown, paths: readonly string[]): string | undefined {
  return paths
    .map((path) => readPath(body, path))
    .filter((value) => !isStatus(value))
    .map(asText)
    .find((text) => text !== undefined);
}

/** Whether a number only repeats the status, or is a placeholder. */
function isStatus(value: unknown): boolean {
  return typeof value === 'number' && (value === 0 || (value >= 100 && value <= 599));
}

function plainLine(text: string, headers: HeaderReader): string | undefined {
  const isPlain = /^text\/plain\b/i.test(headers.get('content-type') ?? '');
  return isPlain && /^[^\n<]{1,300}\n?$/.test(text) ? asText(text.trim()) : undefined;
}
