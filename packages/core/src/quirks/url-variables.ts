import { isObject } from '../encoding.js';
import { OAuthError } from '../errors.js';
import type { UrlVariable } from '../option-types/quirks.js';

/** A host name with a port, or one segment of a path. */
const ordinary = '[A-Za-z0-9_-][A-Za-z0-9_.-]*(:\\d{1,5})?';

/** Options whose texts may hold url variables, beside the addresses. */
const holders = new Set([
  'userinfo',
  'profile',
  'apiParams',
  'headers',
  'longLivedToken',
  'revocation',
]);
const isAddress = /(?:Url|Uri|Endpoint|^issuer)$/;

/**
 * Replaces `{variable}` in the addresses of a client by its value. Nothing is done to a client without
 * url variables.
 *
 * @throws OAuthError `invalid_options` for a variable without a value, or with one that does not fit
 */
export function fillUrlVariables(
  options: Record<string, unknown>,
  variables: readonly (readonly [name: string, variable: UrlVariable])[],
  lookUp: (variable: string) => string | undefined,
): Record<string, unknown> {
  const values = variables.map(
    ([name, variable]) => [name, valueOf(name, variable, lookUp)] as const,
  );
  const replace = (text: string): string =>
    values.reduce((url, [name, value]) => url.replaceAll(`{${name}}`, value), text);
  return Object.fromEntries(
    Object.entries(options).map(([option, value]) => [
      option,
      isAddress.test(option) || holders.has(option) ? deep(value, replace) : value,
    ]),
  );
}

function valueOf(
  name: string,
  { value, default: preset, pattern = ordinary }: UrlVariable,
  lookUp: (variable: string) => string | undefined,
): string {
  const found = value ?? lookUp(name) ?? preset;
  if (found !== undefined && new RegExp(`^(?:${pattern})$`).test(found)) return found;
  const problem = found === undefined ? 'has no value' : 'does not look like one (see its pattern)';
  throw new OAuthError(
    'invalid_options',
    `The addresses of this provider contain "{${name}}", and "${name}" ${problem}. Give it with the options.`,
  );
}

function deep(value: unknown, replace: (text: string) => string): unknown {
  if (typeof value === 'string') return replace(value);
  if (Array.isArray(value)) return value.map((item) => deep(item, replace));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, deep(v, replace)]));
}
