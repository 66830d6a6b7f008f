import { isClientName, reservedNames } from './client-name.js';
import type {
  ClientsOf,
  ClientTypes,
  KnownOptions,
  OAuth1ClientOptions,
  OpenID2ClientOptions,
  OptionsOfPreset,
} from './client-types.js';
import { FrameworkClient, type ClientConfig } from './client.js';
import {
  loginButton,
  loginStyles,
  type Branded,
  type LoginButtonOptions,
} from './dropin/button.js';
import { loginPage, type LoginPageOptions } from './dropin/page.js';
import { Routes } from './dropin/routes.js';
import type { RoutesOptions } from './dropin/routes-options.js';
import { createEngine } from './engines.js';
import { OAuthError } from './errors.js';
import { createHttp, type Http } from './http.js';
import { LoadedClients } from './loaded-clients.js';
import type { OAuthOptions, RegisterOptions } from './option-types.js';
import { readClients, readRegisterOptions } from './options.js';
import { knowsProvider } from './options/configuration.js';
import { readRegistryOptions, type RegistryOptions } from './options/registry.js';
import { withPreset, type OAuth1PresetName, type OpenID2PresetName } from './providers/by-name.js';
import { questionsOf } from './quirks/chosen-server.js';
import { chooseStorage } from './state/choose-storage.js';
import { PendingLogins } from './state/pending-logins.js';
import { Events } from './token/events.js';

/** What an integration brings along. */
export interface Integration {
  Client: ClientClass;
  /** The request being handled right now, for the `fetchToken` hook. */
  currentRequest?: () => unknown;
}

/** A class whose instances are the clients of an integration. */
export type ClientClass = new (config: ClientConfig) => FrameworkClient;

/**
 * Holds named clients. Each integration's `OAuth` is one of these, with its own kind of client.
 */
export class Registry<Clients extends ClientTypes> {
  /** Tells of refreshed tokens (`token:update`) and of authorizations that ended (`authorization:dead`). */
  readonly events: Events = new Events();
  readonly #options: Readonly<RegistryOptions>;
  readonly #integration: Integration;
  readonly #http: Http;
  readonly #logins: PendingLogins;
  readonly #clients = new Map<string, FrameworkClient>();
  readonly #loaded: LoadedClients<FrameworkClient>;

  protected constructor(options: OAuthOptions, integration: Integration) {
    this.#options = readRegistryOptions(options);
    this.#integration = integration;
    this.#http = createHttp(this.#options);
    this.#logins = new PendingLogins(chooseStorage(this.#options), this.#options.limits.stateTtl);
    const { clients } = this.#options.limits;
    this.#loaded = new LoadedClients((name) => this.#load(name), clients);
  }

  /**
   * Adds a client under a name and returns the registry, typed with that name. Makes no network call;
   * checks every option. Where nothing says where the provider is, the preset of that name does. A `requestTokenUrl`
   * selects OAuth 1.0a, an `openid2Endpoint` OpenID 2.0; give it here rather than in the configuration,
   * which the compiler does not see.
   *
   * @throws OAuthError `invalid_options` or `insecure_transport`
   */
  register<N extends string>(
    name: N,
    options: OAuth1ClientOptions,
  ): this & { readonly [K in N]: Clients['oauth1'] };
  register<N extends string>(
    name: N,
    options: OpenID2ClientOptions,
  ): this & { readonly [K in N]: Clients['openid2'] };
  register<N extends OAuth1PresetName>(
    name: N,
    options?: OptionsOfPreset,
  ): this & { readonly [K in N]: Clients['oauth1'] };
  register<N extends OpenID2PresetName>(
    name: N,
    options?: OptionsOfPreset,
  ): this & { readonly [K in N]: Clients['openid2'] };
  register<N extends string>(
    name: N,
    options?: RegisterOptions,
  ): this & { readonly [K in N]: Clients['oauth2'] };
  register(name: string, options: RegisterOptions = {}): this {
    try {
      return this.#register(name, options);
    } catch (error) {
      throw error instanceof OAuthError ? error.within(String(name), 'register') : error;
    }
  }

  /**
   * Adds the clients of one object, each under its name, as {@link Registry.register} does: presets by
   * name, options, or both. An object whose names the compiler does not know, such as a parsed file, adds
   * clients that {@link Registry.createClient} finds.
   *
   * @throws OAuthError as `register()` does, with the name of the client in `client`
   */
  registerAll<const Given extends Readonly<Record<string, RegisterOptions>>>(
    clients: Given & KnownOptions<Given>,
  ): string extends keyof Given ? this : this & ClientsOf<Clients, Given> {
    for (const [name, options] of readClients(clients)) this.register(name, options);
    return this as never;
  }

