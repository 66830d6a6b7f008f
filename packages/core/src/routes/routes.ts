import type { BaseUrls } from '../options/base-urls.js';
import { BoundedCache } from '../platform/bounded-cache.js';
import { percentDecoded, withoutUndefined } from '../platform/encoding.js';
import { callbackPath } from '../options/client-name.js';
import { internalsOf, type FrameworkClient } from '../client/client.js';
import { randomCode } from '../platform/crypto.js';
import { OAuthError } from '../model/errors.js';
import { forbidCaching, readFormBody, rejectionResponse } from '../client/callback-request.js';
import {
  hasDeclined,
  notifyFailedLogin,
  notifyLogin,
  type Events,
} from '../client/events/events.js';
import type { BrowserRequest, Carried, HandlerResponse, SessionPort } from '../model/ports.js';
import { questionsOf, type Question } from '../options/server-choice.js';
import type { Awaitable } from '../model/types.js';
import { Access } from './api-proxy.js';
import { userIdOf, type RoutesSettings } from './user-id.js';
import { pageResponse, redirectResponse } from './response.js';
import type { Branded, LoginButtonOptions } from './pages/button.js';
import { checkRoutesOptions } from './check-options.js';
import { editFlag, failurePage, messageFor } from './error-page.js';
import { markReturn, readGuard } from './guard-return.js';
import { fragmentResponse } from './fragment.js';
import type { LogoutRoutes } from './logout.js';
import { accountToLink, checkLink } from './account-linking.js';
import { lookFor, type Look } from './pages/look.js';
import { loginPage } from './pages/page.js';
import { basePathOf, publicMount, type RouteMount } from './mount.js';
import { notifyOpener, publicUser, readPopup, signedInPage, webUrl } from './popup.js';
import { concernsOperator, report } from './report.js';
import { requestOf } from './request.js';
import { checkReturnTo } from '../client/redirect-uri.js';
import type { Login, RoutesOptions } from './options.js';
import { refuseCrossSite } from './same-site.js';
import type { RouteSessions } from './route-sessions.js';
import { rememberSignedIn, signedInAs, signedInBy, type SignedIn } from './signed-in.js';
import { allowedParams, startParams } from './start-params.js';

/** What the routes need from a registry. */
export interface RoutesSource {
  /** Finds a client. @throws OAuthError `unknown_client` */
  find(name: string): Awaitable<FrameworkClient>;
  /** Returns the clients for the sign-in page. */
  list(): Branded[];
  events: Events;
  /** Removes the browser's pending logins. */
  drop(browser: BrowserRequest): Promise<void>;
  baseUrl: string | undefined;
  /** Chooses one of several base URLs for a request. */
  chooseBaseUrl: BaseUrls['chooseBaseUrl'];
  formBytes: number;
  accessBytes: number;
  sessions: RouteSessions;
}

/** A request of one of the routes. */
interface Route {
  verb: string;
  /** The name of the client; empty if the path has none. */
  name: string;
  named: boolean;
  seen: RouteMount;
}

/** A login being handled, and the identifier of its popup. */
interface Attempt {
  verb: string;
  login: Login;
  place: RouteMount;
  popup?: string | undefined;
  /** What the guard of a page that started the login waits for. */
  guard?: string | undefined;
  /** The user's input, if the login asks for any. */
  input?: Record<string, string> | undefined;
  /** The user's identifier at the provider, if known. */
  sub?: string | undefined;
  /** Application data of a duplicate callback, if this browser sent it. */
  spent?: Carried;
}

/** A failure, and its reference in the operator's log. */
interface Failed {
  error: unknown;
  reference: string;
}

/** Paths that end with the name of a client; the path of a login may. */
const alwaysNamed = /^(?:callback|backchannel|frontchannel|access)$/;

/**
 * The routes for any framework: sign-in page, start, callback, logouts and API proxy. Returns
 * `undefined` for any other request.
 */
export class Routes {
  readonly #source: RoutesSource;
  readonly #options: RoutesSettings;
  readonly #access: Access | undefined;
  readonly #bases: BoundedCache<Routes> = new BoundedCache(50);
  #logouts: LogoutRoutes | undefined;

