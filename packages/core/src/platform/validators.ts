import { isPromise } from './awaitable.js';
import { isHeaderSafe, isNonEmptyString, isObject, parseUrl } from './encoding.js';
import { OAuthError } from '../model/errors.js';
import { withReceived } from './received.js';
import { nearestName, synonymOf } from './suggestions.js';
import type { ClaimRequest, ClaimsRequest } from '../model/params.js';
import type { ClaimOptions } from '../model/user-info.js';

/**
 * Returns what is wrong with a value, as the end of a sentence that begins with the option's name.
 */
export type Check = (value: unknown) => string | undefined;

/** Returns whether a value is a plain object, not a list, map, URL or other instance. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (!isObject(value) || isPromise(value) || Symbol.iterator in value) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Objects of another realm have another prototype, whose own prototype is null.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Creates a check from a test and the sentence that describes a valid value. */
export function must(test: (value: unknown) => boolean, sentence: string): Check {
  return (value) => (test(value) ? undefined : withReceived(sentence, value));
}
/** Accepts any value, which is validated elsewhere or cannot be. */
export const anything: Check = () => undefined;
export const text: Check = must(isNonEmptyString, 'must be a non-empty string');
export const flag: Check = must((v) => typeof v === 'boolean', 'must be true or false');
export const func: Check = must((v) => typeof v === 'function', 'must be a function');
export const count: Check = must(
  (v) => Number.isFinite(v) && Number(v) >= 0,
  'must be a number, 0 or more',
);
/** Timers fire immediately for longer times. */
export const milliseconds: Check = must(
  (v) => Number.isFinite(v) && Number(v) > 0 && Number(v) < 2 ** 31,
  'must be a number of milliseconds above 0 and below 2 ** 31',
);
export const headerText: Check = must(
  (v) => typeof v === 'string' && v.trim() !== '' && isHeaderSafe(v),
  'must be valid in an HTTP header: visible ASCII characters and spaces',
);
/** Creates a check for a list of allowed values. */
export function oneOf(...values: string[]): Check {
  return must((v) => values.includes(v as string), `must be one of ${values.join(', ')}`);
}

export const functions: Check = must(
  (v) => isObject(v) && Object.values(v).every((item) => typeof item === 'function'),
  'must be an object of functions',
);
export const url: Check = must((value) => {
  try {
    // A list with one URL would be parsed as that URL.
    if (typeof value !== 'string') return false;
    return /^https?:\/\//.test(value) ? URL.canParse(value) : parseUrl(value, '') !== undefined;
  } catch {
    return false;
  }
}, 'must be an absolute URL, such as https://provider.example/path');
/** Checks an origin to which tokens may be sent; the first label of its host may be `*`. */
export const apiOrigin: Check = must((value) => {
  if (typeof value !== 'string') return false;
  const plain = value.replace(/^(https:\/\/)\*(?=\.[a-z\d-]+\.[a-z\d-])/i, '$1x');
  if (!URL.canParse(plain)) return false;
  const { protocol, host, hostname, origin } = new URL(plain);
  const isLocal = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
  const isSecure = protocol === 'https:' || (protocol === 'http:' && isLocal);
  return isSecure && !host.includes('*') && plain.replace(/\/$/, '').toLowerCase() === origin;
}, 'must be an https origin without a path, such as https://api.provider.example, or https://*.provider.example for every host with one more label');
/** Checks a URL of the API, parts of which may be known only once there is a token. */
export const apiUrl: Check = (value) =>
  url(
    typeof value === 'string' ? value.replace(/^\{token\.[^}]+\}/, 'https://api.invalid') : value,
  );
const isGiven = (v: unknown): boolean => v !== undefined && v !== null;
const isParam = (v: unknown): boolean =>
  !isGiven(v) || v instanceof URL || ['string', 'number', 'boolean'].includes(typeof v);
export const params: Check = must(
  (v) =>
    isPlain(v) &&
    Object.values(v).every((i) => isParam(i) || (Array.isArray(i) && i.every(isParam))),
  'must be an object of strings, numbers, booleans, or lists of them',
);
/**
 * Parameters of the specifications and of many providers whose camelCase spelling would be ignored.
 */
const wireNames: ReadonlySet<string> = new Set(
  (
    'access_type acr_values authorization_details binding_message claims_locales domain_hint grant_type ' +
    'id_token_hint login_hint logout_hint max_age post_logout_redirect_uri redirect_uri requested_expiry ' +
    'requested_token_type response_mode response_type screen_hint subject_token subject_token_type ui_locales'
  ).split(' '),
);

