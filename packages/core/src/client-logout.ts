import { decodeJwt } from 'jose';
import type { BrowserLoginConfig } from './login.js';
import { checkReturnTo } from './dropin/return-to.js';
import { OAuthError } from './errors.js';
import { withRequest, type Events, type UserLogoutEvent } from './events.js';
import { inPhase } from './phases.js';
import { forbidCaching, readCallback, refuseUnwanted, unwantedLogout } from './incoming.js';
import type { OAuthOptions } from './option-types.js';
import type { LoginInitiation, LogoutPort, LogoutReturn, OnLogout } from './logout-types.js';
import type { BrowserAnswer, BrowserExchange } from './ports.js';
import { resolveRedirectUri } from './resource.js';
import type { Params, Token } from './types.js';

/** What logging out in a browser needs of a client. */
export interface BrowserLogoutConfig<T extends Token> extends BrowserLoginConfig<T> {
  registry: Readonly<Pick<OAuthOptions, 'baseUrl'>>;
  events: Events;
}

/** A call to start a logout, as an adapter hands it on. */
export interface LogoutStart {
  redirectUri?: string | undefined;
  params?: Params | undefined;
}

/** What tells a pending logout from a pending login: neither may end the other. */
const kind = 'logout';

/** Logging out at the provider, begun here or there, and logins that begin elsewhere. */
export class BrowserLogout<T extends Token> {
  readonly #config: BrowserLogoutConfig<T>;

  constructor(config: BrowserLogoutConfig<T>) {
    this.#config = config;
  }

