import type {
  AllKnownOptions,
  ClientsByName,
  ClientTypes,
  KnownOptions,
  OAuth1ClientOptions,
  OAuth1PresetOptions,
  OAuth2ClientOptions,
  OAuth2Name,
  OpenID2ClientOptions,
  OpenID2PresetOptions,
  ProtocolOf,
} from './client-types.js';
import { internalsOf, type FrameworkClient } from '../client/client.js';
import {
  loginButton,
  loginStyles,
  type Branded,
  type LoginButtonOptions,
} from '../routes/pages/button.js';
import { lookOf, rememberLook } from '../routes/pages/look.js';
import { loginPage, type LoginPageOptions } from '../routes/pages/page.js';
import { checkReturnTo } from '../client/redirect-uri.js';
import {
  checkButtonOptions,
  checkPageOptions,
  checkRequireLogin,
} from '../routes/check-options.js';
import type { Guard, RequireLoginOptions } from '../routes/guard-options.js';
import { guardWith } from '../routes/guards.js';
import { RouteSessions } from '../routes/route-sessions.js';
import { Routes } from '../routes/routes.js';
import type { BrowserRequest } from '../model/ports.js';
import type { Protocol } from '../model/types.js';
import type { RoutesOptions } from '../routes/options.js';
import type {
  Connection,
  Connections,
  PageOptions,
  PageResult,
  RefreshDueOptions,
} from './connections.js';
import { OAuthError } from '../model/errors.js';
import { checkAll, must, text, type Rules } from '../platform/validators.js';
import { logSafely, type Logger } from '../platform/log.js';
import { NamedClients, type Integration } from './clients.js';
import type { ClientOptions, GivenOptions } from '../options/register-options.js';
import type { OAuthOptions } from '../options/registry-options.js';
import { readClients } from '../options/read-register-options.js';
import { readRegistryOptions, type RegistryOptions } from '../options/read-registry-options.js';
import type { OAuth1PresetName, OpenID2PresetName } from '../providers/by-name.js';
import { questionsOf } from '../options/server-choice.js';
import { Events } from '../client/events/events.js';

/**
 * Reads the private field of a registry. Set by the class itself, so that no property exposes
 * clients.
 */
let clientsIn: (registry: object) => NamedClients | undefined;

/**
 * Returns the registered clients, for other modules of this package; `undefined` if it is not a
 * registry.
 */
export function clientsOf(registry: object): FrameworkClient[] | undefined {
  return clientsIn(registry)?.all();
}

/** Returns the clients of a registry with their engines; `undefined` if it is not a registry. */
export function namedClientsOf(registry: object): NamedClients | undefined {
  return clientsIn(registry);
}

/** The type of an integration's registry with named clients. */
export type RegistryOf<Clients extends ClientTypes, Protocols> = Clients extends {
  registry: object;
}
  ? (Clients & { readonly protocols: Protocols })['registry']
  : Registry<Clients, Protocols> & ClientsByName<Clients, Protocols>;

/** The type of an integration's registry with one more client, unless its name is unknown. */
export type RegistryWith<
  Clients extends ClientTypes,
  Protocols,
  Name extends string,
  P extends Protocol,
> = RegistryOf<Clients, string extends Name ? Protocols : Protocols & { readonly [N in Name]: P }>;

/** The type of an integration's registry with the clients of an object, unless it has no known names. */
export type RegistryWithAll<Clients extends ClientTypes, Protocols, Given> = RegistryOf<
  Clients,
  string extends keyof Given
    ? Protocols
    : Protocols & { readonly [N in keyof Given]: ProtocolOf<N, Given[N]> }
>;

/** The constructor of an integration's registry. */
export interface RegistryConstructor<Clients extends ClientTypes> {
  /**
   * Creates a registry, with clients or without. Sends no request.
   *
   * @param options `clients`: the options of clients by name, as for {@link Registry.registerAll}
   * @throws OAuthError `invalid_options` or `insecure_transport`
   */
  new <const Given extends ClientOptions = {}>(
    options?: OAuthOptions & { clients?: (Given & AllKnownOptions<Given>) | undefined },
  ): RegistryWithAll<Clients, unknown, Given>;
  readonly prototype: RegistryOf<Clients, unknown>;
}

/**
 * A registry of named clients. The `OAuth` class of each integration extends it with its own client
 * type.
 */
export class Registry<Clients extends ClientTypes, Protocols = unknown> {
  /**
   * Emits events of logins (`login`, `login:failed`), logouts (`logout`), refreshed tokens
   * (`token:update`) and ended authorizations (`grant:revoked`).
   */
  readonly events: Events = new Events();
  readonly #options: Readonly<RegistryOptions>;
  readonly #clients: NamedClients;
  /** That of the routes, for guards. */
  #userId: RoutesOptions['userId'];