  constructor(source: RoutesSource, options: RoutesOptions) {
    checkRoutesOptions(options);
    this.#source = source;
    this.#options = { ...options, hasEnded: (browser) => source.sessions.hasEnded(browser) };
    this.#access = options.access && new Access(source, this.#options);
  }

  async handle(browser: BrowserRequest, seen: RouteMount): Promise<HandlerResponse | undefined> {
    const [, verb, segment] =
      /^\/(login|callback|logout|backchannel|frontchannel|access)(?:\/([^/]+))?\/?$/.exec(
        seen.path,
      ) ?? [];
    const named = segment !== undefined;
    const name = named ? percentDecoded(segment) : '';
    if (verb === undefined || name === undefined || (alwaysNamed.test(verb) && !named))
      return undefined;
    const { logout = 'local' } = this.#options;
    if (verb === 'logout' && named && logout === 'local') return undefined;
    const route = { verb, name, named, seen };
    const { chooseBaseUrl } = this.#source;
    if (!chooseBaseUrl) return await this.#serve(browser, route);
    let routes: Routes;
    try {
      routes = this.#at(chooseBaseUrl(browser));
    } catch (error) {
      return await this.#fail(browser, this.#attempt(browser, route), error);
    }
    return await routes.#serve(browser, route);
  }

  /** Returns the routes for one of several base URLs. */
  #at(baseUrl: string): Routes {
    const { hasEnded: _, ...options } = this.#options;
    const source = { ...this.#source, baseUrl, chooseBaseUrl: undefined };
    const routes = this.#bases.get(baseUrl) ?? new Routes(source, options);
    this.#bases.set(baseUrl, routes, Infinity);
    return routes;
  }

