import {
  anything,
  authorizeParams,
  func,
  must,
  shape,
  type Check,
} from '../../../platform/validators.js';
import { isObject } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import {
  optional,
  required,
  takes,
  type Argument,
  type ArgumentsOf,
} from '../../../platform/arguments.js';
import { abortSignal, urlOrPath } from '../../../options/verb-arguments.js';
import { traced } from '../../../platform/tracing/phases.js';
import type {
  AuthorizationRequest,
  AuthorizeData,
  GrantParams,
  OAuth2Token,
  Params,
} from '../../../model/types.js';
import type { ProtocolContext } from '../endpoint/context.js';
import {
  redeemBackchannelAuthentication,
  startBackchannelAuthentication,
  type BackchannelAuthentication,
} from './ciba.js';
import { redeemDeviceCode, startDeviceAuthorization, type DeviceAuthorization } from './device.js';
import { exchangeToken } from './token-exchange.js';
import type { Identity } from '../openid/identity.js';
import { assertionOptions, type AssertionOptions } from '../../../options/assertion.js';
import { requestByGrant } from './grant.js';
import { jwtBearerToken } from './jwt-bearer.js';
import { implicitRequest, passwordToken, readImplicitResponse } from './legacy.js';
import { pollOnce, pollUntilDone, type PollResult } from './polling.js';

