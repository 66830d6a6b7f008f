import { isPlain } from '../platform/validators.js';
import { isClientName, isLoadedName, reservedNames } from '../options/client-name.js';
import { FrameworkClient, type ClientConfig } from '../client/client.js';
import { createEngine } from './engine-selection.js';
import { isObject, mapMembers } from '../platform/encoding.js';
import { OAuthError } from '../model/errors.js';
import { createHttp, type Http } from '../platform/http/http.js';
import { LoadedClients } from './loaded-clients.js';
import type { GivenOptions, RegisterOptions } from '../options/register-options.js';
import { addresses, fromConfig, readRegisterOptions } from '../options/read-register-options.js';
import {
  configName,
  environment,
  knowsProvider,
  unknownUntilRunTime,
} from '../options/configuration.js';
import type { RegistryOptions } from '../options/read-registry-options.js';
import type { BrowserExchange, FindClosedSession } from '../model/ports.js';
import { presetNear, withPreset } from '../providers/by-name.js';
import { chooseStorage } from '../client/login-state/choose.js';
import { TokenMemory } from '../client/tokens/token-cache.js';
import { PendingLogins } from '../client/login-state/pending-logins.js';
import type { Events } from '../client/events/events.js';

/** What an integration brings along. */
export interface Integration {
  Client: ClientClass;
  /** The request being handled right now, for the `fetchToken` hook. */
  currentRequest?: () => unknown;
  /** Finds a request's session if its cookies can no longer be set, so that no refresh token is spent for it. */
  closedSession?: FindClosedSession;
  /** Whether empty text in options of clients counts as not given: variables are empty while an application is built. */
  emptyIsMissing?: boolean;
}

/** A class whose instances are the clients of an integration. */
export type ClientClass = new (config: ClientConfig) => FrameworkClient;

/** The clients of one registry by name: those that are registered, and those that are loaded when needed. */
export class NamedClients {
  readonly #options: Readonly<RegistryOptions>;
  readonly #integration: Integration;
  readonly #events: Events;
  readonly #http: Http;
  readonly #logins: PendingLogins;
  readonly #memory: TokenMemory;
  readonly #registered = new Map<string, FrameworkClient>();
  readonly #loaded: LoadedClients<FrameworkClient>;

  constructor(options: Readonly<RegistryOptions>, integration: Integration, events: Events) {
    this.#options = options;
    this.#integration = integration;
    this.#events = events;
    this.#http = createHttp(options);
    this.#memory = new TokenMemory(options.limits);
    this.#logins = new PendingLogins(chooseStorage(options), options.limits.stateTtl);
    this.#loaded = new LoadedClients((name) => this.#load(name), options.limits.clients);
  }

  /** Drops all pending logins of a browser. */
  async drop(browser: BrowserExchange): Promise<void> {
    await this.#logins.drop(browser);
  }

  /** The registered clients. */
  all(): FrameworkClient[] {
    return [...this.#registered.values()];
  }

  /** Makes a client and keeps it; one whose options do not say where the provider is has the preset of its name. */
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
      if (isObject(described)) {
        refuseMisspelt(name, { ...described, ...fromConfig(name, described, config) });
      }
      const placed = emptyIsMissing ? withVariables(described) : described;
      const client = this.#make(name, readRegisterOptions(name, placed, config), false);
      this.#registered.set(name, client);
      return client;
    });
  }

  /**
   * Finds a registered client.
   *
   * @throws OAuthError `unknown_client`, listing the known names
   */
  find(name: string): FrameworkClient {
    const client = this.#registered.get(name);
    if (client) return client;
    const known = [...this.#registered.keys()];
    throw new OAuthError(
      'unknown_client',
      `There is no client of that name. Registered are: ${known.join(', ') || 'none yet'}.`,
    );
  }

  /** Finds a registered client, or loads one. */
  async findOrLoad(name: string): Promise<FrameworkClient> {
    const registered = this.#registered.get(name);
    if (registered) return registered;
    return isLoadedName(name) ? await this.#loaded.get(name) : this.find(name);
  }

  /** Forgets a loaded client. */
  forget(name: string): void {
    this.#loaded.forget(name);
  }

  async #load(name: string): Promise<FrameworkClient> {
    const options = await this.#options.loadClient?.(name);
    if (options === undefined || options === null) return this.find(name);
    // The name comes from outside: it must not choose a secret in the environment.
    return within(name, () =>
      this.#make(name, readRegisterOptions(name, withPreset(options), {}), true),
    );
  }

  #make(name: string, options: Readonly<RegisterOptions>, loaded: boolean): FrameworkClient {
    const { Client, currentRequest, closedSession } = this.#integration;
    return new Client({
      app: createEngine({
        name,
        options,
        registry: this.#options,
        http: this.#http,
        loaded,
        events: this.#events,
      }),
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
      return `the name "${name}" is taken; a client is registered once.`;
    }
    if (isTaken(name) || reservedNames.has(name) || name.startsWith('__')) {
      return `the name "${name}" is a member of the registry, or kept for one; choose another.`;
    }
    return undefined;
  }
}

/** Options without those that are empty text, at any depth. */
function withoutEmpty<T>(options: T): T {
  if (!isPlain(options)) return options;
  const given = Object.entries(options).filter(([, value]) => value !== '');
  return Object.fromEntries(given.map(([name, value]) => [name, withoutEmpty(value)])) as T;
}

/** Options whose URL variables have values, those that only run time knows a stand-in. */
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

/** A client that nothing describes, and whose name is almost that of a preset, would fail at its first login. */
function refuseMisspelt(name: string, options: RegisterOptions): void {
  if (isPlaced(options)) return;
  const near = presetNear(name);
  if (near === undefined) return;
  throw new OAuthError(
    'invalid_options',
    `register('${name}'): nothing says where the provider is, and there is no preset "${name}". Did you mean ` +
      `"${near}"? A client may have its preset under another name too: { preset: '${near}' }. Else give ` +
      `"serverMetadataUrl", or ${configName(name, 'serverMetadataUrl')} in the configuration.`,
  );
}

/** Tells whether options have a preset, a URL, or something to find one with. */
function isPlaced(options: RegisterOptions): boolean {
  const { provider, preset, issuer, servers, serverLocator } = options;
  const others = [provider, preset, issuer, servers, serverLocator];
  return others.some((one) => one !== undefined) || addresses(options).length > 0;
}

/** Says of errors which client could not be made. */
function within<R>(name: unknown, make: () => R): R {
  try {
    return make();
  } catch (error) {
    throw error instanceof OAuthError ? error.within(String(name), 'register') : error;
  }
}
