import { FrameworkClient, type LoginResult } from '../client/client.js';
import type { BrowserAnswer, BrowserExchange } from '../model/ports.js';
import type {
  AuthorizeData,
  Awaitable,
  AuthorizeParams,
  ExchangeOptions,
  Params,
  Token,
} from '../model/types.js';
import type { FrontchannelSession, LoginInitiation, LogoutReturn } from '../model/logout.js';
import { checkSurplus } from '../options/arguments.js';
import { clientArguments, type ClientVerb } from '../options/verb-arguments.js';
import { checkHandlerArguments, unbound, type HandlerShape } from './handler-arguments.js';

/** Verbs that respond, whatever happens. */
const answers: ReadonlySet<ClientVerb> = new Set<ClientVerb>([
  'authorizeRedirect',
  'login',
  'logoutRedirect',
  'backchannelLogout',
  'frontchannelLogout',
]);

/** Shows core the request of a call, once the arguments are what the framework hands to its handlers. */
let show: (
  client: unknown,
  verb: ClientVerb,
  pair: readonly unknown[],
  given: Iterable<unknown>,
) => BrowserExchange;

/**
 * One registered client, with the login verbs of a framework whose handlers get a request and a response.
 * An integration says how its requests look to core (`exchange`) and how it answers (`send`).
 */
export abstract class HandlerClient<
  T extends Token,
  Request,
  Response,
  Sent,
