import { isPlain } from '../platform/validators.js';
import { isClientName, isLoadedName, reservedNames } from '../options/client-name.js';
import type { FrameworkClient } from '../client/client.js';
import {
  createSource,
  RegisteredSource,
  type CreateSource,
  type EngineConfig,
} from './engine-selection.js';
import { classOf, type ClientClass } from './protocol-classes.js';
import { isObject, mapMembers, filterMembers } from '../platform/encoding.js';
import { OAuthError } from '../model/errors.js';
import { createHttp } from '../platform/http/http.js';
import { LoadedClients } from './loaded-clients.js';
import type { GivenOptions, RegisterOptions } from '../options/register-options.js';
import { optionUrls, fromConfig, readRegisterOptions } from '../options/read-register-options.js';
import {
  configName,
  environment,
  knowsProvider,
  unknownUntilRunTime,
} from '../options/configuration.js';
import type { RegistryOptions } from '../options/read-registry-options.js';
import type { BrowserRequest, FindClosedSession } from '../model/ports.js';
import { presetNear, withPreset } from '../providers/by-name.js';
import { chooseStorage } from '../client/login-state/choose.js';
import { TokenMemory } from '../client/tokens/token-cache.js';
import { PendingLogins, type LoginStorage } from '../client/login-state/pending-logins.js';
import type { Events } from '../client/events/events.js';

/** What an integration provides. */
export interface Integration {
  Client: ClientClass;
  /** Returns the current request, for the `fetchToken` hook. */
  currentRequest?: () => unknown;
  /**
   * Finds a request's session if its cookies can no longer be set, so that no refresh token is
   * spent for it.
   */
  closedSession?: FindClosedSession;
  /**
   * Whether empty client options count as missing: environment variables are empty during a build.
   */
  emptyIsMissing?: boolean;
}

/** The clients of one registry by name: registered ones, and ones loaded on demand. */
export class NamedClients {
  readonly #options: Readonly<RegistryOptions>;
  readonly #integration: Integration;
  readonly #events: Events;
  readonly #engines: EngineConfig;
  readonly #logins: PendingLogins;
  readonly #memory: TokenMemory;
  readonly #registered = new Map<string, FrameworkClient>();
  readonly #loaded: LoadedClients<FrameworkClient>;

  constructor(options: Readonly<RegistryOptions>, integration: Integration, events: Events) {
    this.#options = options;
    this.#integration = integration;
    this.#events = events;
    const http = createHttp(options);
    this.#engines = { registry: options, http, events, create: createSource };
    this.#memory = new TokenMemory(options.limits);
    this.#logins = new PendingLogins(chooseStorage(options), options.limits.stateTtl);
    this.#loaded = new LoadedClients((name) => this.#load(name), options.limits.clients);
  }

  /** Removes all pending logins of a browser. */
  async drop(browser: BrowserRequest): Promise<void> {
    await this.#logins.drop(browser);
  }

  /**
   * Replaces the engines of all clients and the storage of their pending logins, for tests; returns
   * what restores both.
   */
  replace(create: CreateSource, wrap: (storage: LoginStorage) => LoginStorage): () => void {
    const before = this.#engines.create;
    this.#engines.create = create;
    const restoreStorage = this.#logins.wrapStorage(wrap);
    return () => {
      this.#engines.create = before;
      restoreStorage();
    };
  }

