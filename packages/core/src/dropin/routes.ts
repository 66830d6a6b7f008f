import { FrameworkClient } from '../client.js';
import { OAuthError } from '../errors.js';
import { readForm } from '../incoming.js';
import type { RegisterOptions } from '../option-types.js';
import { scopeText } from '../options/scope.js';
import type { BrowserExchange, Carried, SessionPort } from '../ports.js';
import type { Awaitable } from '../types.js';
import { answerFailure, answerPage, answerRedirect, type RouteAnswer } from './answers.js';
import type { Branded } from './button.js';
import { accountToLink, checkLink } from './link.js';
import { loginPage } from './page.js';
import { requestOf } from './request-of.js';
import { checkReturnTo } from './return-to.js';
import type { Login, RoutesOptions } from './routes-options.js';
import { refuseCrossSite } from './same-site.js';

/** What the routes need of a registry. */
export interface RoutesSource {
  /** Finds a client. @throws OAuthError `unknown_client` */
  find(name: string): Awaitable<FrameworkClient>;
  /** The clients a sign-in page lists. */
  list(): Branded[];
  baseUrl: string | undefined;
  formBytes: number;
}

/** Where a request points, below and above the place where the routes are mounted. */
export interface RoutePlace {
  /** The path below the mount, e.g. `/login/corp`. */
  path: string;
  /** The path of the mount, e.g. `/auth`; empty at the top. */
  mount: string;
}

/**
 * Where a catch-all route is mounted, told from the address of a request that it caught. No segment is
 * empty: browsers read two slashes as the start of another host.
 */
export function placeOf(url: string): RoutePlace {
  const { pathname } = new URL(url, 'http://application.invalid');
  const [, mount = '', path = ''] =
    /^((?:\/[^/]+)*?)(\/(?:login|callback|logout)(?:\/[^/]*)?)$/.exec(pathname) ?? [];
  return { mount, path };
}

/**
 * The drop-in routes: sign-in page, start, callback and log out, for any framework. A request that is
 * none of theirs is answered with `undefined`.
 */
export class Routes {
  readonly #source: RoutesSource;
  readonly #options: RoutesOptions;

  constructor(source: RoutesSource, options: RoutesOptions) {
    this.#source = source;
    this.#options = options;
    if (typeof options.onLogin === 'function') return;
    throw new OAuthError(
      'invalid_options',
      'routes(): "onLogin" must be a function. It gets { user, token, client } and makes the session.',
    );
  }

