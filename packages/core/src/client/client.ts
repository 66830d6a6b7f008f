import { baseUrlFor } from '../options/base-urls.js';
import { BrowserLogout } from './logout.js';
import { callbackPath } from '../options/client-name.js';
import type { Phase } from '../model/error-codes.js';
import { isObject } from '../platform/encoding.js';
import { OAuthError } from '../model/errors.js';
import { readCallback } from './callback-request.js';
import { BrowserLogin, finishCallback } from './login.js';
import { notifyFailedLogin, notifyLogin } from './events/events.js';
import type { RegisterOptions } from '../options/register-options.js';
import { ResourceClient } from './api-client.js';
import type { TokensConfig } from './tokens/config.js';
import { clientArguments, type ClientVerb } from '../options/verb-arguments.js';
import { checkCall } from '../platform/arguments.js';
import { resolveRedirectUri } from './api-request.js';
import type { PendingLogins } from './login-state/pending-logins.js';
import type { HandlerResponse, BrowserRequest, LoginStart } from '../model/ports.js';
import type {
  AuthorizationRequest,
  AuthorizeData,
  ExchangeOptions,
  AuthorizeParams,
  Params,
  Token,
  TokenOptions,
  TokenOwner,
  UserInfo,
} from '../model/types.js';

/** Configuration of a client; created by the registry. */
export interface ClientConfig<T extends Token = Token> extends TokensConfig<T> {
  logins: PendingLogins;
  /** Maximum bytes of a `form_post` callback. */
  formBytes: number;
}

/** The result of a login: the token and the user, or an error. */
export type LoginResult<T extends Token = Token> =
  | { token: T; user: UserInfo | undefined; error?: never }
  | { error: OAuthError; token?: never; user?: never };

/** Package-internal view of a client. */
export interface ClientInternals<T extends Token = Token> {
  readonly app: ClientConfig<T>['app'];
  readonly options: Readonly<RegisterOptions>;
  readonly registry: ClientConfig<T>['registry'];
  readonly events: ClientConfig<T>['events'];
  readonly login: BrowserLogin<T>;
  readonly logout: BrowserLogout<T>;
  /** Scopes that pages of the application require; the drop-in routes allow them. */
  readonly scopes: Set<string>;
  /** Returns the user's profile, or `undefined` if the provider has none. */
  userOf(token: T): Promise<UserInfo | undefined>;
  /** Finds the token of a call, refreshed if it is due. */
  findToken(options: TokenOptions<T>): Promise<T>;
  /** Refreshes a stored token that expires within a number of seconds. */
  refreshWithin(owner: TokenOwner, seconds: number): Promise<boolean>;
}

/**
 * Reads the private fields of a client. Set by the class itself, so that no property exposes
 * secrets.
 */
let reach: <T extends Token>(client: FrameworkClient<T>) => ClientInternals<T> | undefined;

/**
 * Returns the package-internal view of a client. Not exported by any entry point.
 *
 * @throws OAuthError `invalid_options` if it is no client of this installation
 */
export function internalsOf<T extends Token>(client: FrameworkClient<T>): ClientInternals<T> {
  const inside = isObject(client) ? reach(client) : undefined;
  if (inside) return inside;
  throw new OAuthError(
    'invalid_options',
    'The argument is not a client. Pass a registered one, such as oauth.corp, from the same installation of ' +
      '@oauth-registry/core.',
  );
}

/**
 * A registered client: the methods for login and resource calls that every protocol and framework
 * shares. `login.ts` defines the order of the login steps; the engine performs them.
 */
export class FrameworkClient<T extends Token = Token> extends ResourceClient<T> {
  readonly #config: ClientConfig<T>;
  #scopes: Set<string> | undefined;
  #ownLogin: BrowserLogin<T> | undefined;
  #ownLogout: BrowserLogout<T> | undefined;

  static {
    reach = (client) =>
      #config in client
        ? {
            app: client.#config.app,
            options: client.#config.options,
            registry: client.#config.registry,
            events: client.#config.events,
            login: client.#login,
            get logout() {
              return client.browserLogout;
            },
            get scopes() {
              client.#scopes ??= new Set();
              return client.#scopes;
            },
            userOf: (token) => client.#userOf(token),
            findToken: (options) => client.findToken(options),
            refreshWithin: (owner, seconds) => client.refreshWithin(owner, seconds),
          }
        : undefined;
  }

  constructor(config: ClientConfig<T>) {
    super(config);
    this.#config = config;
  }

