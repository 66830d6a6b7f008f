import {
  anything,
  authorizeParams,
  claims,
  flag,
  isPlain,
  milliseconds,
  must,
  params,
  requestParams,
  shape,
  text,
  type Check,
  type Rules,
} from '../platform/validators.js';
import { isObject } from '../platform/encoding.js';
import type { ExchangeOptions, ResourceOptions, TokenOptions, TokenOwner } from '../model/types.js';
import { optional, required, takes, type Takes } from './arguments.js';

/** A redirect URI: text, a URL, or nothing. */
export const redirectUri: Check = must(
  (v) => typeof v === 'string' || v instanceof URL || v === null,
  'must be text or a URL. Parameters of the request come after it: authorizeRedirect(req, res, undefined, { scope })',
);

/** A URL, absolute or not. */
export const urlOrPath: Check = must(
  (v) => typeof v === 'string' || v instanceof URL,
  'must be text or a URL',
);

/** Parameters of a callback, as an application without a framework has them. */
export const callbackParams: Check = (value) => {
  if (isPlain(value) && 'redirectUri' in value && 'url' in value) {
    return 'is what createAuthorizationUrl() returned, which comes second; the URL of the callback comes first';
  }
  const isFitting =
    typeof value === 'string' ||
    value instanceof URL ||
    value instanceof URLSearchParams ||
    isPlain(value);
  return isFitting ? undefined : 'must be the URL of the callback, its query, or its parameters';
};

/** What createAuthorizationUrl() has returned. */
export const authorizeData: Check = must(
  (v) => isObject(v) && typeof v['state'] === 'string',
  'must be what createAuthorizationUrl() returned',
);

/** The data of a login, which an application may have lost: then the login is not of this browser. */
const authorizeDataOrNone: Check = must(
  (v) => v === null || isPlain(v),
  'must be what createAuthorizationUrl() returned, as it was stored',
);

export const abortSignal: Check = must(
  (v) => isObject(v) && typeof v['aborted'] === 'boolean',
  'must be an AbortSignal',
);

const fields: Check = (value) => (value instanceof URLSearchParams ? undefined : params(value));

const tokenRules = {
  // The engine knows what its tokens look like, and says so.
  token: anything,
  request: anything,
  owner: text,
  account: must((v) => typeof v === 'string', 'must be text'),
  signal: abortSignal,
};

/** Options of a call, in whose place a token is a common mistake. */
function callOptions<Options extends object>(rules: Rules<Options>): Check {
  const check = shape<Options>(rules);
  return (value) => {
    const member = ['access_token', 'oauth_token'].find((name) => isPlain(value) && name in value);
    return member === undefined
      ? check(value)
      : `must be an object without "${member}", which a token has: write { token }`;
  };
}

/** How a call names its token. */
export const tokenOptions: Check = callOptions<TokenOptions>(tokenRules);

/** `fetch()` would send such an object as the text "[object Object]". */
const body: Check = must(
  (v) => !isPlain(v) && !Array.isArray(v),
  'must be text, bytes, a stream or the like: give an object or a list to "json", or fields to "form"',
);

/** Options of a resource call. */
export const resourceOptions: Check = callOptions<ResourceOptions>({
  ...tokenRules,
  withholdToken: flag,
  twoLegged: flag,
  retryUnsafe: flag,
  timeout: milliseconds,
  headers: anything,
  body,
  json: anything,
  form: fields,
  query: fields,
});

/** Options of the last step of a login. */
export const exchangeOptions: Check = shape<ExchangeOptions>({
  params: authorizeParams,
  claimsOptions: claims,
});

/** The session of a front-channel logout, which may be the application's whole one. One without a `sid` ends nothing. */
const sessionWithSid: Check = must(
  (v) => v === null || (isObject(v) && !Array.isArray(v)),
  'must be the session of this browser, or { sid } of it',
);

/** Which values an owner may have is said by what looks for the token. */
const owner = shape<TokenOwner>({ owner: anything, account: anything });

const call = takes('resource', required('url', urlOrPath), optional('options', resourceOptions));

/** The verbs that all clients have. */
export type ClientVerb =
  | 'createAuthorizationUrl'
  | 'authorizeRedirect'
  | 'login'
  | 'saveAuthorizeData'
  | 'fetchAccessToken'
  | 'authorizeAccessToken'
  | 'logoutRedirect'
  | 'validateLogoutResponse'
  | 'backchannelLogout'
  | 'frontchannelLogout'
  | 'readLoginInitiation'
  | 'userinfo'
  | 'identity'
  | 'request'
  | 'saveToken'
  | 'deleteToken'
  | 'listTokens'
  | 'get'
  | 'post'
  | 'put'
  | 'patch'
  | 'delete'
  | 'head';

/** What the verbs take that all clients have, those of the adapters without the request and the response. */
export const clientArguments: Readonly<Record<ClientVerb, Takes>> = {
  createAuthorizationUrl: takes(
    'authorize',
    optional('redirectUri', redirectUri),
    optional('params', authorizeParams),
  ),
  authorizeRedirect: takes(
    'authorize',
    optional('redirectUri', redirectUri),
    optional('params', authorizeParams),
  ),
  login: takes(
    'authorize',
    optional('redirectUri', redirectUri),
    optional('params', authorizeParams),
  ),
  saveAuthorizeData: takes('authorize', required('data', authorizeData)),
  // An application that lost its data is told that the login is not of this browser.
  fetchAccessToken: takes(
    'callback',
    required('callbackParams', callbackParams),
    optional('data', authorizeDataOrNone),
    optional('options', exchangeOptions),
  ),
  authorizeAccessToken: takes('callback', optional('options', exchangeOptions)),
  logoutRedirect: takes(
    'logout',
    optional('postLogoutRedirectUri', redirectUri),
    optional('params', requestParams),
  ),
  validateLogoutResponse: takes('logout'),
  backchannelLogout: takes('logout'),
  // A session of some middleware has members of its own.
  frontchannelLogout: takes('logout', optional('session', sessionWithSid)),
  readLoginInitiation: takes('callback'),
  userinfo: takes('userinfo', optional('options', tokenOptions)),
  identity: takes('userinfo', optional('token', anything)),
  request: takes(
    'resource',
    required('method', text),
    required('url', urlOrPath),
    optional('options', resourceOptions),
  ),
  saveToken: takes('resource', required('token', anything), required('whose', owner)),
  deleteToken: takes('resource', required('whose', owner)),
  listTokens: takes(
    'resource',
    required('whose', shape<Pick<TokenOwner, 'owner'>>({ owner: anything })),
  ),
  get: call,
  post: call,
  put: call,
  patch: call,
  delete: call,
  head: call,
};
