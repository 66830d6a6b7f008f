import { equalInConstantTime } from './crypto.js';
import { OAuthError, placed, type Phase } from './errors.js';
import { readCallback, refuseUnwanted, unwantedAnswer } from './incoming.js';
import type { RegisterOptions } from './option-types.js';
import type { RegistryOptions } from './options.js';
import { fill } from './quirks/templates.js';
import { resolveRedirectUri, resourceRequest } from './resource.js';
import type { PendingLogins } from './state/pending-logins.js';
import type { TokenOptions } from './token/config.js';
import { ClientTokens } from './token/tokens.js';
import type { BrowserAnswer, BrowserExchange, LoginStart } from './ports.js';
import type {
  AuthorizationRequest,
  AuthorizeData,
  ExchangeOptions,
  Params,
  RemoteApp,
  ResourceOptions,
  ResourceRequest,
  Token,
  UserInfo,
} from './types.js';
import { fetchUser, identityOf, withUser } from './user.js';

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

/**
 * One registered client: the verbs of the login and of resource calls, the same for every protocol and
 * framework. Here is the order in which things happen; how they happen is the engine's business.
 */
export class FrameworkClient<T extends Token = Token> {
  /** The name it was registered under. */
  readonly name: string;
  readonly #config: ClientConfig<T>;
  readonly #tokens: ClientTokens<T>;

  constructor(config: ClientConfig<T>) {
    this.name = config.app.name;
    this.#config = config;
    this.#tokens = new ClientTokens(config);
    Object.assign(this, config.app.verbs);
  }

  /**
   * Builds an authorization request without a web framework: send the person to `url`, keep the whole
   * object, and hand it to {@link fetchAccessToken} with what came back.
   */
  async createAuthorizationUrl(
    redirectUri?: string,
    params: Params = {},
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
    return await this.#within('callback', () => this.#finish(params, data, options));
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
   * to no other origin, and redirects are handed back, not followed.
   *
   * @returns a standard `Response`, whatever its status
   */
  async request(
    method: string,
    url: string | URL,
    options: ResourceOptions<T> = {},
  ): Promise<Response> {
    return await this.#within('resource', async () => {
      const { apiBaseUrl } = this.#config.options;
      const build = (base: string | undefined): ResourceRequest =>
        resourceRequest({ method, url }, options, base);
      // A base that only a token completes has to wait for one.
      const request = apiBaseUrl?.startsWith('{') ? undefined : build(apiBaseUrl);
      const send = (token?: T): Promise<Response> => {
        const ready = request ?? build(fill(apiBaseUrl ?? '', { token }));
        return this.#config.app.send(ready, token, options.signal);
      };
      if (options.withholdToken) return await send();
      // A stream can be sent once.
      if (options.body instanceof ReadableStream)
        return await send(await this.#tokens.find(options));
      return await this.#tokens.send(options, send);
    });
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

  /**
   * The request phase, for adapters: build the authorization request, keep the pending login, and only
   * then answer with the redirect. Prefetches and HEAD start nothing.
   */
  protected async startLogin(browser: BrowserExchange, start: LoginStart): Promise<BrowserAnswer> {
    forbidCaching(browser);
    const unwanted = unwantedAnswer(browser);
    if (unwanted) return unwanted;
    const request = await this.createAuthorizationUrl(start.redirectUri, start.params);
    await this.keepLogin(browser, request);
    return { status: browser.method === 'GET' ? 302 : 303, location: request.url };
  }

  /** Keeps an authorization request until its callback arrives. */
  protected async keepLogin(browser: BrowserExchange, data: AuthorizeData): Promise<void> {
    const { app, logins } = this.#config;
    const { url: _, ...kept } = { url: '', ...data };
    await this.#within('authorize', () =>
      logins.put(browser, { ...kept, client: this.name, kind: app.kind }),
    );
  }

  /**
   * The callback phase, for adapters. The pending login is taken, and so spent, before anything else
   * happens; then come the checks of {@link FrameworkClient.fetchAccessToken}.
   */
  protected async finishLogin(browser: BrowserExchange, options?: ExchangeOptions): Promise<T> {
    forbidCaching(browser);
    return await this.#within('callback', async () => {
      refuseUnwanted(browser);
      const params = await readCallback.request(browser, this.#config.formBytes);
      const data = await this.#takeLogin(browser, params);
      return await this.#finish(params, data, options);
    });
  }

  /** The callback's order of checks. Each may end the login, and nothing after it has happened yet. */
  async #finish(
    params: URLSearchParams,
    data: AuthorizeData,
    options: ExchangeOptions | undefined,
  ): Promise<T> {
    const { app } = this.#config;
    const state = app.readState(params);
    // An application that lost what it kept hands in nothing.
    if (state === undefined || !equalInConstantTime(state, data?.state ?? '')) throw noState();
    await app.checkSender(params, data);
    app.checkRefusal(params);
    const token = await this.#within('exchange', () => app.exchange(params, data, options));
    return await this.#within('userinfo', () => withUser({ ...this.#config, token }));
  }

  /** Takes the pending login: this browser's, this client's, this protocol's, sent the way it was asked. */
  async #takeLogin(browser: BrowserExchange, params: URLSearchParams): Promise<AuthorizeData> {
    const { app, logins } = this.#config;
    const state = app.readState(params);
    if (state === undefined) throw noState();
    const login = await logins.take(browser, state);
    if (login.client !== this.name || login.kind !== app.kind) {
      throw new OAuthError(
        'mismatching_state',
        `This login was started with the client "${login.client}", not "${this.name}". Give every ` +
          'client a redirect URI of its own.',
      );
    }
    readCallback.checkMethod(browser, login.formPost === true);
    return login;
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

function noState(): OAuthError {
  return new OAuthError(
    'mismatching_state',
    'The callback does not say which login it belongs to, or belongs to another one. Start again.',
  );
}

function forbidCaching(browser: BrowserExchange): void {
  browser.setHeader('cache-control', 'no-store');
  browser.setHeader('referrer-policy', 'no-referrer');
}
