import { equalInConstantTime } from '../platform/crypto.js';
import { OAuthError } from '../model/errors.js';
import {
  forbidCaching,
  readCallback,
  readFormBody,
  rejectUnsupported,
  rejectionResponse,
} from './callback-request.js';
import type { RegisterOptions } from '../options/register-options.js';
import { trace } from '../platform/tracing/phases.js';
import type { HandlerResponse, BrowserRequest, Carried, LoginStart } from '../model/ports.js';
import type { PendingLogin, PendingLogins } from './login-state/pending-logins.js';
import type {
  AuthorizationRequest,
  AuthorizeData,
  AuthorizeParams,
  Awaitable,
  ChosenServer,
  ExchangeOptions,
  Token,
} from '../model/types.js';
import type { EngineSource } from '../protocols/engine-source.js';
import { isSameServer } from '../options/server-choice.js';
import { withUser } from './profile.js';

/** Configuration of a callback. */
export interface CallbackConfig<T extends Token> {
  app: EngineSource<T>;
  options: Readonly<RegisterOptions>;
}

/** Configuration of a login in a browser. */
export interface BrowserLoginConfig<T extends Token> extends CallbackConfig<T> {
  logins: PendingLogins;
  /** Maximum bytes of a `form_post` callback. */
  formBytes: number;
}

/** Options of finishing a callback. */
export interface FinishOptions {
  options?: ExchangeOptions | undefined;
  /**
   * Called with the login's application data, and the server the user chose, before any request to
   * the provider. `again`: the callback must be repeated by a GET that carries the session's cookies.
   */
  carried?:
    | ((carry: Carried, server: ChosenServer | undefined) => Awaitable<'again' | undefined>)
    | undefined;
  /**
   * Called with the application data of a login whose callback arrives a second time, or too late.
   */
  spent?: ((carry: Carried) => void) | undefined;
}

/** The result of a callback: a token, or the state of a callback to repeat. */
export type Arrival<T extends Token> =
  { token: T; again?: never } | { again: string; token?: never };