  #attempt(browser: BrowserRequest, { verb, name, seen }: Route): Attempt {
    const login: Login = { client: name, returnTo: this.#home(), ...requestOf(browser) };
    return { verb, login, place: publicMount(seen, this.#source.baseUrl) };
  }

  async #serve(browser: BrowserRequest, route: Route): Promise<HandlerResponse | undefined> {
    const { verb, name, named } = route;
    const attempt = this.#attempt(browser, route);
    const { place } = attempt;
    if (verb === 'access') {
      const url = this.#url(place.mount + place.path);
      return await this.#access?.handle(browser, { name, url });
    }
    try {
      if (/^(?:logout|backchannel|frontchannel)$/.test(verb)) {
        return await this.#logout(browser, { verb, name, place });
      }
      if (!named) return await this.#page(browser, place);
      if (verb === 'login') return await this.#start(browser, attempt);
      return await this.#finish(browser, attempt);
    } catch (error) {
      return await this.#fail(browser, attempt, error);
    }
  }

  /** Returns the sign-in page. */
  async #page(
    browser: BrowserRequest,
    { mount }: RouteMount,
  ): Promise<HandlerResponse | undefined> {
    if (this.#options.page === false) return undefined;
    if (!/^(GET|HEAD|POST)$/.test(browser.method)) {
      return { status: 405, headers: { allow: 'GET, HEAD, POST' } };
    }
    const returnTo = this.#returnTo(new URLSearchParams(browser.query));
    const how = { prefix: mount, returnTo, method: this.#options.start };
    return await this.#loginPage(browser, this.#source.list(), how);
  }

  /** Returns the sign-in page of these clients. */
  async #loginPage(
    browser: BrowserRequest,
    clients: readonly Branded[],
    how: LoginButtonOptions,
  ): Promise<HandlerResponse> {
    const look = await this.#look(browser);
    const { title, label } = this.#options.page || {};
    return await pageResponse(200, {
      html: loginPage(clients, { ...how, title, label }, look),
      look,
    });
  }

  #look(browser: BrowserRequest): Promise<Look> {
    return lookFor(this.#options.page || {}, browser);
  }

  async #start(browser: BrowserRequest, attempt: Attempt): Promise<HandlerResponse> {
    forbidCaching(browser);
    const unwanted = rejectionResponse(browser);
    if (unwanted) return unwanted;
    const { client: name } = attempt.login;
    const { mount } = attempt.place;
    const posted = browser.method === 'POST';
    const given = posted
      ? await readFormBody(browser.body(), this.#source.formBytes)
      : new URLSearchParams(browser.query);
    const popup = readPopup(given);
    inPopup(attempt, popup);
    const guard = readGuard(given);
    const client = await this.#source.find(name);
    const { options, login, scopes } = internalsOf(client);
    if (posted) refuseCrossSite(browser, this.#source.baseUrl);
    const returnTo = this.#returnTo(given);
    attempt.login.returnTo = returnTo ?? attempt.login.returnTo;
    const questions = questionsOf(options);
    attempt.input = inputOf(questions, (one) => given.get(one));
    const open = questions.some((one) => !given.get(one.name) && one.preset === undefined);
    const edited = given.has(editFlag) && questions.length > 0;
    if (!posted && (this.#options.start === 'post' || open || edited)) {
      const scope = given.get('scope') ?? undefined;
      const how = { prefix: mount, returnTo, scope, method: this.#options.start };
      const more = withoutUndefined({ popup, guard });
      const fields = { ...allowedParams(this.#options, { name, given }), ...more };
      const filled = questions.map((one) => ({
        ...one,
        preset: given.get(one.name) || one.preset,
      }));
      const shown = { name, options, questions: filled, fields };
      return await this.#loginPage(browser, [shown], how);
    }
    const { serverLocator, clientSecret } = options;
    await serverLocator?.checkStart?.(given, { clientSecret });
    const link = given.has('link') ? await accountToLink(browser, this.#options) : undefined;
    const data = await this.#options.data?.({ client: name, ...requestOf(browser) });
    const carry: Carried = {
      ...(returnTo === undefined ? {} : { returnTo }),
      ...(link === undefined ? {} : { link }),
      ...(popup === undefined ? {} : { popup }),
      ...(data === undefined ? {} : { data }),
      ...(guard === undefined ? {} : { guard }),
      ...(given.has('again') ? { again: true } : {}),
    };
    const redirectUri = this.#url(`${mount}/${callbackPath(name)}`);
    const choices = questions.map((one) => [one.name, given.get(one.name) ?? undefined]);
    const own = await startParams(browser, { name, options, given, scopes }, this.#options);
    const params = { ...Object.fromEntries(choices), ...own };
    return await login.start(browser, { redirectUri, params, carry });
  }

  async #finish(browser: BrowserRequest, attempt: Attempt): Promise<HandlerResponse | undefined> {
    const { login } = attempt;
    const client = await this.#source.find(login.client);
    const inside = internalsOf(client);
    const fetching = await fragmentResponse(browser, inside.options, () => this.#look(browser));
    if (fetching) return fetching;
    const { token, again } = await inside.login.arrive(browser, {
      carried: async (carry, server) => {
        attempt.input = inputOf(questionsOf(inside.options), (one) => server?.[one]);
        login.returnTo = checkReturnTo(carry.returnTo, this.#source.baseUrl) ?? login.returnTo;
        login.data = carry.data;
        login.link = carry.link;
        attempt.guard = carry.guard;
        inPopup(attempt, carry.popup);
        return await checkLink(browser, carry, this.#options);
      },
      spent: (carry) => void (attempt.spent = carry),
    });
    if (token === undefined) return this.#again(attempt, again);
    const user = await inside.userOf(token);
    attempt.sub = user?.sub;
    if (login.link === undefined && this.#options.renewSession !== false) {
      await (await this.#source.sessions.find(browser))?.renew?.();
    }
    const identity =
      user?.sub === undefined ? undefined : client.identity({ ...token, userinfo: user });
    const success = { ...login, user, identity, token };
    const result = await this.#options.onLogin(success);
    const signedIn = { client: login.client, sub: user?.sub };
    const session = await this.#source.sessions.find(browser);
    if (login.link === undefined)
      await this.#remember(session, signedInBy(login.client, token, user?.sub));
    const { request } = browser;
    await notifyLogin(this.#source.events, { ...signedIn, link: login.link, request });
    if (attempt.guard !== undefined) markReturn(browser, attempt.guard, this.#source.baseUrl);
    // Some session middleware sends a redirect before the session is stored.
    await session?.save?.();
    const response = redirectResponse(browser, result, this.#away(login.returnTo));
    const { popup: id } = attempt;
    if (id === undefined || response?.response) return response;
    const goTo = typeof result === 'string' ? webUrl(response?.location) : undefined;
    const shown = { id, user: await publicUser(success, this.#options), goTo };
    const look = await this.#look(browser);
    return await pageResponse(200, { html: signedInPage(shown, login.returnTo, look), look });
  }

  /** Redirects the browser to the same callback by GET, so that it sends its session cookie. */
  #again({ login, place }: Attempt, state: string): HandlerResponse {
    const uri = this.#url(`${place.mount}/${callbackPath(login.client)}`);
    return { status: 303, location: `${uri}?${new URLSearchParams({ state })}` };
  }

  async #logout(
    browser: BrowserRequest,
    { verb, name, place }: { verb: string; name: string; place: RouteMount },
  ): Promise<HandlerResponse | undefined> {
    const { LogoutRoutes } = await import('./logout.js');
    this.#logouts ??= new LogoutRoutes(this.#source, this.#options);
    if (verb === 'backchannel') return await this.#logouts.backchannel(browser, name);
    if (verb === 'frontchannel') return await this.#logouts.frontchannel(browser, name);
    const home = this.#home();
    if (name !== '') return await this.#logouts.finish(browser, { name, home });
    const path = `${place.mount}/logout`;
    const returnUri = (client: string): string =>
      this.#url(`${path}/${encodeURIComponent(client)}`);
    return await this.#logouts.start(browser, { url: this.#url(path), home, returnUri });
  }

  /** Remembers the login in its session, and the session in the index. */
  async #remember(session: SessionPort | undefined, login: SignedIn): Promise<void> {
    if (!session) return;
    const { idToken, ...signedIn } = login;
    const sessions = await this.#source.sessions.indexed();
    const indexed = sessions ? await sessions.add(signedIn, session) : signedIn;
    const withHint = this.#options.logout === 'provider' && fitsInto(session, idToken);
    rememberSignedIn(session, withHint ? { ...indexed, idToken } : indexed);
  }

  /** Reports a failure to the listeners, the application, the operator and the user. */
  async #fail(
    browser: BrowserRequest,
    attempt: Attempt,
    error: unknown,
  ): Promise<HandlerResponse | undefined> {
    const reference = randomCode();
    try {
      if (/^(?:login|callback)$/.test(attempt.verb))
        await this.#notifyFailed(browser, attempt, { error, reference });
      if (!(error instanceof OAuthError)) throw error;
      return await this.#failureResponse(browser, attempt, { error, reference });
    } catch (thrown) {
      // Errors of hooks are left to the framework, but a page waiting for its popup must be
      // notified.
      if (attempt.popup === undefined || browser.isResponseSent?.()) throw thrown;
      return await this.#failurePage(browser, attempt, { error: thrown, reference });
    }
  }

  async #notifyFailed(
    { request }: BrowserRequest,
    { verb, login, sub }: Attempt,
    failed: Failed,
  ): Promise<void> {
    const { client, link } = login;
    const phase = verb === 'callback' ? 'callback' : 'authorize';
    await notifyFailedLogin(this.#source.events, { client, sub, link, phase, request, ...failed });
  }

  async #failureResponse(
    browser: BrowserRequest,
    attempt: Attempt,
    { error, reference }: { error: OAuthError; reference: string },
  ): Promise<HandlerResponse | undefined> {
    const failure = { ...attempt.login, error, declined: hasDeclined(error) };
    const result = await this.#options.onError?.(failure);
    if (browser.isResponseSent?.()) return undefined;
    const response = redirectResponse(browser, result, this.#away(undefined));
    const { popup } = attempt;
    if (response && (popup === undefined || response.response)) return response;
    if (popup === undefined) {
      const back = await this.#backFromSpent(browser, attempt, error);
      if (back) return back;
    }
    const goTo = webUrl(response?.location);
    return await this.#failurePage(browser, attempt, {
      error,
      reference,
      goTo,
      handled: !!response,
    });
  }

  /**
   * Handles a callback that was already used or is too late: redirects a signed-in user to
   * `returnTo`; otherwise restarts the login once, if the callback belongs to this browser.
   */
  async #backFromSpent(
    browser: BrowserRequest,
    { verb, login, place, spent }: Attempt,
    { code }: OAuthError,
  ): Promise<HandlerResponse | undefined> {
    if (verb !== 'callback' || !/^(mismatching|expired)_state$/.test(code)) return undefined;
    const user = this.#options.userId
      ? await userIdOf(browser, this.#options)
      : signedInAs(await this.#source.sessions.find(browser))?.client;
    if (user !== undefined) {
      const home = checkReturnTo(spent?.returnTo, this.#source.baseUrl) ?? this.#home();
      return redirectResponse(browser, undefined, this.#away(home));
    }
    const bound = spent?.link !== undefined || spent?.popup !== undefined || spent?.again;
    if (!spent || bound || this.#options.start === 'post') return undefined;
    const { returnTo } = spent;
    const query = new URLSearchParams({ ...(returnTo ? { returnTo } : {}), again: '1' });
    const start = `${place.mount}/login/${encodeURIComponent(login.client)}?${query}`;
    return redirectResponse(browser, undefined, this.#away(start));
  }

  /**
   * Returns the failure page, which also notifies the page that opened a popup, and logs a line for
   * the operator.
   */
  async #failurePage(
    browser: BrowserRequest,
    { login, place, popup, input }: Attempt,
    failed: Failed & { goTo?: string | undefined; handled?: boolean },
  ): Promise<HandlerResponse> {
    const { error, reference, goTo, handled = false } = failed;
    const reported = !handled && concernsOperator(error);
    if (reported) {
      const url = this.#url(place.mount + place.path);
      report(browser, { error, client: login.client, url, reference });
    }
    const shown = { error, reference: reported ? reference : undefined };
    const look = await this.#look(browser);
    const message = { error: messageFor(shown, look.texts), goTo };
    const notice = popup === undefined ? undefined : notifyOpener({ id: popup, ...message });
    const hasPage = this.#options.page !== false;
    const { mount } = place;
    const context = { mount, login, home: this.#home(), hasPage, input, look, notice };
    const status = error instanceof OAuthError ? error.statusCode : 500;
    return await pageResponse(status, failurePage(shown, context));
  }

  #returnTo(given: URLSearchParams): string | undefined {
    const values = given.getAll('returnTo');
    return values.length === 1 ? checkReturnTo(values[0], this.#source.baseUrl) : undefined;
  }

  #away(home: string | undefined): { home: string | undefined; baseUrl: string | undefined } {
    return { home, baseUrl: this.#source.baseUrl };
  }

  #home(): string {
    return String(this.#options.returnTo ?? basePathOf(this.#source.baseUrl));
  }

  /** Returns the URL of a path as seen by browsers, if known. */
  #url(path: string): string {
    const { baseUrl } = this.#source;
    return baseUrl === undefined ? path : new URL(baseUrl).origin + path;
  }
}

/** Returns the user's input to the questions of a login; `undefined` if there is none. */
function inputOf(
  questions: readonly Question[],
  read: (name: string) => string | null | undefined,
): Record<string, string> | undefined {
  const input = questions.flatMap(({ name }) => {
    const value = read(name);
    return value ? [[name, value.slice(0, 2048)]] : [];
  });
  return input.length > 0 ? Object.fromEntries(input) : undefined;
}

/** Marks a login as running in a popup, if it is. */
function inPopup(attempt: Attempt, popup: string | undefined): void {
  if (popup === undefined) return;
  attempt.popup = popup;
  attempt.login.popup = true;
}

/** Characters of a cookie session that are left to the application. */
const spare = 1000;

/** Returns whether a session has room for an id_token: one on the server, or in a cookie of known size. */
function fitsInto({ store, room }: SessionPort, idToken: string | undefined): boolean {
  if (idToken === undefined) return false;
  return store !== undefined || idToken.length + spare <= (room?.() ?? 0);
}
