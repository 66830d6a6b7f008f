import {
  FrameworkClient,
  refuseUncalled,
  Registry,
  serveRoutes,
  unknownUntilRunTime,
} from '@oauth-registry/core/adapter';
import type { EitherRoutes } from '@oauth-registry/core/adapter';
// In Route Handlers Next.js builds `next/navigation` without its extension only, Node finds it only with.
import { redirect } from '#navigation';
import type * as core from '@oauth-registry/core';
import type { NextApiRequest, NextApiResponse } from 'next';
import { actionExchange, verbs, type Verb } from './exchange.js';
import { closedSession } from './session.js';

/** One registered client, with the login verbs of Next.js. */
export class NextClient<T extends core.Token = core.Token> extends FrameworkClient<T> {
  /**
   * Sends the person to the provider, from a Route Handler or an API route. Link to it with `<a>`: a
   * prefetched `<Link>` starts nothing.
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
  > = verbs.answering(
    (browser, redirectUri, params) => this.startLogin(browser, { redirectUri, params }),
    'authorizeRedirect',
  );

  /**
   * Finishes the login in the callback's Route Handler or API route and returns the token. The pending
   * login is spent, whatever the outcome.
   *
   * @throws OAuthError whose `code` says what happened, e.g. `access_denied` or `mismatching_state`
   */
  readonly authorizeAccessToken: Verb<[options?: core.ExchangeOptions], T> = verbs.returning(
    (browser, options) => this.finishLogin(browser, options),
    'authorizeAccessToken',
  );

  /** Keeps what `createAuthorizationUrl()` returned, for an application that redirects by itself. */
  readonly saveAuthorizeData: Verb<[data: core.AuthorizeData], void> = verbs.returning(
    (browser, data) => this.keepLogin(browser, data),
    'saveAuthorizeData',
  );

  /**
   * The whole login behind one address, which is also the redirect URI. In a Route Handler: the response
   * that starts it, or how it ended; in an API route nothing, or how it ended.
   */
  readonly login: Verb<
    [redirectUri?: string | URL, params?: core.AuthorizeParams],
    Response | core.LoginResult<T>,
    void | core.LoginResult<T>
  > = verbs.stepping(
    (browser, redirectUri, params) => this.stepLogin(browser, { redirectUri, params }),
    'login',
  );

  /** Logs the person out at the provider too (RP-Initiated Logout); end your own session first. */
  readonly logoutRedirect: Verb<[returnUri?: string | URL, params?: core.Params], Response, void> =
    verbs.answering(
      (browser, redirectUri, params) => this.logout.start(browser, { redirectUri, params }),
      'logoutRedirect',
    );

  /** Checks in the route of the address to return to that this browser began the logout. */
  readonly validateLogoutResponse: Verb<[], core.LogoutReturn> = verbs.returning(
    (browser) => this.logout.finish(browser),
    'validateLogoutResponse',
  );

  /** The route of `backchannel_logout_uri`: calls `onBackchannelLogout`, answers 200 or 400. */
  readonly backchannelLogout: Verb<[], Response, void> = verbs.answering(
    (browser) => this.logout.backchannel(browser),
    'backchannelLogout',
  );

  /**
   * The route of `frontchannel_logout_uri`: calls `onFrontchannelLogout` if the request is about the session,
   * whose `sid` must be passed, and responds 200 or 400.
   */
  readonly frontchannelLogout: Verb<[session: core.FrontchannelSession], Response, void> =
    verbs.answering(
      (browser, ...given) => this.logout.frontchannel(browser, ...given),
      'frontchannelLogout',
    );

  /** Reads a login that began elsewhere; hand its `params` to `authorizeRedirect`. */
  readonly readLoginInitiation: Verb<[], core.LoginInitiation> = verbs.returning(
    (browser) => this.logout.readInitiation(browser),
    'readLoginInitiation',
  );

  /** Starts a login from a Server Action, such as a form's; like `redirect()`, it does not return. */
  async authorizeAction(redirectUri?: string | URL, params?: core.AuthorizeParams): Promise<never> {
    const answer = await this.startLogin(await actionExchange(), { redirectUri, params });
    return redirect(String(answer.location));
  }
}

/** The clients of a Next.js application. */
export interface NextClients {
  oauth1: NextClient<core.OAuth1Token> & core.OAuth1Verbs;
  oauth2: NextClient<core.OAuth2Token> & core.OAuth2Verbs;
  openid2: NextClient<core.OpenID2Token>;
  any: NextClient & core.AnyVerbs;
}

/** The registry of a Next.js application. Pending logins wait in sealed cookies unless it has a `session`. */
export class OAuth extends Registry<NextClients> {
  constructor(options: core.OAuthOptions = {}) {
    const stateStorage = options.session ? 'session' : 'cookie';
    super(
      { stateStorage, ...options, ...atBuild(options) },
      { Client: NextClient, closedSession, emptyIsMissing: isBuild() },
    );
  }

  /**
   * The drop-in routes, for `app/auth/[...path]/route.ts`: `export const { GET, POST } = oauth.routes({ onLogin })`;
   * the default export of `pages/api/auth/[...path].ts` is `oauth.routes({ onLogin }).handler`.
   */
  routes(
    options: core.RoutesOptions<Request | NextApiRequest, NextApiResponse | undefined>,
  ): EitherRoutes<NextApiRequest, NextApiResponse> {
    refuseUncalled('oauth.routes', [options], 'oauth.routes({ onLogin })');
    return serveRoutes(verbs, this.createRoutes(options));
  }
}

function isBuild(): boolean {
  return process.env['NEXT_PHASE'] === 'phase-production-build';
}

/** `next build` imports every module without the configuration that only run time has. */
function atBuild({ secret, baseUrl, config = process.env }: core.OAuthOptions): core.OAuthOptions {
  if (!isBuild()) return {};
  const later = unknownUntilRunTime;
  const needed = /_(CLIENT_ID|CLIENT_SECRET|SERVER_METADATA_URL)$/;
  // An image is built with variables that are empty (`ARG`, `ENV`).
  const read = (name: string) => config[name] || (needed.test(name) ? later : undefined);
  const known = [secret].flat().some((one) => one !== undefined && one !== '');
  return {
    ...(baseUrl === '' ? { baseUrl: undefined } : {}),
    secret: known ? secret : later,
    config: new Proxy({}, { get: (_, key) => read(String(key)) }),
  };
}

export { createSession, type SessionPlace } from './session.js';
export { OAuthError, isOAuthError } from '@oauth-registry/core';
export type * from '@oauth-registry/core';