  /** Returns the registered clients. */
  all(): FrameworkClient[] {
    return [...this.#registered.values()];
  }

  /**
   * Creates and stores a client; if its options do not describe the provider, the preset with its
   * name does.
   */
  register(
    name: string,
    written: GivenOptions,
    isTaken: (name: string) => boolean,
  ): FrameworkClient {
    const { emptyIsMissing = false } = this.#integration;
    const given = emptyIsMissing ? withoutEmpty(written) : written;
    return within(name, () => {
      const problem = this.#nameProblem(name, isTaken);
      if (problem) throw new OAuthError('invalid_options', `register(): ${problem}`);
      const { config } = this.#options;
      const described = withPreset(given, {
        name: knowsProvider(given) ? undefined : name,
        lookUp: (variable) => (config ?? environment())[configName(name, variable)],
        configured: (own) => fromConfig(name, own, config),
        variableOf: (option) => configName(name, option),
      });
      if (isObject(described) && !isPlaced(described)) {
        refuseMisspelt(name, fromConfig(name, described, config));
      }
      const traced = emptyIsMissing ? withVariables(described) : described;
      const client = this.#make(name, readRegisterOptions(name, traced, config), false);
      this.#registered.set(name, client);
      return client;
    });
  }

  /**
   * Returns a registered client.
   *
   * @throws OAuthError `unknown_client`, listing the known names
   */
  find(name: string): FrameworkClient {
    const client = this.#registered.get(name);
    if (client) return client;
    const known = [...this.#registered.keys()];
    throw new OAuthError(
      'unknown_client',
      `There is no client with that name. Registered clients: ${known.join(', ') || 'none yet'}.`,
    );
  }

  /** Returns a registered client, or loads one. */
  async findOrLoad(name: string): Promise<FrameworkClient> {
    const registered = this.#registered.get(name);
    if (registered) return registered;
    return isLoadedName(name) ? await this.#loaded.get(name) : this.find(name);
  }

  /** Removes a loaded client from the cache. */
  forget(name: string): void {
    this.#loaded.forget(name);
  }

  async #load(name: string): Promise<FrameworkClient> {
    const options = await this.#options.loadClient?.(name);
    if (options === undefined || options === null) return this.find(name);
    // The name is untrusted input: it must not select a secret in the environment.
    return within(name, () =>
      this.#make(name, readRegisterOptions(name, withPreset(options), {}), true),
    );
  }

  #make(name: string, options: Readonly<RegisterOptions>, loaded: boolean): FrameworkClient {
    const { currentRequest, closedSession } = this.#integration;
    const app = new RegisteredSource(this.#engines, { name, options, loaded });
    const Client = classOf(this.#integration.Client, app.kind);
    return new Client({
      app,
      options,
      registry: this.#options,
      logins: this.#logins,
      formBytes: this.#options.limits.formBytes,
      events: this.#events,
      currentRequest,
      closedSession,
      memory: this.#memory,
    });
  }

  #nameProblem(name: unknown, isTaken: (name: string) => boolean): string | undefined {
    if (!isClientName(name)) {
      return 'the name must be 1 to 64 letters, digits, "-" or "_".';
    }
    if (this.#registered.has(name)) {
      return `the name "${name}" is already registered; choose another.`;
    }
    if (isTaken(name) || reservedNames.has(name) || name.startsWith('__')) {
      return `the name "${name}" is a member of the registry, or reserved for one; choose another.`;
    }
    return undefined;
  }
}

/** Removes empty text from options, at any depth. */
function withoutEmpty<T>(options: T): T {
  if (!isPlain(options)) return options;
  return mapMembers(
    filterMembers(options, (value) => value !== ''),
    withoutEmpty,
  ) as T;
}

/** Fills in the URL variables of options; those known only at run time get a placeholder. */
function withVariables(options: GivenOptions): GivenOptions {
  const { urlVariables, servers, clientRegistrations } = options as RegisterOptions;
  if (!isPlain(urlVariables) || servers !== undefined || clientRegistrations !== undefined) {
    return options;
  }
  const later = new URL(unknownUntilRunTime).host;
  return {
    ...options,
    urlVariables: mapMembers(urlVariables, (variable) =>
      isPlain(variable) && variable['default'] === undefined
        ? { value: later, ...variable }
        : variable,
    ),
  } as GivenOptions;
}

/**
 * Rejects a client without provider options, given or configured, whose name resembles a preset; it
 * would fail at its first login.
 */
function refuseMisspelt(name: string, configured: RegisterOptions): void {
  if (isPlaced(configured)) return;
  const near = presetNear(name);
  if (near === undefined) return;
  throw new OAuthError(
    'invalid_options',
    `register('${name}'): the options do not describe a provider, and there is no preset "${name}". Did you mean ` +
      `"${near}"? To use it under another client name, write { preset: '${near}' }. Otherwise set ` +
      `"serverMetadataUrl", or ${configName(name, 'serverMetadataUrl')} in the configuration.`,
  );
}

/** Returns whether options include a preset, a URL, or a way to discover one. */
function isPlaced(options: RegisterOptions): boolean {
  const { provider, preset, issuer, servers, serverLocator } = options;
  const others = [provider, preset, issuer, servers, serverLocator];
  return others.some((one) => one !== undefined) || optionUrls(options).length > 0;
}

/** Adds the client's name to errors of its creation. */
function within<R>(name: unknown, make: () => R): R {
  try {
    return make();
  } catch (error) {
    throw error instanceof OAuthError ? error.within(String(name), 'register') : error;
  }
}
