import { chain } from '../platform/awaitable.js';
import { createHttp, type Http } from '../platform/http/http.js';
import { requestLog } from '../platform/log.js';
import type { OAuth2EngineConfig } from '../protocols/oauth2/engine.js';
import { readOptions } from '../protocols/oauth1/read-options.js';
import { sessionHandle } from '../protocols/oauth1/session-handle.js';
import { refuseReserved } from '../protocols/oauth2/authorization/reserved-params.js';
import { refreshHandle } from '../protocols/oauth2/token/refresh-handle.js';
import { refuseReserved as refuseReservedByOpenID2 } from '../protocols/openid2/reserved-params.js';
import type {
  EngineSource,
  ServerEngine,
  ServerSource,
  Start,
} from '../protocols/engine-source.js';
import type { RegisterOptions } from '../options/register-options.js';
import { optionUrls } from '../options/read-register-options.js';
import { protocolOf } from '../options/protocols.js';
import type { RegistryOptions } from '../options/read-registry-options.js';
import { questionsOf } from '../options/server-choice.js';
import type { Events } from '../client/events/events.js';
import { notifyWarning } from '../client/tokens/notify.js';
import type {
  AuthorizeData,
  Awaitable,
  Engine,
  OAuth1Token,
  OAuth2Token,
  Protocol,
  Token,
  TokenRefresh,
  TokenWarning,
} from '../model/types.js';

/** What the engines of a registry's clients share. */
export interface EngineConfig {
  registry: Readonly<RegistryOptions>;
  /** The registry's HTTP client; a client may have its own. */
  http: Http;
  /** The same for clients whose options were loaded for a name from untrusted input. */
  guarded?: Http;
  /** Notified of ignored parts of token responses. */
  events: Events;
  /** Creates the engine source of a client: {@link createSource}, unless a test replaces providers. */
  create: CreateSource;
}

/** Creates the source of a client's engines. */
export type CreateSource = (config: EngineConfig, client: EngineClient) => Promise<ServerSource>;

/** A client whose engine is created at its first use. */
export interface EngineClient {
  name: string;
  options: Readonly<RegisterOptions>;
  /**
   * Whether the options were loaded for a name from untrusted input, not written by the
   * application.
   */
  loaded: boolean;
}

/**
 * The engine source of a registered client. Its protocol is loaded, and its engine created, at the
 * first use: a registry may have many clients, and most applications use one protocol.
 */
export class RegisteredSource implements EngineSource {
  readonly name: string;
  readonly kind: Protocol;
  readonly acceptsGetAndPost: boolean;
  readonly identityOnly: boolean;
  readonly #config: EngineConfig;
  readonly #client: EngineClient;
  #source: Awaitable<ServerSource> | undefined;
  #creator: CreateSource | undefined;

  /** @throws OAuthError `invalid_options` or `insecure_transport` if no engine could use the options */
  constructor(config: EngineConfig, client: EngineClient) {
    this.#config = config;
    this.#client = client;
    const { name, options } = client;
    this.name = name;
    this.kind = protocolOf(options);
    this.acceptsGetAndPost = this.kind === 'openid2';
    this.identityOnly = this.kind === 'openid2';
    const http = httpOf(config, client);
    let checked: string | undefined;
    for (const [option, url] of optionUrls(options)) {
      const origin = secureOrigin.exec(url)?.[0];
      if (origin !== undefined && (!client.loaded || origin === checked)) continue;
      http.checkGiven(url, `"${option}" of "${name}"`);
      checked = origin;
    }
    checks[this.kind](options);
  }

  get ownTokens(): object | undefined {
    const { options } = this.#client;
    const { grantType = 'authorization_code' } = options;
    return grantType === 'authorization_code' ? undefined : options;
  }

  get renewal(): Pick<TokenRefresh<Token>, 'handle'> | undefined {
    const { kind } = this;
    if (kind === 'openid2') return undefined;
    const { options } = this.#client;
    return {
      handle: (token) =>
        kind === 'oauth1'
          ? sessionHandle(token as OAuth1Token)
          : refreshHandle(token as OAuth2Token, options),
    };
  }

