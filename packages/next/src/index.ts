/**
 * The registry for Next.js 15 and newer.
 *
 * @module @oauth-registry/next
 */
import {
  FrameworkClient,
  refuseUncalled,
  Registry,
  serveRoutes,
  tokenGuard,
  unknownUntilRunTime,
} from '@oauth-registry/core/adapter';
import type {
  BrowserRequest,
  ClientsByName,
  ClientTypes,
  DualGuard,
  DualRoutes,
  RegistryConstructor,
} from '@oauth-registry/core/adapter';
// In Route Handlers Next.js resolves `next/navigation` only without its extension, Node only with
// it.
import { redirect } from '#navigation';
import type * as core from '@oauth-registry/core/types';
import type { NextApiRequest, NextApiResponse } from 'next';
import { fromAction, verbs, type Verb } from './browser-request.js';
import { closedSession } from './session.js';

/** The handlers of logouts that the provider starts: `client.logout`. */
export interface NextLogoutHandlers {
  /** Handles `backchannel_logout_uri`: calls `onBackchannelLogout` and responds with 200 or 400. */
  readonly backchannelLogout: Verb<[], Response, void>;
  /**
   * Handles `frontchannel_logout_uri`: calls `onFrontchannelLogout` if the request matches the
   * session, whose `sid` must be passed, and responds with 200 or 400.
   */
  readonly frontchannelLogout: Verb<[session: core.FrontchannelSession], Response, void>;
}

/** A registered client with the login methods for Next.js. */
export class NextClient<T extends core.Token = core.Token> extends FrameworkClient<T> {
  /**
   * Redirects the user to the provider, from a Route Handler or an API route. Link to it with
   * `<a>`: a prefetched `<Link>` starts no login.
   *
   * @example
   * ```ts
   * export const GET = (request: Request) => oauth.github.authorizeRedirect(request);
   * ```
   */
  readonly authorizeRedirect: Verb<
    [redirectUri?: string | URL, params?: core.AuthorizeParams],
    Response,
    void
  > = verbs.responding(
    (browser, redirectUri, params) => this.startLogin(browser, { redirectUri, params }),
    'authorizeRedirect',
  );

  /**
   * Finishes the login in the callback's Route Handler or API route and returns the token. The
   * pending login is spent regardless of the result.
   *
   * @throws OAuthError whose `code` identifies the error, for example `access_denied` or
   *   `mismatching_state`
   */
  readonly authorizeAccessToken: Verb<[options?: core.ExchangeOptions], T> = verbs.returning(
    (browser, options) => this.finishLogin(browser, options),
    'authorizeAccessToken',
  );

  /** Stores the result of `createAuthorizationUrl()`, for an application that redirects itself. */
  readonly saveAuthorizeData: Verb<[data: core.AuthorizeData], void> = verbs.returning(
    (browser, data) => this.storeLogin(browser, data),
    'saveAuthorizeData',
  );

  /**
   * Handles the whole login at one URL, which is also the redirect URI. Returns the redirect
   * response or the result of the login; in an API route, nothing or the result of the login.
   */
  readonly login: Verb<
    [redirectUri?: string | URL, params?: core.AuthorizeParams],
    Response | core.LoginResult<T>,
    void | core.LoginResult<T>
  > = verbs.stepping(
    (browser, redirectUri, params) => this.stepLogin(browser, { redirectUri, params }),
    'login',
  );

  /** Logs the user out at the provider too (RP-Initiated Logout); end your own session first. */
  readonly logoutRedirect: Verb<[returnUri?: string | URL, params?: core.Params], Response, void> =
    verbs.responding(
      (browser, redirectUri, params) => this.browserLogout.start(browser, { redirectUri, params }),
      'logoutRedirect',
    );

  /**
   * Validates, in the route of the post-logout redirect URI, that this browser started the logout.
   */
  readonly validateLogoutResponse: Verb<[], core.LogoutReturn> = verbs.returning(
    (browser) => this.browserLogout.finish(browser),
    'validateLogoutResponse',
  );

  /** Handles logouts that the provider starts. */
  readonly logout: NextLogoutHandlers = {
    backchannelLogout: verbs.responding(
      (browser: BrowserRequest) => this.browserLogout.backchannel(browser),
      'backchannelLogout',
    ),
    frontchannelLogout: verbs.responding(
      (browser: BrowserRequest, ...session: [core.FrontchannelSession]) =>
        this.browserLogout.frontchannel(browser, ...session),
      'frontchannelLogout',
    ),
  };

