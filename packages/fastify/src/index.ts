import { AsyncLocalStorage } from 'node:async_hooks';
import { parse } from 'node:querystring';
import { HandlerClient, placeOf, plainAnswer, Registry } from '@oauth-registry/core/adapter';
import type { BrowserAnswer, BrowserExchange } from '@oauth-registry/core/adapter';
import type * as core from '@oauth-registry/core';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { closedSessionOf, exchange } from './session.js';

const requests = new AsyncLocalStorage<FastifyRequest>();
const replies = new WeakMap<FastifyRequest, FastifyReply>();

/** One registered client, with the login verbs of Fastify. */
export class FastifyClient<T extends core.Token = core.Token> extends HandlerClient<
  T,
  FastifyRequest,
  FastifyReply,
  FastifyReply
> {
  protected exchange(
    request: FastifyRequest,
    reply: FastifyReply | undefined = replies.get(request),
  ): BrowserExchange {
    if (reply) return exchange(request, reply);
    throw new TypeError(
      'Pass the reply, or register the plugin: app.register(fastifyOAuth, { oauth }).',
    );
  }

  protected send(reply: FastifyReply, { status, location, body }: BrowserAnswer): FastifyReply {
    if (location !== undefined) reply.header('location', location);
    return reply.code(status).send(body);
  }
}

/** The clients of a Fastify application. */
export interface FastifyClients {
  oauth1: FastifyClient<core.OAuth1Token> & core.OAuth1Verbs;
  oauth2: FastifyClient<core.OAuth2Token> & core.OAuth2Verbs;
  openid2: FastifyClient<core.OpenID2Token>;
  any: FastifyClient & core.AnyVerbs;
}

/** The registry of a Fastify application. */
export class OAuth extends Registry<FastifyClients> {
  constructor(options: core.OAuthOptions = {}) {
    super(options, {
      Client: FastifyClient,
      currentRequest: () => requests.getStore(),
      closedSession: (request) => closedSessionOf(request, replies.get(request as FastifyRequest)),
    });
  }

  /**
   * The drop-in routes: `app.register(oauth.routes({ onLogin }), { prefix: '/auth' })` has a sign-in page at
   * `/auth/login`, starts at `/auth/login/{client}`, callbacks at `/auth/callback/{client}`, and
   * `POST /auth/logout`.
   */
  routes(options: core.RoutesOptions<FastifyRequest, FastifyReply>): FastifyPluginAsync {
    const routes = this.createRoutes(options);
    const handler = async (request: FastifyRequest, reply: FastifyReply) => {
      const answer = await routes.handle(exchange(request, reply), placeOf(request.url));
      if (reply.sent || !answer) return reply.sent ? reply : reply.callNotFound();
      // Fastify cannot answer HEAD with a standard response.
      const { status, headers, body } = await plainAnswer(answer);
      for (const [name, value] of headers) reply.header(name, value);
      return reply.code(status).send(body);
    };
    return async (app) => {
      readForms(app);
      // The body of a page's call is core's to read; here alone, uploads elsewhere are not ours.
      const bytes = 'application/octet-stream';
      if (!app.hasContentTypeParser(bytes))
        app.addContentTypeParser(bytes, async (_: object, body: object) => body);
      for (const at of ['login', 'login/:client', 'callback/:client', 'logout', 'access/:client']) {
        app.route({ method: ['GET', 'POST'], url: `/${at}`, handler });
      }
    };
  }
}

/**
 * Says which registry the application has, so that `app.oauth` knows its clients:
 * `declare module '@oauth-registry/fastify' { interface Registered { oauth: typeof oauth } }`.
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

const form = 'application/x-www-form-urlencoded';

/** A pattern gives way to the parser of another plugin by name, whichever of the two is registered first. */
const formPattern = /^application\/x-www-form-urlencoded(?:;|$)/i;

/** Reads forms where nothing else does. */
function readForms(app: FastifyInstance): void {
  if (app.hasContentTypeParser(form) || app.hasContentTypeParser(formPattern)) return;
  app.addContentTypeParser(formPattern, { parseAs: 'string' }, (_request, body, done) =>
    done(null, parse(String(body))),
  );
}

/**
 * Decorates the application with `app.oauth`, reads forms where nothing else does (a provider may POST
 * its callback), and makes the current request known to the `fetchToken` hook.
 */
export const fastifyOAuth: (app: FastifyInstance, options: FastifyOAuthOptions) => Promise<void> =
  fp(
    async (app: FastifyInstance, { oauth }: FastifyOAuthOptions) => {
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
export type * from '@oauth-registry/core';