  #register(name: string, options: RegisterOptions): this {
    this.#checkName(name);
    const { config } = this.#options;
    const described = withPreset(options, knowsProvider(name, options, config) ? undefined : name);
    const client = this.#make(name, readRegisterOptions(name, described, config));
    this.#clients.set(name, client);
    Object.defineProperty(this, name, { value: client, enumerable: true });
    return this;
  }

  #make(name: string, options: Readonly<RegisterOptions>): FrameworkClient {
    const { Client, currentRequest } = this.#integration;
    return new Client({
      app: createEngine({ name, options, registry: this.#options, http: this.#http }),
      options,
      registry: this.#options,
      logins: this.#logins,
      formBytes: this.#options.limits.formBytes,
      events: this.events,
      currentRequest,
    });
  }

  /**
   * Returns a registered client, or one that the `loadClient` option loads: once for all who wait, and
   * kept while it is among the `limits.clients` used last.
   *
   * @throws OAuthError `unknown_client` where there is none, `invalid_options` for what is no client
   */
  async loadClient(name: string): Promise<Clients['any']> {
    return (await this.#findOrLoad(name)) as Clients['any'];
  }

  /** Forgets a loaded client, so that its next use loads it again: its options have changed. */
  forgetClient(name: string): void {
    this.#loaded.forget(name);
  }

  async #findOrLoad(name: string): Promise<FrameworkClient> {
    const registered = this.#clients.get(name);
    if (registered) return registered;
    return isClientName(name) ? await this.#loaded.get(name) : this.#find(name);
  }

  async #load(name: string): Promise<FrameworkClient> {
    const options = await this.#options.loadClient?.(name);
    if (options === undefined || options === null) return this.#find(name);
    try {
      // The name comes from outside: it must not choose a secret in the environment.
      return this.#make(name, readRegisterOptions(name, withPreset(options), {}));
    } catch (error) {
      throw error instanceof OAuthError ? error.within(name, 'register') : error;
    }
  }

  /**
   * Returns a registered client by name; the same object as the property of that name.
   *
   * @throws OAuthError `unknown_client`, listing the known names
   */
  createClient<K extends Exclude<keyof this & string, keyof Registry<Clients>>>(name: K): this[K];
  createClient(name: string): Clients['any'];
  createClient(name: string): unknown {
    return this.#find(name);
  }

  #find(name: string): FrameworkClient {
    const client = this.#clients.get(name);
    if (client) return client;
    const known = [...this.#clients.keys()];
    throw new OAuthError(
      'unknown_client',
      `There is no client of that name. Registered are: ${known.join(', ') || 'none yet'}.`,
    );
  }

  /** Writes a button that starts a login at the drop-in routes: accessible HTML, to be put in a page. */
  loginButton(name: string, options: LoginButtonOptions = {}): string {
    return loginButton(brandOf(this.#find(name)), options).text;
  }

  /** Writes a whole sign-in page with a button for each client: HTML with its styles in it. */
  loginPage(options: LoginPageOptions = {}): string {
    return loginPage(this.#branded(), options);
  }

  /** The styles of {@link Registry.loginButton}, for a page of your own. */
  loginStyles(): string {
    return loginStyles(this.#branded());
  }

  /** The drop-in routes, for adapters. */
  protected createRoutes(options: RoutesOptions): Routes {
    const { baseUrl, limits } = this.#options;
    const find = (name: string): Promise<FrameworkClient> => this.#findOrLoad(name);
    const list = (): Branded[] => this.#branded();
    const { formBytes, accessBytes } = limits;
    return new Routes({ find, list, baseUrl, formBytes, accessBytes }, options);
  }

  /** The registered clients, for other parts of this package; of anything but a registry: nothing. */
  static clientsOf(registry: object): FrameworkClient[] | undefined {
    return #clients in registry ? [...registry.#clients.values()] : undefined;
  }

  #branded(): Branded[] {
    return [...this.#clients.values()].map((client) => brandOf(client));
  }

  #checkName(name: string): void {
    const problem = this.#nameProblem(name);
    if (problem) throw new OAuthError('invalid_options', `register(): ${problem}`);
  }

  #nameProblem(name: unknown): string | undefined {
    if (!isClientName(name)) {
      return 'the name must be 1 to 64 letters, digits, "-" or "_".';
    }
    if (this.#clients.has(name)) return `the name "${name}" is taken; a client is registered once.`;
    if (name in this || reservedNames.has(name) || name.startsWith('__')) {
      return `the name "${name}" is a member of the registry, or kept for one; choose another.`;
    }
    return undefined;
  }
}

function brandOf(client: FrameworkClient): Branded {
  const { options } = FrameworkClient.inside(client);
  return { name: client.name, options, questions: questionsOf(options) };
}
