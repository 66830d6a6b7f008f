import type {
  AllKnownOptions,
  ClientsOf,
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
import { insideOf, type FrameworkClient } from '../client/client.js';
import {
  loginButton,
  loginStyles,
  type Branded,
  type LoginButtonOptions,
} from '../routes/pages/button.js';
import { loginPage, type LoginPageOptions } from '../routes/pages/page.js';
import { checkReturnTo } from '../client/redirect-uri.js';
import { checkButtonOptions, checkPageOptions } from '../routes/check-options.js';
import { Routes } from '../routes/routes.js';
import type { BrowserExchange } from '../model/ports.js';
import type { RoutesOptions } from '../routes/options.js';
import { NamedClients, type Integration } from './clients.js';
import type { GivenOptions, OAuthOptions } from '../options/register-options.js';
import { readClients } from '../options/read-register-options.js';
import { readRegistryOptions, type RegistryOptions } from '../options/read-registry-options.js';
import type { OAuth1PresetName, OpenID2PresetName } from '../providers/by-name.js';
import { questionsOf } from '../options/server-choice.js';
import { Events } from '../client/events/events.js';

/** Reads the private field of a registry: set by the class itself, so that no property leads to clients. */
let clientsIn: (registry: object) => FrameworkClient[] | undefined;

/** The registered clients, for other modules of this package; `undefined` if it is no registry. */
export function clientsOf(registry: object): FrameworkClient[] | undefined {
  return clientsIn(registry);
}

/**
 * Holds named clients. Each integration's `OAuth` is one of these, with its own kind of client.
 */
export class Registry<Clients extends ClientTypes> {
  /**
   * Tells of logins (`login`, `login:failed`) and logouts (`logout`), of refreshed tokens (`token:update`) and
   * of authorizations that ended (`authorization:dead`).
   */
  readonly events: Events = new Events();
  readonly #options: Readonly<RegistryOptions>;
  readonly #clients: NamedClients;

  static {
    clientsIn = (registry) => (#clients in registry ? registry.#clients.all() : undefined);
  }

  protected constructor(options: OAuthOptions, integration: Integration) {
    this.#options = readRegistryOptions(options);
    this.#clients = new NamedClients(this.#options, integration, this.events);
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
    options?: OAuth1PresetOptions,
  ): this & { readonly [K in N]: Clients['oauth1'] };
  register<N extends OpenID2PresetName>(
    name: N,
    options?: OpenID2PresetOptions,
  ): this & { readonly [K in N]: Clients['openid2'] };
  register<N extends string, Given extends GivenOptions>(
    name: N,
    options: Given & GivenOptions & KnownOptions<N, Given>,
  ): this & { readonly [K in N]: Clients[ProtocolOf<N, Given>] };
  register<N extends string>(
    name: N & OAuth2Name<N>,
    options?: OAuth2ClientOptions,
  ): this & { readonly [K in N]: Clients['oauth2'] };
  register(name: string, options: GivenOptions = {}): this {
    const value = this.#clients.register(name, options, (one) => one in this);
    Object.defineProperty(this, name, { value, enumerable: true });
    return this;
  }

  /**
   * Adds the clients of one object, each under its name, as {@link Registry.register} does: presets by
   * name, options, or both. An object whose names the compiler does not know, such as a parsed file, adds
   * clients that {@link Registry.createClient} finds.
   *
   * @throws OAuthError as `register()` does, with the name of the client in `client`
   */
  registerAll<const Given extends Readonly<Record<string, GivenOptions>>>(
    clients: Given & AllKnownOptions<Given>,
  ): string extends keyof Given ? this : this & ClientsOf<Clients, Given> {
    for (const [name, options] of readClients(clients)) this.register(name, options);
    return this as never;
  }

  /**
   * Returns a registered client, or one that the `loadClient` option loads: once for all who wait, and
   * kept while it is among the `limits.clients` used last.
   *
   * @throws OAuthError `unknown_client` where there is none, `invalid_options` for what is no client
   */
  async loadClient(name: string): Promise<Clients['any']> {
    return (await this.#clients.findOrLoad(name)) as Clients['any'];
  }

  /** Forgets a loaded client, so that its next use loads it again: its options have changed. */
  forgetClient(name: string): void {
    this.#clients.forget(name);
  }

  /**
   * Returns a registered client by name; the same object as the property of that name.
   *
   * @throws OAuthError `unknown_client`, listing the known names
   */
  createClient<K extends Exclude<keyof this & string, keyof Registry<Clients>>>(name: K): this[K];
  createClient(name: string): Clients['any'];
  createClient(name: string): unknown {
    return this.#clients.find(name);
  }

  /** Writes a button that starts a login at the drop-in routes: accessible HTML, to be put in a page. */
  loginButton(name: string, options: LoginButtonOptions = {}): string {
    checkButtonOptions(options);
    return loginButton(brandOf(this.#clients.find(name)), this.#withPath(options)).text;
  }

  /** Writes a whole sign-in page with a button for each client: HTML with its styles in it. */
  loginPage(options: LoginPageOptions = {}): string {
    checkPageOptions(options);
    return loginPage(this.#branded(), this.#withPath(options));
  }

  /** A URL to return to is one of the application, and its path from here on. */
  #withPath<O extends Pick<LoginButtonOptions, 'returnTo'>>(options: O): O {
    const { returnTo } = options;
    if (!(returnTo instanceof URL)) return options;
    return { ...options, returnTo: checkReturnTo(returnTo, this.#options.baseUrl) };
  }

  /** The styles of {@link Registry.loginButton}, for a page of your own. */
  loginStyles(): string {
    return loginStyles(this.#branded());
  }

  /** The drop-in routes, for adapters. */
  protected createRoutes(options: RoutesOptions): Routes {
    const { baseUrl, limits, timeout } = this.#options;
    const find = (name: string): Promise<FrameworkClient> => this.#clients.findOrLoad(name);
    const list = (): Branded[] => this.#branded();
    const { formBytes, accessBytes } = limits;
    const { events } = this;
    const drop = (browser: BrowserExchange): Promise<void> => this.#clients.drop(browser);
    return new Routes(
      { find, list, drop, events, baseUrl, formBytes, accessBytes, timeout },
      options,
    );
  }

  #branded(): Branded[] {
    return this.#clients.all().map((client) => brandOf(client));
  }
}

function brandOf(client: FrameworkClient): Branded {
  const { options } = insideOf(client);
  return { name: client.name, options, questions: questionsOf(options) };
}
