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
  scope,
  shape,
  text,
  type Check,
  type Rules,
} from '../platform/validators.js';
import { isObject } from '../platform/encoding.js';
import type {
  ActiveTokenOptions,
  CallTokenOptions,
  CheckOptions,
  ExchangeOptions,
  ResourceOptions,
  TokenOptions,
  TokenOwner,
} from '../model/types.js';
import { optional, required, takes, type Takes, checkSurplus } from '../platform/arguments.js';

/** A redirect URI: text, a URL, or nothing. */
export const redirectUri: Check = must(
  (v) => typeof v === 'string' || v instanceof URL || v === null,
  'must be text or a URL. Parameters of the request come after it: authorizeRedirect(req, res, undefined, { scope })',
);

/** An absolute or relative URL. */
export const urlOrPath: Check = must(
  (v) => typeof v === 'string' || v instanceof URL,
  'must be text or a URL',
);

/** Callback parameters, as passed by an application without a framework. */
export const callbackParams: Check = (value) => {
  if (isPlain(value) && 'redirectUri' in value && 'url' in value) {
    return 'is the return value of createAuthorizationUrl(); pass it second, after the URL of the callback';
  }
  const isFitting =
    typeof value === 'string' ||
    value instanceof URL ||
    value instanceof URLSearchParams ||
    isPlain(value);
  return isFitting ? undefined : 'must be the callback URL, its query, or its parameters';
};

/** The return value of `createAuthorizationUrl()`. */
export const authorizeData: Check = must(
  (v) => isObject(v) && typeof v['state'] === 'string',
  'must be what createAuthorizationUrl() returned',
);

/**
 * The data of a login, which an application may have lost: the login then does not belong to this
 * browser.
 */
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
  // The engine validates tokens itself.
  token: anything,
  request: anything,
  userId: text,
  account: must((v) => typeof v === 'string', 'must be text'),
  signal: abortSignal,
};

/** Options of a call. Passing the token itself instead is a common mistake. */
function callOptions<Options extends object>(rules: Rules<Options>): Check {
  const check = shape<Options>(rules);
  return (value) => {
    const member = ['access_token', 'oauth_token'].find((name) => isPlain(value) && name in value);
    return member === undefined
      ? check(value)
      : `must be an object without "${member}", which is a member of a token: pass { token }`;
  };
}

/** Options that select another access token of a user's authorization. */
const requestRules = {
  resource: must(
    (v) => [v].flat().every((one) => isResource(one)) && [v].flat().length > 0,
    'must be an absolute URI without a fragment, or a list of them (RFC 8707 §2)',
  ),
  scope,
};

/** Options that select a call's token. */
export const tokenOptions: Check = callOptions<TokenOptions>(tokenRules);

/** `fetch()` would send a plain object as the text "[object Object]". */
const body: Check = must(
  (v) => !isPlain(v) && !Array.isArray(v),
  'must be text, bytes, a stream or similar: pass an object or a list as "json", or fields as "form"',
);

/** Options of a resource call. */
export const resourceOptions: Check = callOptions<ResourceOptions>({
  ...tokenRules,
  ...requestRules,
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

/**
 * The session of a front-channel logout, which may be the whole session of the application. Without
 * a `sid`, no session ends.
 */
const sessionWithSid: Check = must(
  (v) => v === null || (isObject(v) && !Array.isArray(v)),
  'must be the session of this browser, or { sid } of it',
);

/** The token lookup validates the values of a `userId`. */
const userId = shape<TokenOwner>({ userId: anything, account: anything });

const call = takes('resource', required('url', urlOrPath), optional('options', resourceOptions));

/** The methods that all clients have. */
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
  | 'activeToken'
  | 'check'
  | 'fetch'
  | 'saveToken'
  | 'deleteToken'
  | 'listTokens'
  | 'get'
  | 'post'
  | 'put'
  | 'patch'
  | 'delete'
  | 'head';

/**
 * The parameters of the methods that all clients have; for the adapters, without request and
 * response.
 */
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
  // If the application lost its data, the error says that the login is not of this browser.
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
  activeToken: takes(
    'resource',
    optional(
      'options',
      callOptions<ActiveTokenOptions>({ ...tokenRules, ...requestRules, fresh: flag }),
    ),
  ),
  check: takes(
    'introspection',
    optional('options', callOptions<CheckOptions>({ ...tokenRules, scope })),
  ),
  fetch: takes(
    'resource',
    optional('options', callOptions<CallTokenOptions>({ ...tokenRules, ...requestRules })),
  ),
  request: takes(
    'resource',
    required('method', text),
    required('url', urlOrPath),
    optional('options', resourceOptions),
  ),
  saveToken: takes('resource', required('token', anything), required('owner', userId)),
  deleteToken: takes('resource', optional('owner', userId)),
  listTokens: takes(
    'resource',
    required('owner', shape<Pick<TokenOwner, 'userId'>>({ userId: anything })),
  ),
  get: call,
  post: call,
  put: call,
  patch: call,
  delete: call,
  head: call,
};

/**
 * Rejects surplus arguments of a client's method, which would be silently ignored; other methods
 * are not checked.
 *
 * @throws OAuthError `invalid_options`
 */
export function checkVerbArguments(
  verb: string,
  client: string | undefined,
  given: readonly unknown[],
): void {
  if (!Object.hasOwn(clientArguments, verb)) return;
  checkSurplus({ verb, client }, clientArguments[verb as ClientVerb], given);
}

function isResource(value: unknown): boolean {
  if (typeof value !== 'string' && !(value instanceof URL)) return false;
  return URL.canParse(String(value)) && !String(value).includes('#');
}
