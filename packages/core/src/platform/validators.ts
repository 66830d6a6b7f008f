import { isHeaderSafe, isObject, parseUrl } from './encoding.js';
import { OAuthError } from '../model/errors.js';
import { nearestName, synonymOf } from './suggestions.js';
import type { ClaimRequest, ClaimsRequest } from '../model/params.js';
import type { ClaimOptions } from '../model/user-info.js';

/** What is wrong with a value, as the end of a sentence that begins with the option's name. */
export type Check = (value: unknown) => string | undefined;

/** Tells whether a value is a promise, most often one that was not awaited. */
function isPromise(value: unknown): boolean {
  return isObject(value) && typeof value['then'] === 'function';
}

/** Tells whether a value is an object of names and values, and not a list, map, URL or the like. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (!isObject(value) || isPromise(value) || Symbol.iterator in value) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // Objects of another realm have another prototype, which has none itself.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** A rule that a test decides; the sentence says what the value must be. */
export function must(test: (value: unknown) => boolean, sentence: string): Check {
  return (value) => (test(value) ? undefined : sentence);
}
/** Accepts any value: something else checks it, or nothing can. */
export const anything: Check = () => undefined;
export const text: Check = must(
  (v) => typeof v === 'string' && v !== '',
  'must be a non-empty string',
);
export const flag: Check = must((v) => typeof v === 'boolean', 'must be true or false');
export const func: Check = must((v) => typeof v === 'function', 'must be a function');
export const count: Check = must(
  (v) => Number.isFinite(v) && Number(v) >= 0,
  'must be a number, 0 or more',
);
/** Timers take a longer time for no time at all. */
export const milliseconds: Check = must(
  (v) => Number.isFinite(v) && Number(v) > 0 && Number(v) < 2 ** 31,
  'must be a number of milliseconds above 0 and below 2 ** 31',
);
export const headerText: Check = must(
  (v) => typeof v === 'string' && v.trim() !== '' && isHeaderSafe(v),
  'must be text that an HTTP header can carry: visible ASCII characters and spaces',
);
/** A rule that lists the values there are. */
export function oneOf(...values: string[]): Check {
  return must((v) => values.includes(v as string), `must be one of ${values.join(', ')}`);
}

export const functions: Check = must(
  (v) => isObject(v) && Object.values(v).every((item) => typeof item === 'function'),
  'must be an object of functions',
);
export const url: Check = must((value) => {
  try {
    // A list of one address would be read as that address.
    return typeof value === 'string' && parseUrl(value, '') !== undefined;
  } catch {
    return false;
  }
}, 'must be an absolute URL, such as https://provider.example/path');
/** An address of the API; parts of it may be known only once there is a token. */
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
/** Parameters of the specifications and of many providers, which their camelCase spelling would not be. */
const wireNames: ReadonlySet<string> = new Set(
  (
    'access_type acr_values authorization_details binding_message claims_locales domain_hint grant_type ' +
    'id_token_hint login_hint logout_hint max_age post_logout_redirect_uri redirect_uri requested_expiry ' +
    'requested_token_type response_mode response_type screen_hint subject_token subject_token_type ui_locales'
  ).split(' '),
);

/** Names of requests' parameters are those of the wire; another spelling would be sent and do nothing. */
function misspeltParam(value: Readonly<Record<string, unknown>>): string | undefined {
  for (const name of Object.keys(value)) {
    const wire = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    if (wire !== name && wireNames.has(wire)) {
      return `must be an object without "${name}": parameters have their wire names (did you mean "${wire}"?)`;
    }
  }
  return undefined;
}

/** Parameters of a request to the provider that is not the API's. */
export const requestParams: Check = (value) =>
  (isPlain(value) ? misspeltParam(value) : undefined) ?? params(value);

/** As {@link requestParams}, and the objects that travel as JSON. */
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

/** An object that may have members of its own: those that look like a misspelt known one are refused. */
function openShape<Options extends object>(rules: Rules<Options>): Check {
  const known = Object.keys(rules);
  return (value) => {
    if (!isPlain(value)) return `must be an object with ${known.join(', ')}`;
    return Object.entries(value)
      .filter(([name]) => known.includes(name) || nearestName(name, known) !== undefined)
      .map(([name, member]) => memberProblem(rules, name, member))
      .find((problem) => problem !== undefined);
  };
}

