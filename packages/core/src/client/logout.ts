import { baseUrlFor, type BaseUrls } from '../options/base-urls.js';
import { unverifiedClaims } from '../platform/jwt/unverified-claims.js';
import type { BrowserLoginConfig } from './login.js';
import type { PendingLogin } from './login-state/pending-logins.js';
import { checkReturnTo } from './redirect-uri.js';
import { isObject } from '../platform/encoding.js';
import type { OAuthErrorCode } from '../model/error-codes.js';
import { OAuthError } from '../model/errors.js';
import { withRequest, type Events, type UserLogoutEvent } from './events/events.js';
import { trace } from '../platform/tracing/phases.js';
import {
  forbidCaching,
  readCallback,
  rejectUnsupported,
  unwantedLogout,
} from './callback-request.js';
import { checkArguments } from '../platform/arguments.js';
import { clientArguments } from '../options/verb-arguments.js';
import type {
  FrontchannelSession,
  LoginInitiation,
  LogoutEvent,
  LogoutPort,
  LogoutRequest,
  LogoutReturn,
  OnLogout,
} from '../model/logout.js';
import type { HandlerResponse, BrowserRequest, Carried } from '../model/ports.js';
import { resolveRedirectUri } from './api-request.js';
import type { Engine, Params, Token } from '../model/types.js';

/** Configuration of logout in a browser. */
export interface BrowserLogoutConfig<T extends Token> extends BrowserLoginConfig<T> {
  registry: Readonly<BaseUrls>;
  events: Events;
}

/** Arguments that start a logout, as an adapter passes them. */
export interface LogoutStart {
  redirectUri?: string | URL | undefined;
  params?: Params | undefined;
  /** Returned with this logout's return. */
  carry?: Carried | undefined;
}

/** Ends the sessions that a logout names. */
type EndSessions = (event: LogoutEvent) => Promise<void>;

/** Distinguishes pending logouts from pending logins: neither can end the other. */
const kind = 'logout';

/** Logout at the provider, started by either side, and third-party initiated login. */
export class BrowserLogout<T extends Token> {
  readonly #config: BrowserLogoutConfig<T>;

  constructor(config: BrowserLogoutConfig<T>) {
    this.#config = config;
  }