/** The two phases of a login in a browser, and the order of their steps. */
export class BrowserLogin<T extends Token> {
  readonly #config: BrowserLoginConfig<T>;
  readonly #authorize: (
    redirectUri: string | URL | undefined,
    params: AuthorizeParams | undefined,
    browser: BrowserRequest,
  ) => Promise<AuthorizationRequest>;

  constructor(
    config: BrowserLoginConfig<T>,
    authorize: (
      redirectUri: string | URL | undefined,
      params: AuthorizeParams | undefined,
      browser: BrowserRequest,
    ) => Promise<AuthorizationRequest>,
  ) {
    this.#config = config;
    this.#authorize = authorize;
  }

  /**
   * Starts a login: builds the authorization request, stores the pending login, and only then
   * redirects. Prefetches and HEAD requests start nothing.
   */
  async start(browser: BrowserRequest, start: LoginStart): Promise<HandlerResponse> {
    forbidCaching(browser);
    const unwanted = rejectionResponse(browser);
    if (unwanted) return unwanted;
    const { name: client } = this.#config.app;
    const request = await trace({ client, phase: 'authorize' }, async () => {
      const built = await this.#authorize(start.redirectUri, start.params, browser);
      await this.#store(browser, built, start.carry);
      return built;
    });
    return { status: browser.method === 'GET' ? 302 : 303, location: request.url };
  }

  /** Stores an authorization request until its callback. */
  async store(browser: BrowserRequest, data: AuthorizeData): Promise<void> {
    await trace({ client: this.#config.app.name, phase: 'authorize' }, () =>
      this.#store(browser, data),
    );
  }

  async #store(browser: BrowserRequest, data: AuthorizeData, carry?: Carried): Promise<void> {
    const { app, logins } = this.#config;
    const { url: _, ...stored } = { url: '', ...data };
    const login = { ...stored, client: app.name, kind: app.kind, ...(carry ? { carry } : {}) };
    await logins.put(browser, login);
  }

  /**
   * Finishes a login. The pending login is taken, and thereby spent, first; then {@link
   * completeCallback} validates the callback.
   */
  async finish(browser: BrowserRequest, options?: ExchangeOptions): Promise<T> {
    const { token } = (await this.arrive(browser, { options })) as { token: T };
    return token;
  }

  /** Like {@link finish}, for a login with application data. */
  async arrive(
    browser: BrowserRequest,
    { options, carried, spent }: FinishOptions,
  ): Promise<Arrival<T>> {
    const { app, formBytes, logins } = this.#config;
    return await trace({ client: app.name, phase: 'callback' }, async () => {
      forbidCaching(browser);
      rejectUnsupported(browser);
      const sent = await readCallback.request(browser, formBytes, app.acceptsGetAndPost);
      const login = await this.#take(browser, sent, spent);
      const { delivered, ...pending } = login;
      if (
        (await carried?.(login.carry ?? {}, login.server)) === 'again' &&
        delivered === undefined
      ) {
        await logins.put(browser, { ...pending, delivered: sent.toString() });
        return { again: login.state };
      }
      const params = delivered === undefined ? sent : new URLSearchParams(delivered);
      return { token: await completeCallback(this.#config, params, { data: login, options }) };
    });
  }

  /** Whether the request is a callback, for routes whose URL serves both login and callback. */
  async isCallback(browser: BrowserRequest): Promise<[callback: boolean, browser: BrowserRequest]> {
    if (browser.method !== 'POST') return [isResponse(new URLSearchParams(browser.query)), browser];
    // A body can be read only once.
    const form = await readFormBody(browser.body(), this.#config.formBytes);
    return [isResponse(form), { ...browser, body: () => form }];
  }

  /**
   * Takes the pending login. It must belong to this browser, client and protocol, and match the
   * requested response mode.
   */
  async #take(
    browser: BrowserRequest,
    params: URLSearchParams,
    spent: FinishOptions['spent'],
  ): Promise<PendingLogin> {
    const { app, logins } = this.#config;
    const state = await app.readCallback(params);
    if (state === undefined) throw noState();
    const login = await logins.take(browser, state, spent);
    if (login.client !== app.name || login.kind !== app.kind) {
      throw new OAuthError(
        'mismatching_state',
        `This login was started with the client "${login.client}", not "${app.name}". Use a separate ` +
          'redirect URI for every client.',
      );
    }
    if (!app.acceptsGetAndPost && login.delivered === undefined)
      checkMethod(browser, login.formPost === true || login.fragment === true);
    return login;
  }
}

/**
 * Finishes a callback with stored data that an application passes: the callback must name this
 * login before {@link completeCallback} runs.
 */
export async function finishCallback<T extends Token>(
  config: CallbackConfig<T>,
  params: URLSearchParams,
  { data, options }: { data: AuthorizeData; options?: ExchangeOptions | undefined },
): Promise<T> {
  const state = await config.app.readCallback(params);
  // An application that lost its stored data passes nothing.
  if (state === undefined || !equalInConstantTime(state, data?.state ?? '')) throw noState();
  return await completeCallback(config, params, { data, options });
}

/**
 * Validates and completes the callback of a login, in this order. A step may end the login before
 * any later step runs.
 */
async function completeCallback<T extends Token>(
  { app, options: registered }: CallbackConfig<T>,
  params: URLSearchParams,
  { data, options }: { data: AuthorizeData; options?: ExchangeOptions | undefined },
): Promise<T> {
  const found = await app.resume(data);
  const response = await found.engine.validateCallback(params, data);
  const token = await trace({ client: app.name, phase: 'exchange' }, () =>
    found.engine.completeLogin(response, data, options),
  );
  return await trace({ client: app.name, phase: 'userinfo' }, async () => {
    // A hook may have assigned the token to another server.
    const isHere = token.server === data.server || isSameServer(token.server, data.server);
    return await withUser({ ...(isHere ? found : await app.of(token)), registered, token });
  });
}

/** Parameters of authorization responses. */
const responseParams = [
  'state',
  'code',
  'error',
  'response',
  'id_token',
  'oauth_token',
  'denied',
  'openid.mode',
];

function isResponse(params: URLSearchParams): boolean {
  return responseParams.some((name) => params.has(name));
}

/** Rejects a response that was sent by another method than requested. */
function checkMethod(browser: BrowserRequest, posted: boolean): void {
  if ((browser.method === 'POST') === posted) return;
  throw new OAuthError(
    'invalid_callback',
    posted
      ? 'The callback is a GET request, but the provider was asked for a form_post or a fragment, ' +
          'which fragmentPage() posts.'
      : 'The callback is a POST request, but the provider was asked for a query. If it always posts, ' +
          "register the client with responseMode: 'form_post'.",
  );
}

function noState(): OAuthError {
  return new OAuthError(
    'mismatching_state',
    'The callback has no valid "state", or belongs to another login. Start the login again.',
  );
}
