import { equalInConstantTime } from '../platform/crypto.js';
import { OAuthError } from '../model/errors.js';
import {
  forbidCaching,
  readCallback,
  readForm,
  refuseUnwanted,
  unwantedAnswer,
} from './callback-request.js';
import type { RegisterOptions } from '../options/register-options.js';
import { inPhase } from '../platform/tracing/phases.js';
import type { BrowserAnswer, BrowserExchange, Carried, LoginStart } from '../model/ports.js';
import type { PendingLogin, PendingLogins } from './login-state/pending-logins.js';
import type {
  AuthorizationRequest,
  AuthorizeData,
  AuthorizeParams,
  Awaitable,
  ExchangeOptions,
  RemoteApp,
  Token,
} from '../model/types.js';
import { withUser } from './profile.js';

/** What a callback needs of its client. */
export interface CallbackConfig<T extends Token> {
  app: RemoteApp<T>;
  options: Readonly<RegisterOptions>;
}

/** What a login in a browser needs of its client. */
export interface BrowserLoginConfig<T extends Token> extends CallbackConfig<T> {
  logins: PendingLogins;
  /** Bytes a form_post callback may have. */
  formBytes: number;
}

/** How a callback is finished. */
export interface FinishOptions {
  options?: ExchangeOptions | undefined;
  /**
   * Is told what the login carried, before the provider is asked for anything. `again`: the callback has to
   * come once more, by a GET that brings the session's cookies.
   */
  carried?: ((carry: Carried) => Awaitable<'again' | undefined>) | undefined;
  /** Is told what a login of this browser carried whose callback comes for the second time, or too late. */
  spent?: ((carry: Carried) => void) | undefined;
}

/** How a callback ended: with a token, or with the state of the callback that comes again. */
export type Arrival<T extends Token> =
  { token: T; again?: never } | { again: string; token?: never };

