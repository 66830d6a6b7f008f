import { isObject, parseUrl } from './encoding.js';
import { OAuthError } from './errors.js';
import { nearestName, synonymOf } from './nearest.js';

/** What is wrong with a value, as the end of a sentence that begins with the option's name. */
export type Check = (value: unknown) => string | undefined;

/** A rule that a test decides; the sentence says what the value must be. */
export function must(test: (value: unknown) => boolean, sentence: string): Check {
  return (value) => (test(value) ? undefined : sentence);
}
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
  !isGiven(v) || ['string', 'number', 'boolean'].includes(typeof v);
export const params: Check = must(
  (v) =>
    isObject(v) &&
    Object.values(v).every((i) => isParam(i) || (Array.isArray(i) && i.every(isParam))),
  'must be an object of strings, numbers, booleans, or lists of them',
);
/** As {@link params}, and the objects that travel as JSON. */
export const authorizeParams: Check = (value) => {
  if (!isObject(value)) return params(value);
  const { claims: wanted, authorization_details: details, ...others } = value;
  if (isGiven(wanted) && typeof wanted !== 'string' && !isObject(wanted)) {
    return 'has "claims" that are neither an object nor text';
  }
  const isList = Array.isArray(details) && details.every(isObject);
  if (isGiven(details) && typeof details !== 'string' && !isList) {
    return 'has "authorization_details" that are neither a list of objects nor text';
  }
  return params(others);
};
export const scope: Check = must(
  (v) => typeof v === 'string' || (Array.isArray(v) && v.every((item) => typeof item === 'string')),
  'must be a string or a list of strings',
);
export const jwks: Check = must(
  (v) => isObject(v) && Array.isArray(v['keys']) && v['keys'].every(isObject),
  'must be a JWK Set: { keys: [...] }',
);
export const claims: Check = must(
  (v) => isObject(v) && Object.values(v).every(isObject),
  'must be an object of { essential, value, values, validate }',
);

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

/** Checks every option against its rule, and rejects names that no rule knows. */
export function checkAll(options: object, checks: Record<string, Check>, where: string): void {
  for (const [option, value] of Object.entries(options)) {
    const check = Object.hasOwn(checks, option) ? checks[option] : undefined;
    if (!check) throw unknownOption(option, Object.keys(checks), where);
    const problem = value === undefined ? undefined : check(value);
    if (problem) throw new OAuthError('invalid_options', `${where}: "${option}" ${problem}.`);
  }
}

function unknownOption(option: string, known: string[], where: string): OAuthError {
  const meant = synonymOf(option, known) ?? nearestName(option, known);
  const listed = meant ? `Did you mean "${meant}"?` : `Known options: ${known.join(', ')}.`;
  const hint = /^(?:redirect|callback)_?ur[il]$/i.test(option) ? redirectUriHint : listed;
  return new OAuthError('invalid_options', `${where}: there is no option "${option}". ${hint}`);
}

const redirectUriHint =
  'The redirect URI is an argument where a login starts; by default it is "/callback/" and the client\'s ' +
  'name, below the registry\'s "baseUrl".';
