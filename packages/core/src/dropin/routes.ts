import { FrameworkClient } from '../client.js';
import { OAuthError } from '../errors.js';
import { forbidCaching, readForm, unwantedAnswer } from '../incoming.js';
import type { RegisterOptions } from '../option-types.js';
import { scopeText } from '../options/scope.js';
import type { BrowserExchange, Carried } from '../ports.js';
import { questionsOf } from '../quirks/chosen-server.js';
import type { Awaitable } from '../types.js';
import { Access } from './access.js';
import { answerPage, answerRedirect, type RouteAnswer } from './answers.js';
import type { Branded } from './button.js';
import { checkRoutesOptions } from './check-options.js';
import { failurePage, hasDeclined } from './failure.js';
import { answerFragment } from './fragment.js';
import { accountToLink, checkLink } from './link.js';
import { loginPage } from './page.js';
import { homeOf, publicPlace, type RoutePlace } from './place.js';
import { publicUser, readPopup, signedInPage, tellOpener, webAddress } from './popup.js';
import { requestOf } from './request-of.js';
import { checkReturnTo } from './return-to.js';
import type { Login, RoutesOptions } from './routes-options.js';
import { refuseCrossSite } from './same-site.js';
import { endSession, sessionOf } from './session-of.js';

/** What the routes need of a registry. */
export interface RoutesSource {
  /** Finds a client. @throws OAuthError `unknown_client` */
  find(name: string): Awaitable<FrameworkClient>;
  /** The clients a sign-in page lists. */
  list(): Branded[];
  baseUrl: string | undefined;
  formBytes: number;
  accessBytes: number;
}

/** A login on its way, and the number of the popup it is in. */
interface Attempt {
  login: Login;
  place: RoutePlace;
  popup?: string | undefined;
}

/**
 * The drop-in routes: sign-in page, start, callback, log out and calls from pages, for any framework. A
 * request that is none of theirs is answered with `undefined`.
 */
export class Routes {
  readonly #source: RoutesSource;
  readonly #options: RoutesOptions;
  readonly #access: Access | undefined;

  constructor(source: RoutesSource, options: RoutesOptions) {
    checkRoutesOptions(options);
    this.#source = source;
    this.#options = options;
    this.#access = options.access && new Access(source, options);
  }

