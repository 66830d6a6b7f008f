import { FrameworkClient, Registry, intoHeaders } from '@oauth-registry/core/adapter';
import type { LoginStart } from '@oauth-registry/core/adapter';
// In Route Handlers Next.js builds `next/navigation` without its extension only, Node finds it only with.
import { redirect } from '#navigation';
import type * as core from '@oauth-registry/core';
import type { NextApiRequest, NextApiResponse } from 'next';
import { actionExchange, appExchange, nextCookies, pagesExchange } from './exchange.js';

/** Tells a request of the App Router from one of the Pages Router. */
const isWeb = (request: Request | NextApiRequest): request is Request =>
  request.headers instanceof Headers;

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
  authorizeRedirect(
    request: Request,
    redirectUri?: string,
    params?: core.Params,
  ): Promise<Response>;
  authorizeRedirect(
    req: NextApiRequest,
    res: NextApiResponse,
    redirectUri?: string,
    params?: core.Params,
  ): Promise<void>;
  async authorizeRedirect(
    request: Request | NextApiRequest,
    ...rest: unknown[]
  ): Promise<Response | void> {
    if (isWeb(request)) {
      const [redirectUri, params] = rest as [string?, core.Params?];
      return await this.#respond(request, { redirectUri, params });
    }
    const [res, redirectUri, params] = rest as [NextApiResponse, string?, core.Params?];
    const answer = await this.startLogin(pagesExchange(request, res), { redirectUri, params });
    if (answer.location !== undefined) res.setHeader('location', answer.location);
    res.status(answer.status).end();
  }

  /** Starts a login from a Server Action, such as a form's; like `redirect()`, it does not return. */
  async authorizeAction(redirectUri?: string, params?: core.Params): Promise<never> {
    const answer = await this.startLogin(await actionExchange(), { redirectUri, params });
    return redirect(String(answer.location));
  }

  /**
   * Finishes the login in the callback's Route Handler or API route and returns the token. The pending
   * login is spent, whatever the outcome.
   *
   * @throws OAuthError whose `code` says what happened, e.g. `access_denied` or `mismatching_state`
   */
  authorizeAccessToken(request: Request, options?: core.ExchangeOptions): Promise<T>;
  authorizeAccessToken(
    req: NextApiRequest,
    res: NextApiResponse,
    options?: core.ExchangeOptions,
  ): Promise<T>;
  async authorizeAccessToken(request: Request | NextApiRequest, ...rest: unknown[]): Promise<T> {
    if (isWeb(request)) {
      const setCookie = await nextCookies();
      const browser = appExchange(request, { setCookie, setHeader: () => undefined });
      return await this.finishLogin(browser, rest[0] as core.ExchangeOptions | undefined);
    }
    const [res, options] = rest as [NextApiResponse, core.ExchangeOptions?];
    return await this.finishLogin(pagesExchange(request, res), options);
  }

  async #respond(request: Request, start: LoginStart): Promise<Response> {
    const headers = new Headers();
    const browser = appExchange(request, intoHeaders(headers));
    const { status, location } = await this.startLogin(browser, start);
    if (location !== undefined) headers.set('location', location);
    return new Response(null, { status, headers });
  }
}

/** The clients of a Next.js application. */
export interface NextClients {
  oauth1: NextClient<core.OAuth1Token> & core.OAuth1Verbs;
  oauth2: NextClient<core.OAuth2Token> & core.OAuth2Verbs;
  any: NextClient;
}

/** The registry of a Next.js application. Pending logins wait in sealed cookies unless it has a `session`. */
export class OAuth extends Registry<NextClients> {
  constructor(options: core.OAuthOptions = {}) {
    const stateStorage = options.session ? 'session' : 'cookie';
    super({ stateStorage, ...options, ...atBuild(options) }, { Client: NextClient });
  }
}

/** `next build` imports every module without the configuration that only run time has. */
function atBuild({ secret, config = process.env }: core.OAuthOptions): core.OAuthOptions {
  if (process.env['NEXT_PHASE'] !== 'phase-production-build') return {};
  const later = 'https://known-at-run-time.invalid';
  const needed = /_(CLIENT_ID|CLIENT_SECRET|SERVER_METADATA_URL)$/;
  const read = (name: string) => config[name] ?? (needed.test(name) ? later : undefined);
  return { secret: secret ?? later, config: new Proxy({}, { get: (_, key) => read(String(key)) }) };
}

export { createSession, type SessionPlace } from './session.js';
export { OAuthError, isOAuthError } from '@oauth-registry/core';
export type * from '@oauth-registry/core';
