import { isObject, filterMembers } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import { sendFollowingRedirects } from './server-request.js';
import type { Http } from '../../../platform/http/http.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import type { ServerTools } from '../../../options/server-locator.js';
import { scopeText } from '../../../options/scope.js';
import { checkedVerbs } from '../../../options/arguments.js';
import { traced } from '../../../platform/tracing/phases.js';
import {
  checkAccepted,
  isChosenServer,
  questionsOf,
  readChoices,
} from '../../../options/server-choice.js';
import { returnedObject } from '../../../quirks/hooks.js';
import type { AuthorizeParams, ChosenServer, OAuth2Token, Engine } from '../../../model/types.js';
import { createOAuth2App, type OAuth2AppConfig } from '../engine.js';
import type { ClientNeed } from '../registration/client-identity.js';
import { foundApp, originOf, type Origin } from './engine.js';
import { serverLogout } from './server-logout.js';
import { checkOwnRedirect, ownRedirectUri } from './own-redirect.js';
import { ServerEngines } from './server-engines.js';
import { oauth2Arguments, type OAuth2EngineVerbs } from '../verbs.js';

type OAuth2Engine = Engine<OAuth2Token>;

/**
 * Creates the OAuth 2 engine of a client whose server the user chooses at each login. The chosen
 * server's data become options of an ordinary engine, one for each server. The pending login and
 * the token store the choice, so that any process resolves the same server again, and no other
 * server receives them.
 */
export function createServerApp(config: OAuth2AppConfig): OAuth2Engine {
  const { name, options } = config;
  const http = config.http.guarded();
  const tools = toolsOf(http);
  const locator = options.serverLocator ?? {};
  const questions = questionsOf(options).map((question) => question.name);
  const ownRedirects = hasOwnRedirects(options);
  const engines = new ServerEngines(config, http, tools);
  const engineOf = traced(name, 'metadata', (server: ChosenServer, need: ClientNeed = {}) =>
    engines.engineOf(server, need),
  );
  const engineAt = async (from: Origin): Promise<OAuth2Engine> =>
    (await engineOf(serverOf(from), { clientId: from.clientId })).app;
  const mountOf = traced(name, 'metadata', (server: ChosenServer) => engines.mountOf(server));

  async function choose(params: AuthorizeParams): Promise<ChosenServer> {
    const insecure = options.allowPrivateNetworks === true;
    const given = readChoices(options, params, { insecure });
    const server = locator.find
      ? returnedObject('serverLocator.find', await locator.find(given, tools))
      : given;
    await checkAccepted(options, server);
    return server;
  }

  /** Removes the parameters that select the server. */
  function withoutChoices<P extends object>(params: P): P {
    return filterMembers(params, (_, param) => !questions.includes(param)) as P;
  }

  function serverOf(holder: { server?: unknown } | undefined): ChosenServer {
    const server = holder?.server;
    if (isChosenServer(options, server)) return server;
    throw new OAuthError(
      'invalid_token',
      `The server is unknown: users choose it at login as "${name}", and the token stores ` +
        'it as "server". Pass the whole token that the login returned.',
    );
  }

  const found = foundApp({
    scope: options.scope,
    warn: config.warn,
    plain: createOAuth2App({ ...config, http }),
    begin: async (redirectUri, params) => {
      const server = await choose(params);
      const own = ownRedirects
        ? await ownRedirectUri(redirectUri, (await mountOf(server)).issuer)
        : redirectUri;
      // The scope of the client metadata is registered, unless a login requests more.
      const { scope = options.clientMetadata?.['scope'] ?? options.scope } = params;
      const need = { redirectUri: own, scope: scopeText(scope as RegisterOptions['scope']) };
      const { app, own: client } = await engineOf(server, need);
      const remember = { server, ...client };
      return { app, redirectUri: own, params: withoutChoices(params), remember };
    },
    resume: engineAt,
    home: async (token, args) => {
      const choices = token ? undefined : args.find((arg) => choicesIn(arg, questions));
      return choices
        ? (await engineOf(await choose(choices as AuthorizeParams))).app
        : await engineAt(token ? originOf(token) : {});
    },
    tie: async (token, { server, clientId }) => {
      const own = clientId === undefined ? {} : { client_id: clientId };
      const tied = { ...token, ...own, server: serverOf({ server }) };
      if (!locator.checkToken) return tied;
      const { options: there } = await engines.mountOf(tied.server);
      const context = { ...tools, options: { ...there } };
      const checked = returnedObject(
        'serverLocator.checkToken',
        await locator.checkToken(tied, tied.server, context),
        'invalid_response',
      );
      const moved = JSON.stringify(checked.server) !== JSON.stringify(tied.server);
      if (moved) await checkAccepted(options, serverOf(checked));
      return checked;
    },
    refused: async (error, from) => {
      const forgotten = error instanceof OAuthError && error.code === 'invalid_client';
      if (!forgotten || options.clientId !== undefined) throw error;
      await engines.registerAnew(serverOf(from), from.clientId);
      throw new OAuthError(
        'invalid_client',
        'The server no longer knows this client. A client that registers dynamically is ' +
          'registered again at the next login: start the login again.',
        {
          providerStatus: error.providerStatus,
          error: error.error,
          error_description: error.error_description,
        },
      );
    },
  });
  const logout = serverLogout(async (params) => {
    const [server, rest] = [await choose(params), withoutChoices(params)];
    return [(await engineOf(server)).app.logout, rest];
  });
  return {
    ...found,
    validateCallback: async (params, data) => {
      if (ownRedirects) checkOwnRedirect(params, data.redirectUri);
      await found.validateCallback(params, data);
    },
    logout,
    verbs: checkedVerbs<OAuth2EngineVerbs>(name, oauth2Arguments, {
      ...(found.verbs as OAuth2EngineVerbs),
      createLogoutUrl: traced(name, 'logout', (uri, more) =>
        logout.createLogoutUrl(uri?.toString(), more),
      ),
    }),
    at: async (given, token) => {
      if (token === undefined) return { ...given, apiBaseUrl: undefined };
      return { ...given, ...(await engines.mountOf(serverOf(token))).options };
    },
    send: async (request, token, signal) =>
      await (token ? await engineAt(originOf(token)) : found).send(request, token, signal),
  };
}

/**
 * Whether each server gets its own redirect URI, which is possible if redirect URIs need no manual
 * registration.
 */
function hasOwnRedirects(options: Readonly<RegisterOptions>): boolean {
  const { serverLocator, clientMetadata, clientId, clientIdMetadataUrl, responseMode } = options;
  const registration = serverLocator?.registerClient ?? clientMetadata;
  const registersItself =
    registration !== undefined && clientId === undefined && clientIdMetadataUrl === undefined;
  return options.redirectUriPerServer ?? (registersItself && (responseMode ?? 'query') === 'query');
}

function choicesIn(value: unknown, questions: readonly string[]): boolean {
  return isObject(value) && questions.some((question) => question in value);
}

function toolsOf(http: Http): ServerTools {
  return { request: (request) => sendFollowingRedirects(http, request) };
}
