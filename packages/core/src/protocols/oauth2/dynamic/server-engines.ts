import { BoundedCache } from '../../../platform/bounded-cache.js';
import { monotonic } from '../../../platform/crypto.js';
import type { Http } from '../../../platform/http/http.js';
import { SingleFlight } from '../../../platform/single-flight.js';
import { OAuthError } from '../../../model/errors.js';
import type { ClientRegistration } from '../../../options/protected-resource.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import type { ServerLocator, ServerTools } from '../../../options/server-locator.js';
import { freeze } from '../../../options/freeze.js';
import { checkAccepted, isChosenServer, isSameServer } from '../../../options/server-choice.js';
import { returnedObject } from '../../../quirks/hooks.js';
import { fillUrlVariables } from '../../../quirks/url-variables.js';
import type { ChosenServer, OAuth2Token } from '../../../model/types.js';
import type { ServerEngine } from '../../engine-source.js';
import { expectsIdToken, type OAuth2EngineConfig } from '../engine.js';
import {
  ClientIdentifier,
  fromRegistration,
  ownClient,
  rememberRegistrations,
  type ClientIdentifierConfig,
  type ClientNeed,
  type ClientAtServer,
  type FoundClient,
} from '../registration/client-identity.js';
import { createMetadata, type LoadMetadata } from '../discovery/metadata.js';
import { BoundEngine, hasOwnRedirects } from './origin.js';
import { registrationKeyOf } from './server-home.js';
import { unknownServer } from './unknown-server.js';

/** A server and its clients. */
interface Place {
  /** The client's options at this server. */
  readonly options: Readonly<RegisterOptions>;
  /** The key of its registrations. */
  readonly issuer: string;
  /** The guarded HTTP client, which counts the cached bytes. */
  readonly http: Http;
  readonly load: LoadMetadata;
  readonly identify: ClientIdentifier;
  /** The engines of the clients registered there. */
  readonly engines: BoundedCache<ChosenServerEngine>;
  /** Checks whether the server still knows the client, which is otherwise registered again. */
  readonly checks: {
    /** The client that the server no longer knows. */
    renewed?: string;
    /** Start of the current minute, and the checks in it. */
    since: number;
    count: number;
  };
}

/** The engine of a server, and the client if that was registered dynamically. */
export interface ChosenServerEngine extends ServerEngine<OAuth2Token> {
  readonly clientId?: string;
}

/**
 * Maximum number of clients per server: registered again for more scope, while earlier logins
 * continue.
 */
const mostEngines = 10;

/** Approximate maximum of cached bytes for the servers of one client, including their documents. */
const placeBytes = 50_000_000;

/** Estimated bytes of a cached server: an engine and its options. */
const bytesOfPlace = 20_000;

/** Estimated growth of a document by parsing: many small members in the worst case. */
const parsedFactor = 8;

/** Maximum number of checks per minute, to limit requests when many users log in. */
const mostChecks = 3;

/** The engines of one client at user-chosen servers: one for each server, created when needed. */
export class ServerEngines {
  readonly #config: OAuth2EngineConfig;
  readonly #tools: ServerTools;
  readonly #locator: ServerLocator;
  readonly #registrations: NonNullable<RegisterOptions['clientRegistrations']>;
  readonly #places: BoundedCache<Promise<Place>>;
  readonly #checking = new SingleFlight<void>();

  /** @param config with the guarded HTTP client, because users choose the URLs */
  constructor(config: OAuth2EngineConfig, tools: ServerTools) {
    this.#config = config;
    this.#tools = tools;
    this.#locator = config.options.serverLocator ?? {};
    this.#registrations = config.options.clientRegistrations ?? rememberRegistrations();
    this.#places = new BoundedCache(config.servers, placeBytes);
  }

