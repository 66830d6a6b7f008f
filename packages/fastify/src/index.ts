/**
 * The registry for Fastify 5.
 *
 * @module @oauth-registry/fastify
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { parse } from 'node:querystring';
import { OAuthError } from '@oauth-registry/core';
import {
  HandlerClient,
  mountOf,
  plainResponse,
  refuseUncalled,
  Registry,
  tokenGuard,
  uncalled,
} from '@oauth-registry/core/adapter';
import type {
  BrowserRequest,
  ClientsByName,
  ClientTypes,
  Guard,
  HandlerResponse,
  HandlerShape,
  RegistryConstructor,
} from '@oauth-registry/core/adapter';
import type * as core from '@oauth-registry/core/types';
import type {
  FastifyInstance,
  FastifyPluginAsync,
  FastifyReply,
  FastifyRequest,
  preHandlerAsyncHookHandler,
} from 'fastify';
import fp from 'fastify-plugin';
import { closedSessionOf, toBrowserRequest } from './session.js';

const requests = new AsyncLocalStorage<FastifyRequest>();
const replies = new WeakMap<FastifyRequest, FastifyReply>();

const shape: HandlerShape = {
  package: '@oauth-registry/fastify',
  write: (verb, rest) => `${verb}(request, reply${rest})`,
  kinds: ['fastify'],
};

/** A registered client with the login methods for Fastify. */
export class FastifyClient<T extends core.Token = core.Token> extends HandlerClient<
  T,
  FastifyRequest,
  FastifyReply,
  FastifyReply
> {
  protected override readonly shape: HandlerShape = shape;

  protected toBrowserRequest(
    request: FastifyRequest,
    reply: FastifyReply | undefined = replies.get(request),
  ): BrowserRequest {
    return toBrowserRequest(request, reply);
  }

  protected send(reply: FastifyReply, { status, location, body }: HandlerResponse): FastifyReply {
    if (location !== undefined) reply.header('location', location);
    return reply.code(status).send(body);
  }

  /**
   * Returns a preHandler for pages that need a token of this client: a user without one, or without
   * its scopes, logs in at the drop-in routes and returns to the page. `fetch()` gets a 401 or 403.
   *
   * @example
   * ```ts
   * const preHandler = oauth.corp.required({ scope: 'calendar' });
   * app.get('/calendar', { preHandler }, showCalendar);
   * ```
   */
  required(
    options: core.RequiredTokenOptions<FastifyRequest, FastifyReply> = {},
  ): preHandlerAsyncHookHandler {
    refuseUncalled('required', [options], 'oauth.corp.required({ scope })');
    return guarding(tokenGuard(this, options));
  }
}

/** Converts a guard to a hook. */
function guarding(guard: Guard): preHandlerAsyncHookHandler {
  return async (request, reply) => {
    const response = await guard(toBrowserRequest(request, reply), request.originalUrl);
    return response && (await sendPlain(reply, response));
  };
}

/** Sends a response; Fastify cannot respond to HEAD with a standard one. */
async function sendPlain(reply: FastifyReply, response: HandlerResponse): Promise<FastifyReply> {
  const { status, headers, body } = await plainResponse(response);
  for (const [name, value] of headers) reply.header(name, value);
  return reply.code(status).send(body);
}

/** The clients of a Fastify application. */
export interface FastifyClients extends ClientTypes {
  oauth1: FastifyClient<core.OAuth1Token> & core.OAuth1Verbs;
  oauth2: FastifyClient<core.OAuth2Token> & core.OAuth2Verbs;
  openid2: FastifyClient<core.OpenID2Token>;
  any: FastifyClient & core.AnyVerbs;
  registry: OAuth<this['protocols']>;
}

/** The registry's methods for Fastify. */
class FastifyRegistry<Protocols = unknown> extends Registry<FastifyClients, Protocols> {
  constructor(options: core.OAuthOptions = {}) {
    super(options, {
      Client: FastifyClient,
      currentRequest: () => requests.getStore(),
      closedSession: (request) => closedSessionOf(request, replies.get(request as FastifyRequest)),
    });
  }

  /**
   * Returns a preHandler for pages that only signed-in users see: others are redirected to the
   * sign-in page, or to the login with `client`, and return to the page. `fetch()` gets a 401.
   *
   * @example
   * ```ts
   * app.get('/account', { preHandler: oauth.requireLogin() }, showAccount);
   * ```
   */
  requireLogin(
    options: core.RequireLoginOptions<FastifyRequest, FastifyReply> = {},
  ): preHandlerAsyncHookHandler {
    const write = '{ preHandler: oauth.requireLogin() }';
    refuseUncalled('oauth.requireLogin', [options], write);
    return guarding(this.createLoginGuard(options));
  }

