import { internalsOf, type FrameworkClient } from '../client/client.js';
import { isNavigation, readFormBody } from '../client/callback-request.js';
import { withRequest, type Events } from '../client/events/events.js';
import { checkReturnTo } from '../client/redirect-uri.js';
import { randomCode } from '../platform/crypto.js';
import { OAuthError } from '../model/errors.js';
import type { BrowserRequest, HandlerResponse, SessionPort } from '../model/ports.js';
import type { Awaitable } from '../model/types.js';
import type { RoutesOptions } from './options.js';
import { forgetReturn } from './guard-return.js';
import { report } from './report.js';
import { requestOf } from './request.js';
import { redirectResponse } from './response.js';
import { refuseCrossSite } from './same-site.js';
import type { RouteSessions } from './route-sessions.js';
import { endSession } from './session.js';
import { forgetSignedIn, fromIdToken, signedInAs, type SignedIn } from './signed-in.js';

/** What the logouts need from the routes. */
export interface LogoutSource {
  /** Finds a client. @throws OAuthError `unknown_client` */
  find(name: string): Awaitable<FrameworkClient>;
  events: Events;
  /** Removes the browser's pending logins. */
  drop(browser: BrowserRequest): Promise<void>;
  sessions: RouteSessions;
  baseUrl: string | undefined;
  formBytes: number;
}

/** One request to log out. */
export interface LogoutCall {
  /** The request URL without its query, for the log. */
  url: string;
  /** The default path to return to. */
  home: string;
  /** Returns the post-logout redirect URI of a client. */
  returnUri(client: string): string;
}

/** Logouts: of this application, at the provider, and started by the provider. */
export class LogoutRoutes {
  readonly #source: LogoutSource;
  readonly #options: RoutesOptions;

  constructor(source: LogoutSource, options: RoutesOptions) {
    this.#source = source;
    this.#options = options;
  }

  /** Ends the session, and then logs out at the provider if the routes do that. */
  async start(browser: BrowserRequest, call: LogoutCall): Promise<HandlerResponse | undefined> {
    if (browser.method !== 'POST') return { status: 405, headers: { allow: 'POST' } };
    const { baseUrl, events, formBytes } = this.#source;
    refuseCrossSite(browser, baseUrl);
    const form = await readFormBody(browser.body(), formBytes);
    const session = await this.#source.sessions.find(browser);
    const login = await this.#loginOf(browser, session);
    const { signedIn, result } = await this.#end(browser, session);
    const { client, sub } = { ...login, ...signedIn };
    await events.emit('logout', withRequest({ client, sub }, browser.request));
    const [returnTo, ...others] = form.getAll('returnTo');
    const home = (others.length === 0 && checkReturnTo(returnTo, baseUrl)) || call.home;
    const response = redirectResponse(browser, result, { home, baseUrl });
    if (!login || response?.location === undefined || browser.isResponseSent?.()) return response;
    const location = await this.#atProvider(browser, login, { ...call, home: response.location });
    if (location === undefined) return response;
    if (isNavigation(browser)) return { status: 303, location };
    // fetch() could not follow the redirect.
    const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
    return { status: 200, headers, body: JSON.stringify({ location }) };
  }

  /** Handles the user's return from the provider; whatever returns, the session has ended before. */
  async finish(
    browser: BrowserRequest,
    { name, home }: Pick<LogoutCall, 'home'> & { name: string },
  ): Promise<HandlerResponse> {
    if (browser.method !== 'GET') return { status: 405, headers: { allow: 'GET' } };
    const { logout } = internalsOf(await this.#source.find(name));
    const pending = await logout.arrive(browser).catch((error: unknown) => {
      const stale = ['mismatching_state', 'expired_state'];
      if (error instanceof OAuthError && stale.includes(error.code)) return undefined;
      throw error;
    });
    // Stored by this application, so it may be of another origin.
    const to = pending?.carry?.data;
    return { status: 302, location: typeof to === 'string' ? to : home };
  }

  /** Ends the sessions that the provider names. */
  async backchannel(browser: BrowserRequest, name: string): Promise<HandlerResponse | undefined> {
    const sessions = await this.#source.sessions.indexed();
    const { logout, options } = internalsOf(await this.#source.find(name));
    if (!sessions) return options.onBackchannelLogout && (await logout.backchannel(browser));
    return await logout.backchannel(browser, async (event) => {
      await sessions.endNamed(event, await this.#source.sessions.find(browser));
    });
  }

  /** Ends the session of this browser, if the provider names it; the index is not read. */
  async frontchannel(browser: BrowserRequest, name: string): Promise<HandlerResponse> {
    const { logout } = internalsOf(await this.#source.find(name));
    const session = await this.#source.sessions.find(browser);
    const login = await this.#sessionLogin(browser, session);
    const own = login?.client === name ? login : undefined;
    return await logout.endByFrame(browser, own, async () => {
      await this.#end(browser, session);
    });
  }

  async #end(
    browser: BrowserRequest,
    session: SessionPort | undefined,
  ): Promise<{
    signedIn: SignedIn | undefined;
    result: Awaited<ReturnType<NonNullable<RoutesOptions['onLogout']>>>;
  }> {
    const { drop, sessions } = this.#source;
    await drop(browser);
    const { onLogout } = this.#options;
    const signedIn = forgetSignedIn(session);
    if (signedIn) await session?.save?.();
    const result = await (onLogout ? onLogout(requestOf(browser)) : endSession(session));
    if (signedIn) await (await sessions.indexed())?.forget(signedIn);
    forgetReturn(browser);
    return { signedIn, result };
  }

  /** Returns the login to end at the provider, if the routes do that. */
  async #loginOf(
    browser: BrowserRequest,
    session: SessionPort | undefined,
  ): Promise<SignedIn | undefined> {
    const { logout = 'local' } = this.#options;
    return logout === 'local' ? undefined : await this.#sessionLogin(browser, session);
  }

  async #sessionLogin(
    browser: BrowserRequest,
    session: SessionPort | undefined,
  ): Promise<SignedIn | undefined> {
    const { logout } = this.#options;
    if (typeof logout !== 'function') return signedInAs(session);
    const given = await logout(requestOf(browser));
    return given ? { client: given.client, ...fromIdToken(given.idToken) } : undefined;
  }

  /**
   * Returns the URL that logs the user out at the provider; `undefined` if the provider does not
   * offer it, or fails: the session has ended in any case.
   */
  async #atProvider(
    browser: BrowserRequest,
    { client: name, idToken }: SignedIn,
    { url, home, returnUri }: LogoutCall,
  ): Promise<string | undefined> {
    try {
      const { logout } = internalsOf(await this.#source.find(name));
      if (!(await logout.isOffered())) return undefined;
      return await logout.begin(browser, {
        redirectUri: returnUri(name),
        params: idToken === undefined ? {} : { id_token_hint: idToken },
        carry: { data: home },
      });
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error;
      report(browser, { error, client: name, url, reference: randomCode() });
      return undefined;
    }
  }
}