  static {
    clientsIn = (registry) => (#clients in registry ? registry.#clients : undefined);
  }

  protected constructor(options: OAuthOptions, integration: Integration) {
    this.#options = readRegistryOptions(options);
    this.#clients = new NamedClients(this.#options, integration, this.events);
    const { logger } = this.#options;
    if (logger) logEvents(this.events, logger);
    const { clients } = options;
    if (clients !== undefined) this.#add(readClients(clients, 'new OAuth({ clients })'));
  }

  /**
   * Adds a client under a name and returns the registry, typed with that name. Validates every
   * option and sends no request. If the options do not describe the provider, the preset with that
   * name is used. A `requestTokenUrl` selects OAuth 1.0a, an `openid2Endpoint` OpenID 2.0; set it
   * here rather than in the configuration, which the compiler cannot see.
   *
   * @throws OAuthError `invalid_options` or `insecure_transport`
   */
  register<N extends string>(
    name: N,
    options: OAuth1ClientOptions,
  ): RegistryWith<Clients, Protocols, N, 'oauth1'>;
  register<N extends string>(
    name: N,
    options: OpenID2ClientOptions,
  ): RegistryWith<Clients, Protocols, N, 'openid2'>;
  register<N extends OAuth1PresetName>(
    name: N,
    options?: OAuth1PresetOptions,
  ): RegistryWith<Clients, Protocols, N, 'oauth1'>;
  register<N extends OpenID2PresetName>(
    name: N,
    options?: OpenID2PresetOptions,
  ): RegistryWith<Clients, Protocols, N, 'openid2'>;
  register<N extends string, Given extends GivenOptions>(
    name: N,
    options: Given & GivenOptions & KnownOptions<N, Given>,
  ): RegistryWith<Clients, Protocols, N, ProtocolOf<N, Given>>;
  register<N extends string>(
    name: N & OAuth2Name<N>,
    options?: OAuth2ClientOptions,
  ): RegistryWith<Clients, Protocols, N, 'oauth2'>;
  register(name: string, options: GivenOptions = {}): object {
    return this.#register(name, options);
  }

  #register(name: string, options: GivenOptions): this {
    const value = this.#clients.register(name, options, (one) => one in this);
    Object.defineProperty(this, name, { value, enumerable: true });
    return this;
  }

  /**
   * Adds the clients of an object by name, each as {@link Registry.register} does: presets by name,
   * options, or both. If the compiler does not know the names, as with a parsed file, use {@link
   * Registry.createClient} to access the clients.
   *
   * @throws OAuthError as `register()` does, with the name of the client in `client`
   */
  registerAll<const Given extends ClientOptions>(
    clients: Given & AllKnownOptions<Given>,
  ): RegistryWithAll<Clients, Protocols, Given> {
    this.#add(readClients(clients, 'registerAll()'));
    return this as never;
  }

