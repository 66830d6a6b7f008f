import { AsyncLocalStorage } from 'node:async_hooks';
import {
  checkHandlerArguments,
  HandlerClient,
  refuseUncalled,
  Registry,
  sendResponse,
} from '@oauth-registry/core/adapter';
import type {
  BrowserRequest,
  ClientsByName,
  ClientTypes,
  HandlerResponse,
  HandlerShape,
  RegistryConstructor,
} from '@oauth-registry/core/adapter';
import type * as core from '@oauth-registry/core/types';
import type { Request, RequestHandler, Response } from 'express';
import { closedSessionOf, toBrowserRequest } from './session.js';

const requests = new AsyncLocalStorage<Request>();

const shape: HandlerShape = {
  package: '@oauth-registry/express',
  write: (verb, rest) => `${verb}(req, res${rest})`,
  kinds: ['express', 'http'],
};

/** A registered client with the login methods for Express. */
export class ExpressClient<T extends core.Token = core.Token> extends HandlerClient<
  T,
  Request,
  Response,
  void
> {
  protected override readonly shape: HandlerShape = shape;

  /** Express links every request to its response; only a request created by hand lacks it. */
  protected toBrowserRequest(req: Request, res: Response | undefined = req.res): BrowserRequest {
    return toBrowserRequest(req, res);
  }

  protected async send(res: Response, response: HandlerResponse): Promise<void> {
    await sendResponse(res, response);
  }
}

/** The clients of an Express application. */
export interface ExpressClients extends ClientTypes {
  oauth1: ExpressClient<core.OAuth1Token> & core.OAuth1Verbs;
  oauth2: ExpressClient<core.OAuth2Token> & core.OAuth2Verbs;
  openid2: ExpressClient<core.OpenID2Token>;
  any: ExpressClient & core.AnyVerbs;
  registry: OAuth<this['protocols']>;
}

/** The registry's methods for Express. */
class ExpressRegistry<Protocols = unknown> extends Registry<ExpressClients, Protocols> {
  constructor(options: core.OAuthOptions = {}) {
    super(options, {
      Client: ExpressClient,
      currentRequest: () => requests.getStore(),
      closedSession: closedSessionOf,
    });
  }

  /**
   * Makes the current request available to the `fetchToken` and `updateToken` hooks, so that calls
   * need no `{ request }`. Use it after body parsers and session middleware, before the routes.
   *
   * @example
   * ```ts
   * app.use(oauth.middleware());
   * ```
   */
  middleware(): RequestHandler {
    refuseUncalled('oauth.middleware', [...arguments], 'app.use(oauth.middleware())');
    return (req, _res, next) => requests.run(req, next);
  }

  /**
   * Returns the routes. `app.use('/auth', oauth.routes({ onLogin }))` serves the sign-in page at
   * `/auth/login`, starts at `/auth/login/{client}`, callbacks at `/auth/callback/{client}`, and
   * `POST /auth/logout`.
   */
  routes(options: core.RoutesOptions<Request, Response>): RequestHandler {
    const write = "app.use('/auth', oauth.routes({ onLogin }))";
    refuseUncalled('oauth.routes', [options], write);
    const routes = this.createRoutes(options);
    return async (req, res, next) => {
      try {
        const call = { verb: 'oauth.routes', request: req, response: res, needs: true };
        checkHandlerArguments({ ...shape, write: () => write }, call);
        const place = { path: req.path, mount: req.baseUrl };
        const response = await routes.handle(toBrowserRequest(req, res), place);
        if (response) await sendResponse(res, response);
        else if (!res.headersSent) next();
      } catch (error) {
        next(error);
      }
    };
  }
}

/** The registry of an Express application, with its clients by name. */
export type OAuth<Protocols = unknown> = ExpressRegistry<Protocols> &
  ClientsByName<ExpressClients, Protocols>;

/**
 * The registry of an Express application.
 *
 * @example
 * ```ts
 * const oauth = new OAuth({ baseUrl: 'https://app.example' }).register('corp', {
 *   serverMetadataUrl: 'https://id.corp.example/.well-known/openid-configuration',
 *   scope: 'openid email',
 * });
 * ```
 */
export const OAuth: RegistryConstructor<ExpressClients> = ExpressRegistry as never;

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
