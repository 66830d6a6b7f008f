import { FrameworkClient, type LoginResult } from '../client.js';
import type { BrowserAnswer, BrowserExchange } from '../ports.js';
import type {
  AuthorizeData,
  Awaitable,
  AuthorizeParams,
  ExchangeOptions,
  Token,
} from '../types.js';

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
  /** Shows core a request; `response` may be left out where the framework finds it by itself. */
  protected abstract exchange(request: Request, response: Response | undefined): BrowserExchange;

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
    redirectUri?: string,
    params?: AuthorizeParams,
  ): Promise<Sent> {
    const browser = this.exchange(request, response);
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
   *   res.send(`Hello ${user.name}`);
   * });
   * ```
   * @throws OAuthError whose `code` says what happened, e.g. `access_denied` or `mismatching_state`
   */
  async authorizeAccessToken(
    request: Request,
    response?: Response,
    options?: ExchangeOptions,
  ): Promise<T> {
    return await this.finishLogin(this.exchange(request, response), options);
  }

  /** Keeps what `createAuthorizationUrl()` returned, for an application that redirects by itself. */
  async saveAuthorizeData(request: Request, data: AuthorizeData): Promise<void> {
    await this.keepLogin(this.exchange(request, undefined), data);
  }

  /**
   * The whole login behind one address, which is also the redirect URI: sends the person to the provider
   * and returns nothing, or reads the answer and returns how the login ended.
   *
   * @example
   * ```ts
   * app.get('/login/github', async (req, res) => {
   *   const result = await oauth.github.login(req, res, '/login/github');
   *   if (result?.error) res.status(result.error.statusCode).send(result.error.message);
   *   else if (result) res.send(`Hello ${result.user?.name}`);
   * });
   * ```
   */
  async login(
    request: Request,
    response: Response,
    redirectUri?: string,
    params?: AuthorizeParams,
  ): Promise<LoginResult<T> | undefined> {
    const browser = this.exchange(request, response);
    const step = await this.stepLogin(browser, { redirectUri, params });
    if ('result' in step) return step.result;
    await this.send(response, step.answer);
    return undefined;
  }
}
