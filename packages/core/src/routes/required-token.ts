import { baseUrlFor } from '../options/base-urls.js';
import { internalsOf, type ClientInternals, type FrameworkClient } from '../client/client.js';
import { isDocument } from '../client/callback-request.js';
import { OAuthError } from '../model/errors.js';
import type { BrowserRequest, HandlerResponse } from '../model/ports.js';
import type { Token } from '../model/types.js';
import { questionsOf } from '../options/server-choice.js';
import { isExpired } from '../platform/token-expiry.js';
import { guardOf, loopPage, readGuarded, sendAway, startPath, type Guarded } from './guard.js';
import type { Guard, RequiredTokenOptions } from './guard-options.js';
import { hasReturned, scopesIn } from './guard-return.js';
import { lookOfRoutes, type Look } from './pages/look.js';
import { loginPage } from './pages/page.js';
import { fill } from './pages/texts.js';
import { pageResponse } from './response.js';
import { RouteSessions } from './route-sessions.js';
import { userIdOf } from './user-id.js';

/** A login that a page needs. */
interface Wanted {
  scope: string;
  guard: string;
}

/** Lets only users see a page whose token of a client has the scopes of the page. */
export class TokenGuard {
  readonly #client: FrameworkClient;
  readonly #inside: ClientInternals;
  readonly #options: RequiredTokenOptions;
  readonly #sessions: RouteSessions;

  constructor(client: FrameworkClient, options: RequiredTokenOptions) {
    this.#client = client;
    this.#inside = internalsOf(client);
    this.#options = options;
    this.#sessions = new RouteSessions(this.#inside.registry);
  }

  readonly check: Guard = async (browser, url) => {
    const token = await this.#find(browser);
    const needed = scopesIn(this.#options.scope);
    const granted = scopesIn(token?.['scope'] as string | undefined);
    const missing = needed.filter((scope) => !granted.includes(scope));
    if (token && missing.length === 0) return undefined;
    const { prefix } = this.#options;
    const baseUrl = baseUrlFor(this.#inside.registry, browser);
    const guarded = readGuarded(browser, { url, prefix, baseUrl });
    const { name } = this.#client;
    const guard = await guardOf(['token', name, needed.join(' '), guarded.returnTo]);
    // The scopes that the token has are requested again, so that other pages need no new login.
    const scope = [...new Set([...needed, ...granted])].join(' ');
    if (isDocument(browser) && hasReturned(browser, guard, baseUrl)) {
      const error = token ? lacking(name, missing) : inVain(name);
      return await loopPage(browser, guarded, {
        client: name,
        error,
        look: await lookOfRoutes(this.#inside.registry, browser),
      });
    }
    return await this.#refuse(browser, guarded, { wanted: { scope, guard }, hasToken: !!token });
  };

  async #refuse(
    browser: BrowserRequest,
    guarded: Guarded,
    { wanted, hasToken }: { wanted: Wanted; hasToken: boolean },
  ): Promise<HandlerResponse> {
    const { name } = this.#client;
    if (this.#options.link && isDocument(browser)) {
      const look = await lookOfRoutes(this.#inside.registry, browser);
      return await this.#linkPage(guarded, wanted, look);
    }
    const away = hasToken
      ? {
          status: 403,
          error: 'insufficient_scope',
          message: `The token of "${name}" lacks a scope. Log in with it.`,
        }
      : {
          status: 401,
          error: 'missing_token',
          message: `There is no token of "${name}". Log in with it.`,
        };
    const path = startPath(guarded, { client: name, ...wanted });
    return sendAway(browser, { ...away, path }, baseUrlFor(this.#inside.registry, browser));
  }

  /** Shows the button that links an account: a GET must not start that. */
  async #linkPage(
    { mount, returnTo }: Guarded,
    { scope, guard }: Wanted,
    look: Look,
  ): Promise<HandlerResponse> {
    const { options } = this.#inside;
    const { name } = this.#client;
    const shown = { name, options, questions: questionsOf(options), fields: { guard } };
    const title = fill(look.texts.connect, options.displayName ?? name);
    const how = { prefix: mount, returnTo, scope, link: true, title };
    return await pageResponse(200, { html: loginPage([shown], how, look), look });
  }

  /** Finds a usable token; none if the user must log in. */
  async #find(browser: BrowserRequest): Promise<Token | undefined> {
    const owner = await this.#ownerOf(browser);
    if (!owner) return undefined;
    try {
      const token = await this.#inside.findToken(owner);
      return isExpired(token) ? undefined : token;
    } catch (error) {
      const isOver =
        error instanceof OAuthError && (error.code === 'missing_token' || error.statusCode === 401);
      if (isOver) return undefined;
      throw error;
    }
  }

  /** Returns whose token it is; `undefined` if no user is signed in. */
  async #ownerOf(
    browser: BrowserRequest,
  ): Promise<{ request: unknown; userId?: string } | undefined> {
    const { options, registry } = this.#inside;
    const { userId: find } = this.#options;
    const { request } = browser;
    const { name, kind } = this.#client;
    if (options.grantType === 'client_credentials')
      throw unusable(name, 'its tokens belong to no user');
    if (kind !== 'oauth2' && this.#options.scope !== undefined)
      throw unusable(name, 'its protocol has no scopes');
    if (await this.#sessions.hasEnded(browser)) return undefined;
    const userId = await userIdOf(browser, { userId: find });
    if (find && userId === undefined) return undefined;
    if (options.fetchToken ?? registry.fetchToken) return { request };
    if (registry.tokenStore && userId !== undefined) return { request, userId };
    throw new OAuthError(
      'invalid_options',
      `required() cannot find tokens of "${name}". Give the registry a "fetchToken" hook, or a "tokenStore" and ` +
        'required({ userId }).',
      { client: name },
    );
  }
}

function unusable(client: string, why: string): OAuthError {
  return new OAuthError(
    'invalid_options',
    `required(): "${client}" cannot be required so, because ${why}.`,
    {
      client,
    },
  );
}

function inVain(client: string): OAuthError {
  return new OAuthError(
    'missing_token',
    `A login with "${client}" has just succeeded, but there is still no token for this page. Check that "onLogin" ` +
      'stores the token at the place that "fetchToken" or the "tokenStore" reads.',
    { client },
  );
}

function lacking(client: string, missing: readonly string[]): OAuthError {
  return new OAuthError(
    'insufficient_scope',
    `A login with "${client}" has just succeeded, but its token still lacks the scope "${missing.join(' ')}". Check ` +
      'that "onLogin" stores the new token, that the provider grants the scope, and under which name it returns it.',
    { client },
  );
}