  async handle(browser: BrowserExchange, place: RoutePlace): Promise<RouteAnswer | undefined> {
    const [, verb, name] = /^\/(login|callback|logout)(?:\/([\w-]+))?\/?$/.exec(place.path) ?? [];
    if (verb === undefined || (verb === 'callback') > (name !== undefined)) return undefined;
    if (verb === 'logout' && name !== undefined) return undefined;
    const login: Login = { client: name ?? '', returnTo: this.#home(), ...requestOf(browser) };
    try {
      if (verb === 'logout') return await this.#logout(browser);
      if (name === undefined) return await this.#page(browser, place);
      if (verb === 'login') return await this.#start(browser, { name, ...place });
      return await this.#finish(browser, login);
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error;
      return await this.#fail(browser, { error, login, place });
    }
  }

  /** The sign-in page. */
  async #page(browser: BrowserExchange, { mount }: RoutePlace): Promise<RouteAnswer | undefined> {
    if (this.#options.page === false) return undefined;
    const returnTo = this.#returnTo(new URLSearchParams(browser.query));
    const page = { prefix: mount, returnTo, method: this.#options.start, ...this.#options.page };
    return await answerPage(200, loginPage(this.#source.list(), page));
  }

  async #start(
    browser: BrowserExchange,
    { name, mount }: RoutePlace & { name: string },
  ): Promise<RouteAnswer> {
    const client = await this.#source.find(name);
    const { options, login } = FrameworkClient.inside(client);
    const posted = browser.method === 'POST';
    const given = posted
      ? await readForm(browser.body(), this.#source.formBytes)
      : new URLSearchParams(browser.query);
    if (posted) refuseCrossSite(browser, this.#source.baseUrl);
    const returnTo = this.#returnTo(given);
    if (!posted && browser.method === 'GET' && this.#options.start === 'post') {
      const page = { prefix: mount, returnTo, method: 'post' as const, ...this.#options.page };
      return await answerPage(200, loginPage([{ name, options }], page));
    }
    const link = given.has('link') ? await accountToLink(browser, this.#options) : undefined;
    const data = await this.#options.data?.({ client: name, ...requestOf(browser) });
    const carry: Carried = {
      ...(returnTo === undefined ? {} : { returnTo }),
      ...(link === undefined ? {} : { link }),
      ...(data === undefined ? {} : { data }),
    };
    const redirectUri = `${mount}/callback/${name}`;
    const params = this.#params(name, options, given);
    return await login.start(browser, { redirectUri, params, carry });
  }

  /** The registered scope, and what this start asks for in addition; nothing else comes from the request. */
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

  async #finish(browser: BrowserExchange, login: Login): Promise<RouteAnswer | undefined> {
    const client = await this.#source.find(login.client);
    const inside = FrameworkClient.inside(client);
    const token = await inside.login.finish(browser, {
      carried: async (carry) => {
        login.returnTo = checkReturnTo(carry.returnTo, this.#source.baseUrl) ?? login.returnTo;
        login.data = carry.data;
        login.link = carry.link;
        await checkLink(browser, carry, this.#options);
      },
    });
    const user = await inside.userOf(token);
    if (login.link === undefined && this.#options.renewSession !== false) {
      await (await sessionOf(browser))?.renew?.();
    }
    const result = await this.#options.onLogin({ ...login, user, token });
    // Some session middleware lets a redirect overtake the store.
    await (await sessionOf(browser))?.save?.();
    return answerRedirect(browser, result, this.#away(login.returnTo));
  }

  async #logout(browser: BrowserExchange): Promise<RouteAnswer | undefined> {
    if (browser.method !== 'POST') return { status: 405, headers: { allow: 'POST' } };
    refuseCrossSite(browser, this.#source.baseUrl);
    const form = await readForm(browser.body(), this.#source.formBytes);
    const { onLogout } = this.#options;
    const result = await (onLogout
      ? onLogout(requestOf(browser))
      : (await sessionOf(browser))?.end?.());
    const home = this.#returnTo(form) ?? this.#home();
    return answerRedirect(browser, result, this.#away(home));
  }

  async #fail(
    browser: BrowserExchange,
    { error, login, place }: { error: OAuthError; login: Login; place: RoutePlace },
  ): Promise<RouteAnswer | undefined> {
    const declined = error.code === 'access_denied';
    const { onError, account } = this.#options;
    if (onError) {
      const result = await onError({ ...login, error, declined });
      const answer = answerRedirect(browser, result, this.#away(undefined));
      if (answer) return answer;
    }
    // Back to a callback that was used: who is signed in has nothing to be told.
    const spent = error.code === 'mismatching_state' && place.path.startsWith('/callback/');
    const id = spent ? await account?.(requestOf(browser)) : undefined;
    if (id !== undefined && id !== null) {
      return answerRedirect(browser, undefined, this.#away(this.#home()));
    }
    return await answerFailure(error, place.mount);
  }

  #returnTo(given: URLSearchParams): string | undefined {
    const values = given.getAll('returnTo');
    return values.length === 1 ? checkReturnTo(values[0], this.#source.baseUrl) : undefined;
  }

  #away(home: string | undefined): { home: string | undefined; baseUrl: string | undefined } {
    return { home, baseUrl: this.#source.baseUrl };
  }

  #home(): string {
    return this.#options.returnTo ?? '/';
  }
}

/** The framework's session; an application may well have another one, and end it in `onLogout`. */
async function sessionOf(browser: BrowserExchange): Promise<SessionPort | undefined> {
  try {
    return await browser.session();
  } catch (error) {
    if (error instanceof OAuthError && error.code === 'missing_session') return undefined;
    throw error;
  }
}
