import { filterMembers } from '../../../platform/encoding.js';
import { sendFollowingRedirects } from './server-request.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import type { ServerTools } from '../../../options/server-locator.js';
import { scopeText } from '../../../platform/scope.js';
import { traced } from '../../../platform/tracing/phases.js';
import { checkAccepted, questionsOf, readChoices } from '../../../options/server-choice.js';
import { returnedObject } from '../../../quirks/hooks.js';
import type { ChosenServer, OAuth2Token } from '../../../model/types.js';
import type { EngineSource, ServerEngine } from '../../engine-source.js';
import type { OAuth2AppConfig } from '../engine.js';
import type { ClientNeed } from '../registration/client-identity.js';
import { originOf, type Origin } from './origin.js';
import { hasOwnRedirects, ownRedirectUri } from './origin.js';
import { ServerEngines } from './server-engines.js';
import { engineWithoutServer, unknownServer } from './unknown-server.js';
import { withVerbs } from './verbs.js';

/**
 * Creates the engine source of a client whose server the user chooses at each login. The chosen
 * server's data become options of an ordinary engine, one for each server. The pending login and
 * the token store the choice, so that any process resolves the same server again, and no other
 * server receives them.
 */
export function createChosenServers(given: OAuth2AppConfig): EngineSource<OAuth2Token> {
  const config = { ...given, http: given.http.guarded() };
  const { name, options } = config;
  const tools: ServerTools = { request: (request) => sendFollowingRedirects(config.http, request) };
  const locator = options.serverLocator ?? {};
  const questions = questionsOf(options).map((question) => question.name);
  const engines = new ServerEngines(config, tools);
  const engineAt = traced(name, 'metadata', (server: ChosenServer, need: ClientNeed) =>
    engines.engineAt(server, need),
  );
  const issuerOf = traced(name, 'metadata', (server: ChosenServer) => engines.issuerOf(server));
  const nowhere = engineWithoutServer(config);

  async function choose(params: object): Promise<ChosenServer> {
    const insecure = options.allowPrivateNetworks === true;
    const values = readChoices(options, { ...params }, { insecure });
    const server = locator.find
      ? returnedObject('serverLocator.find', await locator.find(values, tools))
      : values;
    await checkAccepted(options, server);
    return server;
  }

  /** Removes the parameters that select the server. */
  function withoutChoices<P extends object>(params: P): P {
    return filterMembers(params, (_, param) => !questions.includes(param)) as P;
  }

  async function resume({ server, clientId }: Origin): Promise<ServerEngine<OAuth2Token>> {
    if (server === undefined) throw unknownServer(name);
    return await engineAt(server, { clientId });
  }

  async function of(
    token: OAuth2Token | undefined,
    params: object = {},
  ): Promise<ServerEngine<OAuth2Token>> {
    if (token) return await resume(originOf(token));
    const isNamed = questions.some((question) => question in params);
    return isNamed ? await engineAt(await choose(params), {}) : nowhere;
  }

  return withVerbs({
    ...nowhere.engine,
    async start(params, redirectUri) {
      const server = await choose(params);
      const rest = withoutChoices(params);
      if (redirectUri === undefined) return { ...(await engineAt(server, {})), params: rest };
      const own = hasOwnRedirects(options)
        ? await ownRedirectUri(redirectUri, await issuerOf(server))
        : redirectUri;
      // The scope of the client metadata is registered, unless a login requests more.
      const { scope = options.clientMetadata?.['scope'] ?? options.scope } = params as {
        scope?: unknown;
      };
      const { clientId, ...found } = await engineAt(server, {
        redirectUri: own,
        scope: scopeText(scope as RegisterOptions['scope']),
      });
      const remember = { server, ...(clientId === undefined ? {} : { clientId }) };
      return { ...found, params: rest, redirectUri: own, remember };
    },
    resume,
    of,
    api: of,
  });
}
