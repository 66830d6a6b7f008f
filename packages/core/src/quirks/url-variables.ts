import { isObject, isPlainText, mapMembers } from '../platform/encoding.js';
import { OAuthError } from '../model/errors.js';
import { isLoopback } from '../platform/http/address-policy.js';
import type { UrlVariable } from './types.js';
import { isHost, isRequested } from '../platform/url-templates.js';

/** A host name with an optional port, or one path segment. */
const ordinary = '[A-Za-z0-9_-][A-Za-z0-9_.-]*(:\\d{1,5})?';
/** Any text that can be a path segment. A segment of dots would change the path. */
const segmentPattern = '(?!\\.{1,2}$).{1,200}';

const isUrlText = /(?:Url|Uri|Endpoint|^issuer)$/;
/** Options whose text may contain URL variables. */
const isHolder = new RegExp(`${isRequested.source}|^(?:profile|apiParams|headers)$`);

/** Names and values of URL variables. */
export type UrlValues = readonly (readonly [name: string, value: string])[];

/** The allowed values of one client's URL variables. */
export interface VariableRules {
  /** Looks up a value in the configuration. */
  lookUp: (name: string) => string | undefined;
  /** Whether users choose the server, so that defaults remain open. */
  choosing: boolean;
  /** The options that contain the variables. */
  options: object;
}

/**
 * Determines which URL variables have a value: given, configured, or default. Variables that users
 * enter may remain open; a default fixes them unless users choose the server. A host may be copied
 * from a browser, with `https://` and the path `/`.
 *
 * @throws OAuthError `invalid_options` for a variable without a value, or with an invalid one
 */
export function settleVariables(
  variables: Readonly<Record<string, UrlVariable>>,
  { lookUp, choosing, options }: VariableRules,
): Record<string, UrlVariable> {
  const entries = Object.entries(variables).map(([name, variable]) => {
    const { value = lookUp(name), default: preset, ask } = variable;
    const open = ask !== undefined && value === undefined && (choosing || preset === undefined);
    if (open) return [name, variable] as const;
    const given = value ?? preset;
    const settled =
      given === undefined ? undefined : settledValue(given, variable, isHost(options, name));
    if (settled !== undefined && !isInsecure(settled)) {
      return [name, { ...variable, value: settled }] as const;
    }
    throw refusedValue(name, given, settled);
  });
  return Object.fromEntries(entries);
}

/**
 * Normalizes a value from the application: a host, possibly with the scheme and slash that a
 * browser shows.
 */
function settledValue(given: string, variable: UrlVariable, host: boolean): string | undefined {
  const value = host ? given.replace(/^https:\/\//, '').replace(/\/$/, '') : given;
  return isAllowedValue(variable, host ? value.replace(/^http:\/\//, '') : value)
    ? value
    : undefined;
}

/** Plain http is allowed for loopback only. */
function isInsecure(value: string): boolean {
  return value.startsWith('http://') && !(URL.canParse(value) && isLoopback(new URL(value)));
}

function refusedValue(
  name: string,
  given: string | undefined,
  settled: string | undefined,
): OAuthError {
  const problem =
    given === undefined
      ? 'has no value'
      : settled === undefined
        ? 'is malformed (see its pattern)'
        : 'is a plain http URL, which is allowed for loopback hosts only';
  return new OAuthError(
    'invalid_options',
    `The URLs of this provider contain "{${name}}", and "${name}" ${problem}. Set it in the options.`,
  );
}

/**
 * Normalizes the value of a variable. For a host, `@ada@social.example`,
 * `https://social.example/@ada` and `social.example` are equal. `insecure`: preserves `http://`.
 */
export function readValue(
  text: string,
  variable: UrlVariable,
  { host, insecure }: { host: boolean; insecure: boolean },
): string | undefined {
  if (!host) return isAllowedValue(variable, text) ? text : undefined;
  // An account may be written with or without a leading "@".
  const place = text.replace(/^@?[^@\s/:%]*@/, '');
  const absolute = /^[a-z][a-z\d+.-]*:\/\//i.test(place) ? place : `https://${place}`;
  if (!/^https?:/i.test(absolute) || !URL.canParse(absolute)) return undefined;
  const url = new URL(absolute);
  if (url.username !== '' || url.password !== '') return undefined;
  const scheme = insecure && url.protocol === 'http:' ? 'http://' : '';
  const whole = url.host + url.pathname.replace(/\/$/, '');
  const found = [whole, url.host, `${url.host}${variable.suffix ?? ''}`];
  const value = found.find((one) => isAllowedValue(variable, one));
  return value === undefined ? undefined : scheme + value;
}

/** Returns whether a value is allowed for a variable. */
export function isAllowedValue(
  { pattern = ordinary, suffix = '' }: UrlVariable,
  value: string,
): boolean {
  return isPlainText(value) && new RegExp(`^(?:${pattern})$`).test(value) && value.endsWith(suffix);
}

/** Adds patterns to variables without one: any text for an encoded path segment. */
export function withPatterns(
  variables: Record<string, UrlVariable>,
  options: object,
): Record<string, UrlVariable> {
  return mapMembers(variables, (variable, name) =>
    isHost(options, name) ? variable : { pattern: segmentPattern, ...variable },
  );
}

/** Encodes text as one path segment (RFC 3986 §3.3). */
export function encodeSegment(text: string): string {
  return encodeURIComponent(text).replace(/%(?:24|26|2B|2C|3A|3B|3D|40)/g, decodeURIComponent);
}

/** Returns the values of the variables that have one. */
export function settledValues(variables: Readonly<Record<string, UrlVariable>>): UrlValues {
  return Object.entries(variables).flatMap(([name, { value }]) =>
    value === undefined ? [] : [[name, value] as const],
  );
}

/**
 * Replaces `{variable}` in a client's URLs, and in other options that may contain one. In a path
 * the value is encoded. A value that is an origin also replaces `https://`.
 */
export function fillUrlVariables<O extends object>(options: O, values: UrlValues): O {
  if (values.length === 0) return options;
  const hosts = values.map(([name]) => name).filter((name) => isHost(options, name));
  const replace = (text: string): string =>
    values.reduce((url, [name, value]) => {
      const place = `{${name}}`;
      const scheme = value.includes('://') ? 'https' : '';
      const whole = scheme === '' ? `://${value}` : value;
      const filled = url.replaceAll(`${scheme}://${place}`, () => whole);
      const isPath = /^(?:https?:\/)?\//.test(filled) && !hosts.includes(name);
      return filled.replaceAll(place, () => (isPath ? encodeSegment(value) : value));
    }, text);
  return mapMembers(options, (value, option) =>
    isHolder.test(option) ? deep(value, replace) : value,
  ) as O;
}

/** Returns whether a client's URLs are valid once their variables are filled in. */
export function areUrls(options: object): boolean {
  return Object.entries(options).every(
    ([option, value]) =>
      !isUrlText.test(option) ||
      typeof value !== 'string' ||
      !/^https?:/.test(value) ||
      URL.canParse(value),
  );
}

function deep(value: unknown, replace: (text: string) => string): unknown {
  if (typeof value === 'string') return replace(value);
  if (Array.isArray(value)) return value.map((item) => deep(item, replace));
  return isObject(value) ? mapMembers(value, (member) => deep(member, replace)) : value;
}
