import { FrameworkClient, type LoginResult } from '../client/client.js';
import type { HandlerResponse, BrowserRequest } from '../model/ports.js';
import type {
  AuthorizeData,
  Awaitable,
  AuthorizeParams,
  ExchangeOptions,
  Params,
  Token,
} from '../model/types.js';
import type { FrontchannelSession, LoginInitiation, LogoutReturn } from '../model/logout.js';
import { checkSurplus } from '../platform/arguments.js';
import { clientArguments, type ClientVerb } from '../options/verb-arguments.js';
import {
  checkHandlerArguments,
  unbound,
  type HandlerShape,
} from '../platform/http/handler-arguments.js';

/** Methods that always send a response. */
const respondingVerbs: ReadonlySet<ClientVerb> = new Set<ClientVerb>([
  'authorizeRedirect',
  'login',
  'logoutRedirect',
  'backchannelLogout',
  'frontchannelLogout',
]);

/** Converts the request of a call after its arguments have been checked. */
let show: (
  client: unknown,
  verb: ClientVerb,
  pair: readonly unknown[],
  given: ArrayLike<unknown>,
) => BrowserRequest;

/** The handlers of logouts that the provider starts: `client.logout`. */
export interface LogoutHandlers<Request, Response, Sent> {
  /**
   * Handles the client's `backchannel_logout_uri`: verifies the logout token, calls
   * `onBackchannelLogout`, and responds with 200, or 400 if either failed.
   */
  backchannelLogout(request: Request, response: Response): Promise<Sent>;
  /**
   * Handles the client's `frontchannel_logout_uri`: calls `onFrontchannelLogout` and responds with
   * 200 if the request's `iss` and `sid` are those of this browser's session; otherwise with 400,
   * and no session ends.
   *
   * @param session the `sid` of the session's id_token; `undefined` if there is no session
   */
  frontchannelLogout(
    request: Request,
    response: Response,
    session: FrontchannelSession,
  ): Promise<Sent>;
}

/**
 * A registered client with the login methods for frameworks whose handlers receive a request and a
 * response. An integration implements `toBrowserRequest` (converts requests) and `send` (sends responses).
 */
export abstract class HandlerClient<
  T extends Token,
  Request,
  Response,
  Sent,
> extends FrameworkClient<T> {
  /** Handles logouts that the provider starts. */
  get logout(): LogoutHandlers<Request, Response, Sent> {
    return {
      backchannelLogout: async (...given: [Request, Response]) => {
        const [request, response] = given;
        const browser = show(this, 'backchannelLogout', [request, response], given);
        return await this.send(response, await this.browserLogout.backchannel(browser));
      },
      frontchannelLogout: async (...given: [Request, Response, FrontchannelSession]) => {
        const [request, response, ...session] = given;
        const browser = show(this, 'frontchannelLogout', [request, response], given);
        const port = this.browserLogout;
        return await this.send(response, await port.frontchannel(browser, ...session));
      },
    };
  }

  /** The framework's requests and responses, for error messages. */
  protected readonly shape?: HandlerShape;

  /**
   * Converts a request for core. Without a response, which a framework may supply itself, only
   * writing fails.
   */
  protected abstract toBrowserRequest(
    request: Request,
    response: Response | undefined,
  ): BrowserRequest;

  static {
    show = (client, verb, pair, given) => {
      if (!(client instanceof HandlerClient)) throw unbound(verb);
      const [request, response] = pair;
      const { name, shape } = client;
      const needs = respondingVerbs.has(verb);
      if (shape) checkHandlerArguments(shape, { verb, client: name, request, response, needs });
      const others = Array.prototype.slice.call(given, pair.length);
      checkSurplus({ verb, client: name }, clientArguments[verb], others);
      return client.toBrowserRequest(request, response);
    };
  }

  /** Sends a response. */
  protected abstract send(response: Response, handlerResponse: HandlerResponse): Awaitable<Sent>;

  /**
   * Redirects the user to the provider. The pending login is stored before the redirect is sent.
   *
   * @example
   * ```ts
   * app.get('/login', (req, res) => oauth.github.authorizeRedirect(req, res));
   * ```
   * @param redirectUri the redirect URI, as registered with the provider. Default:
   *   `/callback/{name}` below `baseUrl`
   * @param params additional parameters of the authorization request, such as `prompt` or
   *   `login_hint`
   */
  async authorizeRedirect(
    request: Request,
    response: Response,
    redirectUri?: string | URL,
    // Express treats a function with four parameters as an error handler.
    params: AuthorizeParams = {},
  ): Promise<Sent> {
    const browser = show(this, 'authorizeRedirect', [request, response], arguments);
    return await this.send(response, await this.startLogin(browser, { redirectUri, params }));
  }

  /**
   * Finishes the login in the callback route and returns the token. The pending login is spent
   * regardless of the result.
   *
   * @example
   * ```ts
   * app.get('/callback/github', async (req, res) => {
   *   const token = await oauth.github.authorizeAccessToken(req, res);
   *   const user = await oauth.github.userinfo({ token });
   *   res.type('text/plain').send(`Hello ${user.name}`);
   * });
   * ```
   * @throws OAuthError whose `code` identifies the error, for example `access_denied` or
   *   `mismatching_state`
   */
  async authorizeAccessToken(
    request: Request,
    response?: Response,
    options?: ExchangeOptions,
  ): Promise<T> {
    const browser = show(this, 'authorizeAccessToken', [request, response], arguments);
    return await this.finishLogin(browser, options);
  }

  /** Stores the result of `createAuthorizationUrl()`, for an application that redirects itself. */
  async saveAuthorizeData(request: Request, data: AuthorizeData): Promise<void> {
    const browser = show(this, 'saveAuthorizeData', [request], arguments);
    await this.storeLogin(browser, data);
  }

  /**
   * Handles the whole login at one URL, which is also the redirect URI: redirects the user to the
   * provider and returns nothing, or validates the callback and returns the result of the login.
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
    await this.send(response, step.response);
    return undefined;
  }

  /**
   * Logs the user out at the provider too (RP-Initiated Logout). End your own session first. If a
   * post-logout redirect URI is given, as registered with the provider, the user returns to it;
   * check that with {@link validateLogoutResponse}.
   *
   * @param params additional parameters: the user's id_token as `id_token_hint`, `logout_hint`,
   *   `ui_locales`
   */
  async logoutRedirect(
    request: Request,
    response: Response,
    postLogoutRedirectUri?: string | URL,
    params: Params = {},
  ): Promise<Sent> {
    const browser = show(this, 'logoutRedirect', [request, response], arguments);
    const start = { redirectUri: postLogoutRedirectUri, params };
    const redirect = await this.browserLogout.start(browser, start);
    return await this.send(response, redirect);
  }

  /**
   * Validates, in the route of the post-logout redirect URI, that this browser started the logout.
   *
   * @throws OAuthError `mismatching_state` for any other request; no session was ended
   */
  async validateLogoutResponse(request: Request, response?: Response): Promise<LogoutReturn> {
    const browser = show(this, 'validateLogoutResponse', [request, response], arguments);
    return await this.browserLogout.finish(browser);
  }

  /**
   * Handles the client's `initiate_login_uri`: validates a third-party initiated login; pass its
   * `params` to {@link authorizeRedirect}.
   *
   * @throws OAuthError `mismatching_issuer` if it is not for this client's provider
   */
  async readLoginInitiation(request: Request, response?: Response): Promise<LoginInitiation> {
    const browser = show(this, 'readLoginInitiation', [request, response], arguments);
    return await this.browserLogout.readThirdPartyInitiation(browser);
  }
}
