import { isObject, isPlainText, mapMembers } from '../platform/encoding.js';
import { OAuthError } from '../model/errors.js';
import { isLoopback } from '../platform/http/address-policy.js';
import type { UrlVariable } from './types.js';

/** A host name with a port, or one segment of a path. */
const ordinary = '[A-Za-z0-9_-][A-Za-z0-9_.-]*(:\\d{1,5})?';
/** Any text that can be a segment of a path. A segment of dots would be another path. */
const segmentPattern = '(?!\\.{1,2}$).{1,200}';

const isAddress = /(?:Url|Uri|Endpoint|^issuer)$/;
/** Options with URLs that are requested. */
const isRequested = /(?:Url|Uri|Endpoint)$|^(?:issuer|userinfo|longLivedToken|revocation)$/;
/** Options whose texts may hold url variables. */
const isHolder = new RegExp(`${isRequested.source}|^(?:profile|apiParams|headers)$`);

/** Names and values of url variables. */
export type UrlValues = readonly (readonly [name: string, value: string])[];

/** Which values the url variables of one client may have. */
export interface VariableRules {
  /** Finds a value in the configuration. */
  lookUp: (name: string) => string | undefined;
  /** Whether users choose the server, so that defaults stay open. */
  choosing: boolean;
  /** The options that hold the variables. */
  options: object;
}

/**
 * Settles which url variables have a value: the one given, configured, or preset. Those that users are
 * asked for may stay open; a preset value keeps them closed unless users are to choose. A host may be
 * given as it is copied from a browser, with `https://` and a path of `/`.
 *
 * @throws OAuthError `invalid_options` for a variable without a value, or with one that does not fit
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

/** A value as the application gives it: a host perhaps with what a browser shows around it. */
function settledValue(given: string, variable: UrlVariable, host: boolean): string | undefined {
  const value = host ? given.replace(/^https:\/\//, '').replace(/\/$/, '') : given;
  return fits(variable, host ? value.replace(/^http:\/\//, '') : value) ? value : undefined;
}

/** Plain http is for loopback. */
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
        ? 'does not look like one (see its pattern)'
        : 'is a plain http URL; that is for loopback hosts';
  return new OAuthError(
    'invalid_options',
    `The URLs of this provider contain "{${name}}", and "${name}" ${problem}. Give it with the options.`,
  );
}

/**
 * Reads the value of a variable. Of a host, whatever was given of it comes in one form:
 * `@ada@social.example`, `https://social.example/@ada` and `social.example` are one. `insecure`: `http://` of
 * a host stays before it.
 */
export function readValue(
  text: string,
  variable: UrlVariable,
  { host, insecure }: { host: boolean; insecure: boolean },
): string | undefined {
  if (!host) return fits(variable, text) ? text : undefined;
  // An account is written with or without an "@" before it.
  const place = text.replace(/^@?[^@\s/:%]*@/, '');
  const address = /^[a-z][a-z\d+.-]*:\/\//i.test(place) ? place : `https://${place}`;
  if (!/^https?:/i.test(address) || !URL.canParse(address)) return undefined;
  const url = new URL(address);
  if (url.username !== '' || url.password !== '') return undefined;
  const scheme = insecure && url.protocol === 'http:' ? 'http://' : '';
  const whole = url.host + url.pathname.replace(/\/$/, '');
  const found = [whole, url.host, `${url.host}${variable.suffix ?? ''}`];
  const value = found.find((one) => fits(variable, one));
  return value === undefined ? undefined : scheme + value;
}

/** Tells whether a value is one a variable may have. */
export function fits({ pattern = ordinary, suffix = '' }: UrlVariable, value: string): boolean {
  return isPlainText(value) && new RegExp(`^(?:${pattern})$`).test(value) && value.endsWith(suffix);
}

/** The variables with a pattern for all: any text for a part of a path, which is encoded. */
export function withPatterns(
  variables: Record<string, UrlVariable>,
  options: object,
): Record<string, UrlVariable> {
  return mapMembers(variables, (variable, name) =>
    isHost(options, name) ? variable : { pattern: segmentPattern, ...variable },
  );
}

/** Encodes text as one segment of a path (RFC 3986 §3.3). */
export function encodeSegment(text: string): string {
  return encodeURIComponent(text).replace(/%(?:24|26|2B|2C|3A|3B|3D|40)/g, decodeURIComponent);
}

/** The values of the variables that are settled. */
export function settledValues(variables: Readonly<Record<string, UrlVariable>>): UrlValues {
  return Object.entries(variables).flatMap(([name, { value }]) =>
    value === undefined ? [] : [[name, value] as const],
  );
}

/**
 * Replaces `{variable}` in the URLs of a client, and in what else may hold one, by its value. In a path it is
 * encoded. A value that is an origin takes the place of `https://` as well.
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

/** Tells whether a variable says which host is asked, or a part of its name. */
export function isHost(options: object, name: string): boolean {
  return Object.entries(options).some(
    ([option, value]) =>
      isRequested.test(option) &&
      JSON.stringify(value)
        ?.match(/:\/\/[^/?#"\\]*/g)
        ?.some((authority) => authority.includes(`{${name}}`)),
  );
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
  return isObject(value) ? mapMembers(value, (member) => deep(member, replace)) : value;
}