/** The two phases of a login in a browser, and the order in which things happen in them. */
export class BrowserLogin<T extends Token> {
  readonly #config: BrowserLoginConfig<T>;
  readonly #authorize: (
    redirectUri?: string | URL,
    params?: AuthorizeParams,
  ) => Promise<AuthorizationRequest>;

  constructor(
    config: BrowserLoginConfig<T>,
    authorize: (
      redirectUri?: string | URL,
      params?: AuthorizeParams,
    ) => Promise<AuthorizationRequest>,
  ) {
    this.#config = config;
    this.#authorize = authorize;
  }

  /**
   * The request phase: build the authorization request, keep the pending login, and only then answer
   * with the redirect. Prefetches and HEAD start nothing.
   */
  async start(browser: BrowserExchange, start: LoginStart): Promise<BrowserAnswer> {
    forbidCaching(browser);
    const unwanted = unwantedAnswer(browser);
    if (unwanted) return unwanted;
    const { name: client } = this.#config.app;
    const request = await inPhase({ client, phase: 'authorize' }, async () => {
      const built = await this.#authorize(start.redirectUri, start.params);
      await this.#keep(browser, built, start.carry);
      return built;
    });
    return { status: browser.method === 'GET' ? 302 : 303, location: request.url };
  }

  /** Keeps an authorization request until its callback arrives. */
  async keep(browser: BrowserExchange, data: AuthorizeData): Promise<void> {
    await inPhase({ client: this.#config.app.name, phase: 'authorize' }, () =>
      this.#keep(browser, data),
    );
  }

  async #keep(browser: BrowserExchange, data: AuthorizeData, carry?: Carried): Promise<void> {
    const { app, logins } = this.#config;
    const { url: _, ...kept } = { url: '', ...data };
    const login = { ...kept, client: app.name, kind: app.kind, ...(carry ? { carry } : {}) };
    await logins.put(browser, login);
  }

  /**
   * The callback phase. The pending login is taken, and so spent, before anything else happens; then
   * come the checks of {@link finishCallback}.
   */
  async finish(browser: BrowserExchange, options?: ExchangeOptions): Promise<T> {
    const { token } = (await this.arrive(browser, { options })) as { token: T };
    return token;
  }

  /** As {@link finish}, for a login that carries something. */
  async arrive(
    browser: BrowserExchange,
    { options, carried, spent }: FinishOptions,
  ): Promise<Arrival<T>> {
    const { app, formBytes, logins } = this.#config;
    forbidCaching(browser);
    return await inPhase({ client: app.name, phase: 'callback' }, async () => {
      refuseUnwanted(browser);
      const sent = await readCallback.request(browser, formBytes, app.answersEitherWay);
      const login = await this.#take(browser, sent, spent);
      const { delivered, ...pending } = login;
      if ((await carried?.(login.carry ?? {})) === 'again' && delivered === undefined) {
        await logins.put(browser, { ...pending, delivered: sent.toString() });
        return { again: login.state };
      }
      const params = delivered === undefined ? sent : new URLSearchParams(delivered);
      return { token: await finishCallback(this.#config, params, { data: login, options }) };
    });
  }

  /** Tells a callback from the request that is to start a login, where one address is for both. */
  async isCallback(
    browser: BrowserExchange,
  ): Promise<[callback: boolean, browser: BrowserExchange]> {
    if (browser.method !== 'POST') return [answers(new URLSearchParams(browser.query)), browser];
    // A body is read once.
    const form = await readForm(browser.body(), this.#config.formBytes);
    return [answers(form), { ...browser, body: () => form }];
  }

  /** Takes the pending login: this browser's, this client's, this protocol's, sent the way it was asked. */
  async #take(
    browser: BrowserExchange,
    params: URLSearchParams,
    spent: FinishOptions['spent'],
  ): Promise<PendingLogin> {
    const { app, logins } = this.#config;
    const state = await app.readState(params);
    if (state === undefined) throw noState();
    const login = await logins.take(browser, state, spent);
    if (login.client !== app.name || login.kind !== app.kind) {
      throw new OAuthError(
        'mismatching_state',
        `This login was started with the client "${login.client}", not "${app.name}". Give every ` +
          'client a redirect URI of its own.',
      );
    }
    if (!app.answersEitherWay && login.delivered === undefined)
      readCallback.checkMethod(browser, login.formPost === true || login.fragment === true);
    return login;
  }
}

/** The callback's order of checks. Each may end the login, and nothing after it has happened yet. */
export async function finishCallback<T extends Token>(
  { app, options: registered }: CallbackConfig<T>,
  params: URLSearchParams,
  { data, options }: { data: AuthorizeData; options?: ExchangeOptions | undefined },
): Promise<T> {
  const belongs = async (given: URLSearchParams): Promise<boolean> => {
    const state = await app.readState(given);
    // An application that lost what it kept hands in nothing.
    return state !== undefined && equalInConstantTime(state, data?.state ?? '');
  };
  if (!(await belongs(params))) throw noState();
  const answer = (await app.openResponse?.(params, data)) ?? params;
  // The state beside a signed answer is the browser's word alone (JARM §2.4).
  if (!(await belongs(answer))) throw noState();
  await app.checkSender(answer, data);
  app.checkRefusal(answer);
  const token = await inPhase({ client: app.name, phase: 'exchange' }, () =>
    app.exchange(answer, data, options),
  );
  const query = { app, options: registered, token };
  return await inPhase({ client: app.name, phase: 'userinfo' }, () => withUser(query));
}

/** Parameters by which providers answer. */
const answering = [
  'state',
  'code',
  'error',
  'response',
  'id_token',
  'oauth_token',
  'denied',
  'openid.mode',
];

function answers(params: URLSearchParams): boolean {
  return answering.some((name) => params.has(name));
}

function noState(): OAuthError {
  return new OAuthError(
    'mismatching_state',
    'The callback does not say which login it belongs to, or belongs to another one. Start again.',
  );
}