  /** Returns the key of the registrations at a server. */
  async issuerOf(server: ChosenServer): Promise<string> {
    return (await this.#find(server)).issuer;
  }

  /**
   * Returns the engine for a server. With a redirect URI, a login begins, and the client may be
   * registered.
   */
  async engineAt(server: ChosenServer, need: ClientNeed): Promise<ChosenServerEngine> {
    const place = await this.#find(server);
    const client = await this.#knownClient(place, need);
    const key = JSON.stringify(client);
    const known = place.engines.get(key);
    if (known) return known;
    const { http, load } = place;
    const options = Object.freeze({ ...place.options, ...client });
    const engineConfig = { ...this.#config, http, options, load };
    const engine = new BoundEngine(engineConfig, {
      scope: this.#config.options.scope,
      check: this.#locator.checkToken && ((token) => this.#checkToken(token, place)),
      refused: (error) => this.#refused(error, place, client.clientId),
      hasOwnRedirect: hasOwnRedirects(this.#config.options),
    });
    const found = { engine, options, ...ownClient(client, place.options) };
    place.engines.set(key, found);
    return found;
  }

  /** Completes or rejects a token, and rejects its assignment to a server that is not accepted. */
  async #checkToken(token: OAuth2Token, place: Place): Promise<OAuth2Token> {
    const { server = {} } = token;
    const context = { ...this.#tools, options: { ...place.options } };
    const checked = returnedObject(
      'serverLocator.checkToken',
      await this.#locator.checkToken?.(token, server, context),
      'invalid_response',
    );
    if (isSameServer(checked.server, server)) return checked;
    const { name, options } = this.#config;
    if (!isChosenServer(options, checked.server)) throw unknownServer(name);
    await checkAccepted(options, checked.server);
    return checked;
  }

  /** Registers the client again at a server that rejected it; returns the error to throw. */
  async #refused(error: unknown, place: Place, clientId = ''): Promise<unknown> {
    const isForgotten = error instanceof OAuthError && error.code === 'invalid_client';
    if (!isForgotten || this.#config.options.clientId !== undefined) return error;
    await place.identify.renew(place.issuer, place.load, clientId);
    return new OAuthError(
      'invalid_client',
      'The server no longer knows this client. A client that registers dynamically is ' +
        'registered again at the next login: start the login again.',
      {
        providerStatus: error.providerStatus,
        error: error.error,
        error_description: error.error_description,
      },
    );
  }

  async #find(server: ChosenServer): Promise<Place> {
    const key = JSON.stringify(server);
    const known = this.#places.get(key);
    if (known) return await known;
    if (!isChosenServer(this.#config.options, server)) throw unknownServer(this.#config.name);
    const grow = (bytes: number): void => this.#places.grow(key, opening, bytes);
    const opening = this.#open(server, metered(this.#config.http, grow));
    this.#places.set(key, opening, this.#config.metadataTtl * 1000);
    grow(bytesOfPlace + key.length);
    opening.catch(() => this.#places.delete(key));
    return await opening;
  }

  async #open(server: ChosenServer, http: Http): Promise<Place> {
    const options = await this.#describe(server);
    const register = this.#registration(options);
    const openid = expectsIdToken(options);
    const { name, metadataTtl: ttl } = this.#config;
    return {
      options,
      issuer: registrationKeyOf(options, this.#config.options),
      http,
      load: createMetadata({ name, options, http, openid, ttl, usedFieldsOnly: true }),
      identify: new ClientIdentifier({ options, http, register }),
      engines: new BoundedCache(mostEngines),
      checks: { since: 0, count: 0 },
    };
  }

  /** Returns the client's options at a server. */
  async #describe(server: ChosenServer): Promise<Readonly<RegisterOptions>> {
    const filled = fillUrlVariables(this.#config.options, Object.entries(server));
    const more = await this.#locator.describe?.(server, { ...this.#tools, options: { ...filled } });
    const clientRegistrations = this.#registrations;
    return freeze({ ...filled, ...more, clientRegistrations }) as RegisterOptions;
  }

  /** Returns how the client registers: never, if the application has not configured it. */
  #registration(options: Readonly<RegisterOptions>): ClientIdentifierConfig['register'] {
    const { registerClient } = this.#locator;
    const { clientMetadata = {} } = options;
    if (registerClient) {
      return ({ redirectUris, scope = '' }) =>
        registerClient(
          { options: { ...options }, redirectUris, scope, clientMetadata },
          this.#tools,
        );
    }
    return this.#config.options.clientMetadata === undefined ? 'never' : undefined;
  }

  async #clientAt(place: Place, need: ClientNeed): Promise<FoundClient> {
    const { clientId, clientSecret, tokenEndpointAuthMethod } = place.options;
    if (clientId === undefined) return await place.identify.find(place.issuer, place.load, need);
    const registration = await this.#config.options.clientRegistrations?.get(place.issuer);
    const client = registration
      ? fromRegistration(registration, place.options)
      : { clientId, clientSecret, tokenEndpointAuthMethod };
    return { client };
  }

  /**
   * Returns the client at a server. At a login, checks that it still exists: servers delete unused
   * clients, and the user would see only the server's error page.
   */
  async #knownClient(place: Place, need: ClientNeed): Promise<ClientAtServer> {
    const { client, registration } = await this.#clientAt(place, need);
    if (need.redirectUri === undefined || !registration) return client;
    await this.#check(place, registration);
    const isGone = place.checks.renewed === registration.client_id;
    return isGone ? (await this.#clientAt(place, need)).client : client;
  }

  /** Checks a client, shared by concurrent callers. A failed check does not fail the login. */
  async #check(place: Place, registration: ClientRegistration): Promise<void> {
    const { checks, identify, issuer, load } = place;
    if (!this.#locator.knowsClient) return;
    if (monotonic() - checks.since > 60_000) {
      checks.since = monotonic();
      checks.count = 0;
    }
    const context = { ...this.#tools, options: { ...place.options } };
    await this.#checking
      .run(issuer, async () => {
        if (checks.count >= mostChecks) return;
        checks.count++;
        if (await this.#locator.knowsClient?.(registration, context)) return;
        await identify.renew(issuer, load, registration.client_id);
        checks.renewed = registration.client_id;
      })
      .catch(() => undefined);
  }
}

/** Wraps an HTTP client to count the bytes of its documents, once for each URL. */
function metered(http: Http, grow: (bytes: number) => void): Http {
  const known = new Map<string, number>();
  return {
    ...http,
    async send(request) {
      const response = await http.send(request);
      if (!request.document) return response;
      const [url, bytes] = [String(request.url), response.text.length * parsedFactor];
      grow(bytes - (known.get(url) ?? 0));
      known.set(url, bytes);
      return response;
    },
  };
}