  /** Redirects the user to the provider's logout; the logout is pending until the user returns. */
  async start(browser: BrowserRequest, start: LogoutStart): Promise<HandlerResponse> {
    forbidCaching(browser);
    const unwanted = unwantedLogout(browser);
    if (unwanted) return unwanted;
    return await this.#within(async () => {
      const given = [start.redirectUri, start.params];
      checkArguments({ verb: 'logoutRedirect' }, clientArguments.logoutRedirect, given);
      const location = await this.#begin(browser, start);
      // The hint is an id_token of this application, which was verified at login.
      const sub = unverifiedClaims([start.params?.['id_token_hint']].flat()[0])?.['sub'];
      await this.#notify(browser, { sub: typeof sub === 'string' ? sub : undefined });
      return { status: browser.method === 'GET' ? 302 : 303, location };
    });
  }

  /** Returns whether the provider offers RP-initiated logout. */
  async isOffered(): Promise<boolean> {
    return await this.#within(async () => {
      const { engine } = await this.#config.app.of(undefined);
      return (await engine.logout?.isOffered()) ?? false;
    });
  }

  /**
   * Starts a logout of the drop-in routes, which notify the listeners themselves; returns the URL of
   * the provider.
   */
  async begin(browser: BrowserRequest, start: LogoutStart): Promise<string> {
    forbidCaching(browser);
    return await this.#within(() => this.#begin(browser, start));
  }

  async #begin(browser: BrowserRequest, start: LogoutStart): Promise<string> {
    const { app, registry, logins } = this.#config;
    const redirectUri = resolvePostLogoutUri(start.redirectUri, baseUrlFor(registry, browser));
    const { url, state } = await this.#createUrl(redirectUri, start.params);
    await logins.drop(browser);
    if (state !== undefined && redirectUri !== undefined) {
      const carry = start.carry ? { carry: start.carry } : {};
      await logins.put(browser, { state, redirectUri, client: app.name, kind, ...carry });
    }
    return url;
  }

  /** Validates that a user's return ends a logout started in this browser with this client. */
  async finish(browser: BrowserRequest): Promise<LogoutReturn> {
    const { state, redirectUri } = await this.arrive(browser);
    return { state, postLogoutRedirectUri: redirectUri };
  }

  /** Like {@link finish}, for a logout with application data. */
  async arrive(browser: BrowserRequest): Promise<PendingLogin> {
    forbidCaching(browser);
    return await this.#within(async () => {
      rejectUnsupported(browser);
      const { app, logins, formBytes } = this.#config;
      const [state, ...others] = (await readCallback.request(browser, formBytes)).getAll('state');
      if (!state || others.length > 0) throw noLogout();
      const pending = await logins.take(browser, state);
      if (pending.client !== app.name || pending.kind !== kind) throw noLogout();
      return pending;
    });
  }

  /**
   * Accepts a logout token from the provider only once: across processes if the pending logins are
   * in a shared store. The response is always 200 or 400.
   *
   * @param own ends the sessions that the library knows, before the client's hook
   * @see https://openid.net/specs/openid-connect-backchannel-1_0.html#BCRequest
   */
  async backchannel(browser: BrowserRequest, own?: EndSessions): Promise<HandlerResponse> {
    forbidCaching(browser);
    const end = this.#hooks('onBackchannelLogout', own);
    try {
      return await this.#within(async () => {
        const form = await this.#formOf(browser);
        const token = form.get('logout_token');
        if (token === null || form.getAll('logout_token').length > 1) throw missingLogoutToken();
        const { event, jti, until } = await (await this.#port()).readLogoutToken(token);
        const { logins } = this.#config;
        const used = { id: `logout ${encodeURIComponent(event.client)} ${jti}`, until };
        if (!(await logins.spend(browser, used))) throw usedToken();
        try {
          await end(event, browser.request, browser.response);
          await this.#notify(browser, event);
        } catch (error) {
          // The provider may retry with the same token.
          await logins.unspend(browser, used);
          throw error;
        }
        return { status: 200 };
      });
    } catch (error) {
      return this.#refuse(browser, error);
    }
  }

  async #formOf(browser: BrowserRequest): Promise<URLSearchParams> {
    if (browser.method === 'POST') {
      return await readCallback.request(browser, this.#config.formBytes);
    }
    throw rejection(
      'invalid_logout_token',
      'logout.backchannelLogout() received a request that is not a POST. The provider sends logout tokens in a form ' +
        '(Back-Channel Logout §2.5)',
    );
  }

  /**
   * Handles a front-channel logout in a frame of the provider's page; the response may be framed.
   * Only the session of this browser can end: sessions are never looked up by `sid`, because a
   * `sid` appears in URLs.
   *
   * @see https://openid.net/specs/openid-connect-frontchannel-1_0.html#RPLogout
   */
  async frontchannel(
    browser: BrowserRequest,
    ...given: [session: FrontchannelSession]
  ): Promise<HandlerResponse> {
    return await this.endByFrame(browser, this.#sessionOf(given));
  }

  /**
   * Handles a front-channel logout of a session.
   *
   * @param own ends the session, before the client's hook
   */
  async endByFrame(
    browser: BrowserRequest,
    session: FrontchannelSession,
    own?: EndSessions,
  ): Promise<HandlerResponse> {
    forbidCaching(browser);
    const end = this.#hooks('onFrontchannelLogout', own);
    let isRefused = false;
    try {
      return await this.#within(async () => {
        isRefused = true;
        if (browser.method !== 'GET') {
          throw rejection(
            'invalid_callback',
            'logout.frontchannelLogout() received a request that is not a GET (Front-Channel Logout §2)',
          );
        }
        const params = new URLSearchParams(browser.query);
        const event = await (await this.#port()).readFrontchannel(params, session);
        isRefused = false;
        await end(event, browser.request, browser.response);
        await this.#notify(browser, event);
        return { status: 200 };
      });
    } catch (error) {
      const code = error instanceof OAuthError ? error.code : undefined;
      if (isRefused && code === 'invalid_callback') return this.#refuse(browser, error);
      throw error;
    }
  }

  /** Requires the session argument: without it, a request could end any session it names. */
  #sessionOf(given: readonly unknown[]): FrontchannelSession {
    const [session] = given;
    const { name: client } = this.#config.app;
    checkArguments(
      { verb: 'frontchannelLogout', client },
      clientArguments.frontchannelLogout,
      given,
    );
    if (given.length > 0 && (session === undefined || session === null || isObject(session))) {
      return session;
    }
    throw new OAuthError(
      'invalid_options',
      "logout.frontchannelLogout() needs the session of this browser: pass { sid } of the session's id_token, or " +
        'undefined if there is no session. No session was ended.',
      { client, phase: 'logout' },
    );
  }

  /**
   * Logs why a logout failed, because the provider's response gives no reason. Errors thrown by the
   * application are not logged, since they may contain secrets.
   */
  #refuse(browser: BrowserRequest, error: unknown): HandlerResponse {
    const client = this.#config.app.name;
    const known = error instanceof OAuthError ? error : undefined;
    const reason = known?.message ?? 'A hook of the application threw.';
    const line = `oauth-registry: a logout request for the client "${client}" was rejected: ${reason}`;
    // oxlint-disable-next-line no-console -- the only trace of a rejected logout for the operator
    const log = browser.log ?? ((text: string) => console.warn(text));
    log(line, { err: error, client, code: known?.code });
    return { status: 400 };
  }

  /**
   * Reads and validates a third-party initiated login; starts nothing.
   *
   * @see https://openid.net/specs/openid-connect-core-1_0.html#ThirdPartyInitiatedLogin
   */
  async readThirdPartyInitiation(browser: BrowserRequest): Promise<LoginInitiation> {
    return await trace({ client: this.#config.app.name, phase: 'callback' }, async () => {
      rejectUnsupported(browser);
      const { formBytes, registry } = this.#config;
      const sent = await readCallback.request(browser, formBytes);
      const params = await (await this.#port()).readThirdPartyInitiation(sent);
      const targets = sent.getAll('target_link_uri');
      if (targets.length === 0) return { params };
      const returnTo =
        targets.length === 1 ? checkReturnTo(targets[0], baseUrlFor(registry, browser)) : undefined;
      if (returnTo === undefined) throw foreignTarget();
      return { params, returnTo };
    });
  }

  /** Notifies the listeners that a user has logged out. */
  async #notify(
    { request }: BrowserRequest,
    { sub, sid }: Pick<UserLogoutEvent, 'sub' | 'sid'>,
  ): Promise<void> {
    const { app, events } = this.#config;
    await events.emit('logout', withRequest({ client: app.name, sub, sid }, request));
  }

  async #createUrl(redirectUri: string | undefined, given: Params = {}): Promise<LogoutRequest> {
    const { engine, params } = await this.#config.app.start(given);
    return await this.#portOf(engine).createLogoutUrl(redirectUri, params);
  }

  /** Returns the logout port for a request that comes from a provider. */
  async #port(): Promise<LogoutPort> {
    return this.#portOf((await this.#config.app.of(undefined)).engine);
  }

  #portOf(engine: Engine<T>): LogoutPort {
    if (engine.logout) return engine.logout;
    throw new OAuthError(
      'invalid_options',
      `"${engine.name}" is not an OpenID Connect client, and its protocol has no logout. End only the ` +
        'session of your application.',
    );
  }

  /** Returns the function that ends sessions: that of the library, then the client's hook. */
  #hooks(name: 'onBackchannelLogout' | 'onFrontchannelLogout', own?: EndSessions): OnLogout {
    const { app, options } = this.#config;
    const hook = options[name];
    if (own) {
      return async (event, request, response) => {
        await own(event);
        await hook?.(event, request, response);
      };
    }
    if (hook) return hook;
    throw new OAuthError(
      'invalid_options',
      `Register "${app.name}" with a function "${name}" that ends the sessions in its argument.`,
      { client: app.name, phase: 'logout' },
    );
  }

  #within<R>(step: () => Promise<R>): Promise<R> {
    return trace({ client: this.#config.app.name, phase: 'logout' }, step);
  }
}

