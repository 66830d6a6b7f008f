import { BoundedCache } from '../../../platform/bounded-cache.js';
import { monotonic } from '../../../platform/crypto.js';
import type { Http } from '../../../platform/http/http.js';
import { SingleFlight } from '../../../platform/single-flight.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import type { ServerLocator, ServerTools } from '../../../options/server-locator.js';
import { freeze } from '../../../options/freeze.js';
import { fillUrlVariables } from '../../../quirks/url-variables.js';
import type { ChosenServer, OAuth2Token, Engine } from '../../../model/types.js';
import { createOAuth2App, expectsIdToken, type OAuth2AppConfig } from '../engine.js';
import {
  createClientIdentifier,
  fromRegistration,
  ownClient,
  rememberRegistrations,
  type ClientIdentifier,
  type ClientIdentifierConfig,
  type ClientNeed,
  type FoundClient,
} from '../registration/client-identity.js';
import { createMetadata, type LoadMetadata } from '../discovery/metadata.js';
import { registrationKeyOf } from './server-home.js';

type OAuth2Engine = Engine<OAuth2Token>;

/** A server and its clients. */
export interface ServerLocation {
  /** The client's options at this server. */
  readonly options: Readonly<RegisterOptions>;
  /** The key of its registrations. */
  readonly issuer: string;
}

interface Place extends ServerLocation {
  /** The guarded HTTP client, which counts the cached bytes. */
  readonly http: Http;
  readonly load: LoadMetadata;
  readonly identify: ClientIdentifier;
  /** The engines of the clients registered there. */
  readonly engines: BoundedCache<OAuth2Engine>;
  /** Checks whether the server still knows the client, which is otherwise registered again. */
  readonly checks: {
    /** The client that the server no longer knows. */
    renewed?: string;
    /** Start of the current minute, and the checks in it. */
    since: number;
    count: number;
  };
}

/** An engine, and its client if that was registered dynamically. */
export interface ServerEngine {
  app: OAuth2Engine;
  own: { clientId?: string };
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
  readonly #config: OAuth2AppConfig;
  readonly #http: Http;
  readonly #tools: ServerTools;
  readonly #locator: ServerLocator;
  readonly #registrations: NonNullable<RegisterOptions['clientRegistrations']>;
  readonly #places: BoundedCache<Promise<Place>>;
  readonly #checking = new SingleFlight<void>();

  /**
   *
   * @param http the guarded HTTP client, because users choose the URLs
   */
  constructor(config: OAuth2AppConfig, http: Http, tools: ServerTools) {
    this.#config = config;
    this.#http = http;
    this.#tools = tools;
    this.#locator = config.options.serverLocator ?? {};
    this.#registrations = config.options.clientRegistrations ?? rememberRegistrations();
    this.#places = new BoundedCache(config.servers, placeBytes);
  }

  /** Resolves a server. Cached, and shared by concurrent callers. */
  async mountOf(server: ChosenServer): Promise<ServerLocation> {
    return await this.#find(server);
  }

  /**
   * Returns the engine for a server. With a redirect URI, a login begins, and the client may be
   * registered.
   */
  async engineOf(server: ChosenServer, need: ClientNeed): Promise<ServerEngine> {
    const place = await this.#find(server);
    const client = await this.#knownClient(place, need);
    const own = ownClient(client, place.options);
    const key = JSON.stringify(client);
    const known = place.engines.get(key);
    if (known) return { app: known, own };
    const options = Object.freeze({ ...place.options, ...client });
    const app = createOAuth2App({
      ...this.#config,
      http: place.http,
      options,
      load: place.load,
    });
    place.engines.set(key, app);
    return { app, own };
  }

  /** Registers the client again at a server that rejected it. */
  async registerAnew(server: ChosenServer, clientId = ''): Promise<void> {
    const { identify, issuer, load } = await this.#find(server);
    await identify.renew(issuer, load, clientId);
  }

  async #find(server: ChosenServer): Promise<Place> {
    const key = JSON.stringify(server);
    const known = this.#places.get(key);
    if (known) return await known;
    const grow = (bytes: number): void => this.#places.grow(key, opening, bytes);
    const opening = this.#open(server, metered(this.#http, grow));
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
      identify: createClientIdentifier({ options, http, register }),
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
    const own = await this.#config.options.clientRegistrations?.get(place.issuer);
    return own
      ? fromRegistration(own, place.options)
      : { clientId, clientSecret, tokenEndpointAuthMethod };
  }

  /**
   * Returns the client at a server, after a check that it still exists: servers delete unused
   * clients, and the user would see only the server's error page.
   */
  async #knownClient(place: Place, need: ClientNeed): Promise<FoundClient> {
    const { knowsClient } = this.#locator;
    const registersItself = place.options.clientId === undefined;
    if (!knowsClient || need.redirectUri === undefined || !registersItself) {
      return await this.#clientAt(place, need);
    }
    const client = await this.#clientAt(place, need);
    await this.#check(place, knowsClient);
    return place.checks.renewed === client.clientId ? await this.#clientAt(place, need) : client;
  }

  /** Checks a client, shared by concurrent callers. A failed check does not fail the login. */
  async #check(
    place: Place,
    knowsClient: NonNullable<ServerLocator['knowsClient']>,
  ): Promise<void> {
    const { checks, identify, issuer, load } = place;
    if (monotonic() - checks.since > 60_000) {
      checks.since = monotonic();
      checks.count = 0;
    }
    await this.#checking
      .run(issuer, async () => {
        if (checks.count >= mostChecks) return;
        checks.count++;
        const client = await this.#registrations.get(issuer);
        const context = { ...this.#tools, options: { ...place.options } };
        if (!client || (await knowsClient(client, context))) return;
        await identify.renew(issuer, load, client.client_id);
        checks.renewed = client.client_id;
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
