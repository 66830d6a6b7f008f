import { Cache } from '../cache.js';
import { isObject } from '../encoding.js';
import { OAuthError } from '../errors.js';
import { ask } from '../follow.js';
import type { Http } from '../http.js';
import type { RegisterOptions } from '../option-types.js';
import type { ServerTools } from '../option-types/servers.js';
import { freeze } from '../options/freeze.js';
import { scopeText } from '../options/scope.js';
import { placed } from '../phases.js';
import {
  checkAccepted,
  isChosenServer,
  questionsOf,
  readAnswers,
} from '../quirks/chosen-server.js';
import { fillUrlVariables } from '../quirks/url-variables.js';
import type { AuthorizeParams, ChosenServer, OAuth2Token, RemoteApp } from '../types.js';
import { createOAuth2App, type OAuth2AppConfig } from './app.js';
import {
  createClientIdentifier,
  fromRegistration,
  rememberRegistrations,
  type ClientIdentifier,
  type FoundClient,
} from './client-identifier.js';
import { foundApp } from './found-app.js';
import { serverLogout } from './logout/server-logout.js';
import { createMetadata, type LoadMetadata } from './metadata.js';
import { checkOwnRedirect, ownRedirectUri } from './own-redirect.js';
import { homeOf } from './server-home.js';

type Engine = RemoteApp<OAuth2Token>;

/** A server that was found, and the engines that were made for it. */
interface Place {
  /** The client's options, as they are there. */
  options: Readonly<RegisterOptions>;
  /** What its registrations are kept under. */
  issuer: string;
  load: LoadMetadata;
  identify: ClientIdentifier;
  /** The engine of the client that is known there now. */
  engine?: { clientId: string | undefined; app: Engine };
  /** The server was asked lately if it knows the client, and got another where it did not. */
  known?: Promise<void>;
}

/**
 * Binds the OAuth 2 engine to a client whose server a person chooses with each login. What the person
 * gave becomes options; an ordinary engine does the work, one for each server. The pending login and the
 * token carry the choice, so that any process finds the same server again, and no other gets either.
 */
