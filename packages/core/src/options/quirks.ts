import {
  anything,
  apiOrigin,
  each,
  flag,
  func,
  listOf,
  must,
  oneOf,
  params,
  scope,
  shape,
  text,
  url,
  type Check,
  type Rules,
} from '../platform/validators.js';
import { withReceived } from '../platform/received.js';
import { isNonEmptyString, isObject } from '../platform/encoding.js';
import type { ExtraRequest, ProfileOptions, UserinfoSource } from '../quirks/profile-types.js';
import type {
  ApiOptions,
  CallbackServer,
  ErrorRule,
  LongLivedToken,
  OAuth2QuirkOptions,
  OAuthQuirkOptions,
  ProviderOptions,
  RevocationShape,
  TokenRequestShape,
  TokenResponseShape,
  UrlVariable,
} from '../quirks/types.js';
import { expressionProblem } from '../quirks/profile-mapping.js';

const texts = must(
  (v) => isObject(v) && Object.values(v).every((item) => typeof item === 'string'),
  'must be an object of strings',
);

const plain = must(
  (v) => [v].flat().every((item) => ['string', 'number', 'boolean'].includes(typeof item)),
  'must be a string, number or boolean, or a list of them',
);

const errorRule = shape<ErrorRule>(
  {
    endpoint: oneOf('callback', 'token', 'userinfo', 'revocation', 'resource'),
    when: text,
    is: plain,
    not: plain,
    missing: flag,
    code: text,
    error: text,
    message: text,
  },
  ['when'],
);

/** A URL that is nothing but an origin, as a callback names it. */
const origin = must(
  (v) => apiOrigin(v) === undefined && !String(v).includes('*') && new URL(String(v)).origin === v,
  'must be an https origin without a slash at its end',
);

const claimSource: Check = (v) => {
  if (typeof v === 'function') return undefined;
  return isNonEmptyString(v)
    ? expressionProblem(v)
    : withReceived('must be an expression or a function', v);
};

type Swap = NonNullable<LongLivedToken['refresh']>;
const swap: Rules<Swap> = { url: text, method: oneOf('GET', 'POST'), params };

export const providerChecks: Record<keyof ProviderOptions, Check> = {
  displayName: text,
  brandColor: must(
    (v) => typeof v === 'string' && /^#[\da-f]{6}$/i.test(v),
    'must be a colour, #rrggbb',
  ),
  mark: must(
    (v) => typeof v === 'string' && /^[a-z\d\s.,+-]+$/i.test(v),
    'must be the data of an SVG path',
  ),
  provider: must(
    (v) => typeof v === 'string' && /^[\w-]+$/.test(v),
    'must be letters, digits, "-" or "_"',
  ),
  publicAuthority: must(
    (v) => v === false || isNonEmptyString(v),
    'must be an issuer or an origin, or false',
  ),
  urlVariables: each(
    shape<UrlVariable>({
      value: text,
      default: text,
      pattern: text,
      ask: text,
      example: text,
      suffix: text,
    }),
  ),
};

export const apiChecks: Record<keyof ApiOptions, Check> = {
  headers: shape<NonNullable<ApiOptions['headers']>>({ token: texts, api: texts }),
  apiParams: params,
  apiKey: text,
  errors: listOf(errorRule),
};

export const profileChecks: Record<keyof ProfileOptions, Check> = {
  profile: each(claimSource),
  userinfo: shape<UserinfoSource>({
    from: oneOf('endpoint', 'public', 'token', 'id_token', 'access_token'),
    audience: listOf(text),
    method: oneOf('GET', 'POST'),
    params,
    json: anything,
    form: params,
    onLogin: flag,
    extra: each(shape<ExtraRequest>({ url: text, params, scope }, ['url'])),
  }),
};

export const oauthQuirkChecks: Record<keyof OAuthQuirkOptions, Check> = {
  transformResponse: func,
};

export const oauth2QuirkChecks: Record<keyof OAuth2QuirkOptions, Check> = {
  pkce: oneOf('S256', 'S256-hex', 'plain', 'off'),
  nonce: oneOf('required', 'optional'),
  idToken: oneOf('required', 'optional', 'ignore'),
  tokenRequest: shape<TokenRequestShape>({
    method: oneOf('POST', 'GET'),
    body: oneOf('form', 'json', 'query'),
    paramNames: texts,
  }),
  tokenResponse: shape<TokenResponseShape>({
    path: text,
    rename: texts,
    tokenType: oneOf('Bearer'),
    expiresUnit: oneOf('s', 'ms'),
    zeroIsNever: flag,
    scopeSeparator: text,
    accessToken: oneOf('required', 'optional'),
  }),
  callbackParams: must(
    (v) => Array.isArray(v) && v.every((item) => typeof item === 'string'),
    'must be a list of parameter names',
  ),
  scopeSeparator: text,
  scopeEncoding: oneOf('+', '%20'),
  paramNames: texts,
  callbackParamNames: texts,
  callbackServer: shape<CallbackServer>({ param: text, origins: listOf(origin) }, [
    'param',
    'origins',
  ]),
  revocation: shape<RevocationShape>({
    method: oneOf('POST', 'GET', 'DELETE'),
    body: oneOf('form', 'json', 'query'),
    auth: oneOf('client', 'client_secret_basic', 'bearer', 'none'),
    token: must((v) => typeof v === 'string', 'must be a string'),
    params,
    only: oneOf('access_token', 'refresh_token'),
  }),
  longLivedToken: shape<LongLivedToken>(
    { ...swap, refresh: shape<Swap>(swap, ['url', 'params']) },
    ['url', 'params'],
  ),
  tokenCheckUrl: url,
  redirectUriAlias: text,
  validateCallback: func,
};
