import { createServer, type IncomingMessage, type Server } from 'node:http';
import cookie from '@fastify/cookie';
import fastifySession from '@fastify/session';
import type { OAuthOptions, RegisterOptions } from '@oauth-registry/core';
import type {
  LoginSuccess,
  RequiredTokenOptions,
  RequireLoginOptions,
  RoutesOptions,
  Token,
} from '@oauth-registry/core/types';
import * as express from '@oauth-registry/express';
import * as fastify from '@oauth-registry/fastify';
import * as next from '@oauth-registry/next';
import * as web from '@oauth-registry/web';
import createExpress from 'express';
import session from 'express-session';
import Fastify from 'fastify';
import type { NextApiHandler } from 'next';
import { apiResolver } from 'next/dist/server/api-utils/node/api-resolver.js';
import { listenOnNode } from '../../contract/web.js';
import { listen, registered, stop } from './routes.js';

/**
 * An application with the drop-in routes below `/auth`, an `/open` page, pages below `/account` for signed-in users,
 * and `/files`, which needs a token of `corp`. A page says `{ user, page }`.
 */
export interface GuardedApp {
  url: string;
  logins: Pick<LoginSuccess, 'client' | 'token' | 'link'>[];
  /** Tokens by user and client. */
  tokens: Map<string, Token>;
  close(): Promise<void>;
}

/** What the application under test is made of. */
export interface GuardedOptions {
  clients: Record<string, RegisterOptions>;
  oauth?: OAuthOptions;
  routes?: Partial<RoutesOptions>;
  login?: RequireLoginOptions;
  token?: RequiredTokenOptions;
  /** Forgets every login, as an application with a mistake does. */
  forgetful?: boolean;
}

const secret = 'a secret of thirty-two characters';

interface Users<Req> {
  get(request: Req): string | undefined;
  set(request: Req, user: string): void;
}

interface Parts {
  logins: GuardedApp['logins'];
  tokens: GuardedApp['tokens'];
  oauth: OAuthOptions;
  routes: RoutesOptions;
  login: RequireLoginOptions;
  token: RequiredTokenOptions;
}

function partsOf<Req>(url: string, options: GuardedOptions, users: Users<Req>): Parts {
  const logins: GuardedApp['logins'] = [];
  const tokens: GuardedApp['tokens'] = new Map();
  const userId = ({ request }: { request: never }): string | undefined => users.get(request);
  return {
    logins,
    tokens,
    oauth: {
      config: {},
      baseUrl: url,
      secret,
      fetchToken: (name, request) => tokens.get(`${users.get(request as Req)} ${name}`) as never,
      ...options.oauth,
    },
    routes: {
      userId,
      ...options.routes,
      onLogin: ({ client, token, link, user, request }) => {
        logins.push({ client, token, link });
        if (options.forgetful) return;
        const id = link ?? `${client}-${user?.sub}`;
        tokens.set(`${id} ${client}`, token);
        if (link === undefined) users.set(request as Req, id);
      },
    },
    login: { userId, ...options.login },
    token: { ...options.token },
  };
}

/** Express, whose guard of pages is in front of the routes, too. */
async function onExpress(options: GuardedOptions): Promise<GuardedApp> {
  const app = createExpress();
  const server = createServer(app);
  const url = await listen(server);
  type WithUser = { session: { user?: string | undefined } };
  const parts = partsOf<WithUser>(url, options, {
    get: (req) => req.session.user,
    set: (req, user) => void (req.session.user = user),
  });
  const oauth = registered(new express.OAuth(parts.oauth), options);
  const guard = oauth.requireLogin(parts.login as never);
  const corp = oauth.createClient('corp') as express.ExpressClient;
  app.use(session({ secret, resave: false, saveUninitialized: false }));
  app.get('/open', (req, res) => res.json({ page: 'open', user: req.session.user ?? null }));
  const files = corp.required(parts.token as never);
  app.all('/files', files, (req, res) => res.json({ page: 'files', user: req.session.user }));
  app.use(guard);
  app.use('/auth', oauth.routes(parts.routes as never));
  app.use((req, res) => void res.json({ page: req.path, user: req.session.user ?? null }));
  return { url, ...parts, close: () => stop(server) };
}

declare module 'express-session' {
  interface SessionData {
    user?: string | undefined;
  }
}

async function onFastify(options: GuardedOptions): Promise<GuardedApp> {
  const app = Fastify({ forceCloseConnections: true });
  await app.register(cookie);
  await app.register(fastifySession, { secret, cookie: { secure: false } });
  const reserved = createServer();
  const url = await listen(reserved);
  await stop(reserved);
  type WithUser = { session: { user?: string } };
  const userOf = (request: object): string | undefined => (request as WithUser).session.user;
  const parts = partsOf<WithUser>(url, options, {
    get: userOf,
    set: (request, user) => void (request.session.user = user),
  });
  const oauth = registered(new fastify.OAuth(parts.oauth), options);
  const corp = oauth.createClient('corp') as fastify.FastifyClient;
  // It parses forms.
  await app.register(fastify.fastifyOAuth, { oauth });
  await app.register(oauth.routes(parts.routes as never), { prefix: '/auth' });
  app.get('/open', async (request) => ({ page: 'open', user: userOf(request) ?? null }));
  const files = { preHandler: corp.required(parts.token as never) };
  app.all('/files', files, async (request) => ({ page: 'files', user: userOf(request) }));
  const account = { preHandler: oauth.requireLogin(parts.login as never) };
  app.all('/*', account, async (request) => ({
    page: request.url.replace(/\?.*/, ''),
    user: userOf(request) ?? null,
  }));
  await app.listen({ host: '127.0.0.1', port: Number(new URL(url).port) });
  return { url, ...parts, close: () => stop(app.server as Server) };
}

