import { readBaseUrls, type BaseUrls } from './base-urls.js';
import {
  anything,
  checkAll,
  flag,
  func,
  functions,
  headerText,
  milliseconds,
  must,
  secrets,
  url,
  usable,
  type Rules,
} from '../platform/validators.js';
import { isObject } from '../platform/encoding.js';
import { OAuthError } from '../model/errors.js';
import { consoleLogger, type Logger } from '../platform/log.js';
import { environment } from './configuration.js';
import type { HttpOptions } from '../platform/http/http.js';
import type { Limits } from './limits.js';
import type { OAuthOptions } from './registry-options.js';
import type { RefreshSettings } from './refresh.js';
import { defaultLimits, limitChecks } from './limits.js';
import { checkTokenStore, defaultRefresh, refreshChecks, tokenChecks } from './refresh.js';

/** Checks of the HTTP options. */
export const httpChecks: Rules<HttpOptions> = {
  fetch: func,
  timeout: milliseconds,
  userAgent: headerText,
  allowInsecureRequests: flag,
  allowPrivateNetworks: flag,
};

const registryChecks: Rules<OAuthOptions> = {
  ...httpChecks,
  config: must((v) => typeof v === 'object' && v !== null, 'must be an object'),
  fetchToken: func,
  updateToken: func,
  onGrantRevoked: func,
  loadClient: func,
  // The registry validates each client.
  clients: anything,
  ...tokenChecks,
  session: func,
  secret: secrets,
  stateStorage: must(
    (v) =>
      v === 'session' ||
      v === 'cookie' ||
      (isObject(v) && functions({ put: v['put'], take: v['take'] }) === undefined),
    'must be "session", "cookie", or an object with put() and take()',
  ),
  sessionIndex: must(
    (v) =>
      isObject(v) &&
      functions({ add: v['add'], has: v['has'], remove: v['remove'], delete: v['delete'] }) ===
        undefined,
    'must be an object with add(), has(), remove() and delete(), such as memorySessionIndex()',
  ),
  baseUrl: url,
  debug: flag,
  logger: must(
    (v) =>
      isObject(v) && functions({ debug: v['debug'], warn: v['warn'] ?? v['debug'] }) === undefined,
    'must be an object with debug() and optionally warn(), such as pino() or console',
  ),
  limits: must(isObject, 'must be an object'),
};

/** The options of a registry, with all defaults filled in. */
export type RegistryOptions = Omit<OAuthOptions, 'baseUrl' | 'clients'> &
  BaseUrls & {
    limits: Limits;
    refresh: RefreshSettings;
    /** The limits set by the application. */
    given: Partial<Limits>;
  };

/** Returns the logger, if there is one. */
function loggerOf({ logger, debug, config }: OAuthOptions): { logger?: Logger } {
  if (logger) return { logger };
  const { OAUTH_DEBUG: variable } = config ?? environment();
  return (debug ?? variable === '1') ? { logger: consoleLogger } : {};
}

/** Validates the options of `new OAuth()`, fills in the defaults, and freezes a copy. */
export function readRegistryOptions(given: OAuthOptions): Readonly<RegistryOptions> {
  const { baseUrl: _url, clients: _, ...others } = given ?? {};
  const { baseUrl, chooseBaseUrl } = readBaseUrls(given?.baseUrl);
  const options: Omit<OAuthOptions, 'clients' | 'baseUrl'> & Pick<BaseUrls, 'baseUrl'> = {
    ...others,
    baseUrl,
  };
  checkAll(isObject(given) ? options : given, registryChecks, 'new OAuth()');
  checkAll(options.limits ?? {}, limitChecks, 'new OAuth({ limits })');
  checkAll(options.refresh ?? {}, refreshChecks, 'new OAuth({ refresh })');
  if (options.stateStorage === 'cookie' && options.secret === undefined) {
    throw new OAuthError(
      'invalid_options',
      'new OAuth(): "stateStorage" is cookie, which needs a "secret" of at least 32 characters to encrypt the cookies with.',
    );
  }
  checkTokenStore(options);
  return Object.freeze({
    ...options,
    ...(chooseBaseUrl ? { chooseBaseUrl } : {}),
    ...loggerOf(options),
    ...(options.secret === undefined ? {} : { secret: usable(options.secret) }),
    limits: { ...defaultLimits, ...options.limits },
    given: { ...options.limits },
    refresh: { ...defaultRefresh, ...options.refresh },
  });
}