  get verbs(): Awaitable<object> {
    return chain(this.#created(), ({ verbs }) => verbs);
  }

  readCallback(params: URLSearchParams): Awaitable<string | undefined> {
    return chain(this.#created(), (source) => source.readCallback(params));
  }

  start<P extends object>(params: P, redirectUri?: string): Awaitable<Start<Token, P>> {
    return chain(this.#created(), (source) => source.start(params, redirectUri));
  }

  resume(data: AuthorizeData): Awaitable<ServerEngine> {
    return chain(this.#created(), (source) => source.resume(data));
  }

  of(token: Token | undefined, params?: object): Awaitable<ServerEngine> {
    return chain(this.#created(), (source) => source.of(token, params));
  }

  api(token: Token | undefined): Awaitable<ServerEngine> {
    return chain(this.#created(), (source) => source.api(token));
  }

  #created(): Awaitable<ServerSource> {
    const { create } = this.#config;
    if (this.#source && this.#creator === create) return this.#source;
    this.#creator = create;
    this.#source = this.#create(create);
    return this.#source;
  }

  async #create(create: CreateSource): Promise<ServerSource> {
    try {
      const source = await create(this.#config, this.#client);
      if (this.#creator === create) this.#source = source;
      return source;
    } catch (error) {
      // The next use tries again.
      if (this.#creator === create) this.#source = undefined;
      throw error;
    }
  }
}

/** The origin of an https URL without user information. Matching it is cheaper than parsing the URL. */
const secureOrigin = /^https:\/\/[\w.-]+(?::\d+)?(?=[/?]|$)/;

/** Validates what only an engine knows about its options. */
const checks: Readonly<Record<Protocol, (options: Readonly<RegisterOptions>) => void>> = {
  oauth1: readOptions,
  oauth2: (options) => refuseReserved(options.authorizeParams ?? {}, options),
  openid2: ({ authorizeParams = {} }) => refuseReservedByOpenID2(authorizeParams),
};

/** Loads the protocol of a client and creates the source of its engines. */
export async function createSource(
  config: EngineConfig,
  client: EngineClient,
): Promise<ServerSource> {
  const { registry, events } = config;
  const { name, options } = client;
  const warn = (warning: TokenWarning): void => notifyWarning(events, name, warning);
  const http = httpOf(config, client);
  const protocol = protocolOf(options);
  if (protocol === 'oauth1') {
    const { OAuth1Engine } = await import('../protocols/oauth1/engine.js');
    return oneEngine(new OAuth1Engine({ name, options, http, warn }) as Engine, options);
  }
  if (protocol === 'openid2') {
    const { OpenID2Engine } = await import('../protocols/openid2/engine.js');
    return oneEngine(new OpenID2Engine({ name, options, http }) as Engine, options);
  }
  const { allowPrivateNetworks = registry.allowPrivateNetworks } = options;
  const { limits } = registry;
  const { metadataTtl, servers } = limits;
  return (await createOAuth2Source({
    name,
    options: { ...options, allowPrivateNetworks },
    http,
    metadataTtl,
    servers,
    limits,
    warn,
  })) as ServerSource;
}

/** Returns the HTTP client of a client: its own, if it has options for one. */
function httpOf(config: EngineConfig, { name, options, loaded }: EngineClient): Http {
  const own = ownHttp(options, config.registry, name);
  if (own) return loaded ? own.guarded() : own;
  if (!loaded) return config.http;
  config.guarded ??= config.http.guarded();
  return config.guarded;
}

/** Returns a client's own HTTP client; `undefined` if it has no options for one. */
function ownHttp(
  options: Readonly<RegisterOptions>,
  registry: Readonly<RegistryOptions>,
  client: string,
): Http | undefined {
  const isOwn = (name: (typeof httpOptions)[number]): boolean =>
    options[name] !== undefined && options[name] !== registry[name];
  const { logger } = registry;
  if (!logger && !httpOptions.some(isOwn)) return undefined;
  const own = httpOptions.filter(isOwn);
  return createHttp({
    ...registry,
    ...Object.fromEntries(own.map((name) => [name, options[name]])),
    ...(logger ? { log: requestLog(logger), client } : {}),
  });
}

const httpOptions = ['fetch', 'timeout', 'userAgent', 'allowPrivateNetworks'] as const;

/**
 * Selects the source by what the client knows: its provider, its protected resource, or a choice of
 * servers.
 */
async function createOAuth2Source(config: OAuth2EngineConfig): Promise<ServerSource<OAuth2Token>> {
  const { options } = config;
  if (options.resource !== undefined) {
    const { ResourceServer } = await import('../protocols/oauth2/dynamic/protected-resource.js');
    return new ResourceServer(config);
  }
  if (questionsOf(options).length > 0) {
    const { ChosenServers } = await import('../protocols/oauth2/dynamic/chosen-server.js');
    return new ChosenServers(config);
  }
  if (options.callbackServer) {
    const { CallbackServers } = await import('../protocols/oauth2/dynamic/callback-server.js');
    return new CallbackServers(config, options.callbackServer);
  }
  const { OAuth2Engine } = await import('../protocols/oauth2/engine.js');
  return oneEngine(new OAuth2Engine(config), options);
}

/** Creates the source of a client with one server. */
function oneEngine<T extends Token>(
  engine: Engine<T>,
  options: Readonly<RegisterOptions>,
): ServerSource<T> {
  const only = { engine, options };
  const find = (): ServerEngine<T> => only;
  return {
    verbs: engine.verbs,
    readCallback: (params) => engine.readCallback(params),
    start: (params) => ({ engine, options, params }),
    resume: find,
    of: find,
    api: find,
  };
}
