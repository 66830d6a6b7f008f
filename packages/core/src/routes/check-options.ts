import {
  checkAll,
  flag,
  func,
  must,
  oneOf,
  text,
  type Check,
  type Rules,
} from '../platform/validators.js';
import { isObject } from '../platform/encoding.js';
import { OAuthError } from '../model/errors.js';
import { checkReturnTo } from '../client/redirect-uri.js';
import type { RequiredTokenOptions, RequireLoginOptions } from './guard-options.js';
import { urlOrPath } from '../options/verb-arguments.js';
import { refuseReserved as refuseReservedByOAuth1 } from '../protocols/oauth1/read-options.js';
import { refuseReserved } from '../protocols/oauth2/authorization/reserved-params.js';
import { refuseReserved as refuseReservedByOpenID2 } from '../protocols/openid2/reserved-params.js';
import type { LoginButtonOptions } from './pages/button.js';
import type { LoginPageOptions } from './pages/page.js';
import type { RoutesOptions } from './options.js';

const byClient = must(
  (v) => isObject(v) && Object.values(v).every((list) => Array.isArray(list)),
  'must be an object with a list for each client',
);

/**
 * Authorization parameters that conflict with a start's own query, or that a browser must not
 * choose.
 */
const notAllowed = ['returnTo', 'link', 'popup', 'guard', 'again', 'scope', 'response_mode'];

const allowParamsRule: Check = (value) => {
  if (!isObject(value)) return byClient(value);
  for (const names of Object.values(value)) {
    if (!Array.isArray(names) || !names.every((name) => typeof name === 'string' && name !== '')) {
      return 'must be an object with a list of names for each client';
    }
    if (names.includes('scope')) return 'cannot contain "scope": list scopes in "scopes"';
    const own = names.find((name) => notAllowed.includes(name) || isReserved(name));
    if (own !== undefined) return `cannot contain "${own}", which the library sets or reads itself`;
  }
  return undefined;
};

function isReserved(name: string): boolean {
  try {
    refuseReserved({ [name]: '' });
    refuseReservedByOAuth1({ [name]: '' });
    refuseReservedByOpenID2({ [name]: '' });
    return false;
  } catch {
    return true;
  }
}

const checks: Record<keyof RoutesOptions, Check> = {
  onLogin: func,
  onError: func,
  onLogout: func,
  logout: must(
    (v) => v === 'local' || v === 'provider' || typeof v === 'function',
    'must be "local", "provider", or a function that returns { client, idToken }',
  ),
  userId: func,
  data: func,
  returnTo: must((v) => v instanceof URL || text(v) === undefined, 'must be text or a URL'),
  scopes: byClient,
  params: func,
  allowParams: allowParamsRule,
  start: must((v) => v === 'get' || v === 'post', 'must be "get" or "post"'),
  renewSession: flag,
  publicUser: func,
  access: must(isObject, 'must be an object with a list of rules for each client'),
  page: must((v) => v === false || isObject(v), 'must be false, or an object such as { title }'),
};

const pageChecks: Record<keyof Exclude<RoutesOptions['page'], false | undefined>, Check> = {
  title: text,
  lang: text,
  label: func,
  styles: must((v) => typeof v === 'string', 'must be a string'),
};

const path: Check = must(
  (v) => typeof v === 'string' && /^\/(?![/\\])/.test(v) && checkReturnTo(v) === v,
  'must be a path of this application, such as "/sign-in"',
);

const prefix: Check = must(
  (v) => v === '' || (typeof v === 'string' && path(v) === undefined && !v.endsWith('/')),
  'must be a path without a slash at the end, such as "/auth"',
);

const requireLoginChecks: Rules<RequireLoginOptions> = {
  userId: func,
  prefix,
  client: text,
  page: path,
};

const requiredTokenChecks: Rules<RequiredTokenOptions> = {
  scope: must(
    (v) => text(v) === undefined || (Array.isArray(v) && v.every((one) => text(one) === undefined)),
    'must be text, or a list of scopes',
  ),
  userId: func,
  prefix,
  link: flag,
};

/** Validates the options of `requireLogin()`. @throws OAuthError `invalid_options` */
export function checkRequireLogin(options: RequireLoginOptions): void {
  checkAll(options, requireLoginChecks, 'requireLogin()');
  if (options.client === undefined || options.page === undefined) return;
  throw new OAuthError(
    'invalid_options',
    'requireLogin(): "client" starts a login, and "page" shows a page of yours. Set only one of them.',
  );
}

/** Validates the options of `required()`. @throws OAuthError `invalid_options` */
export function checkRequiredToken(options: RequiredTokenOptions): void {
  checkAll(options, requiredTokenChecks, 'required()');
}

const string = must((v) => typeof v === 'string', 'must be a string');

const buttonChecks: Rules<LoginButtonOptions> = {
  prefix: string,
  returnTo: urlOrPath,
  scope: string,
  label: text,
  method: oneOf('get', 'post'),
  link: flag,
};

/** Validates the options of a login button. @throws OAuthError `invalid_options` */
export function checkButtonOptions(options: LoginButtonOptions): void {
  checkAll(options, buttonChecks, 'loginButton()');
}

/** Validates the options of a sign-in page. @throws OAuthError `invalid_options` */
export function checkPageOptions(options: LoginPageOptions): void {
  const rules: Rules<LoginPageOptions> = { ...buttonChecks, ...pageChecks };
  checkAll(options, rules, 'loginPage()');
}

/** Validates the options of the routes. @throws OAuthError `invalid_options` */
export function checkRoutesOptions(options: RoutesOptions): void {
  checkAll({ ...options, onLogin: options?.onLogin ?? null }, checks, 'routes()');
  checkAll(options.page || {}, pageChecks, 'routes({ page })');
}
