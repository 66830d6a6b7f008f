/**
 * The registry for frameworks with standard requests.
 *
 * @module @oauth-registry/web
 */
import {
  FrameworkClient,
  mountOf,
  refuseUncalled,
  Registry,
  tokenGuard,
} from '@oauth-registry/core/adapter';
import type { ClientsByName, ClientTypes, RegistryConstructor } from '@oauth-registry/core/adapter';
import type * as core from '@oauth-registry/core/types';
import { open, serving, type WebGuard, type WebRequest, type WebResponse } from './web-request.js';

/** The handlers of logouts that the provider starts: `client.logout`. */
export interface WebLogoutHandlers {
  /** Handles `backchannel_logout_uri`: calls `onBackchannelLogout` and responds with 200 or 400. */
  backchannelLogout(request: WebRequest): Promise<Response>;
  /**
   * Handles `frontchannel_logout_uri`: calls `onFrontchannelLogout` if the request matches the
   * session, whose `sid` must be passed, and responds with 200 or 400.
   */
  frontchannelLogout(request: WebRequest, session: core.FrontchannelSession): Promise<Response>;
}

/**
 * A registered client with the login methods for frameworks that handle a `Request` with a
 * `Response`. A method that returns no `Response` writes its cookies to the `headers` of {@link
 * WebRequest}.
 */
export class WebClient<T extends core.Token = core.Token> extends FrameworkClient<T> {
  /** Handles logouts that the provider starts. */
  readonly logout: WebLogoutHandlers = {
    backchannelLogout: async (...given: [WebRequest]) => {
      const { browser, send } = open({ verb: 'backchannelLogout', client: this }, given[0], given);
      return send(await this.browserLogout.backchannel(browser));
    },
    frontchannelLogout: async (...given: [WebRequest, core.FrontchannelSession]) => {
      const { browser, send } = open({ verb: 'frontchannelLogout', client: this }, given[0], given);
      const [, ...session] = given;
      return send(await this.browserLogout.frontchannel(browser, ...session));
    },
  };

  /**
   * Redirects the user to the provider. The pending login is stored in an encrypted cookie of the
   * response.
   *
   * @example
   * ```ts
   * app.get('/login', (c) => oauth.github.authorizeRedirect(c.req.raw));
   * ```
   * @param redirectUri the redirect URI, as registered with the provider. Default:
   *   `/callback/{name}` below `baseUrl`
   * @param params additional parameters of the authorization request, such as `prompt`
   */
  async authorizeRedirect(
    request: WebRequest,
    redirectUri?: string | URL,
    params: core.AuthorizeParams = {},
  ): Promise<Response> {
    const { browser, send } = open({ verb: 'authorizeRedirect', client: this }, request, arguments);
    return send(await this.startLogin(browser, { redirectUri, params }));
  }

  /**
   * Finishes the login in the callback route and returns the token. The pending login is spent
   * regardless of the result.
   *
   * @example
   * ```ts
   * app.get('/callback/github', async (c) => {
   *   const headers = new Headers();
   *   const token = await oauth.github.authorizeAccessToken({ request: c.req.raw, headers });
   *   const { name } = await oauth.github.userinfo({ token });
   *   return new Response(`Hello ${name}`, { headers });
   * });
   * ```
   * @throws OAuthError whose `code` identifies the error, for example `access_denied` or
   *   `mismatching_state`
   */
  async authorizeAccessToken(request: WebRequest, options?: core.ExchangeOptions): Promise<T> {
    const { browser } = open({ verb: 'authorizeAccessToken', client: this }, request, arguments);
    return await this.finishLogin(browser, options);
  }

  /**
   * Handles the whole login at one URL, which is also the redirect URI: returns the response that
   * redirects the user to the provider, or the result of the login.
   */
  async login(
    request: WebRequest,
    redirectUri?: string | URL,
    params: core.AuthorizeParams = {},
  ): Promise<Response | core.LoginResult<T>> {
    const { browser, send } = open({ verb: 'login', client: this }, request, arguments);
    const step = await this.stepLogin(browser, { redirectUri, params });
    return 'result' in step ? step.result : send(step.response);
  }

  /** Stores the result of `createAuthorizationUrl()`, for an application that redirects itself. */
  async saveAuthorizeData(request: WebRequest, data: core.AuthorizeData): Promise<void> {
    const { browser } = open({ verb: 'saveAuthorizeData', client: this }, request, arguments);
    await this.storeLogin(browser, data);
  }

  /** Logs the user out at the provider too (RP-Initiated Logout); end your own session first. */
  async logoutRedirect(
    request: WebRequest,
    postLogoutRedirectUri?: string | URL,
    params: core.Params = {},
  ): Promise<Response> {
    const { browser, send } = open({ verb: 'logoutRedirect', client: this }, request, arguments);
    const redirectUri = postLogoutRedirectUri;
    return send(await this.browserLogout.start(browser, { redirectUri, params }));
  }