/** Options of a grant that waits for the user. */
export interface WaitOptions {
  /** Aborts the wait; the promise is rejected with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** The user's credentials (RFC 6749 §4.3.2). */
interface Credentials {
  username: string;
  password: string;
}

const credentialsCheck = shape<Credentials>({ username: anything, password: anything });
const assertionCheck: Check = (value) =>
  typeof value === 'string' ? undefined : assertionOptions(value);

/** The grants without a redirect: `client.grants`. All `params` have wire names, such as `scope` and `resource`. */
export interface GrantVerbs {
  /**
   * Logs a user in on a device without a browser (RFC 8628). `prompt` shows `user_code` and
   * `verification_uri`; then the token endpoint is polled at the provider's interval.
   *
   * @throws OAuthError `access_denied`, or `expired_token` if the user did not respond
   */
  deviceToken(
    prompt: (device: DeviceAuthorization) => void | Promise<void>,
    params?: GrantParams,
    options?: WaitOptions,
  ): Promise<OAuth2Token>;
  /**
   * The first step of {@link deviceToken}, for web applications: store the result, and show its
   * codes.
   */
  startDeviceAuthorization(params?: GrantParams): Promise<DeviceAuthorization>;
  /**
   * The second step: polls once. Store `pending`, and poll again after `pending.interval` seconds.
   */
  pollDeviceAuthorization(pending: DeviceAuthorization): Promise<PollResult<DeviceAuthorization>>;
  /**
   * Logs a user in on their own device (CIBA), and polls until they respond. Identify the user with
   * one of `login_hint`, `login_hint_token` and `id_token_hint`.
   */
  backchannelToken(params: GrantParams, options?: WaitOptions): Promise<OAuth2Token>;
  /** The first step of {@link backchannelToken}, for web applications. */
  startBackchannelAuthentication(params: GrantParams): Promise<BackchannelAuthentication>;
  /**
   * The second step: polls once. Also call it after a provider's ping (`readBackchannelPing()`).
   */
  pollBackchannelAuthentication(
    pending: BackchannelAuthentication,
  ): Promise<PollResult<BackchannelAuthentication>>;
  /**
   * Exchanges a token for another one (RFC 8693). Set the target with `audience`, `resource` or
   * `scope`, and the type with `subject_token_type` unless it is an access token.
   */
  exchangeToken(token: OAuth2Token | string, params?: GrantParams): Promise<OAuth2Token>;
  /** Requests a token with an assertion, signed elsewhere or here (RFC 7523 §2.1). */
  jwtBearerToken(assertion: string | AssertionOptions, params?: GrantParams): Promise<OAuth2Token>;
  /** Requests a token with a grant of the provider's own: `{ grant_type, … }` (RFC 6749 §4.5). */
  grantToken(params: GrantParams & { grant_type: string }): Promise<OAuth2Token>;
  /** Legacy (RFC 6749 §4.3); only with `allowLegacyGrants: ['password']`. */
  passwordToken(credentials: Credentials, params?: GrantParams): Promise<OAuth2Token>;
  /** Legacy (RFC 6749 §4.2); only with `allowLegacyGrants: ['implicit']`. */
  createImplicitUrl(redirectUri: string | URL, params?: Params): Promise<AuthorizationRequest>;
  /** Reads the token from the fragment of the callback URL. */
  parseImplicitResponse(cameBackTo: string | URL, data: AuthorizeData): Promise<OAuth2Token>;
}

export const wireParams: Argument = optional('params', authorizeParams);
const wait = optional('options', shape<WaitOptions>({ signal: abortSignal }));
const grantParams: Check = (value) => {
  const problem = authorizeParams(value);
  if (problem !== undefined) return problem;
  const { grant_type: type } = value as Record<string, unknown>;
  return typeof type === 'string' && type !== '' ? undefined : 'is missing the member "grant_type"';
};
const pendingLogin = must(isObject, 'must be the result of the first step');

/** The arguments of the grant methods. */
export const grantArguments: ArgumentsOf<GrantVerbs> = {
  deviceToken: takes('authorize', required('prompt', func), wireParams, wait),
  startDeviceAuthorization: takes('authorize', wireParams),
  pollDeviceAuthorization: takes('exchange', required('pending', pendingLogin)),
  backchannelToken: takes('authorize', required('params', authorizeParams), wait),
  startBackchannelAuthentication: takes('authorize', required('params', authorizeParams)),
  pollBackchannelAuthentication: takes('exchange', required('pending', pendingLogin)),
  exchangeToken: takes('exchange', optional('token', anything), wireParams),
  jwtBearerToken: takes('exchange', required('assertion', assertionCheck), wireParams),
  grantToken: takes('exchange', required('params', grantParams)),
  passwordToken: takes('exchange', required('credentials', credentialsCheck), wireParams),
  createImplicitUrl: takes(
    'authorize',
    required('redirectUri', urlOrPath),
    optional('params', authorizeParams),
  ),
  parseImplicitResponse: takes(
    'callback',
    optional('cameBackTo', urlOrPath),
    optional('data', anything),
  ),
};

/** Creates the grant methods of one client. Errors carry the client's name and the phase. */
export function createGrantVerbs(config: {
  name: string;
  context: () => Promise<ProtocolContext>;
  identity: Pick<Identity, 'identify' | 'prepare'>;
}): GrantVerbs {
  const { name, context, identity } = config;
  const start = <A extends unknown[], R>(run: (...args: A) => Promise<R>) =>
    traced(name, 'authorize', run);
  const exchange = <A extends unknown[], R>(run: (...args: A) => Promise<R>) =>
    traced(name, 'exchange', run);

  const startDevice = start(async (params: GrantParams = {}) =>
    startDeviceAuthorization(await context(), params),
  );
  const pollDevice = exchange((pending: DeviceAuthorization) =>
    pollOnce(pending, 'device_code', async () => {
      await identity.prepare(pending.openid === true);
      return await identity.identify(await redeemDeviceCode(await context(), pending), pending);
    }),
  );
  const startBackchannel = start(async (params: GrantParams = {}) =>
    startBackchannelAuthentication(await context(), params),
  );
  const pollBackchannel = exchange((pending: BackchannelAuthentication) =>
    pollOnce(pending, 'auth_req_id', async () => {
      await identity.prepare(pending.openid === true);
      return await identity.identify(
        await redeemBackchannelAuthentication(await context(), pending),
        pending,
      );
    }),
  );

  return {
    startDeviceAuthorization: startDevice,
    pollDeviceAuthorization: pollDevice,
    async deviceToken(prompt, params, { signal } = {}) {
      if (typeof prompt !== 'function') throw noPrompt(name);
      signal?.throwIfAborted();
      const pending = await startDevice(params);
      await prompt(pending);
      return await pollUntilDone(pending, pollDevice, signal);
    },
    startBackchannelAuthentication: startBackchannel,
    pollBackchannelAuthentication: pollBackchannel,
    async backchannelToken(params, { signal } = {}) {
      signal?.throwIfAborted();
      return await pollUntilDone(await startBackchannel(params), pollBackchannel, signal);
    },
    exchangeToken: exchange(async (token, params = {}) =>
      identity.identify(await exchangeToken(await context(), token, params), {}),
    ),
    grantToken: exchange(async ({ grant_type: grantType, ...params }) =>
      identity.identify(await requestByGrant(await context(), { grantType, params }), {}),
    ),
    jwtBearerToken: exchange(async (assertion = {}, params = {}) =>
      identity.identify(await jwtBearerToken(await context(), assertion, params), {}),
    ),
    passwordToken: exchange(async (credentials: Partial<Credentials> = {}, params = {}) =>
      identity.identify(await passwordToken(await context(), credentials, params), {}),
    ),
    createImplicitUrl: start(async (redirectUri, params = {}) =>
      implicitRequest(await context(), String(redirectUri), params),
    ),
    parseImplicitResponse: traced(name, 'callback', async (cameBackTo, data) =>
      readImplicitResponse(await context(), String(cameBackTo), data),
    ),
  };
}

function noPrompt(client: string): OAuthError {
  return new OAuthError(
    'invalid_options',
    'grants.deviceToken() needs a function that shows the user the verification URL and the code.',
    { client, phase: 'authorize' },
  );
}
