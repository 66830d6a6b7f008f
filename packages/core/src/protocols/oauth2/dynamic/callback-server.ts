import { mapMembers } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import type { OAuthErrorCode } from '../../../model/error-codes.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import type { AuthorizeData, ExchangeOptions, OAuth2Token } from '../../../model/types.js';
import type { CallbackServer } from '../../../quirks/types.js';
import type { ServerEngine, ServerSource, Start } from '../../engine-source.js';
import { OAuth2Engine, type OAuth2EngineConfig } from '../engine.js';
import type { OAuth2EngineVerbs } from '../verbs.js';
import { verbsAt } from './verbs.js';

/**
 * Finds the engines of a client whose callback names the server of the user's data center. A login
 * starts at the configured server; the token stores the named one, so that every later request goes
 * there.
 */
export class CallbackServers implements ServerSource<OAuth2Token> {
  readonly verbs: OAuth2EngineVerbs;
  readonly #config: OAuth2EngineConfig;
  readonly #servers: CallbackServer;
  /** One for each allowed origin, created at its first use. */
  readonly #engines = new Map<string, ServerEngine<OAuth2Token>>();
  readonly #home: ServerEngine<OAuth2Token>;

  constructor(config: OAuth2EngineConfig, servers: CallbackServer) {
    this.#config = config;
    this.#servers = servers;
    const engine = new HomeEngine(config, servers, (origin) =>
      this.#at(origin, 'invalid_callback'),
    );
    this.#home = { engine, options: config.options };
    this.verbs = verbsAt(config.name, this);
  }

  readCallback(params: URLSearchParams): string | undefined {
    return this.#home.engine.readCallback(params) as string | undefined;
  }

  start<P extends object>(params: P): Start<OAuth2Token, P> {
    return { ...this.#home, params };
  }

  resume(): ServerEngine<OAuth2Token> {
    return this.#home;
  }

  of(token: OAuth2Token | undefined): ServerEngine<OAuth2Token> {
    const { [this.#servers.param]: origin } = token?.server ?? {};
    return origin === undefined ? this.#home : this.#at(origin, 'invalid_token');
  }

  api(token: OAuth2Token | undefined): ServerEngine<OAuth2Token> {
    return this.of(token);
  }

  #at(origin: string, code: OAuthErrorCode): ServerEngine<OAuth2Token> {
    const { param, origins } = this.#servers;
    if (!origins.includes(origin)) {
      throw new OAuthError(
        code,
        `"${param}" names a server that is not one of "callbackServer.origins". No request was sent. ` +
          'If the provider has a new data center, add its origin.',
      );
    }
    const known = this.#engines.get(origin);
    if (known) return known;
    const options = movedTo(origin, this.#config.options);
    const found = { engine: new OAuth2Engine({ ...this.#config, options }), options };
    this.#engines.set(origin, found);
    return found;
  }
}

/** Returns the options with the endpoints of the token endpoint's server at another origin. */
function movedTo(origin: string, options: Readonly<RegisterOptions>): Readonly<RegisterOptions> {
  const { origin: home } = new URL(options.accessTokenUrl ?? '');
  return Object.freeze(
    mapMembers(options, (value, option) =>
      /(?:Url|Endpoint)$/.test(option) && typeof value === 'string' && value.startsWith(`${home}/`)
        ? origin + value.slice(home.length)
        : value,
    ),
  );
}

/** The engine that starts logins, and passes their codes to the engine of the named server. */
class HomeEngine extends OAuth2Engine {
  readonly #param: string;
  readonly #at: (origin: string) => ServerEngine<OAuth2Token>;

  constructor(
    config: OAuth2EngineConfig,
    { param }: CallbackServer,
    at: (origin: string) => ServerEngine<OAuth2Token>,
  ) {
    super(config);
    this.#param = param;
    this.#at = at;
  }

  override async completeLogin(
    params: URLSearchParams,
    data: AuthorizeData,
    options?: ExchangeOptions,
  ): Promise<OAuth2Token> {
    const named = params.getAll(this.#param);
    if (named.length === 0) return await super.completeLogin(params, data, options);
    // Repeated, it is not one of the origins.
    const origin = named.join(' ');
    const token = await this.#at(origin).engine.completeLogin(params, data, options);
    return { ...token, server: { [this.#param]: origin } };
  }
}
