import { callApi } from './call.js';
import { OAuthError, placed, type Phase } from './errors.js';
import { readCallback } from './incoming.js';
import { BrowserLogin, finishCallback } from './login.js';
import type { RegisterOptions } from './option-types.js';
import type { RegistryOptions } from './options.js';
import { resolveRedirectUri } from './resource.js';
import type { PendingLogins } from './state/pending-logins.js';
import type { TokenOptions } from './token/config.js';
import { ClientTokens } from './token/tokens.js';
import type { BrowserAnswer, BrowserExchange, LoginStart } from './ports.js';
import type {
  AuthorizationRequest,
  AuthorizeData,
  ExchangeOptions,
  AuthorizeParams,
  Params,
  RemoteApp,
  ResourceOptions,
  Token,
  UserInfo,
} from './types.js';
import { fetchUser, identityOf } from './user.js';

/** What a client is made of; the registry puts it together. */
export interface ClientConfig<T extends Token = Token> {
  app: RemoteApp<T>;
  options: Readonly<RegisterOptions>;
  registry: Readonly<RegistryOptions>;
  logins: PendingLogins;
  /** Bytes a form_post callback may have. */
  formBytes: number;
  /** The request being handled right now, where the integration keeps track of it. */
  currentRequest?: (() => unknown) | undefined;
}

/** The parts of a client that are nobody's business outside this package. */
export interface Inside<T extends Token = Token> {
  readonly options: Readonly<RegisterOptions>;
  readonly login: BrowserLogin<T>;
}

/**
 * One registered client: the verbs of the login and of resource calls, the same for every protocol and
 * framework. Here is the order in which things happen; how they happen is the engine's business.
 */
export class FrameworkClient<T extends Token = Token> {
  /** The name it was registered under. */
  readonly name: string;
  readonly #config: ClientConfig<T>;
  readonly #tokens: ClientTokens<T>;
  readonly #login: BrowserLogin<T>;

  constructor(config: ClientConfig<T>) {
    this.name = config.app.name;
    this.#config = config;
    this.#tokens = new ClientTokens(config);
    this.#login = new BrowserLogin(config, (redirectUri, params) =>
      this.createAuthorizationUrl(redirectUri, params),
    );
    Object.assign(this, config.app.verbs);
  }

  /**
   * Builds an authorization request without a web framework: send the person to `url`, keep the whole
   * object, and hand it to {@link fetchAccessToken} with what came back.
   */
  async createAuthorizationUrl(
    redirectUri?: string,
    params: AuthorizeParams = {},
  ): Promise<AuthorizationRequest> {
    return await this.#within('authorize', () =>
      this.#config.app.createAuthorizationUrl(this.#redirectUri(redirectUri), params),
    );
  }

  /**
   * Finishes what {@link createAuthorizationUrl} began: checks the callback's parameters against the
   * kept data and trades them for a token.
   */
  async fetchAccessToken(
    callbackParams: URLSearchParams | Params | string,
    data: AuthorizeData,
    options?: ExchangeOptions,
  ): Promise<T> {
    const params = readCallback.params(callbackParams);
    return await this.#within('callback', () =>
      finishCallback(this.#config, params, { data, options }),
    );
  }

  /** Who the token's owner is. Pass `{ token }`, or `{ request }` with a `fetchToken` hook. */
  async userinfo(options: TokenOptions<T>): Promise<UserInfo> {
    return await this.#within('userinfo', async () =>
      fetchUser({ ...this.#config, token: await this.#tokens.find(options) }),
    );
  }

  /**
   * Names the token's owner for good, in one word that is unique over all providers: `github$583231`.
   * Needs no network.
   *
   * @throws OAuthError `invalid_token` when the token has no `userinfo.sub`
   */
  identity(token: T): string {
    return identityOf(this.name, this.#config.options, token);
  }

  /**
   * Calls the provider's API with the token. A relative URL is appended to `apiBaseUrl`; the token goes
   * to no other origin. Redirects are handed back; only those of a signed request (OAuth 1) that stay on
   * the origin are followed, each signed anew.
   *
   * @returns a standard `Response`, whatever its status
   */
  async request(
    method: string,
    url: string | URL,
    options: ResourceOptions<T> = {},
  ): Promise<Response> {
    const config = { ...this.#config, tokens: this.#tokens };
    return await this.#within('resource', () => callApi(config, { method, url }, options));
  }

  async get(url: string | URL, options?: ResourceOptions<T>): Promise<Response> {
    return await this.request('GET', url, options);
  }

  async post(url: string | URL, options?: ResourceOptions<T>): Promise<Response> {
    return await this.request('POST', url, options);
  }

  async put(url: string | URL, options?: ResourceOptions<T>): Promise<Response> {
    return await this.request('PUT', url, options);
  }

  async patch(url: string | URL, options?: ResourceOptions<T>): Promise<Response> {
    return await this.request('PATCH', url, options);
  }

  async delete(url: string | URL, options?: ResourceOptions<T>): Promise<Response> {
    return await this.request('DELETE', url, options);
  }

  async head(url: string | URL, options?: ResourceOptions<T>): Promise<Response> {
    return await this.request('HEAD', url, options);
  }

  /** The request phase, for adapters: see {@link BrowserLogin.start}. */
  protected async startLogin(browser: BrowserExchange, start: LoginStart): Promise<BrowserAnswer> {
    return await this.#login.start(browser, start);
  }

  /** Keeps an authorization request until its callback arrives, for adapters. */
  protected async keepLogin(browser: BrowserExchange, data: AuthorizeData): Promise<void> {
    await this.#login.keep(browser, data);
  }

  /** The callback phase, for adapters: see {@link BrowserLogin.finish}. */
  protected async finishLogin(browser: BrowserExchange, options?: ExchangeOptions): Promise<T> {
    return await this.#login.finish(browser, { options });
  }

  /** What stands behind a client, for other parts of this package. */
  static inside<T extends Token>(client: FrameworkClient<T>): Inside<T> {
    return { options: client.#config.options, login: client.#login };
  }

  /** The given address, byte for byte, or one below `baseUrl`; never one from the request. */
  #redirectUri(given: string | undefined): string {
    const { baseUrl } = this.#config.registry;
    const uri = resolveRedirectUri(given ?? `callback/${this.name}`, baseUrl);
    if (uri !== undefined) return uri;
    throw new OAuthError(
      'invalid_options',
      `There is no usable redirect URI for "${this.name}". Pass an absolute one without a fragment, as ` +
        'registered with the provider, or give the registry a "baseUrl". The Host header is never used.',
    );
  }

  /** Runs a step, and says of its errors where they happened. */
  #within<R>(phase: Phase, step: () => Promise<R>): Promise<R> {
    return placed(this.name, phase, step)();
  }
}
