import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createCookieSession, formatCookie } from '@oauth-registry/core/adapter';
import { OAuth, type ExpressClient, type OAuthOptions } from '@oauth-registry/express';
import type { LogoutEvent } from '@oauth-registry/core/types';
import express5, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import express4 from 'express4';
import expressSession, { type Store } from 'express-session';
import { withFaults } from './faulty-store.js';
import {
  responseOf,
  clientsOf,
  describe,
  oauthOptions,
  frontchannelSession,
  savedLogin,
  secret,
  sessionInCookie,
  sessionInStore,
  type SavedLogin,
} from './options.js';
import type { ContractAdapter, ContractApp, ContractConfig } from './types.js';

/** A registry, as far as an application of the contract uses one. */
export interface ExpressRegistry {
  register(name: string, options: object): unknown;
  createClient(name: string): UsedClient;
  routes?: OAuth['routes'];
}

/** What of a client an application of the contract calls. */
export type UsedClient = Pick<
  ExpressClient,
  | 'authorizeRedirect'
  | 'authorizeAccessToken'
  | 'login'
  | 'userinfo'
  | 'readLoginInitiation'
  | 'logoutRedirect'
  | 'validateLogoutResponse'
  | 'logout'
>;

/** What one combination is made of. */
export interface ExpressOptions {
  version?: 4 | 5;
  sealed?: boolean;
  /** The store of sessions; default express-session's, in memory. */
  store?: () => Store;
  /** The registry; default the adapter's. */
  registry?: (options: OAuthOptions) => ExpressRegistry;
}

/** How an application stores its data of a browser. */
interface AppSession {
  read(req: Request): Promise<Record<string, unknown> | undefined>;
  /** Stores a login in a new session, without the data of the old one. */
  renew(req: Request, login: SavedLogin | undefined): Promise<void>;
  write(req: Request, data: Record<string, unknown>): Promise<void>;
}

/** Express with express-session, or with encrypted cookies for pending logins and the session. */
export function expressAdapter(options: ExpressOptions = {}): ContractAdapter {
  const { version = 5, sealed = false } = options;
  return {
    name: `Express ${version} with ${sealed ? 'encrypted cookies' : 'express-session'}`,
    platform: sealed ? sessionInCookie : sessionInStore,
    start: (config) => startExpress(config, options),
  };
}

