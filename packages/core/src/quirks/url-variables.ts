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

/** Names and values of url variables. */
export type UrlValues = readonly (readonly [name: string, value: string])[];

/**
 * Settles which url variables have a value: the one given, configured, or preset. Those that people are
 * asked for may stay open; a preset value keeps them closed unless people are to choose.
 *
 * @throws OAuthError `invalid_options` for a variable without a value, or with one that does not fit
 */
export function settleVariables(
  variables: Readonly<Record<string, UrlVariable>>,
  { lookUp, choosing }: { lookUp: (name: string) => string | undefined; choosing: boolean },
): Record<string, UrlVariable> {
  const entries = Object.entries(variables).map(([name, variable]) => {
    const { value = lookUp(name), default: preset, ask } = variable;
    const open = ask !== undefined && value === undefined && (choosing || preset === undefined);
    if (open) return [name, variable] as const;
    const found = value ?? preset;
    if (found !== undefined && fits(variable, found))
      return [name, { ...variable, value: found }] as const;
    const problem =
      found === undefined ? 'has no value' : 'does not look like one (see its pattern)';
    throw new OAuthError(
      'invalid_options',
      `The addresses of this provider contain "{${name}}", and "${name}" ${problem}. Give it with the options.`,
    );
  });
  return Object.fromEntries(entries);
}

/** Tells whether a value is one a variable may have. */
export function fits({ pattern = ordinary, suffix = '' }: UrlVariable, value: string): boolean {
  return new RegExp(`^(?:${pattern})$`).test(value) && value.endsWith(suffix);
}

/** The values of the variables that are settled. */
export function settledValues(variables: Readonly<Record<string, UrlVariable>>): UrlValues {
  return Object.entries(variables).flatMap(([name, { value }]) =>
    value === undefined ? [] : [[name, value] as const],
  );
}

/**
 * Replaces `{variable}` in the addresses of a client, and in what else may hold one, by its value. A
 * value that is an origin takes the place of `https://` as well.
 */
export function fillUrlVariables<O extends object>(options: O, values: UrlValues): O {
  if (values.length === 0) return options;
  const replace = (text: string): string =>
    values.reduce((url, [name, value]) => {
      const place = `{${name}}`;
      const origin = value.includes('://');
      return url
        .replaceAll(origin ? `https://${place}` : place, () => value)
        .replaceAll(place, () => value);
    }, text);
  return Object.fromEntries(
    Object.entries(options).map(([option, value]) => [
      option,
      isAddress.test(option) || holders.has(option) ? deep(value, replace) : value,
    ]),
  ) as O;
}

/** Tells whether a variable says which host is asked, or a part of its name. */
export function isHost(options: object, name: string): boolean {
  // Of what else holds variables, these have addresses that are asked.
  const asked = new Set(['userinfo', 'longLivedToken', 'revocation']);
  return Object.entries(options)
    .filter(([option]) => isAddress.test(option) || asked.has(option))
    .flatMap(([, value]) => (JSON.stringify(value) ?? '').match(/:\/\/[^/?#"\\]*/g) ?? [])
    .some((authority) => authority.includes(`{${name}}`));
}

/** Tells whether the addresses of a client are such, once their variables are filled. */
export function areAddresses(options: object): boolean {
  return Object.entries(options).every(
    ([option, value]) =>
      !isAddress.test(option) ||
      typeof value !== 'string' ||
      !/^https?:/.test(value) ||
      URL.canParse(value),
  );
}

function deep(value: unknown, replace: (text: string) => string): unknown {
  if (typeof value === 'string') return replace(value);
  if (Array.isArray(value)) return value.map((item) => deep(item, replace));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, deep(v, replace)]));
}
