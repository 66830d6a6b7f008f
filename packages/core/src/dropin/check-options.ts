import { checkAll, flag, func, must, text, type Check } from '../checks.js';
import { isObject } from '../encoding.js';
import type { RoutesOptions } from './routes-options.js';

const byClient = must(
  (v) => isObject(v) && Object.values(v).every((list) => Array.isArray(list)),
  'must be an object with a list for each client',
);

const checks: Record<keyof RoutesOptions, Check> = {
  onLogin: func,
  onError: func,
  onLogout: func,
  account: func,
  data: func,
  returnTo: text,
  scopes: byClient,
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

/** Checks the options of the drop-in routes. @throws OAuthError `invalid_options` */
export function checkRoutesOptions(options: RoutesOptions): void {
  checkAll({ ...options, onLogin: options?.onLogin ?? null }, checks, 'routes()');
  checkAll(options.page || {}, pageChecks, 'routes({ page })');
}