  async handle(browser: BrowserExchange, seen: RoutePlace): Promise<RouteAnswer | undefined> {
    const place = publicPlace(seen, this.#source.baseUrl);
    const [, verb, name] =
      /^\/(login|callback|logout|access)(?:\/([\w-]+))?\/?$/.exec(place.path) ?? [];
    const named = name !== undefined;
    if (verb === undefined || (/^(callback|access)$/.test(verb) && !named)) return undefined;
    if (verb === 'logout' && named) return undefined;
    if (verb === 'access') return await this.#access?.handle(browser, name ?? '');
    const login: Login = { client: name ?? '', returnTo: this.#home(), ...requestOf(browser) };
    const attempt: Attempt = { login, place };
    try {
      if (verb === 'logout') return await this.#logout(browser);
      if (!named) return await this.#page(browser, place);
      if (verb === 'login') return await this.#start(browser, attempt);
      return await this.#finish(browser, attempt);
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error;
      return await this.#fail(browser, attempt, error);
    }
  }

  /** The sign-in page. */
  async #page(browser: BrowserExchange, { mount }: RoutePlace): Promise<RouteAnswer | undefined> {
    if (this.#options.page === false) return undefined;
    if (!/^(GET|HEAD|POST)$/.test(browser.method)) {
      return { status: 405, headers: { allow: 'GET, HEAD, POST' } };
    }
    const returnTo = this.#returnTo(new URLSearchParams(browser.query));
    const page = { prefix: mount, returnTo, method: this.#options.start, ...this.#options.page };
    return await answerPage(200, loginPage(this.#source.list(), page));
  }

  async #start(browser: BrowserExchange, attempt: Attempt): Promise<RouteAnswer> {
    forbidCaching(browser);
    const unwanted = unwantedAnswer(browser);
    if (unwanted) return unwanted;
    const { client: name } = attempt.login;
    const { mount } = attempt.place;
    const posted = browser.method === 'POST';
    const given = posted
      ? await readForm(browser.body(), this.#source.formBytes)
      : new URLSearchParams(browser.query);
    const popup = readPopup(given);
    inPopup(attempt, popup);
    const client = await this.#source.find(name);
    const { options, login } = FrameworkClient.inside(client);
    if (posted) refuseCrossSite(browser, this.#source.baseUrl);
    const returnTo = this.#returnTo(given);
    attempt.login.returnTo = returnTo ?? attempt.login.returnTo;
    const questions = questionsOf(options);
    const open = questions.some((one) => !given.get(one.name) && one.preset === undefined);
    if (!posted && (this.#options.start === 'post' || open)) {
      const scope = given.get('scope') ?? undefined;
      const how = { prefix: mount, returnTo, scope, method: this.#options.start };
      const page = { ...how, ...this.#options.page };
      const fields = popup === undefined ? {} : { popup };
      return await answerPage(200, loginPage([{ name, options, questions, fields }], page));
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
    };
    const redirectUri = this.#address(`${mount}/callback/${name}`);
    const answers = questions.map((one) => [one.name, given.get(one.name) ?? undefined]);
    const params = { ...Object.fromEntries(answers), ...this.#params(name, options, given) };
    return await login.start(browser, { redirectUri, params, carry });
  }

  /** The registered scope, and what this start asks for in addition; besides answers, nothing else comes from the request. */
  #params(
    name: string,
    options: Readonly<RegisterOptions>,
    given: URLSearchParams,
  ): { scope?: string } {
    const allowed = this.#options.scopes?.[name] ?? [];
    const asked = given
      .getAll('scope')
      .flatMap((text) => text.split(' '))
      .filter((one) => allowed.includes(one));
    if (asked.length === 0) return {};
    const registered = scopeText(options.scope)?.split(' ') ?? [];
    return { scope: [...new Set([...registered, ...asked])].join(' ') };
  }

  async #finish(browser: BrowserExchange, attempt: Attempt): Promise<RouteAnswer | undefined> {
    const { login } = attempt;
    const client = await this.#source.find(login.client);
    const inside = FrameworkClient.inside(client);
    const fetching = answerFragment(browser, inside.options);
    if (fetching) return fetching;
    const token = await inside.login.finish(browser, {
      carried: async (carry) => {
        login.returnTo = checkReturnTo(carry.returnTo, this.#source.baseUrl) ?? login.returnTo;
        login.data = carry.data;
        login.link = carry.link;
        inPopup(attempt, carry.popup);
        await checkLink(browser, carry, this.#options);
      },
    });
    const user = await inside.userOf(token);
    if (login.link === undefined && this.#options.renewSession !== false) {
      await (await sessionOf(browser))?.renew?.();
    }
    const success = { ...login, user, token };
    const result = await this.#options.onLogin(success);
    // Some session middleware lets a redirect overtake the store.
    await (await sessionOf(browser))?.save?.();
    const answer = answerRedirect(browser, result, this.#away(login.returnTo));
    const { popup: id } = attempt;
    if (id === undefined || answer?.response) return answer;
    const goTo = typeof result === 'string' ? webAddress(answer?.location) : undefined;
    const told = { id, user: await publicUser(success, this.#options), goTo };
    return await answerPage(200, signedInPage(told, login.returnTo, this.#options.page || {}));
  }

  async #logout(browser: BrowserExchange): Promise<RouteAnswer | undefined> {
    if (browser.method !== 'POST') return { status: 405, headers: { allow: 'POST' } };
    refuseCrossSite(browser, this.#source.baseUrl);
    const form = await readForm(browser.body(), this.#source.formBytes);
    const { onLogout } = this.#options;
    const result = await (onLogout ? onLogout(requestOf(browser)) : endSession(browser));
    const home = this.#returnTo(form) ?? this.#home();
    return answerRedirect(browser, result, this.#away(home));
  }

  async #fail(
    browser: BrowserExchange,
    attempt: Attempt,
    error: OAuthError,
  ): Promise<RouteAnswer | undefined> {
    const { login, place } = attempt;
    const declined = hasDeclined(error);
    const { onError } = this.#options;
    const result = await onError?.({ ...login, error, declined });
    const answer = answerRedirect(browser, result, this.#away(undefined));
    const { popup: id } = attempt;
    if (answer && (id === undefined || answer.response)) return answer;
    // Back to a callback that was used: who is signed in has nothing to be told.
    const spent = error.code === 'mismatching_state' && place.path.startsWith('/callback/');
    const account = spent ? await this.#options.account?.(requestOf(browser)) : undefined;
    if (account !== undefined && account !== null) {
      return answerRedirect(browser, undefined, this.#away(this.#home()));
    }
    const { code, message, statusCode } = error;
    const told = { error: { code, message, declined }, goTo: webAddress(answer?.location) };
    const telling = id === undefined ? undefined : tellOpener({ id, ...told });
    const { page } = this.#options;
    const where = { mount: place.mount, login, home: this.#home(), page, telling };
    return await answerPage(statusCode, failurePage(error, where));
  }

  #returnTo(given: URLSearchParams): string | undefined {
    const values = given.getAll('returnTo');
    return values.length === 1 ? checkReturnTo(values[0], this.#source.baseUrl) : undefined;
  }

  #away(home: string | undefined): { home: string | undefined; baseUrl: string | undefined } {
    return { home, baseUrl: this.#source.baseUrl };
  }

  #home(): string {
    return this.#options.returnTo ?? homeOf(this.#source.baseUrl);
  }

  /** The address of a path as browsers see it, as far as it is known. */
  #address(path: string): string {
    const { baseUrl } = this.#source;
    return baseUrl === undefined ? path : new URL(baseUrl).origin + path;
  }
}

/** Marks a login as one in a popup, if it is one. */
function inPopup(attempt: Attempt, popup: string | undefined): void {
  if (popup === undefined) return;
  attempt.popup = popup;
  attempt.login.popup = true;
}
