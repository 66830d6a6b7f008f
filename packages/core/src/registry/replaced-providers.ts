import { internalsOf, type FrameworkClient } from '../client/client.js';
import type { LoginStorage } from '../client/login-state/pending-logins.js';
import type { BrowserRequest } from '../model/ports.js';
import type { AuthorizationRequest, Awaitable, Engine, Protocol } from '../model/types.js';
import type { LogoutPort, LogoutRequest } from '../model/logout.js';
import { OAuthError } from '../model/errors.js';
import type { RegisterOptions } from '../options/register-options.js';
import type { ServerSource } from '../protocols/engine-source.js';
import { protocolOf } from '../options/protocols.js';
import type { EngineClient } from './engine-selection.js';
import { namedClientsOf } from './registry.js';

/** A client whose provider is replaced. */
export interface ReplacedClient {
  readonly name: string;
  readonly kind: Protocol;
  /** Its validated options, completed by its preset. */
  readonly options: Readonly<RegisterOptions>;
}

/** What replaces the provider of a client. */
export interface ProviderReplacement {
  /**
   * A client of another registry with the same protocol. Its engine is used: it creates
   * authorization requests, validates callbacks, requests tokens and calls the API.
   */
  readonly client: FrameworkClient;
  /**
   * Returns the URL to redirect the browser to, in place of the one at the provider. `redirectUri` is
   * the URL of the callback, even if the provider has another name for it.
   */
  login(request: AuthorizationRequest, redirectUri: string): Awaitable<string>;
  /** The same for a logout. */
  logout(request: LogoutRequest): Awaitable<string>;
}

/** What replaces the providers of a registry. */
export interface ProviderReplacements {
  /** Called once for each client. */
  provider(client: ReplacedClient): ProviderReplacement;
  /** Called before a pending login is stored and before one is taken; throws if it must not be. */
  check(browser: BrowserRequest): void;
}

/**
 * Replaces the providers of all clients of a registry. Everything else runs unchanged: the order of
 * the login steps, pending logins, sessions, routes, token stores and hooks. Returns a function that
 * restores the providers.
 *
 * @throws OAuthError `invalid_options` if the first argument is no registry of this installation
 */
export function replaceProviders(registry: object, replacements: ProviderReplacements): () => void {
  const clients = namedClientsOf(registry);
  if (clients === undefined) {
    throw new OAuthError(
      'invalid_options',
      'The first argument is not a registry of this installation of @oauth-registry/core. Pass the ' +
        'result of new OAuth().',
    );
  }
  return clients.replace(
    async (_config, client) => replacedSource(replacements.provider(shown(client))),
    (storage) => checkedStorage(storage, (browser) => replacements.check(browser)),
  );
}

function shown({ name, options }: EngineClient): ReplacedClient {
  return { name, options, kind: protocolOf(options) };
}

/** The engine source of the other client, whose logins and logouts go to no provider. */
async function replacedSource(replacement: ProviderReplacement): Promise<ServerSource> {
  const { app } = internalsOf(replacement.client);
  return {
    verbs: redirectingVerbs((await app.verbs) as Verbs, replacement),
    readCallback: (params) => app.readCallback(params),
    resume: (data) => app.resume(data),
    of: (token, params) => app.of(token, params),
    api: (token) => app.api(token),
    start: async (params, redirectUri) => {
      const found = await app.start(params, redirectUri);
      return { ...found, engine: redirecting(found.engine, replacement) };
    },
  };
}

type Verbs = Partial<Pick<LogoutPort, 'createLogoutUrl'>>;

function redirectingVerbs(verbs: Verbs, { logout }: ProviderReplacement): Verbs {
  const { createLogoutUrl } = verbs;
  return createLogoutUrl
    ? { ...verbs, createLogoutUrl: elsewhere(createLogoutUrl, logout) }
    : verbs;
}

/** Creates logout requests with another URL to redirect to. */
function elsewhere(
  create: LogoutPort['createLogoutUrl'],
  logout: ProviderReplacement['logout'],
): LogoutPort['createLogoutUrl'] {
  return async (...given) => {
    const request = await create(...given);
    return { ...request, url: await logout(request) };
  };
}

/** The part of an engine that starts a login or a logout, with other URLs to redirect to. */
function redirecting(engine: Engine, { login, logout }: ProviderReplacement): Engine {
  const { name, kind, logout: port } = engine;
  const start: Pick<Engine, 'name' | 'kind' | 'createAuthorizationUrl' | 'logout'> = {
    name,
    kind,
    createAuthorizationUrl: async (redirectUri, params) => {
      // The redirect to the callback is always a GET.
      const {
        formPost: _form,
        fragment: _fragment,
        ...request
      } = await engine.createAuthorizationUrl(redirectUri, params);
      return { ...request, url: await login(request, redirectUri) };
    },
    ...(port && {
      logout: {
        ...unbound(port),
        createLogoutUrl: elsewhere((...given) => port.createLogoutUrl(...given), logout),
      },
    }),
  };
  return start as Engine;
}

function unbound(port: LogoutPort): Omit<LogoutPort, 'createLogoutUrl'> {
  return {
    isOffered: () => port.isOffered(),
    readLogoutToken: (token) => port.readLogoutToken(token),
    readFrontchannel: (params, session) => port.readFrontchannel(params, session),
    readThirdPartyInitiation: (params) => port.readThirdPartyInitiation(params),
  };
}

/** Runs a check before a pending login is stored and before one is taken. */
function checkedStorage(storage: LoginStorage, check: ProviderReplacements['check']): LoginStorage {
  return {
    put: async (browser, login) => {
      check(browser);
      await storage.put(browser, login);
    },
    take: async (browser, login) => {
      check(browser);
      return await storage.take(browser, login);
    },
    binds: async (browser, login) => (await storage.binds?.(browser, login)) ?? false,
    drop: async (browser) => await storage.drop(browser),
    shared: async (browser) => await storage.shared?.(browser),
  };
}