  /** Created at the first login, as logout is. */
  get #login(): BrowserLogin<T> {
    this.#ownLogin ??= new BrowserLogin(this.#config, (redirectUri, params, browser) =>
      this.#authorize(redirectUri, params, browser),
    );
    return this.#ownLogin;
  }

  /** Logout, and third-party initiated login, for adapters. */
  protected get browserLogout(): BrowserLogout<T> {
    this.#ownLogout ??= new BrowserLogout(this.#config);
    return this.#ownLogout;
  }

  /**
   * Builds an authorization request without a web framework: redirect the user to `url`, store the
   * whole object, and pass it to {@link fetchAccessToken} together with the callback.
   */
  async createAuthorizationUrl(
    redirectUri?: string | URL,
    params: AuthorizeParams = {},
  ): Promise<AuthorizationRequest> {
    this.#check('createAuthorizationUrl', [redirectUri, params], arguments);
    return await this.#notifyingFailure({ phase: 'authorize' }, () =>
      this.within('authorize', () => this.#authorize(redirectUri, params)),
    );
  }

  async #authorize(
    given: string | URL | undefined,
    params: AuthorizeParams = {},
    browser?: BrowserRequest,
  ): Promise<AuthorizationRequest> {
    const uri = this.#redirectUri(given, browser);
    const start = await this.#config.app.start(params, uri);
    const { engine, redirectUri = uri, remember } = start;
    return { ...(await engine.createAuthorizationUrl(redirectUri, start.params)), ...remember };
  }

  /**
   * Finishes a login started with {@link createAuthorizationUrl}: validates the callback's
   * parameters against the stored data and requests the token.
   */
  async fetchAccessToken(
    callbackParams: URLSearchParams | Params | string | URL,
    data: AuthorizeData,
    options?: ExchangeOptions,
  ): Promise<T> {
    this.#check('fetchAccessToken', [callbackParams, data, options], arguments);
    return await this.#notifyingFailure({ phase: 'callback' }, async () => {
      const params = readCallback.params(callbackParams);
      const token = await this.within('callback', () =>
        finishCallback(this.#config, params, { data, options }),
      );
      await this.#notifyLogin(token.userinfo);
      return token;
    });
  }

  /** Starts a login, for adapters: see {@link BrowserLogin.start}. */
  protected async startLogin(browser: BrowserRequest, start: LoginStart): Promise<HandlerResponse> {
    this.#check('authorizeRedirect', [start.redirectUri, start.params]);
    return await this.#notifyingFailure({ phase: 'authorize', request: browser.request }, () =>
      this.#login.start(browser, start),
    );
  }

  /** Stores an authorization request until its callback, for adapters. */
  protected async storeLogin(browser: BrowserRequest, data: AuthorizeData): Promise<void> {
    this.#check('saveAuthorizeData', [data]);
    await this.#login.store(browser, data);
  }

  /** Finishes a login, for adapters: see {@link BrowserLogin.finish}. */
  protected async finishLogin(browser: BrowserRequest, options?: ExchangeOptions): Promise<T> {
    this.#check('authorizeAccessToken', [options]);
    const { request } = browser;
    return await this.#notifyingFailure({ phase: 'callback', request }, async () => {
      const token = await this.#login.finish(browser, options);
      await this.#notifyLogin(token.userinfo, request);
      return token;
    });
  }

  /**
   * Handles login and callback at one URL, for adapters: returns the response that starts the
   * login, or its result.
   */
  protected async stepLogin(
    incoming: BrowserRequest,
    start: LoginStart,
  ): Promise<{ response: HandlerResponse } | { result: LoginResult<T> }> {
    this.#check('login', [start.redirectUri, start.params]);
    const { request } = incoming;
    try {
      const [isCallback, browser] = await this.#login.isCallback(incoming);
      if (!isCallback) return { response: await this.startLogin(browser, start) };
      return await this.#notifyingFailure({ phase: 'callback', request }, async () => {
        const token = await this.#login.finish(browser);
        const user = await this.#userOf(token);
        await this.#notifyLogin(user, request);
        return { result: { token, user } };
      });
    } catch (error) {
      if (error instanceof OAuthError) return { result: { error } };
      throw error;
    }
  }

  /** Returns the user's profile, or `undefined` if the provider has none. */
  async #userOf(token: T): Promise<UserInfo | undefined> {
    if (token.userinfo) return token.userinfo;
    try {
      return await this.userinfo({ token });
    } catch (error) {
      // The provider has no userinfo endpoint.
      if (error instanceof OAuthError && error.code === 'invalid_options') return undefined;
      throw error;
    }
  }

  #check(verb: ClientVerb, given: readonly unknown[], all?: Iterable<unknown>): void {
    checkCall({ verb, client: this.name }, clientArguments[verb], { given, all });
  }

  /** Runs a step of a login and notifies the listeners of `login:failed` if it fails. */
  async #notifyingFailure<R>(
    details: { phase: Phase; request?: unknown },
    step: () => Promise<R>,
  ): Promise<R> {
    try {
      return await step();
    } catch (error) {
      await notifyFailedLogin(this.#config.events, { client: this.name, ...details, error });
      throw error;
    }
  }

  async #notifyLogin(user: UserInfo | undefined, request?: unknown): Promise<void> {
    await notifyLogin(this.#config.events, { client: this.name, sub: user?.sub, request });
  }

  /**
   * Returns the given redirect URI unchanged, or resolves it against `baseUrl`; of several, the
   * request only chooses one.
   */
  #redirectUri(given: string | URL | undefined, browser: BrowserRequest | undefined): string {
    const { registry } = this.#config;
    const baseUrl = browser ? baseUrlFor(registry, browser) : registry.baseUrl;
    const uri = resolveRedirectUri(String(given ?? callbackPath(this.name)), baseUrl);
    if (uri !== undefined) return uri;
    throw new OAuthError(
      'invalid_options',
      `No usable redirect URI for "${this.name}". Pass an absolute one without a fragment, as ` +
        'registered with the provider, or give the registry a "baseUrl". The Host header is never used.',
    );
  }
}