  /**
   * Returns a function for pages that need a token of this client. In a proxy or a Route Handler it
   * returns the response to a user without one, or without its scopes: a redirect to the login, which
   * returns to the page, or a 401 or 403 to `fetch()`; and `undefined` if the page may be shown. In an
   * API route it sends that response and returns whether it did.
   *
   * @example
   * ```ts
   * const needed = oauth.corp.required({ scope: 'calendar' });
   * export const GET = async (request: Request) => (await needed(request)) ?? showCalendar(request);
   * ```
   */
  required(
    options: core.RequiredTokenOptions<Request | NextApiRequest, NextApiResponse | undefined> = {},
  ): DualGuard<NextApiRequest, NextApiResponse> {
    refuseUncalled('required', [options], 'oauth.corp.required({ scope })');
    return verbs.guarding(tokenGuard(this, options), 'required');
  }

  /** Validates a third-party initiated login; pass its `params` to `authorizeRedirect`. */
  readonly readLoginInitiation: Verb<[], core.LoginInitiation> = verbs.returning(
    (browser) => this.browserLogout.readThirdPartyInitiation(browser),
    'readLoginInitiation',
  );

  /**
   * Starts a login from a Server Action, for example of a form; like `redirect()`, it does not
   * return.
   */
  async authorizeAction(redirectUri?: string | URL, params?: core.AuthorizeParams): Promise<never> {
    const response = await this.startLogin(await fromAction(), { redirectUri, params });
    return redirect(String(response.location));
  }
}

/** The clients of a Next.js application. */
export interface NextClients extends ClientTypes {
  oauth1: NextClient<core.OAuth1Token> & core.OAuth1Verbs;
  oauth2: NextClient<core.OAuth2Token> & core.OAuth2Verbs;
  openid2: NextClient<core.OpenID2Token>;
  any: NextClient & core.AnyVerbs;
  registry: OAuth<this['protocols']>;
}

/** The registry's methods for Next.js. */
class NextRegistry<Protocols = unknown> extends Registry<NextClients, Protocols> {
  constructor(options: core.OAuthOptions = {}) {
    const stateStorage = options.session ? 'session' : 'cookie';
    super(
      { stateStorage, ...options, ...atBuild(options) },
      { Client: NextClient, closedSession, emptyIsMissing: isBuild() },
    );
  }

  /**
   * Returns a function for pages that only signed-in users see. In a proxy or a Route Handler it
   * returns the response to others: a redirect to the sign-in page, or to the login with `client`,
   * which returns to the page, or a 401 to `fetch()`; and `undefined` if the page may be shown. In an
   * API route it sends that response and returns whether it did.
   *
   * @example
   * ```ts
   * // proxy.ts
   * export const proxy = oauth.requireLogin({ userId: async () => (await getSession())?.userId });
   * export const config = { matcher: '/account/:path*' };
   * ```
   */
  requireLogin(
    options: core.RequireLoginOptions<Request | NextApiRequest, NextApiResponse | undefined> = {},
  ): DualGuard<NextApiRequest, NextApiResponse> {
    refuseUncalled('oauth.requireLogin', [options], 'oauth.requireLogin({ userId })');
    return verbs.guarding(this.createLoginGuard(options), 'oauth.requireLogin');
  }

  /**
   * Returns the routes, for `app/auth/[...path]/route.ts`: `export const { GET, POST } =
   * oauth.routes({ onLogin })`; the default export of `pages/api/auth/[...path].ts` is
   * `oauth.routes({ onLogin }).handler`.
   */
  routes(
    options: core.RoutesOptions<Request | NextApiRequest, NextApiResponse | undefined>,
  ): DualRoutes<NextApiRequest, NextApiResponse> {
    refuseUncalled('oauth.routes', [options], 'oauth.routes({ onLogin })');
    return serveRoutes(verbs, this.createRoutes(options));
  }
}

/** The registry of a Next.js application, with its clients by name. */
export type OAuth<Protocols = unknown> = NextRegistry<Protocols> &
  ClientsByName<NextClients, Protocols>;

/**
 * The registry of a Next.js application. Pending logins are stored in encrypted cookies unless it
 * has a `session`.
 */
export const OAuth: RegistryConstructor<NextClients> = NextRegistry as never;

function isBuild(): boolean {
  return process.env['NEXT_PHASE'] === 'phase-production-build';
}

/** Fills in options for `next build`, which imports every module without run-time configuration. */
function atBuild({ secret, baseUrl, config = process.env }: core.OAuthOptions): core.OAuthOptions {
  if (!isBuild()) return {};
  const later = unknownUntilRunTime;
  const needed = /_(CLIENT_ID|CLIENT_SECRET|SERVER_METADATA_URL)$/;
  // Images are built with empty variables (`ARG`, `ENV`).
  const read = (name: string) => config[name] || (needed.test(name) ? later : undefined);
  const known = [secret].flat().some((one) => one !== undefined && one !== '');
  return {
    ...(baseUrl === '' ? { baseUrl: undefined } : {}),
    secret: known ? secret : later,
    config: new Proxy({}, { get: (_, key) => read(String(key)) }),
  };
}

export { createSession, type SessionLocation } from './session.js';
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