/** Rejects camelCase spellings of wire parameters, which providers would silently ignore. */
function misspeltParam(value: Readonly<Record<string, unknown>>): string | undefined {
  for (const name of Object.keys(value)) {
    const wire = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    if (wire !== name && wireNames.has(wire)) {
      return `must be an object without "${name}": parameters have their wire names (did you mean "${wire}"?)`;
    }
  }
  return undefined;
}

/** Checks parameters of a request to the provider, except API calls. */
export const requestParams: Check = (value) =>
  (isPlain(value) ? misspeltParam(value) : undefined) ?? params(value);

/** Like {@link requestParams}, with objects that are serialized as JSON. */
export const authorizeParams: Check = (value) => {
  if (!isPlain(value)) return params(value);
  const misspelt = misspeltParam(value);
  if (misspelt !== undefined) return misspelt;
  const {
    claims: wanted,
    authorization_details: details,
    requestTokenParams: ofRequestToken,
    ...others
  } = value;
  const unsent = valueProblem(ofRequestToken, params);
  if (unsent) return `has "requestTokenParams" that ${unsent}`;
  if (isGiven(wanted) && typeof wanted !== 'string') {
    if (!isObject(wanted)) return 'has "claims" that are neither an object nor text';
    const problem = claimsRequest(wanted);
    if (problem) return `has "claims" that ${problem}`;
  }
  const isList = Array.isArray(details) && details.every(isObject);
  if (isGiven(details) && typeof details !== 'string' && !isList) {
    return 'has "authorization_details" that are neither a list of objects nor text';
  }
  return params(others);
};

/** Checks an object that allows unknown members, except misspelt known ones. */
function openShape<Options extends object>(rules: Rules<Options>): Check {
  const known = Object.keys(rules);
  return (value) => {
    if (!isPlain(value)) return withReceived(`must be an object with ${known.join(', ')}`, value);
    return Object.entries(value)
      .filter(([name]) => known.includes(name) || nearestName(name, known) !== undefined)
      .map(([name, member]) => memberProblem(rules, name, member))
      .find((problem) => problem !== undefined);
  };
}

/** `null`, or conditions, which other specifications extend (OpenID Connect Core §5.5.1). */
const claimRequest = openShape<ClaimRequest>({
  essential: flag,
  value: anything,
  values: must(Array.isArray, 'must be a list'),
});
const requestedClaims = each((value) => (value === null ? undefined : claimRequest(value)));
const claimsRequest = openShape<ClaimsRequest>({
  userinfo: requestedClaims,
  id_token: requestedClaims,
});
export const scope: Check = must(
  (v) => typeof v === 'string' || (Array.isArray(v) && v.every((item) => typeof item === 'string')),
  'must be a string or a list of strings',
);
export const jwks: Check = must(
  (v) => isObject(v) && Array.isArray(v['keys']) && v['keys'].every(isObject),
  'must be a JWK Set: { keys: [...] }',
);
const claimRules = shape<ClaimOptions>({
  essential: flag,
  value: anything,
  values: must((v) => Array.isArray(v) && v.length > 0, 'must be a list with a value or more'),
  validate: func,
});
/**
 * Checks the rule for one claim. A condition without a value, such as an unset variable, would
 * check nothing.
 */
const claim: Check = (value) => {
  const problem = claimRules(value);
  if (problem !== undefined) return problem;
  const given = Object.entries(value as object);
  const unset = given.find(([, condition]) => condition === undefined);
  if (unset) return `has "${unset[0]}" without a value, which checks nothing`;
  return given.length > 0
    ? undefined
    : 'has no condition: set essential, value, values or validate';
};
/** Checks the conditions on the claims of an id_token, by claim. */
export const claims: Check = each(claim);

const isSet = (one: unknown): boolean => one !== undefined && one !== '';

/**
 * Returns the secrets of a list that are set: `[NEW ?? '', OLD ?? '']` has one before a rotation.
 */
export function usable<T>(secret: T): T {
  return Array.isArray(secret) && secret.some(isSet) ? (secret.filter(isSet) as T) : secret;
}

/** Checks secrets for key derivation: the first encrypts, all of them decrypt. */
export const secrets: Check = must(
  (v) =>
    [usable(v)].flat().length > 0 &&
    [usable(v)].flat().every((s) => typeof s === 'string' && s.length >= 32),
  'must be a string of at least 32 characters, or a list of them; `openssl rand -base64 32` generates one',
);