type Handle = (request: Request) => Promise<Response | undefined>;

/** Standard requests: the guards of all pages but `/open` run first, as in a proxy of Next.js. */
async function onRequests(
  options: GuardedOptions,
  make: (parts: Parts) => { routes: Handle; login: Handle; files: Handle },
): Promise<GuardedApp> {
  const server = await listenOnNode();
  const users = new Map<string, string>();
  const sid = (request: Request): string =>
    /sid=(\w+)/.exec(request.headers.get('cookie') ?? '')?.[1] ?? '';
  const parts = partsOf<Request>(server.url, options, {
    get: (request) => users.get(sid(request)),
    set: (request, user) => void users.set(sid(request), user),
  });
  const { routes, login, files } = make(parts);
  let started = 0;
  server.serve(async (request) => {
    const page = new URL(request.url).pathname;
    if (page === '/open') {
      const headers = { 'set-cookie': `sid=s${(started += 1)}; Path=/` };
      return Response.json({ page: 'open' }, sid(request) === '' ? { headers } : {});
    }
    const refused = await (page === '/files' ? files : login)(request).catch(failed);
    if (refused) return refused;
    const own = page.startsWith('/auth/') ? await routes(request) : undefined;
    const shown = page === '/files' ? 'files' : page;
    return own ?? Response.json({ page: shown, user: users.get(sid(request)) ?? null });
  });
  return { url: server.url, ...parts, close: () => server.close() };
}

const failed = (error: unknown): Response =>
  new Response(String((error as Error).message), { status: 500 });

function onWeb(options: GuardedOptions): Promise<GuardedApp> {
  return onRequests(options, (parts) => {
    const oauth = registered(new web.OAuth(parts.oauth), options);
    const corp = oauth.createClient('corp') as web.WebClient;
    return {
      routes: oauth.routes(parts.routes as never),
      login: oauth.requireLogin(parts.login as never),
      files: corp.required(parts.token as never),
    };
  });
}

function onNext(options: GuardedOptions): Promise<GuardedApp> {
  return onRequests(options, (parts) => {
    const oauth = registered(new next.OAuth(parts.oauth), options);
    const corp = oauth.createClient('corp') as next.NextClient;
    const { GET, POST } = oauth.routes(parts.routes as never);
    const [login, files] = [
      oauth.requireLogin(parts.login as never),
      corp.required(parts.token as never),
    ];
    return {
      routes: (request) => (request.method === 'POST' ? POST(request) : GET(request)),
      // Next.js passes its own second argument to a proxy, and another to a Route Handler.
      login: (request) => login(request, { waitUntil: () => undefined }),
      files: (request) => files(request, { params: Promise.resolve({}) }),
    };
  });
}

async function onPages(options: GuardedOptions): Promise<GuardedApp> {
  const users = new Map<string, string>();
  let page: NextApiHandler = (_req, res) => res.end();
  const server = createServer((req: IncomingMessage, res) => {
    void apiResolver(req, res, {}, { default: page }, {} as never, false);
  });
  const url = await listen(server);
  type WithCookies = { cookies: Partial<Record<string, string>> };
  const userOf = (req: WithCookies): string | undefined => users.get(req.cookies['sid'] ?? '');
  const parts = partsOf<WithCookies>(url, options, {
    get: userOf,
    set: (req, user) => void users.set(req.cookies['sid'] ?? '', user),
  });
  const oauth = registered(new next.OAuth(parts.oauth), options);
  const routes = oauth.routes(parts.routes as never).handler;
  const login = oauth.requireLogin(parts.login as never);
  const files = (oauth.createClient('corp') as next.NextClient).required(parts.token as never);
  let started = 0;
  page = async (req, res) => {
    const path = (req.url ?? '').replace(/\?.*/, '');
    if (path === '/open') {
      if (!req.cookies['sid']) res.setHeader('set-cookie', `sid=s${(started += 1)}; Path=/`);
      return res.json({ page: 'open' });
    }
    try {
      if (await (path === '/files' ? files : login)(req, res)) return;
    } catch (error) {
      return res.status(500).send((error as Error).message);
    }
    if (path.startsWith('/auth/')) return await routes(req, res);
    res.json({ page: path === '/files' ? 'files' : path, user: userOf(req) ?? null });
  };
  return { url, ...parts, close: () => stop(server) };
}

/** Starts an application on one of the frameworks. */
export type OpenGuarded = (options: GuardedOptions) => Promise<GuardedApp>;

/** Every framework with guards. */
export const guardedFrameworks: Record<string, OpenGuarded> = {
  Express: onExpress,
  Fastify: onFastify,
  'standard requests': onWeb,
  'Next.js': onNext,
  'Next.js, Pages Router': onPages,
};
