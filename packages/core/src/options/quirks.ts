import { flag, func, must, oneOf, params, scope, text, url, type Check } from '../checks.js';
import { isObject } from '../encoding.js';
import type { QuirkOptions } from '../option-types/quirks.js';
import { flawOf } from '../quirks/expressions.js';

const texts = must(
  (v) => isObject(v) && Object.values(v).every((item) => typeof item === 'string'),
  'must be an object of strings',
);

/** An object whose members each have a rule of their own. */
function shape(rules: Record<string, Check>): Check {
  return (value) => {
    if (!isObject(value)) return `must be an object with ${Object.keys(rules).join(', ')}`;
    for (const [name, member] of Object.entries(value)) {
      const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
      if (!rule) return `has no member "${name}", only ${Object.keys(rules).join(', ')}`;
      const problem = member === undefined ? undefined : rule(member);
      if (problem) return `has a "${name}" that ${problem}`;
    }
    return undefined;
  };
}

/** An object of any names, whose members all follow one rule. */
function each(rule: Check): Check {
  return (value) => {
    if (!isObject(value)) return 'must be an object';
    const found = Object.entries(value).find(([, member]) => rule(member) !== undefined);
    return found && `has a "${found[0]}" that ${rule(found[1])}`;
  };
}

const plain = must(
  (v) => [v].flat().every((item) => ['string', 'number', 'boolean'].includes(typeof item)),
  'must be a string, number or boolean, or a list of them',
);

const errorRule = shape({
  leg: oneOf('callback', 'token', 'userinfo', 'revocation', 'resource'),
  when: text,
  is: plain,
  not: plain,
  missing: flag,
  code: text,
  error: text,
  message: text,
});

const claimSource: Check = (v) => {
  if (typeof v === 'function') return undefined;
  return typeof v === 'string' && v !== '' ? flawOf(v) : 'must be an expression or a function';
};

const swap = { url: text, method: oneOf('GET', 'POST'), params };

export const quirkChecks: Record<keyof QuirkOptions, Check> = {
  provider: must(
    (v) => typeof v === 'string' && /^[\w-]+$/.test(v),
    'must be letters, digits, "-" or "_"',
  ),
  publicAuthority: must(
    (v) => v === false || (typeof v === 'string' && v !== ''),
    'must be an issuer or an origin, or false',
  ),
  displayName: text,
  mark: must(
    (v) => typeof v === 'string' && /^[a-z\d\s.,+-]+$/i.test(v),
    'must be the data of an SVG path',
  ),
  brandColor: must(
    (v) => typeof v === 'string' && /^#[\da-f]{6}$/i.test(v),
    'must be a colour, #rrggbb',
  ),
  urlVariables: each(shape({ value: text, default: text, pattern: text, ask: text, suffix: text })),
  scopeSeparator: must((v) => typeof v === 'string' && v !== '', 'must be a non-empty string'),
  scopeEncoding: oneOf('+', '%20'),
  paramNames: texts,
  pkce: oneOf('S256', 'S256-hex', 'off'),
  nonce: oneOf('required', 'ifPresent', 'optional'),
  idToken: oneOf('required', 'optional', 'ignore'),
  callbackParams: must(
    (v) => Array.isArray(v) && v.every((item) => typeof item === 'string'),
    'must be a list of parameter names',
  ),
  headers: shape({ token: texts, api: texts }),
  tokenRequest: shape({ method: oneOf('POST', 'GET'), body: oneOf('form', 'json', 'query') }),
  tokenResponse: shape({
    path: text,
    rename: texts,
    tokenType: oneOf('Bearer'),
    expiresUnit: oneOf('s', 'ms'),
    zeroIsNever: flag,
    scopeSeparator: text,
    accessToken: oneOf('required', 'optional'),
  }),
  errors: (value) => {
    if (!Array.isArray(value)) return 'must be a list of rules';
    return value.map(errorRule).find((problem) => problem !== undefined);
  },
  tokenCheckUrl: url,
  apiKey: text,
  apiParams: params,
  longLivedToken: shape({ ...swap, refresh: shape(swap) }),
  userinfo: shape({
    from: oneOf('endpoint', 'public', 'token', 'id_token'),
    method: oneOf('GET', 'POST'),
    params,
    json: () => undefined,
    form: params,
    onLogin: flag,
    extra: each(shape({ url: text, params, scope })),
  }),
  profile: each(claimSource),
  revocation: shape({
    method: oneOf('POST', 'GET', 'DELETE'),
    body: oneOf('form', 'json', 'query'),
    auth: oneOf('client', 'client_secret_basic', 'bearer', 'none'),
    token: must((v) => typeof v === 'string', 'must be a string'),
    params,
    only: oneOf('access_token', 'refresh_token'),
  }),
  redirectUriAlias: text,
  validateCallback: func,
  transformResponse: func,
};
