import { Cache } from '../cache.js';
import type { Http } from '../http.js';
import type { RegisterOptions } from '../option-types.js';
import type { ServerLocator, ServerTools } from '../option-types/servers.js';
import { freeze } from '../options/freeze.js';
import { scopeText } from '../options/scope.js';
import { fillUrlVariables } from '../quirks/url-variables.js';
import type { ChosenServer, OAuth2Token, RemoteApp } from '../types.js';
import { createOAuth2App, type OAuth2AppConfig } from './app.js';
import {
  createClientIdentifier,
  fromRegistration,
  rememberRegistrations,
  type ClientIdentifier,
  type ClientIdentifierConfig,
  type FoundClient,
} from './client-identifier.js';
import { createMetadata, type LoadMetadata } from './metadata.js';
import { homeOf } from './server-home.js';

type Engine = RemoteApp<OAuth2Token>;

/** A server, and what this client is there. */
export interface ServerPlace {
  /** The client's options, as they are there. */
  readonly options: Readonly<RegisterOptions>;
  /** What its registrations are kept under. */
  readonly issuer: string;
}

interface Place extends ServerPlace {
  readonly load: LoadMetadata;
  readonly identify: ClientIdentifier;
  /** The engine of the client that is known there now. */
  engine?: { clientId: string | undefined; app: Engine };
  /** The check that the server still knows the client; it is registered anew where the server does not. */
  known?: Promise<void>;
}

/** The engines of one client at the servers that people choose: one for each server, made when needed. */
export class ServerEngines {
  readonly #config: OAuth2AppConfig;
  readonly #http: Http;
  readonly #tools: ServerTools;
  readonly #locator: ServerLocator;
  readonly #registrations: NonNullable<RegisterOptions['clientRegistrations']>;
  readonly #places: Cache<Promise<Place>>;

  /** @param http the guarded door: people name the addresses */
  constructor(config: OAuth2AppConfig, http: Http, tools: ServerTools) {
    this.#config = config;
    this.#http = http;
    this.#tools = tools;
    this.#locator = config.options.serverLocator ?? {};
    this.#registrations = config.options.clientRegistrations ?? rememberRegistrations();
    this.#places = new Cache(config.servers);
  }

  /** Finds out about a server, once for all who ask while that is remembered. */
  async placeOf(server: ChosenServer): Promise<ServerPlace> {
    return await this.#find(server);
  }

  /** The engine for a server. With a redirect URI a login begins, and the client may be registered there. */
  async engineOf(server: ChosenServer, redirectUri?: string): Promise<Engine> {
    const place = await this.#find(server);
    if (redirectUri !== undefined) await this.#ensureKnown(place, redirectUri);
    const client = await this.#clientAt(place, redirectUri);
    if (place.engine?.clientId === client.clientId && place.engine) return place.engine.app;
    const options = Object.freeze({ ...place.options, ...client });
    const app = createOAuth2App({ ...this.#config, http: this.#http, options });
    place.engine = { clientId: client.clientId, app };
    return app;
  }

  /** Registers the client anew at a server that has refused it. */
  async registerAnew(server: ChosenServer): Promise<void> {
    const { identify, issuer, load, engine } = await this.#find(server);
    await identify.renew(issuer, load, engine?.clientId ?? '');
  }

  async #find(server: ChosenServer): Promise<Place> {
    const key = JSON.stringify(server);
    const known = this.#places.get(key);
    if (known) return await known;
    const opening = this.#open(server);
    this.#places.set(key, opening, this.#config.metadataTtl * 1000);
    opening.catch(() => this.#places.delete(key));
    return await opening;
  }

  async #open(server: ChosenServer): Promise<Place> {
    const options = await this.#describe(server);
    const http = this.#http;
    const scope = String(options.clientMetadata?.['scope'] ?? scopeText(options.scope) ?? '');
    const register = this.#registration(options, scope);
    return {
      options,
      issuer: homeOf(options, this.#config.options),
      load: createMetadata({ options, http, openid: false, ttl: this.#config.metadataTtl }),
      identify: createClientIdentifier({ options, http, scope, register }),
    };
  }

  /** The client's options, as they are at a server. */
  async #describe(server: ChosenServer): Promise<Readonly<RegisterOptions>> {
    const filled = fillUrlVariables(this.#config.options, Object.entries(server));
    const more = await this.#locator.describe?.(server, { ...this.#tools, options: { ...filled } });
    const clientRegistrations = this.#registrations;
    return freeze({ ...filled, ...more, clientRegistrations }) as RegisterOptions;
  }

  /** How the client registers itself; not at all where nobody has prepared that. */
  #registration(
    options: Readonly<RegisterOptions>,
    scope: string,
  ): ClientIdentifierConfig['register'] {
    const { registerClient } = this.#locator;
    const { clientMetadata = {} } = options;
    if (registerClient) {
      return (redirectUris) =>
        registerClient(
          { options: { ...options }, redirectUris, scope, clientMetadata },
          this.#tools,
        );
    }
    return this.#config.options.clientMetadata === undefined ? 'never' : undefined;
  }

  async #clientAt(place: Place, redirectUri?: string): Promise<FoundClient> {
    const { clientId, clientSecret, tokenEndpointAuthMethod } = place.options;
    if (clientId === undefined) {
      return await place.identify.find(place.issuer, place.load, redirectUri);
    }
    const own = await this.#config.options.clientRegistrations?.get(place.issuer);
    return own
      ? fromRegistration(own, place.options)
      : { clientId, clientSecret, tokenEndpointAuthMethod };
  }

  /** Servers forget clients that are not used: then people would get no further than their page. */
  async #ensureKnown(place: Place, redirectUri: string): Promise<void> {
    const { clientId } = await this.#clientAt(place, redirectUri);
    const { knowsClient } = this.#locator;
    if (!knowsClient || place.options.clientId !== undefined || clientId === undefined) return;
    const check = async (): Promise<void> => {
      const registered = await this.#registrations.get(place.issuer);
      const context = { ...this.#tools, options: { ...place.options } };
      if (!registered || (await knowsClient(registered, context))) return;
      await place.identify.renew(place.issuer, place.load, clientId);
    };
    // A check that fails is no reason to hold a login up.
    place.known ??= check().catch(() => {
      delete place.known;
    });
    await place.known;
  }
}