  /**
   * Returns a function for pages that need a token of this client. It returns the response to a user
   * without one, or without its scopes: a redirect to the login, which returns to the page, or a 401
   * or 403 to `fetch()`; and `undefined` if the page may be shown.
   *
   * @example
   * ```ts
   * const needed = oauth.corp.required({ scope: 'calendar' });
   * app.get('/calendar', async (c) => (await needed(c.req.raw)) ?? c.text('…'));
   * ```
   */
  required(options: core.RequiredTokenOptions<Request, WebResponse> = {}): WebGuard {
    refuseUncalled('required', [options], 'oauth.corp.required({ scope })');
    return serving('required', tokenGuard(this, options));
  }

  /**
   * Validates, in the route of the post-logout redirect URI, that this browser started the logout.
   */
  async validateLogoutResponse(request: WebRequest): Promise<core.LogoutReturn> {
    const { browser } = open({ verb: 'validateLogoutResponse', client: this }, request, arguments);
    return await this.browserLogout.finish(browser);
  }

  /** Validates a third-party initiated login; pass its `params` to `authorizeRedirect`. */
  async readLoginInitiation(request: WebRequest): Promise<core.LoginInitiation> {
    const { browser } = open({ verb: 'readLoginInitiation', client: this }, request, arguments);
    return await this.browserLogout.readThirdPartyInitiation(browser);
  }
}

/** The clients of an application with standard requests. */
export interface WebClients extends ClientTypes {
  oauth1: WebClient<core.OAuth1Token> & core.OAuth1Verbs;
  oauth2: WebClient<core.OAuth2Token> & core.OAuth2Verbs;
  openid2: WebClient<core.OpenID2Token>;
  any: WebClient & core.AnyVerbs;
  registry: OAuth<this['protocols']>;
}

/** The registry's methods for standard requests. */
class WebRegistry<Protocols = unknown> extends Registry<WebClients, Protocols> {
  constructor(options: core.OAuthOptions = {}) {
    const stateStorage = options.session ? 'session' : 'cookie';
    super({ stateStorage, ...options }, { Client: WebClient });
  }

  /**
   * Returns a function for pages that only signed-in users see. It returns the response to others: a
   * redirect to the sign-in page, or to the login with `client`, which returns to the page, or a 401
   * to `fetch()`; and `undefined` if the page may be shown.
   *
   * @example
   * ```ts
   * const guard = oauth.requireLogin({ userId });
   * app.use('/account/*', async (c, next) => (await guard(c.req.raw)) ?? next());
   * ```
   */
  requireLogin(options: core.RequireLoginOptions<Request, WebResponse> = {}): WebGuard {
    refuseUncalled('oauth.requireLogin', [options], 'oauth.requireLogin({ userId })');
    return serving('oauth.requireLogin', this.createLoginGuard(options));
  }

  /**
   * Returns a handler of the routes: the sign-in page at `/auth/login` if it is mounted at `/auth`,
   * starts at `/auth/login/{client}`, callbacks at `/auth/callback/{client}`, and `POST
   * /auth/logout`. It returns `undefined` for any other URL. Hooks set cookies on
   * `response.headers`.
   *
   * @example
   * ```ts
   * const auth = oauth.routes({ onLogin });
   * app.all('/auth/*', async (c) => (await auth(c.req.raw)) ?? c.notFound());
   * ```
   */
  routes(
    options: core.RoutesOptions<Request, WebResponse>,
  ): (request: Request) => Promise<Response | undefined> {
    refuseUncalled('oauth.routes', [options], 'oauth.routes({ onLogin })');
    const routes = this.createRoutes(options);
    return serving('oauth.routes', (browser, url) => routes.handle(browser, mountOf(url)));
  }
}

/** The registry of an application with standard requests, with its clients by name. */
export type OAuth<Protocols = unknown> = WebRegistry<Protocols> &
  ClientsByName<WebClients, Protocols>;

/**
 * The registry of an application with standard requests: Hono, SvelteKit, Astro, React Router, Bun,
 * Deno, Cloudflare Workers. Pending logins are stored in encrypted cookies unless it has a
 * `session`.
 *
 * @example
 * ```ts
 * const oauth = new OAuth({ secret, baseUrl: 'https://app.example' }).register('github');
 * ```
 */
export const OAuth: RegistryConstructor<WebClients> = WebRegistry as never;

export { createSession } from './session.js';
export type { WebGuard, WebRequest, WebResponse } from './web-request.js';
export { OAuthError, isOAuthError } from '@oauth-registry/core';
export type {
  LoginResult,
  OAuth1Token,
  OAuth2Token,
  OAuthErrorCode,
  OAuthOptions,
  RegisterOptions,
  RoutesOptions,
  Token,
  UserInfo,
} from '@oauth-registry/core/types';
