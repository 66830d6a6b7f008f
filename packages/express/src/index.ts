/**
 * The registry for Express 4 and 5.
 *
 * @module @oauth-registry/express
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import {
  checkHandlerArguments,
  closedSession,
  fromNode,
  HandlerClient,
  nodeSession,
  refuseUncalled,
  Registry,
  sendResponse,
  tokenGuard,
} from '@oauth-registry/core/adapter';
import type {
  BrowserRequest,
  ClientsByName,
  ClientTypes,
  ClosedSession,
  ConnectStore,
  Guard,
  HandlerResponse,
  HandlerShape,
  NodeSession,
  RegistryConstructor,
} from '@oauth-registry/core/adapter';
import type * as core from '@oauth-registry/core/types';
import type { Request, RequestHandler, Response } from 'express';

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

  /**
   * Returns middleware for pages that need a token of this client: a user without one, or without
   * its scopes, logs in at the drop-in routes and returns to the page. `fetch()` gets a 401 or 403.
   *
   * @example
   * ```ts
   * app.get('/calendar', oauth.corp.required({ scope: 'calendar' }), showCalendar);
   * ```
   */
  required(options: core.RequiredTokenOptions<Request, Response> = {}): RequestHandler {
    refuseUncalled('required', [options], 'oauth.corp.required({ scope })');
    return guarding(tokenGuard(this, options));
  }
}

/** Converts a guard to middleware. */
function guarding(guard: Guard): RequestHandler {
  return async (req, res, next) => {
    try {
      const response = await guard(toBrowserRequest(req, res), req.originalUrl);
      if (response) await sendResponse(res, response);
      else next();
    } catch (error) {
      next(error);
    }
  };
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
   * Returns middleware for pages that only signed-in users see: others are redirected to the sign-in
   * page, or to the login with `client`, and return to the page. `fetch()` gets a 401.
   *
   * @example
   * ```ts
   * app.use('/account', oauth.requireLogin());
   * ```
   */
  requireLogin(options: core.RequireLoginOptions<Request, Response> = {}): RequestHandler {
    refuseUncalled('oauth.requireLogin', [options], "app.use('/account', oauth.requireLogin())");
    return guarding(this.createLoginGuard(options));
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

/**
 * Properties that session middleware adds to a request; a store only if sessions are stored on the
 * server.
 */
interface WithSession {
  session?: NodeSession | null;
  sessionStore?: ConnectStore;
  sessionID?: string;
  /** Set by cookie-session. */
  sessionOptions?: { sameSite?: unknown };
}

/** Properties that pino-http and similar loggers add to a request. */
interface WithLog {
  log?: { error?(details: object, line: string): unknown };
}

/** Converts an Express request and its response for core. */
function toBrowserRequest(req: Request, res: Response | undefined): BrowserRequest {
  const browser = fromNode(req, res, () => {
    const holder = req as object as WithSession;
    const { session, sessionStore: store, sessionID: id, sessionOptions } = holder;
    // express-session({ proxy: true }) uses this header, regardless of Express's trust settings.
    const https = req.secure || isForwarded(req.headers['x-forwarded-proto']);
    const create = (): NodeSession | null | undefined => {
      holder.session = {};
      return holder.session;
    };
    const { sameSite } = sessionOptions ?? {};
    return nodeSession({ session, store, id, https, create, sameSite, ...advice });
  });
  const { log } = req as object as WithLog;
  return typeof log?.error === 'function'
    ? { ...browser, log: (line, details) => void log.error?.(details, line) }
    : browser;
}

/** Returns the session of a request whose response has started. */
function closedSessionOf(request: unknown): ClosedSession | undefined {
  const { res, session, sessionStore: store } = (request ?? {}) as WithSession & Partial<Request>;
  return res?.headersSent ? closedSession({ session, store }) : undefined;
}

/** Whether the first of the forwarded protocols is https. */
function isForwarded(protocols: string | string[] | undefined): boolean {
  return protocols?.toString().split(',', 1)[0]?.trim().toLowerCase() === 'https';
}

const advice = {
  howToAdd:
    'app.use(session({ secret, resave: false, saveUninitialized: false })) from express-session',
  howToSecure:
    "Behind a proxy call app.set('trust proxy', 1); on localhost use cookie: { secure: 'auto' }.",
};

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
