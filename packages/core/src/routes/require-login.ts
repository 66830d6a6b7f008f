import { baseUrlFor, type BaseUrls } from '../options/base-urls.js';
import { OAuthError } from '../model/errors.js';
import type { BrowserRequest, HandlerResponse } from '../model/ports.js';
import {
  atBase,
  guardOf,
  loopPage,
  readGuarded,
  sendAway,
  startPath,
  type Guarded,
} from './guard.js';
import type { Guard, RequireLoginOptions } from './guard-options.js';
import { hasReturned } from './guard-return.js';
import { lookOfRoutes } from './pages/look.js';
import { RouteSessions, type SessionSettings } from './route-sessions.js';
import { userIdOf, type RoutesSettings } from './user-id.js';

/** The settings of a registry that concern its guards. */
export interface GuardSettings extends SessionSettings, BaseUrls {}

/** The paths of the routes, which must pass: a login could never start. */
const ownRoutes =
  /^\/(?:(?:login|logout)\/?|(?:login|callback|logout|backchannel|frontchannel|access)\/(?!(?:\.|%2[eE])+(?:[/?]|$))[^/?]+\/?)(?:\?|$)/;

/** Lets only signed-in users see a page. */
export class LoginGuard {
  readonly #settings: GuardSettings;
  readonly #options: RequireLoginOptions;
  readonly #user: Pick<RoutesSettings, 'userId' | 'hasEnded'>;

  constructor(settings: GuardSettings, options: RequireLoginOptions) {
    const sessions = new RouteSessions(settings);
    this.#settings = settings;
    this.#options = options;
    this.#user = { userId: options.userId, hasEnded: (browser) => sessions.hasEnded(browser) };
  }

  readonly check: Guard = async (browser, url) => {
    const { page, prefix, userId } = this.#options;
    const baseUrl = baseUrlFor(this.#settings, browser);
    const guarded = readGuarded(browser, { url, prefix, baseUrl });
    const isSignIn =
      page !== undefined && isBelow(guarded.path, atBase(page, baseUrl), /^(?:\?|$)/);
    if (isSignIn || isBelow(guarded.path, guarded.mount, ownRoutes)) return undefined;
    if (!userId) throw noUserId();
    if ((await userIdOf(browser, this.#user)) !== undefined) return undefined;
    return await this.#refuse(browser, guarded);
  };

  async #refuse(browser: BrowserRequest, guarded: Guarded): Promise<HandlerResponse> {
    const baseUrl = baseUrlFor(this.#settings, browser);
    const { client, page } = this.#options;
    const { returnTo, mount } = guarded;
    const away = {
      status: 401,
      error: 'login_required',
      message: 'No user is signed in. Sign in, and send the request again.',
    };
    if (client === undefined) {
      const query = returnTo === undefined ? '' : `?${new URLSearchParams({ returnTo })}`;
      const at = page === undefined ? `${mount}/login` : atBase(page, baseUrl);
      return sendAway(browser, { ...away, path: at + query }, baseUrl);
    }
    const guard = await guardOf(['login', client, returnTo]);
    const path = startPath(guarded, { client, guard });
    const response = sendAway(browser, { ...away, path }, baseUrl);
    if (response.location === undefined || !hasReturned(browser, guard, baseUrl)) return response;
    return await loopPage(browser, guarded, {
      client,
      error: inVain(client),
      look: await lookOfRoutes(this.#settings, browser),
    });
  }
}

/** Returns whether a path is a prefix and, after it, what a pattern matches. */
function isBelow(url: string, prefix: string, rest: RegExp): boolean {
  return url.startsWith(prefix) && rest.test(url.slice(prefix.length));
}

function noUserId(): OAuthError {
  return new OAuthError(
    'invalid_options',
    'requireLogin() cannot tell who is signed in. Pass { userId }, a function that returns the ID of the ' +
      'signed-in user, to it or to routes().',
  );
}

function inVain(client: string): OAuthError {
  return new OAuthError(
    'login_required',
    `A login with "${client}" has just succeeded, but "userId" still returns no user for this page. Check that ` +
      '"onLogin" stores the user, and that the browser sends the session cookie.',
    { client },
  );
}