async function startExpress(config: ContractConfig, options: ExpressOptions): Promise<ContractApp> {
  const { version = 5, sealed = false, registry = (given) => new OAuth(given) } = options;
  const app = version === 4 ? express4() : express5();
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const appSession = sealed ? sealedSession(config) : storedSession();
  if (!sealed && config.session !== 'none') app.use(sessions(config, options));
  const oauth = registry({
    ...oauthOptions(config, url, sealed ? 'cookie' : 'session'),
    fetchToken: async (name, req) => {
      const login = (await appSession.read(req as Request))?.['login'] as SavedLogin | undefined;
      return login?.client === name ? (login.token as never) : undefined;
    },
  });
  const events: LogoutEvent[] = [];
  for (const [name, client] of clientsOf(config, events)) oauth.register(name, client);
  const onLogin = async ({
    client,
    token,
    request,
  }: {
    client: string;
    token: object;
    request: Request;
  }) => await appSession.renew(request, savedLogin(client, token));
  const onLogout = async ({ request }: { request: Request }) =>
    await appSession.renew(request, undefined);
  if (oauth.routes) app.use('/auth', oauth.routes({ onLogin, onLogout }));
  addRoutes(app, { oauth, appSession, params: config.params, version, events });
  app.use(sendError);
  return {
    url,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function sessions(config: ContractConfig, { store }: ExpressOptions): RequestHandler {
  return expressSession({
    secret,
    resave: false,
    saveUninitialized: false,
    store: withFaults(store?.() ?? new expressSession.MemoryStore(), config.store),
    cookie: { secure: config.secureCookie ?? false },
  });
}

interface Routes {
  oauth: ExpressRegistry;
  appSession: AppSession;
  params: Record<string, string> | undefined;
  version: 4 | 5;
  events: LogoutEvent[];
}

function addRoutes(app: Express, { oauth, appSession, params, version, events }: Routes): void {
  type Handler = (req: Request, res: Response) => Promise<unknown>;
  // Express 5 awaits the result of a handler; Express 4 needs `next(error)`.
  const all = (path: string, handler: Handler): unknown =>
    app.all(path, version === 5 ? handler : (req, res, next) => void handler(req, res).catch(next));
  const clientOf = (req: Request) => oauth.createClient(String(req.params['client']));
  all('/login/:client', (req, res) => clientOf(req).authorizeRedirect(req, res, undefined, params));
  all('/callback/:client', async (req, res) => {
    const token = await clientOf(req).authorizeAccessToken(req, res);
    await appSession.renew(req, savedLogin(String(req.params['client']), token));
    res.json(token);
  });
  all('/both/:client', async (req, res) => {
    const name = String(req.params['client']);
    const result = await clientOf(req).login(req, res, `/both/${name}`);
    if (result?.error) throw result.error;
    if (!result) return;
    await appSession.renew(req, savedLogin(name, result.token));
    res.json(result.token);
  });
  all('/me', async (req, res) => res.json(describe(await appSession.read(req))));
  all('/remember/:word', async (req, res) => {
    await appSession.write(req, { ...(await appSession.read(req)), word: req.params['word'] });
    res.json({});
  });
  all('/profile/:client', async (req, res) =>
    res.json(await clientOf(req).userinfo({ request: req })),
  );
  all('/logout', async (req, res) => {
    await appSession.renew(req, undefined);
    res.json({});
  });
  all('/initiate/:client', async (req, res) => {
    const { params: sent } = await clientOf(req).readLoginInitiation(req, res);
    await clientOf(req).authorizeRedirect(req, res, undefined, sent);
  });
  all('/end/:client', async (req, res) => {
    const login = (await appSession.read(req))?.['login'] as SavedLogin | undefined;
    const hint = { id_token_hint: String(login?.token['id_token']) };
    await clientOf(req).logoutRedirect(req, res, `/ended/${req.params['client']}`, hint);
  });
  all('/ended/:client', async (req, res) =>
    res.json(await clientOf(req).validateLogoutResponse(req, res)),
  );
  all('/backchannel/:client', (req, res) => clientOf(req).logout.backchannelLogout(req, res));
  all('/frontchannel/:client', async (req, res) =>
    clientOf(req).logout.frontchannelLogout(
      req,
      res,
      frontchannelSession(await appSession.read(req)),
    ),
  );
  all('/told', async (_req, res) => res.json(events));
}

const sendError: ErrorRequestHandler = (error: unknown, _req, res, _next) => {
  const { status, body } = responseOf(error);
  res.status(status).json(body);
};

type Done = (error?: unknown) => void;
type Stored = Record<string, unknown> & Record<'save' | 'regenerate', (done: Done) => void>;

const settled = (run: (done: Done) => void): Promise<void> =>
  new Promise((resolve, reject) => run((error) => (error ? reject(error) : resolve())));

function storedSession(): AppSession {
  const of = (req: Request) => (req as unknown as { session: Stored }).session;
  return {
    read: async (req) => of(req),
    renew: async (req, login) => {
      await settled((done) => of(req).regenerate(done));
      if (login) of(req)['login'] = login;
      await settled((done) => of(req).save(done));
    },
    write: async (req, { word }) => {
      of(req)['word'] = word;
    },
  };
}

function sealedSession({ secureCookie = false }: ContractConfig): AppSession {
  const { getSession, setSession, clearSession } = createCookieSession<
    Record<string, unknown>,
    Request
  >({ secret, secure: secureCookie }, (req) => ({
    get: (name) => cookiesOf(req).get(name),
    set: (cookie) => void req.res?.appendHeader('set-cookie', formatCookie(cookie)),
  }));
  return {
    read: getSession,
    renew: async (req, login) => await (login ? setSession({ login }, req) : clearSession(req)),
    write: async (req, data) => await setSession(data, req),
  };
}

function cookiesOf(req: Request): Map<string, string> {
  const pairs = (req.headers.cookie ?? '').split('; ').map((pair) => pair.split('='));
  return new Map(pairs.map(([name = '', ...value]) => [name, value.join('=')]));
}