function rejection(code: OAuthErrorCode, seen: string): OAuthError {
  return new OAuthError(code, `${seen}. No session was ended.`);
}

function missingLogoutToken(): OAuthError {
  return rejection(
    'invalid_logout_token',
    'The logout request does not have exactly one "logout_token" (Back-Channel Logout §2.5)',
  );
}

function usedToken(): OAuthError {
  return new OAuthError(
    'invalid_logout_token',
    'The logout token was used before, and is valid once (Back-Channel Logout §2.6). No session was ended.',
  );
}

function resolvePostLogoutUri(
  uri: string | URL | undefined,
  baseUrl: string | undefined,
): string | undefined {
  const resolved = uri === undefined ? undefined : resolveRedirectUri(String(uri), baseUrl);
  if (uri === undefined || resolved !== undefined) return resolved;
  throw new OAuthError(
    'invalid_options',
    'The post-logout redirect URI is relative, and the registry has no "baseUrl". Pass an absolute one, ' +
      'or set "baseUrl".',
  );
}

function noLogout(): OAuthError {
  return new OAuthError(
    'mismatching_state',
    'This request matches no logout started in this browser with this client. No session was ' +
      'changed; show the page for users who are logged out.',
  );
}

function foreignTarget(): OAuthError {
  return new OAuthError(
    'invalid_callback',
    'The request has a "target_link_uri" that is not a single URL below the "baseUrl" of the registry. No login was ' +
      'started. Check "baseUrl".',
  );
}