/** OpenID Connect Core §5.5.1: `null`, or conditions, which other specifications add to. */
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
/** What one claim must be. A condition without a value, as of a variable that is not set, would check nothing. */
const claim: Check = (value) => {
  const problem = claimRules(value);
  if (problem !== undefined) return problem;
  const given = Object.entries(value as object);
  const unset = given.find(([, condition]) => condition === undefined);
  if (unset) return `has "${unset[0]}" without a value, so nothing would be checked`;
  return given.length > 0
    ? undefined
    : 'asks for nothing: give essential, value, values or validate';
};
/** Conditions on the claims of an id_token, by claim. */
export const claims: Check = each(claim);

const isSet = (one: unknown): boolean => one !== undefined && one !== '';

/** The secrets of a list that are set: `[NEW ?? '', OLD ?? '']` has one before a rotation. */
export function usable<T>(secret: T): T {
  return Array.isArray(secret) && secret.some(isSet) ? (secret.filter(isSet) as T) : secret;
}

/** Secrets that keys are derived from: the first one seals, all of them open. */
export const secrets: Check = must(
  (v) =>
    [usable(v)].flat().length > 0 &&
    [usable(v)].flat().every((s) => typeof s === 'string' && s.length >= 32),
  'must be a string of 32 characters or more, or a list of them; `openssl rand -base64 32` makes one',
);

/** The rules of an options object: one for each name there is. */
export type Rules<Options extends object> = {
  readonly [Name in keyof Required<Options>]: Check;
};

/** An object whose members each have a rule. A name that no rule knows is refused, and so is a gap in `needed`. */
export function shape<Options extends object>(
  rules: Rules<Options>,
  needed: readonly (keyof Options & string)[] = [],
): Check {
  return (value) => {
    const members = membersOf(value, Object.keys(rules));
    if (!members) return `must be an object with ${Object.keys(rules).join(', ')}`;
    for (const [name, member] of members) {
      const problem = memberProblem(rules, name, member);
      if (problem) return problem;
    }
    const given = Object.fromEntries(members);
    const missing = needed.find((name) => given[name] === undefined);
    return missing && `has no "${missing}", which is needed`;
  };
}

/** The members of options: all of an object's own, or what an instance, as of `AbortController`, has of the known ones. */
function membersOf(value: unknown, known: readonly string[]): [string, unknown][] | undefined {
  if (isPlain(value)) return Object.entries(value);
  if (!isObject(value) || isPromise(value)) return undefined;
  const found = known.filter((name) => name in value);
  return found.length > 0 ? found.map((name) => [name, value[name]]) : undefined;
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

/** What is wrong with a value that may be left out. */
export function valueProblem(value: unknown, rule: Check): string | undefined {
  if (value === undefined) return undefined;
  return isPromise(value)
    ? 'is a promise: write "await" before the call that returns it'
    : rule(value);
}

/** An object of any names, whose members all follow one rule. */
export function each(rule: Check): Check {
  return (value) => {
    if (!isPlain(value)) return 'must be an object';
    const found = Object.entries(value).find(([, member]) => rule(member) !== undefined);
    return found && `has a "${found[0]}" that ${rule(found[1])}`;
  };
}

/** A list whose items all follow one rule. */
export function listOf(rule: Check): Check {
  return (value) => {
    if (!Array.isArray(value)) return 'must be a list';
    const found = value.find((item) => rule(item) !== undefined);
    return found === undefined ? undefined : `has an item that ${rule(found)}`;
  };
}

/** Checks every option against its rule, and rejects names that no rule knows. */
export function checkAll(options: object, checks: Record<string, Check>, where: string): void {
  if (!isObject(options)) {
    throw new OAuthError('invalid_options', `${where}: the options must be an object.`);
  }
  for (const [option, value] of Object.entries(options)) {
    const check = Object.hasOwn(checks, option) ? checks[option] : undefined;
    if (!check) throw unknownOption(option, Object.keys(checks), where);
    const problem = valueProblem(value, check);
    if (problem) throw new OAuthError('invalid_options', `${where}: "${option}" ${problem}.`);
  }
}

function unknownOption(option: string, known: string[], where: string): OAuthError {
  const meant = meantName(option, known);
  const listed = meant ? `Did you mean "${meant}"?` : `Known options: ${known.join(', ')}.`;
  const hint = /^(?:redirect|callback)_?ur[il]$/i.test(option) ? redirectUriHint : listed;
  return new OAuthError('invalid_options', `${where}: there is no option "${option}". ${hint}`);
}

/** The known name that a misspelt or foreign one was probably meant to be. */
function meantName(name: string, known: readonly string[]): string | undefined {
  return synonymOf(name, known) ?? nearestName(name, known);
}

const redirectUriHint =
  'The redirect URI is an argument where a login starts; by default it is "/callback/" and the client\'s ' +
  'name, below the registry\'s "baseUrl".';