/** The checks of an options object, one per name. */
export type Rules<Options extends object> = {
  readonly [Name in keyof Required<Options>]: Check;
};

/** Checks an object by its members. Unknown names are rejected, and missing ones in `needed`. */
export function shape<Options extends object>(
  rules: Rules<Options>,
  needed: readonly (keyof Options & string)[] = [],
): Check {
  return (value) => {
    const members = membersOf(value, rules);
    if (!members) {
      return withReceived(`must be an object with ${Object.keys(rules).join(', ')}`, value);
    }
    for (const name of Object.keys(members)) {
      const problem = memberProblem(rules, name, members[name]);
      if (problem) return problem;
    }
    const missing = needed.find((name) => members[name] === undefined);
    return missing && `is missing the member "${missing}"`;
  };
}

/**
 * Returns the members of options: an object's own, or the known ones of a class instance, such as
 * an `AbortController`.
 */
function membersOf(value: unknown, rules: object): Readonly<Record<string, unknown>> | undefined {
  if (isPlain(value)) return value;
  if (!isObject(value) || isPromise(value)) return undefined;
  const found = Object.keys(rules).filter((name) => name in value);
  if (found.length === 0) return undefined;
  return Object.fromEntries(found.map((name) => [name, value[name]]));
}

function memberProblem(
  rules: Readonly<Record<string, Check>>,
  name: string,
  member: unknown,
): string | undefined {
  const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
  if (!rule) {
    const known = Object.keys(rules);
    const meant = meantName(name, known);
    return `must be an object without "${name}" (${meant ? `did you mean "${meant}"?` : `known: ${known.join(', ')}`})`;
  }
  const problem = valueProblem(member, rule);
  return problem && `has a "${name}" that ${problem}`;
}

/** Returns what is wrong with an optional value. */
export function valueProblem(value: unknown, rule: Check): string | undefined {
  if (value === undefined) return undefined;
  return isPromise(value)
    ? 'is a promise: write "await" before the call that returns it'
    : rule(value);
}

/** Checks an object with any names, all of whose values follow one check. */
export function each(rule: Check): Check {
  return (value) => {
    if (!isPlain(value)) return withReceived('must be an object', value);
    const found = Object.entries(value).find(([, member]) => rule(member) !== undefined);
    return found && `has a "${found[0]}" that ${rule(found[1])}`;
  };
}

/** Checks a list whose items follow one check. */
export function listOf(rule: Check): Check {
  return (value) => {
    if (!Array.isArray(value)) return withReceived('must be a list', value);
    const found = value.find((item) => rule(item) !== undefined);
    return found === undefined ? undefined : `has an item that ${rule(found)}`;
  };
}

/** Checks every option, and rejects unknown names. */
export function checkAll(options: object, checks: Record<string, Check>, caller: string): void {
  if (!isObject(options)) {
    throw new OAuthError('invalid_options', `${caller}: the options must be an object.`);
  }
  for (const option of Object.keys(options)) {
    const { [option as keyof typeof options]: value } = options;
    const check = Object.hasOwn(checks, option) ? checks[option] : undefined;
    if (!check) throw unknownOption(option, Object.keys(checks), caller);
    const problem = valueProblem(value, check);
    if (problem) throw new OAuthError('invalid_options', `${caller}: "${option}" ${problem}.`);
  }
}

function unknownOption(option: string, known: string[], caller: string): OAuthError {
  const meant = meantName(option, known);
  const listed = meant ? `Did you mean "${meant}"?` : `Known options: ${known.join(', ')}.`;
  const hint = hints.find(([name]) => name.test(option))?.[1] ?? listed;
  return new OAuthError('invalid_options', `${caller}: unknown option "${option}". ${hint}`);
}

/** Returns the known name that a misspelt or foreign one probably means. */
function meantName(name: string, known: readonly string[]): string | undefined {
  return synonymOf(name, known) ?? nearestName(name, known);
}

/** What to do with names of other libraries that no single option replaces. */
const hints: readonly [name: RegExp, hint: string][] = [
  [
    /^(?:redirect|callback)_?ur[il]$/i,
    'The redirect URI is an argument of the call that starts a login; by default it is "/callback/" and the client\'s ' +
      'name, below the registry\'s "baseUrl".',
  ],
  [
    /^client_?kwargs$/i,
    'Its members are options themselves: "scope", "codeChallengeMethod", "tokenEndpointAuthMethod", ' +
      '"tokenPlacement", "leeway".',
  ],
];
