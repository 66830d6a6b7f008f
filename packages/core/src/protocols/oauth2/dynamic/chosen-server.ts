import { filterMembers } from '../../../platform/encoding.js';
import { sendFollowingRedirects } from './server-request.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import type { ServerTools } from '../../../options/server-locator.js';
import { scopeText } from '../../../platform/scope.js';
import { trace } from '../../../platform/tracing/phases.js';
import { checkAccepted, questionsOf, readChoices } from '../../../options/server-choice.js';
import { returnedObject } from '../../../quirks/hooks.js';
import type { AuthorizeData, Awaitable, ChosenServer, OAuth2Token } from '../../../model/types.js';
import type { ServerEngine, ServerSource, Start } from '../../engine-source.js';
import type { OAuth2EngineConfig } from '../engine.js';
import type { ClientNeed } from '../registration/client-identity.js';
import type { OAuth2EngineVerbs } from '../verbs.js';
import { hasOwnRedirects, originOf, ownRedirectUri, type Origin } from './origin.js';
import { ServerEngines, type ChosenServerEngine } from './server-engines.js';
import { engineWithoutServer, unknownServer } from './unknown-server.js';
import { verbsAt } from './verbs.js';

/**
 * Finds the engines of a client whose server the user chooses at each login. The chosen server's
 * data become options of an ordinary engine, one for each server. The pending login and the token
 * store the choice, so that any process resolves the same server again, and no other server
 * receives them.
 */
export class ChosenServers implements ServerSource<OAuth2Token> {
  readonly verbs: OAuth2EngineVerbs;
  readonly #config: OAuth2EngineConfig;
  readonly #tools: ServerTools;
  /** The names of the parameters that select the server. */
  readonly #questions: readonly string[];
  readonly #engines: ServerEngines;
  readonly #nowhere: ServerEngine<OAuth2Token>;

  constructor(given: OAuth2EngineConfig) {
    const config = { ...given, http: given.http.guarded() };
    this.#config = config;
    this.#tools = { request: (request) => sendFollowingRedirects(config.http, request) };
    this.#questions = questionsOf(config.options).map(({ name }) => name);
    this.#engines = new ServerEngines(config, this.#tools);
    this.#nowhere = engineWithoutServer(config);
    this.verbs = verbsAt(config.name, this);
  }

  readCallback(params: URLSearchParams): Awaitable<string | undefined> {
    return this.#nowhere.engine.readCallback(params);
  }

  async start<P extends object>(params: P, redirectUri?: string): Promise<Start<OAuth2Token, P>> {
    const { options } = this.#config;
    const server = await this.#choose(params);
    const rest = filterMembers(params, (_, name) => !this.#questions.includes(name)) as P;
    if (redirectUri === undefined) return { ...(await this.#engineAt(server, {})), params: rest };
    const own = hasOwnRedirects(options)
      ? await ownRedirectUri(redirectUri, await this.#issuerOf(server))
      : redirectUri;
    // The scope of the client metadata is registered, unless a login requests more.
    const { scope = options.clientMetadata?.['scope'] ?? options.scope } = params as {
      scope?: unknown;
    };
    const { clientId, ...found } = await this.#engineAt(server, {
      redirectUri: own,
      scope: scopeText(scope as RegisterOptions['scope']),
    });
    const remember = { server, ...(clientId === undefined ? {} : { clientId }) };
    return { ...found, params: rest, redirectUri: own, remember };
  }

  async resume({ server, clientId }: AuthorizeData | Origin): Promise<ServerEngine<OAuth2Token>> {
    if (server === undefined) throw unknownServer(this.#config.name);
    return await this.#engineAt(server, { clientId });
  }

  async of(
    token: OAuth2Token | undefined,
    params: object = {},
  ): Promise<ServerEngine<OAuth2Token>> {
    if (token) return await this.resume(originOf(token));
    const isNamed = this.#questions.some((question) => question in params);
    return isNamed ? await this.#engineAt(await this.#choose(params), {}) : this.#nowhere;
  }

  async api(token: OAuth2Token | undefined): Promise<ServerEngine<OAuth2Token>> {
    return await this.of(token);
  }

  async #choose(params: object): Promise<ChosenServer> {
    const { options } = this.#config;
    const insecure = options.allowPrivateNetworks === true;
    const values = readChoices(options, { ...params }, { insecure });
    const { find } = options.serverLocator ?? {};
    const server = find
      ? returnedObject('serverLocator.find', await find(values, this.#tools))
      : values;
    await checkAccepted(options, server);
    return server;
  }

  async #engineAt(server: ChosenServer, need: ClientNeed): Promise<ChosenServerEngine> {
    return await this.#within(() => this.#engines.engineAt(server, need));
  }

  async #issuerOf(server: ChosenServer): Promise<string> {
    return await this.#within(() => this.#engines.issuerOf(server));
  }

  async #within<R>(run: () => Promise<R>): Promise<R> {
    return await trace({ client: this.#config.name, phase: 'metadata' }, run);
  }
}
