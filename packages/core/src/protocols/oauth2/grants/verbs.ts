import {
  anything,
  authorizeParams,
  flag,
  func,
  must,
  shape,
  type Check,
} from '../../../platform/validators.js';
import { isObject } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import { optional, required, takes, type ArgumentsOf } from '../../../options/arguments.js';
import { abortSignal, urlOrPath } from '../../../options/verb-arguments.js';
import { placed } from '../../../platform/tracing/phases.js';
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
import type { ClientCredentials } from './client-credentials.js';
import { redeemDeviceCode, startDeviceAuthorization, type DeviceAuthorization } from './device.js';
import { exchangeToken } from './token-exchange.js';
import type { Identify } from './grant.js';
import { assertionOptions, jwtBearerToken, type AssertionOptions } from './jwt-bearer.js';
import { implicitRequest, passwordToken, readImplicitResponse } from './legacy.js';
import { pollOnce, pollUntilDone, type PollAnswer } from './polling.js';

/** Options of a grant that waits for a person. */
export interface WaitOptions {
  /** Stops waiting; the promise is rejected with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** What a person logs in with (RFC 6749 §4.3.2). */
interface Credentials {
  username: string;
  password: string;
}

const credentialsCheck = shape<Credentials>({ username: anything, password: anything });
const assertionCheck: Check = (value) =>
  typeof value === 'string' ? undefined : assertionOptions(value);

/** The grants that need no redirect. Every `params` has wire names, such as `scope` and `resource`. */
export interface GrantVerbs {
  /**
   * The client's own token (RFC 6749 §4.4): kept, renewed a little before it expires, one request for
   * all who wait. With `grantType: 'client_credentials'` resource calls use it by themselves.
   *
   * @param options `fresh` asks for a new one
   */
  clientCredentialsToken(
    params?: GrantParams,
    options?: { fresh?: boolean | undefined },
  ): Promise<OAuth2Token>;
  /**
   * Logs a person in on a device without a browser (RFC 8628): `prompt` shows `user_code` and
   * `verification_uri`, then the token endpoint is polled as the provider likes it.
   *
   * @throws OAuthError `access_denied`, or `expired_token` when nobody came
   */
  deviceToken(
    prompt: (device: DeviceAuthorization) => void | Promise<void>,
    params?: GrantParams,
    options?: WaitOptions,
  ): Promise<OAuth2Token>;
  /** The first step of {@link deviceToken}, for servers: keep what it returns, show its codes. */
  startDeviceAuthorization(params?: GrantParams): Promise<DeviceAuthorization>;
  /** The second step: asks once. Keep `pending`, and come back after `pending.interval` seconds. */
  pollDeviceAuthorization(pending: DeviceAuthorization): Promise<PollAnswer<DeviceAuthorization>>;
  /**
   * Lets a person log in on a device of their own (CIBA), and waits for it by polling. Name the person
   * with one of `login_hint`, `login_hint_token` and `id_token_hint`.
   */
  backchannelToken(params: GrantParams, options?: WaitOptions): Promise<OAuth2Token>;
  /** The first step of {@link backchannelToken}, for servers. */
  startBackchannelAuthentication(params: GrantParams): Promise<BackchannelAuthentication>;
  /** The second step: asks once; also the thing to do when the provider pings (`readBackchannelPing()`). */
  pollBackchannelAuthentication(
    pending: BackchannelAuthentication,
  ): Promise<PollAnswer<BackchannelAuthentication>>;
  /**
   * Trades a token for another (RFC 8693): say for what with `audience`, `resource` or `scope`, and with
   * `subject_token_type` what it is, unless it is an access token.
   */
  exchangeToken(token: OAuth2Token | string, params?: GrantParams): Promise<OAuth2Token>;
  /** Trades an assertion, signed elsewhere or here, for a token (RFC 7523 §2.1). */
  jwtBearerToken(assertion: string | AssertionOptions, params?: GrantParams): Promise<OAuth2Token>;
  /** Legacy (RFC 6749 §4.3); only with `allowLegacyGrants: ['password']`. */
  passwordToken(credentials: Credentials, params?: GrantParams): Promise<OAuth2Token>;
  /** Legacy (RFC 6749 §4.2); only with `allowLegacyGrants: ['implicit']`. */
  createImplicitUrl(redirectUri: string | URL, params?: Params): Promise<AuthorizationRequest>;
  /** Reads the token out of the fragment of the address the person came back to. */
  parseImplicitResponse(cameBackTo: string | URL, data: AuthorizeData): Promise<OAuth2Token>;
}

const wireParams = optional('params', authorizeParams);
const wait = optional('options', shape<WaitOptions>({ signal: abortSignal }));
const pendingLogin = must(isObject, 'must be what the first step returned');

/** What the grants take. */
export const grantArguments: ArgumentsOf<GrantVerbs> = {
  clientCredentialsToken: takes(
    'exchange',
    wireParams,
    optional('options', shape<{ fresh?: boolean | undefined }>({ fresh: flag })),
  ),
  deviceToken: takes('authorize', required('prompt', func), wireParams, wait),
  startDeviceAuthorization: takes('authorize', wireParams),
  pollDeviceAuthorization: takes('exchange', required('pending', pendingLogin)),
  backchannelToken: takes('authorize', required('params', authorizeParams), wait),
  startBackchannelAuthentication: takes('authorize', required('params', authorizeParams)),
  pollBackchannelAuthentication: takes('exchange', required('pending', pendingLogin)),
  exchangeToken: takes('exchange', optional('token', anything), wireParams),
  jwtBearerToken: takes('exchange', required('assertion', assertionCheck), wireParams),
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

/** Binds the grants to one client; their errors say where they happened. */
export function createGrantVerbs(config: {
  name: string;
  context: () => Promise<ProtocolContext>;
  identify: Identify;
  /** Loads the keys of the id_token before a code is sent that is good once. */
  prepare: (asked: boolean) => Promise<unknown>;
  clientCredentials: ClientCredentials;
}): GrantVerbs {
  const { name, context, identify, prepare, clientCredentials } = config;
  const start = <A extends unknown[], R>(run: (...args: A) => Promise<R>) =>
    placed(name, 'authorize', run);
  const exchange = <A extends unknown[], R>(run: (...args: A) => Promise<R>) =>
    placed(name, 'exchange', run);

  const startDevice = start(async (params: GrantParams = {}) =>
    startDeviceAuthorization(await context(), params),
  );
  const pollDevice = exchange((pending: DeviceAuthorization) =>
    pollOnce(pending, 'device_code', async () => {
      await prepare(pending.openid === true);
      return await identify(await redeemDeviceCode(await context(), pending), pending);
    }),
  );
  const startBackchannel = start(async (params: GrantParams = {}) =>
    startBackchannelAuthentication(await context(), params),
  );
  const pollBackchannel = exchange((pending: BackchannelAuthentication) =>
    pollOnce(pending, 'auth_req_id', async () => {
      await prepare(pending.openid === true);
      return await identify(
        await redeemBackchannelAuthentication(await context(), pending),
        pending,
      );
    }),
  );

  return {
    clientCredentialsToken: exchange(clientCredentials.token),
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
      identify(await exchangeToken(await context(), token, params), {}),
    ),
    jwtBearerToken: exchange(async (assertion = {}, params = {}) =>
      identify(await jwtBearerToken(await context(), assertion, params), {}),
    ),
    passwordToken: exchange(async (credentials: Partial<Credentials> = {}, params = {}) =>
      identify(await passwordToken(await context(), credentials, params), {}),
    ),
    createImplicitUrl: start(async (redirectUri, params = {}) =>
      implicitRequest(await context(), String(redirectUri), params),
    ),
    parseImplicitResponse: placed(name, 'callback', async (cameBackTo, data) =>
      readImplicitResponse(await context(), String(cameBackTo), data),
    ),
  };
}

function noPrompt(client: string): OAuthError {
  return new OAuthError(
    'invalid_options',
    'deviceToken() needs a function that shows the person where to go and what to type in.',
    { client, phase: 'authorize' },
  );
}