  #add(clients: readonly (readonly [name: string, options: GivenOptions])[]): void {
    for (const [name, options] of clients) this.#register(name, options);
  }

  /**
   * Returns a registered client, or one loaded with the `loadClient` option: once for all
   * concurrent callers, and cached while it is among the `limits.clients` most recently used.
   *
   * @throws OAuthError `unknown_client` if there is none, `invalid_options` if the options are
   *   invalid
   */
  async loadClient(name: string): Promise<Clients['any']> {
    return (await this.#clients.findOrLoad(name)) as Clients['any'];
  }

  /**
   * Removes a loaded client from the cache after its options have changed; the next use loads it
   * again.
   */
  forgetClient(name: string): void {
    this.#clients.forget(name);
  }

  /**
   * Returns a registered client by name; the same object as the property with that name.
   *
   * @throws OAuthError `unknown_client`, listing the known names
   */
  createClient<K extends keyof Protocols & string>(name: K): ClientsByName<Clients, Protocols>[K];
  createClient(name: string): Clients['any'];
  createClient(name: string): unknown {
    return this.#clients.find(name);
  }

  /**
   * Returns the public data of all registered clients, for example for a page of connections. It
   * contains no secret.
   */
  clients(): ClientInfo[] {
    return this.#clients.all().map(({ name, kind, displayName, brandColor, mark, clientId }) => ({
      name,
      kind,
      displayName,
      brandColor,
      mark,
      clientId,
    }));
  }

  /**
   * Returns the stored tokens of a user at all clients, without the tokens themselves. One that cannot
   * be decrypted is in the list, with the code of its error.
   *
   * @throws OAuthError `invalid_options` without a `tokenStore`, `storage_failed`
   */
  async listTokens(userId: string): Promise<Connection[]> {
    checkUserId(userId);
    return await (await this.#connections()).list(userId);
  }

  /**
   * Refreshes a page of the stored tokens that are about to expire, for a worker. Any number of
   * processes may run it: each token is refreshed once. Call it again with `after: next` until there
   * is no `next`.
   *
   * @throws OAuthError `invalid_options` if the store has no `due`, `storage_failed`
   */
  async refreshDue(options: RefreshDueOptions = {}): Promise<PageResult> {
    checkPage(options, 'oauth.refreshDue()');
    return await (await this.#connections()).refreshDue(options);
  }

  /**
   * Encrypts a page of the stored tokens with the newest `secret`, after a rotation. Call it again
   * with `after: next` until there is no `next`; then the old secret can be removed.
   *
   * @throws OAuthError `invalid_options` if the store has no `page`, `storage_failed`
   */
  async reseal(options: PageOptions = {}): Promise<PageResult> {
    checkPage(options, 'oauth.reseal()');
    return await (await this.#connections()).reseal(options);
  }

  async #connections(): Promise<Connections> {
    const { Connections } = await import('./connections.js');
    return new Connections(this.#options, (name) => this.#clients.findOrLoad(name));
  }

  /** Renders a button that starts a login at the routes, as accessible HTML for a page. */
  loginButton(name: string, options: LoginButtonOptions = {}): string {
    checkButtonOptions(options);
    return loginButton(brandOf(this.#clients.find(name)), this.#withPath(options)).text;
  }

  /** Renders a sign-in page with a button for each client, as HTML including its styles. */
  loginPage(options: LoginPageOptions = {}): string {
    checkPageOptions(options);
    return loginPage(this.#branded(), this.#withPath(options), lookOf(options));
  }

  /** Converts a return URL of the application to a path. */
  #withPath<O extends Pick<LoginButtonOptions, 'returnTo'>>(options: O): O {
    const { returnTo } = options;
    if (!(returnTo instanceof URL)) return options;
    return { ...options, returnTo: checkReturnTo(returnTo, this.#options.baseUrl) };
  }

  /** Returns the styles of {@link Registry.loginButton}, for a custom page. */
  loginStyles(): string {
    return loginStyles(this.#branded());
  }

  /** Creates the routes, for adapters. */
  protected createRoutes(options: RoutesOptions): Routes {
    const { baseUrl, chooseBaseUrl, limits } = this.#options;
    const find = (name: string): Promise<FrameworkClient> => this.#clients.findOrLoad(name);
    const list = (): Branded[] => this.#branded();
    const { formBytes, accessBytes } = limits;
    const { events } = this;
    const drop = (browser: BrowserRequest): Promise<void> => this.#clients.drop(browser);
    const clients = { find, list, drop, events };
    const settings = {
      baseUrl,
      chooseBaseUrl,
      formBytes,
      accessBytes,
      sessions: new RouteSessions(this.#options),
    };
    this.#userId ??= options.userId;
    const routes = new Routes({ ...clients, ...settings }, options);
    rememberLook(this.#options, options.page || {});
    return routes;
  }

  /** Creates the guard of pages for signed-in users, for adapters. */
  protected createLoginGuard(options: RequireLoginOptions): Guard {
    checkRequireLogin(options);
    return guardWith(async () => {
      const { LoginGuard } = await import('../routes/require-login.js');
      return new LoginGuard(this.#options, { userId: this.#userId, ...options });
    });
  }

  #branded(): Branded[] {
    return this.#clients.all().map((client) => brandOf(client));
  }
}

/** Public data of a registered client. */
export interface ClientInfo {
  name: string;
  kind: Protocol;
  /** The provider's display name. Default: the client's name. */
  displayName: string;
  /** The brand colour as `#rrggbb`. */
  brandColor: string | undefined;
  /** The provider's logo: the data of one SVG path in a 24 by 24 square. */
  mark: string | undefined;
  clientId: string | undefined;
}

const pageChecks: Rules<RefreshDueOptions> = {
  within: must(
    (v) => Number.isFinite(v) && Number(v) >= 0,
    'must be a number of seconds, 0 or more',
  ),
  limit: must((v) => Number.isInteger(v) && Number(v) > 0, 'must be a whole number above 0'),
  after: text,
};

function checkPage(options: PageOptions, place: string): void {
  checkAll(options, pageChecks, place);
}

function checkUserId(userId: unknown): void {
  if (typeof userId === 'string' && userId !== '') return;
  throw new OAuthError(
    'invalid_options',
    'oauth.listTokens() takes the user ID in your application, a non-empty string.',
  );
}

/** Logs failed logins and ended authorizations. */
function logEvents(events: Events, logger: Logger): void {
  const warn = (details: object, line: string): void =>
    logSafely(() => (logger.warn ? logger.warn(details, line) : logger.debug(details, line)));
  events.on('login:failed', ({ client, code, phase, error, reference }) => {
    const details = { client, code, phase, reference, message: error.message };
    warn(
      details,
      `oauth-registry ${client}: login failed (${code ?? error.name}): ${error.message ?? ''}`,
    );
  });
  events.on('grant:revoked', ({ client, reason }) =>
    warn(
      { client, reason },
      `oauth-registry ${client}: the authorization of a user has ended (${reason})`,
    ),
  );
}

function brandOf(client: FrameworkClient): Branded {
  const { options } = internalsOf(client);
  return { name: client.name, options, questions: questionsOf(options) };
}
