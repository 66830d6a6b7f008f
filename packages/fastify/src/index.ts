import { AsyncLocalStorage } from 'node:async_hooks';
import { parse } from 'node:querystring';
import { FrameworkClient, Registry } from '@oauth-registry/core/adapter';
import type * as core from '@oauth-registry/core';
import type {
  AuthorizeData,
  ExchangeOptions,
  OAuthOptions,
  Params,
  Token,
} from '@oauth-registry/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fp from 'fastify-plugin';
import { exchange } from './session.js';

const requests = new AsyncLocalStorage<FastifyRequest>();
const replies = new WeakMap<FastifyRequest, FastifyReply>();

/** One registered client, with the login verbs of Fastify. */
export class FastifyClient<T extends Token = Token> extends FrameworkClient<T> {
  /**
   * Sends the person to the provider. The pending login is saved before the redirect goes out.
   *
   * @example
   * ```ts
   * app.get('/login', (request, reply) => oauth.github.authorizeRedirect(request, reply));
   * ```
   * @param redirectUri where the provider sends the person back, as registered there; without it,
   *   `/callback/{name}` below `baseUrl`
   * @param params more parameters of the authorization request, such as `prompt` or `login_hint`
   * @returns the reply, already sent
   */
  async authorizeRedirect(
    request: FastifyRequest,
    reply: FastifyReply,
    redirectUri?: string,
    params?: Params,
  ): Promise<FastifyReply> {
    const answer = await this.startLogin(exchange(request, reply), { redirectUri, params });
    if (answer.location !== undefined) reply.header('location', answer.location);
    return reply.code(answer.status).send();
  }

  /**
   * Finishes the login in the callback's route and returns the token. The pending login is spent,
   * whatever the outcome.
   *
   * @example
   * ```ts
   * app.get('/callback', async (request, reply) => {
   *   const token = await oauth.github.authorizeAccessToken(request, reply);
   *   return await oauth.github.userinfo({ token });
   * });
   * ```
   * @param reply may be left out where the `fastifyOAuth` plugin is registered
   * @throws OAuthError whose `code` says what happened, e.g. `access_denied` or `mismatching_state`
   */
  async authorizeAccessToken(
    request: FastifyRequest,
    reply: FastifyReply | undefined = replies.get(request),
    options?: ExchangeOptions,
  ): Promise<T> {
    return await this.finishLogin(exchange(request, replyOf(reply)), options);
  }

  /** Keeps what `createAuthorizationUrl()` returned, for an application that redirects by itself. */
  async saveAuthorizeData(request: FastifyRequest, data: AuthorizeData): Promise<void> {
    await this.keepLogin(exchange(request, replyOf(replies.get(request))), data);
  }
}

function replyOf(reply: FastifyReply | undefined): FastifyReply {
  if (reply) return reply;
  throw new TypeError(
    'Pass the reply, or register the plugin: app.register(fastifyOAuth, { oauth }).',
  );
}

/** The clients of a Fastify application. */
export interface FastifyClients {
  oauth1: FastifyClient<core.OAuth1Token> & core.OAuth1Verbs;
  oauth2: FastifyClient<core.OAuth2Token> & core.OAuth2Verbs;
  any: FastifyClient;
}

/** The registry of a Fastify application. */
export class OAuth extends Registry<FastifyClients> {
  constructor(options: OAuthOptions = {}) {
    super(options, { Client: FastifyClient, currentRequest: () => requests.getStore() });
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

/**
 * Decorates the application with `app.oauth`, reads forms where nothing else does (a provider may POST
 * its callback), and makes the current request known to the `fetchToken` hook.
 */
export const fastifyOAuth: (app: FastifyInstance, options: FastifyOAuthOptions) => Promise<void> =
  fp(
    async (app: FastifyInstance, { oauth }: FastifyOAuthOptions) => {
      app.decorate<OAuth>('oauth', oauth);
      if (!app.hasContentTypeParser(form)) {
        app.addContentTypeParser(form, { parseAs: 'string' }, (_request, body, done) =>
          done(null, parse(String(body))),
        );
      }
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