export function createServerApp(config: OAuth2AppConfig): Engine {
  const { name, options, metadataTtl } = config;
  const http = config.http.guarded();
  const tools = toolsOf(http);
  const locator = options.serverLocator ?? {};
  const registrations = options.clientRegistrations ?? rememberRegistrations();
  const questions = questionsOf(options).map((question) => question.name);
  // Where nobody has to register them by hand, redirect URIs tell servers apart by themselves.
  const registration = locator.registerClient ?? options.clientMetadata;
  const named = options.clientId ?? options.clientIdMetadataUrl;
  const registersItself = named === undefined && registration !== undefined;
  const ownRedirects =
    options.redirectUriPerServer ??
    (registersItself && (options.responseMode ?? 'query') === 'query');
  const places = new Cache<Promise<Place>>(config.servers);

  async function describe(server: ChosenServer): Promise<Readonly<RegisterOptions>> {
    const filled = fillUrlVariables(options, Object.entries(server));
    const more = await locator.describe?.(server, { ...tools, options: { ...filled } });
    return freeze({ ...filled, ...more, clientRegistrations: registrations }) as RegisterOptions;
  }

  async function open(server: ChosenServer): Promise<Place> {
    const described = await describe(server);
    const { clientMetadata = {} } = described;
    const load = createMetadata({ options: described, http, openid: false, ttl: metadataTtl });
    const { registerClient } = locator;
    const scope = String(clientMetadata['scope'] ?? scopeText(described.scope) ?? '');
    return {
      options: described,
      issuer: homeOf(described, options),
      load,
      identify: createClientIdentifier({
        options: described,
        http,
        scope,
        register: registerClient
          ? (redirectUris) => {
              const request = { options: { ...described }, redirectUris, scope, clientMetadata };
              return registerClient(request, tools);
            }
          : // A server is not bothered with registrations that nobody has prepared.
            options.clientMetadata === undefined
            ? 'never'
            : undefined,
      }),
    };
  }

  async function placeOf(server: ChosenServer): Promise<Place> {
    const key = JSON.stringify(server);
    const known = places.get(key);
    if (known) return await known;
    const opening = open(server);
    places.set(key, opening, metadataTtl * 1000);
    opening.catch(() => places.delete(key));
    return await opening;
  }

  /** Who the client is there; with an address to come back to, it may be registered. */
  async function clientAt(place: Place, redirectUri?: string): Promise<FoundClient> {
    const { clientId, clientSecret, tokenEndpointAuthMethod } = place.options;
    if (clientId === undefined) {
      return await place.identify.find(place.issuer, place.load, redirectUri);
    }
    const own = await options.clientRegistrations?.get(place.issuer);
    return own
      ? fromRegistration(own, place.options)
      : { clientId, clientSecret, tokenEndpointAuthMethod };
  }

  /** Servers forget clients that are not used: then people would get no further than their page. */
  async function knownClientAt(place: Place, redirectUri: string): Promise<void> {
    const { clientId } = await clientAt(place, redirectUri);
    const { knowsClient } = locator;
    if (!knowsClient || place.options.clientId !== undefined || clientId === undefined) return;
    place.known ??= (async () => {
      const registered = await registrations.get(place.issuer);
      const known =
        !registered || (await knowsClient(registered, { ...tools, options: { ...place.options } }));
      if (!known) await place.identify.renew(place.issuer, place.load, clientId);
    })().catch(() => {
      // Not knowing it is no reason to hold a login up.
      delete place.known;
    });
    await place.known;
  }

  async function engineAt(server: ChosenServer, redirectUri?: string): Promise<Engine> {
    const place = await placeOf(server);
    if (redirectUri !== undefined) await knownClientAt(place, redirectUri);
    const client = await clientAt(place, redirectUri);
    if (place.engine?.clientId === client.clientId && place.engine) return place.engine.app;
    const app = createOAuth2App({
      ...config,
      http,
      options: Object.freeze({ ...place.options, ...client }),
    });
    place.engine = { clientId: client.clientId, app };
    return app;
  }
  const ready = placed(name, 'metadata', engineAt);
  const opened = placed(name, 'metadata', placeOf);

  async function choose(params: AuthorizeParams): Promise<ChosenServer> {
    const insecure = options.allowPrivateNetworks === true;
    const given = readAnswers(options, params, { insecure });
    const server = (await locator.find?.(given, tools)) ?? given;
    await checkAccepted(options, server);
    return server;
  }

  /** The parameters that go on to the server. */
  function withoutAnswers<P extends object>(params: P): P {
    const rest = Object.entries(params).filter(([param]) => !questions.includes(param));
    return Object.fromEntries(rest) as P;
  }

  function serverOf(holder: { server?: unknown } | undefined): ChosenServer {
    const server = holder?.server;
    if (isChosenServer(options, server)) return server;
    throw new OAuthError(
      'invalid_token',
      `The server is not known: people choose it with each login at "${name}", and its token has it as ` +
        '"server". Pass the whole token, as the login returned it.',
    );
  }

  const found = foundApp({
    plain: createOAuth2App({ ...config, http }),
    begin: async (redirectUri, params) => {
      const server = await choose(params);
      const own = ownRedirects
        ? await ownRedirectUri(redirectUri, (await opened(server)).issuer)
        : redirectUri;
      const app = await ready(server, own);
      return { app, redirectUri: own, params: withoutAnswers(params), remember: { server } };
    },
    resume: async (data) => await ready(serverOf(data)),
    home: async (token, args) => {
      const answers = token ? undefined : args.find((arg) => answersIn(arg, questions));
      return await ready(answers ? await choose(answers as AuthorizeParams) : serverOf(token));
    },
    tie: async (token, { server }) => {
      const tied = { ...token, server: serverOf({ server }) };
      if (!locator.checkToken) return tied;
      const { options: there } = await placeOf(tied.server);
      const more = { ...tools, options: { ...there } };
      const checked = await locator.checkToken(tied, tied.server, more);
      const moved = JSON.stringify(checked.server) !== JSON.stringify(tied.server);
      if (moved) await checkAccepted(options, serverOf(checked));
      return checked;
    },
    refused: async (error, from) => {
      const forgotten = error instanceof OAuthError && error.code === 'invalid_client';
      if (!forgotten || options.clientId !== undefined) throw error;
      const { identify, issuer, load, engine } = await placeOf(serverOf(from));
      await identify.renew(issuer, load, engine?.clientId ?? '');
      throw new OAuthError(
        'invalid_client',
        'The server does not know this client any more. Where clients register themselves, it is ' +
          'registered anew: start the login again.',
        { status: error.status, error: error.error, error_description: error.error_description },
      );
    },
  });
  const logout = serverLogout(async (params) => {
    const [server, rest] = [await choose(params), withoutAnswers(params)];
    return [(await ready(server)).logout, rest];
  });
  return {
    ...found,
    checkSender: async (params, data) => {
      if (ownRedirects) checkOwnRedirect(params, data.redirectUri);
      await found.checkSender(params, data);
    },
    logout,
    verbs: { ...found.verbs, createLogoutUrl: placed(name, 'logout', logout.createLogoutUrl) },
    at: async (given, token) => {
      if (token === undefined) return { ...given, apiBaseUrl: undefined };
      return { ...given, ...(await placeOf(serverOf(token))).options };
    },
    send: async (request, token, signal) =>
      await (token ? await ready(serverOf(token)) : found).send(request, token, signal),
  };
}

function answersIn(value: unknown, questions: readonly string[]): boolean {
  return isObject(value) && questions.some((question) => question in value);
}

function toolsOf(http: Http): ServerTools {
  return { ask: (question) => ask(http, question) };
}