> extends FrameworkClient<T> {
  /** The framework's requests and responses, for errors. */
  protected get shape(): HandlerShape | undefined {
    return undefined;
  }

  /** Shows core a request. Without a response, which a framework may find by itself, only writing one fails. */
  protected abstract exchange(request: Request, response: Response | undefined): BrowserExchange;

  static {
    show = (client, verb, pair, given) => {
      if (!(client instanceof HandlerClient)) throw unbound(verb);
      const [request, response] = pair;
      const { name, shape } = client;
      const needs = answers.has(verb);
      if (shape) checkHandlerArguments(shape, { verb, client: name, request, response, needs });
      const others = [...given].slice(pair.length);
      checkSurplus({ verb, client: name }, clientArguments[verb], others);
      return client.exchange(request, response);
    };
  }

  /** Sends an answer. */
  protected abstract send(response: Response, answer: BrowserAnswer): Awaitable<Sent>;

  /**
   * Sends the person to the provider. The pending login is saved before the redirect goes out.
   *
   * @example
   * ```ts
   * app.get('/login', (req, res) => oauth.github.authorizeRedirect(req, res));
   * ```
   * @param redirectUri where the provider sends the person back, as registered there; without it,
   *   `/callback/{name}` below `baseUrl`
   * @param params more parameters of the authorization request, such as `prompt` or `login_hint`
   */
  async authorizeRedirect(
    request: Request,
    response: Response,
    redirectUri?: string | URL,
    // Express takes a function of four parameters for an error handler, and calls it for nothing else.
    params: AuthorizeParams = {},
  ): Promise<Sent> {
    const browser = show(this, 'authorizeRedirect', [request, response], arguments);
    return await this.send(response, await this.startLogin(browser, { redirectUri, params }));
  }

  /**
   * Finishes the login in the callback's route and returns the token. The pending login is spent,
   * whatever the outcome.
   *
   * @example
   * ```ts
   * app.get('/callback/github', async (req, res) => {
   *   const token = await oauth.github.authorizeAccessToken(req, res);
   *   const user = await oauth.github.userinfo({ token });
   *   res.type('text/plain').send(`Hello ${user.name}`);
   * });
   * ```
   * @throws OAuthError whose `code` says what happened, e.g. `access_denied` or `mismatching_state`
   */
  async authorizeAccessToken(
    request: Request,
    response?: Response,
    options?: ExchangeOptions,
  ): Promise<T> {
    const browser = show(this, 'authorizeAccessToken', [request, response], arguments);
    return await this.finishLogin(browser, options);
  }

  /** Keeps what `createAuthorizationUrl()` returned, for an application that redirects by itself. */
  async saveAuthorizeData(request: Request, data: AuthorizeData): Promise<void> {
    const browser = show(this, 'saveAuthorizeData', [request], arguments);
    await this.keepLogin(browser, data);
  }

  /**
   * The whole login behind one address, which is also the redirect URI: sends the person to the provider
   * and returns nothing, or reads the answer and returns how the login ended.
   *
   * @example
   * ```ts
   * app.get('/login/github', async (req, res) => {
   *   const result = await oauth.github.login(req, res, '/login/github');
   *   if (!result) return; // The user is on the way to the provider.
   *   res.type('text/plain');
   *   if (result.error) res.status(result.error.statusCode).send(result.error.message);
   *   else res.send(`Hello ${result.user?.name}`);
   * });
   * ```
   */
  async login(
    request: Request,
    response: Response,
    redirectUri?: string | URL,
    params: AuthorizeParams = {},
  ): Promise<LoginResult<T> | undefined> {
    const browser = show(this, 'login', [request, response], arguments);
    const step = await this.stepLogin(browser, { redirectUri, params });
    if ('result' in step) return step.result;
    await this.send(response, step.answer);
    return undefined;
  }

  /**
   * Logs the person out at the provider too (RP-Initiated Logout). End your own session first. With an
   * address to return to, as registered with the provider, they come back there; check that with
   * {@link validateLogoutResponse}.
   *
   * @param params more parameters: the person's id_token as `id_token_hint`, `logout_hint`, `ui_locales`
   */
  async logoutRedirect(
    request: Request,
    response: Response,
    postLogoutRedirectUri?: string | URL,
    params: Params = {},
  ): Promise<Sent> {
    const browser = show(this, 'logoutRedirect', [request, response], arguments);
    const start = { redirectUri: postLogoutRedirectUri, params };
    const answer = await this.logout.start(browser, start);
    return await this.send(response, answer);
  }

  /**
   * Checks in the route of the address to return to that this browser began the logout.
   *
   * @throws OAuthError `mismatching_state` for any other visit; nobody was logged out by it
   */
  async validateLogoutResponse(request: Request, response?: Response): Promise<LogoutReturn> {
    const browser = show(this, 'validateLogoutResponse', [request, response], arguments);
    return await this.logout.finish(browser);
  }

  /**
   * The route of the client's `backchannel_logout_uri`: verifies the logout token, calls
   * `onBackchannelLogout`, and answers 200, or 400 where either failed.
   */
  async backchannelLogout(request: Request, response: Response): Promise<Sent> {
    const browser = show(this, 'backchannelLogout', [request, response], arguments);
    const answer = await this.logout.backchannel(browser);
    return await this.send(response, answer);
  }

  /**
   * The route of the client's `frontchannel_logout_uri`: calls `onFrontchannelLogout` and responds 200 if
   * the request's `iss` and `sid` are those of this browser's session; else 400, and nothing ends.
   *
   * @param given the `sid` of the session's id_token; `undefined` if there is no session
   */
  async frontchannelLogout(
    request: Request,
    response: Response,
    ...given: [session: FrontchannelSession]
  ): Promise<Sent> {
    const browser = show(this, 'frontchannelLogout', [request, response], arguments);
    const answer = await this.logout.frontchannel(browser, ...given);
    return await this.send(response, answer);
  }

  /**
   * Reads in the route of the client's `initiate_login_uri` a login that began elsewhere; hand `params`
   * to {@link authorizeRedirect}.
   *
   * @throws OAuthError `mismatching_issuer` where it is not for this client's provider
   */
  async readLoginInitiation(request: Request, response?: Response): Promise<LoginInitiation> {
    const browser = show(this, 'readLoginInitiation', [request, response], arguments);
    return await this.logout.readInitiation(browser);
  }
}