  /**
   * Returns the routes. `app.register(oauth.routes({ onLogin }), { prefix: '/auth' })` serves the
   * sign-in page at `/auth/login`, starts at `/auth/login/{client}`, callbacks at
   * `/auth/callback/{client}`, and `POST /auth/logout`.
   */
  routes(options: core.RoutesOptions<FastifyRequest, FastifyReply>): FastifyPluginAsync {
    const mistake = uncalled('oauth.routes', [options], registerRoutes);
    // Fastify accepts a plugin's error only from its promise.
    if (mistake) return Promise.reject(mistake) as never;
    const routes = this.createRoutes(options);
    const handler = async (request: FastifyRequest, reply: FastifyReply) => {
      const response = await routes.handle(toBrowserRequest(request, reply), mountOf(request.url));
      if (reply.sent || !response) return reply.sent ? reply : reply.callNotFound();
      return await sendPlain(reply, response);
    };
    return async (app) => {
      checkApplication(app, 'oauth.routes({ onLogin })', registerRoutes);
      readForms(app);
      // Core reads the body of a proxied call; parsers elsewhere in the application are not
      // affected.
      const bytes = 'application/octet-stream';
      if (!app.hasContentTypeParser(bytes))
        app.addContentTypeParser(bytes, async (_: object, body: object) => body);
      // Path parameters are limited to 100 characters; encoded client names may be longer.
      for (const at of routePaths) {
        app.route({ method: ['GET', 'POST'], url: `/${at}`, handler });
      }
    };
  }
}

/** The registry of a Fastify application, with its clients by name. */
export type OAuth<Protocols = unknown> = FastifyRegistry<Protocols> &
  ClientsByName<FastifyClients, Protocols>;

/** The registry of a Fastify application. */
export const OAuth: RegistryConstructor<FastifyClients> = FastifyRegistry as never;

/**
 * Declares the registry of the application, which types `app.oauth`: `declare module
 * '@oauth-registry/fastify' { interface Registered { oauth: typeof oauth } }`.
 */
// oxlint-disable-next-line typescript/no-empty-object-type -- filled in by applications
export interface Registered {}

declare module 'fastify' {
  interface FastifyInstance {
    oauth: Registered extends { oauth: infer Known } ? Known : OAuth;
  }
}

/** Options of {@link fastifyOAuth}. */
export interface FastifyOAuthOptions {
  oauth: OAuth;
}

const registerRoutes = "app.register(oauth.routes({ onLogin }), { prefix: '/auth' })";
const registerPlugin = 'app.register(fastifyOAuth, { oauth })';

/** Rejects a call by anything but Fastify. */
function checkApplication(app: unknown, plugin: string, write: string): void {
  if (typeof app === 'object' && app !== null && 'hasContentTypeParser' in app) return;
  throw new OAuthError(
    'invalid_options',
    `${plugin} is a Fastify plugin and must be registered, not called. Write ${write}.`,
  );
}

/** Returns the options of the plugin, and those that Fastify reads from every plugin's. */
function readPluginOptions(options: FastifyOAuthOptions): FastifyOAuthOptions {
  const known = ['oauth', 'prefix', 'logLevel', 'logSerializers', 'exposeHeadRoutes'];
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (options.oauth instanceof Registry && unknown === undefined) return options;
  const seen =
    unknown === undefined
      ? '"oauth" is not the registry'
      : `unknown option "${unknown}"; it has "oauth", which is the registry`;
  throw new OAuthError('invalid_options', `fastifyOAuth: ${seen}. Write ${registerPlugin}.`);
}

const routePaths = [
  'login',
  'login/*',
  'callback/*',
  'access/*',
  'logout',
  'logout/*',
  'backchannel/*',
  'frontchannel/*',
];

const form = 'application/x-www-form-urlencoded';

/**
 * A pattern has lower priority than another plugin's parser for the exact type, in either order of
 * registration.
 */
const formPattern = /^application\/x-www-form-urlencoded(?:;|$)/i;

/** Parses forms if no other parser does. */
function readForms(app: FastifyInstance): void {
  if (app.hasContentTypeParser(form) || app.hasContentTypeParser(formPattern)) return;
  app.addContentTypeParser(formPattern, { parseAs: 'string' }, (_request, body, done) =>
    done(null, parse(String(body))),
  );
}

/**
 * Decorates the application with `app.oauth`, parses forms if no other plugin does (a provider may
 * POST its callback), and makes the current request available to the `fetchToken` hook.
 */
export const fastifyOAuth: (app: FastifyInstance, options: FastifyOAuthOptions) => Promise<void> =
  fp(
    async (app: FastifyInstance, options: FastifyOAuthOptions) => {
      checkApplication(app, 'fastifyOAuth', registerPlugin);
      const { oauth } = readPluginOptions(options);
      app.decorate<OAuth>('oauth', oauth);
      readForms(app);
      app.addHook('onRequest', (request, reply, done) => {
        replies.set(request, reply);
        requests.run(request, done);
      });
    },
    { fastify: '5.x', name: '@oauth-registry/fastify' },
  );

export default fastifyOAuth;
export { OAuthError, isOAuthError } from '@oauth-registry/core';
export type {
  LoginResult,
  OAuth1Token,
  OAuth2Token,
  OAuthErrorCode,
  OAuthOptions,
  RegisterOptions,
  RoutesOptions,
  Token,
  UserInfo,
} from '@oauth-registry/core/types';