  /** Sends a person to the provider to be logged out there; the logout is pending until they return. */
  async start(browser: BrowserExchange, start: LogoutStart): Promise<BrowserAnswer> {
    forbidCaching(browser);
    const unwanted = unwantedLogout(browser);
    if (unwanted) return unwanted;
    return await this.#within(async () => {
      const { app, registry, logins } = this.#config;
      const redirectUri = resolve(start.redirectUri, registry.baseUrl);
      const { url, state } = await this.#port.createLogoutUrl(redirectUri, start.params);
      if (state !== undefined && redirectUri !== undefined) {
        await logins.put(browser, { state, redirectUri, client: app.name, kind });
      }
      await this.#tell(browser, { sub: subjectOf(start.params?.['id_token_hint']) });
      return { status: browser.method === 'GET' ? 302 : 303, location: url };
    });
  }

  /** Checks that a person's return ends a logout that began in this browser, with this client. */
  async finish(browser: BrowserExchange): Promise<LogoutReturn> {
    forbidCaching(browser);
    return await this.#within(async () => {
      refuseUnwanted(browser);
      const { app, logins, formBytes } = this.#config;
      const [state, ...others] = (await readCallback.request(browser, formBytes)).getAll('state');
      if (!state || others.length > 0) throw noLogout();
      const pending = await logins.take(browser, state);
      if (pending.client !== app.name || pending.kind !== kind) throw noLogout();
      return { state, postLogoutRedirectUri: pending.redirectUri };
    });
  }

  /**
   * Receives a logout token from the provider, once: where pending logins wait in a store, once for all
   * processes that share it. The answer is 200 or 400, and nothing else.
   *
   * @see https://openid.net/specs/openid-connect-backchannel-1_0.html#BCRequest
   */
  async backchannel(browser: BrowserExchange): Promise<BrowserAnswer> {
    forbidCaching(browser);
    const end = this.#hook('onBackchannelLogout');
    try {
      if (browser.method !== 'POST') return { status: 400 };
      const form = await readCallback.request(browser, this.#config.formBytes);
      const [token, ...others] = form.getAll('logout_token');
      if (token === undefined || others.length > 0) return { status: 400 };
      const { event, jti, until } = await this.#port.readLogoutToken(token);
      const { logins } = this.#config;
      const used = { id: `logout ${event.client} ${jti}`, until };
      if (!(await logins.spend(browser, used))) return { status: 400 };
      try {
        await end(event, browser.request, browser.response);
        await this.#tell(browser, event);
      } catch (error) {
        // The provider may try again with the same token.
        await logins.unspend(browser, used);
        throw error;
      }
      return { status: 200 };
    } catch {
      return { status: 400 };
    }
  }

  /**
   * Receives a front-channel logout, in a frame of the provider's page. The answer may be framed.
   *
   * @see https://openid.net/specs/openid-connect-frontchannel-1_0.html#RPLogout
   */
  async frontchannel(
    browser: BrowserExchange,
    session: { sid?: string | undefined } = {},
  ): Promise<BrowserAnswer> {
    forbidCaching(browser);
    const end = this.#hook('onFrontchannelLogout');
    if (browser.method !== 'GET') return { status: 400 };
    return await this.#within(async () => {
      const event = await this.#port.readFrontchannel(
        new URLSearchParams(browser.query),
        session.sid,
      );
      if (!event) return { status: 400 };
      await end(event, browser.request, browser.response);
      await this.#tell(browser, event);
      return { status: 200 };
    });
  }

  /**
   * Reads a login that began elsewhere, and starts nothing.
   *
   * @see https://openid.net/specs/openid-connect-core-1_0.html#ThirdPartyInitiatedLogin
   */
  async readInitiation(browser: BrowserExchange): Promise<LoginInitiation> {
    forbidCaching(browser);
    return await inPhase({ client: this.#config.app.name, phase: 'callback' }, async () => {
      refuseUnwanted(browser);
      const { formBytes, registry } = this.#config;
      const sent = await readCallback.request(browser, formBytes);
      const params = await this.#port.readInitiation(sent);
      const targets = sent.getAll('target_link_uri');
      if (targets.length === 0) return { params };
      const returnTo =
        targets.length === 1 ? checkReturnTo(targets[0], registry.baseUrl) : undefined;
      if (returnTo === undefined) throw foreignTarget();
      return { params, returnTo };
    });
  }

  /** Tells the listeners that a user has logged out. */
  async #tell(
    { request }: BrowserExchange,
    { sub, sid }: Pick<UserLogoutEvent, 'sub' | 'sid'>,
  ): Promise<void> {
    const { app, events } = this.#config;
    await events.emit('logout', withRequest({ client: app.name, sub, sid }, request));
  }

  get #port(): LogoutPort {
    const { app } = this.#config;
    if (app.logout) return app.logout;
    throw new OAuthError(
      'invalid_options',
      `"${app.name}" is no OpenID Connect client, and its protocol knows no logout.`,
    );
  }

  #hook(name: 'onBackchannelLogout' | 'onFrontchannelLogout'): OnLogout {
    const { app, options } = this.#config;
    const hook = options[name];
    if (hook) return hook;
    throw new OAuthError(
      'invalid_options',
      `Register "${app.name}" with a function "${name}" that ends the sessions it is told of.`,
      { client: app.name, phase: 'logout' },
    );
  }

  #within<R>(step: () => Promise<R>): Promise<R> {
    return inPhase({ client: this.#config.app.name, phase: 'logout' }, step);
  }
}

/** Reads whose id_token it is that this application hands back, which it verified when it arrived. */
function subjectOf(idToken: unknown): string | undefined {
  try {
    const { sub } = decodeJwt(String(idToken));
    return typeof sub === 'string' ? sub : undefined;
  } catch {
    return undefined;
  }
}

function resolve(uri: string | undefined, baseUrl: string | undefined): string | undefined {
  const resolved = uri === undefined ? undefined : resolveRedirectUri(uri, baseUrl);
  if (uri === undefined || resolved !== undefined) return resolved;
  throw new OAuthError(
    'invalid_options',
    'The post-logout redirect URI must be absolute, or the registry must have a "baseUrl".',
  );
}

function noLogout(): OAuthError {
  return new OAuthError(
    'mismatching_state',
    'This return does not end a logout that began in this browser with this client. Nobody was logged ' +
      'in or out by it; show the page for people who are logged out.',
  );
}

function foreignTarget(): OAuthError {
  return new OAuthError(
    'invalid_callback',
    'The "target_link_uri" is not an address below this registry\'s "baseUrl". Nothing was started.',
  );
}
