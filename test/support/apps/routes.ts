import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import cookie from '@fastify/cookie';
import secureSession from '@fastify/secure-session';
import fastifySession from '@fastify/session';
import * as express from '@oauth-registry/express';
import * as fastify from '@oauth-registry/fastify';
import * as next from '@oauth-registry/next';
import createExpress, { type Request as ExpressRequest, type RequestHandler } from 'express';
import session from 'express-session';
import Fastify, { type FastifyRequest } from 'fastify';
import type { NextApiHandler, NextApiRequest } from 'next';
import { apiResolver } from 'next/dist/server/api-utils/node/api-resolver.js';
import type { OAuthOptions, RegisterOptions } from '@oauth-registry/core';
import type { LoginFailure, LoginSuccess, RoutesOptions } from '@oauth-registry/core/types';

/** An application that has the drop-in routes below `/auth`, and a page that says who is signed in. */
export interface RoutesApp {
  url: string;
  oauth: express.OAuth | fastify.OAuth | next.OAuth;
  logins: Login[];
  failures: Failure[];
  close(): Promise<void>;
}

type Login = Omit<LoginSuccess, 'request' | 'response'>;
type Failure = Omit<LoginFailure, 'request' | 'response'>;

/** What the application under test adds to its routes. */
export interface RoutesAppOptions {
  clients: Record<string, RegisterOptions>;
  oauth?: OAuthOptions;
  routes?: Omit<RoutesOptions, 'onLogin' | 'onError' | 'userId'>;
  /** Express only: middleware in front of the routes. */
  before?: RequestHandler;
  /** `false` leaves the framework's session out. */
  session?: false;
  /** Fastify only: gets the lines of the application's log. */
  log?: { write(line: string): void };
  /** Records failures, and leaves the answer to the routes. */
  onLogin?: (login: Login) => ReturnType<RoutesOptions['onLogin']>;
  onError?: (failure: Failure) => ReturnType<RoutesOptions['onLogin']>;
  /** Default: the user in the session. */
  userId?: RoutesOptions['userId'];
}

const secret = 'a secret of thirty-two characters';

interface Parts {
  logins: Login[];
  failures: Failure[];
}

function record(
  { logins, failures }: Parts,
  options: RoutesAppOptions,
  sessionOf: (request: never) => { user?: string },
): RoutesOptions {
  return {
    ...options.routes,
    userId: options.userId ?? (({ request }) => sessionOf(request).user),
    onLogin: (login) => {
      const { request } = login;
      logins.push(login);
      if (login.link === undefined) sessionOf(request).user = login.user?.sub ?? 'somebody';
      return options.onLogin?.(login);
    },
    onError: (failure) => {
      failures.push(failure);
      return options.onError?.(failure);
    },
  };
}

/** Registers the clients of an application. */
export function registered<T extends { register(name: string, options: RegisterOptions): unknown }>(
  oauth: T,
  { clients }: Pick<RoutesAppOptions, 'clients'>,
): T {
  for (const [name, client] of Object.entries(clients)) oauth.register(name, client);
  return oauth;
}

/** Listens at a free port of this machine, and returns the URL. */
export async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

/** Express with express-session. */
export async function onExpress(options: RoutesAppOptions): Promise<RoutesApp> {
  const app = createExpress();
  const server = createServer(app);
  const url = await listen(server);
  const oauth = registered(
    new express.OAuth({ config: {}, baseUrl: url, ...options.oauth }),
    options,
  );
  const parts: Parts = { logins: [], failures: [] };
  const sessionOf = (req: ExpressRequest): { user?: string } => req.session as { user?: string };
  if (options.session !== false) {
    app.use(session({ secret, resave: false, saveUninitialized: false }));
  }
  if (options.before) app.use(options.before);
  app.use('/auth', oauth.routes(record(parts, options, sessionOf as never) as never));
  app.get('/', (req, res) => res.json({ user: sessionOf(req).user ?? null, id: req.sessionID }));
  return { url, oauth, ...parts, close: () => stop(server) };
}

/** Fastify with one of its session plugins. */
async function onFastifyWith(
  plugin: 'session' | 'secure-session',
  options: RoutesAppOptions,
): Promise<RoutesApp> {
  const logger = options.log && { level: 'error', stream: options.log };
  const app = Fastify({ forceCloseConnections: true, ...(logger ? { logger } : {}) });
  if (options.session === false) {
    // Nothing to add.
  } else if (plugin === 'session') {
    await app.register(cookie);
    await app.register(fastifySession, { secret, cookie: { secure: false } });
  } else {
    await app.register(secureSession, { key: Buffer.alloc(32, 7), cookie: { path: '/' } });
  }
  const server = app.server as Server;
  // The address is needed before the first route is: plugins cannot be added to a server that listens.
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const oauth = registered(
    new fastify.OAuth({ config: {}, baseUrl: url, ...options.oauth }),
    options,
  );
  const parts: Parts = { logins: [], failures: [] };
  const sessionOf = (request: FastifyRequest): { user?: string } =>
    request.session as { user?: string };
  await app.register(oauth.routes(record(parts, options, sessionOf as never) as never), {
    prefix: '/auth',
  });
  app.get('/', async (request) => ({
    user: sessionOf(request).user ?? null,
    id: (request.session as { sessionId?: string }).sessionId ?? null,
  }));
  await app.listen({ host: '127.0.0.1', port });
  return { url, oauth, ...parts, close: () => stop(server) };
}

async function freePort(): Promise<number> {
  const server = createServer();
  const { port } = new URL(await listen(server));
  await stop(server);
  return Number(port);
}

export const onFastify = (options: RoutesAppOptions): Promise<RoutesApp> =>
  onFastifyWith('session', options);
export const onSecureSession = (options: RoutesAppOptions): Promise<RoutesApp> =>
  onFastifyWith('secure-session', options);

/** The Route Handlers of Next.js, on Node's http; the application keeps its session in memory. */
export async function onNext(options: RoutesAppOptions): Promise<RoutesApp> {
  const sessions = new Map<string, { user?: string }>();
  const parts: Parts = { logins: [], failures: [] };
  let handlers: ReturnType<next.OAuth['routes']> | undefined;
  const sessionOf = (request: Request): { user?: string } => {
    const id = /sid=(\w+)/.exec(request.headers.get('cookie') ?? '')?.[1];
    const found = (id === undefined ? undefined : sessions.get(id)) ?? {};
    if (id !== undefined) sessions.set(id, found);
    return found;
  };
  const server = createServer((req, res) => {
    void (async () => {
      const request = toRequest(req, url);
      if (req.url === '/') {
        if (!/\bsid=/.test(req.headers.cookie ?? '')) res.setHeader('set-cookie', 'sid=s1; Path=/');
        res.end(JSON.stringify({ user: sessionOf(request).user ?? null, id: null }));
        return;
      }
      const verb = req.method === 'POST' ? 'POST' : 'GET';
      // What a Route Handler throws is a plain 500 of Next.js.
      const failed = (): Response => new Response('Internal Server Error', { status: 500 });
      const response = await handlers?.[verb](request).catch(failed);
      res.statusCode = response?.status ?? 500;
      for (const [name, value] of response?.headers ?? []) res.appendHeader(name, value);
      res.end(Buffer.from((await response?.arrayBuffer()) ?? new ArrayBuffer(0)));
    })();
  });
  const url = await listen(server);
  const oauth = registered(
    new next.OAuth({ config: {}, baseUrl: url, secret, ...options.oauth }),
    options,
  );
  handlers = oauth.routes(record(parts, options, sessionOf as never) as never);
  return { url, oauth, ...parts, close: () => stop(server) };
}

/** An API route of Next.js's Pages Router, with what Next.js itself makes of requests and their bodies. */
export async function onPages(options: RoutesAppOptions): Promise<RoutesApp> {
  const sessions = new Map<string, { user?: string }>();
  const parts: Parts = { logins: [], failures: [] };
  let route: NextApiHandler = (_req, res) => res.end();
  const sessionOf = (req: NextApiRequest): { user?: string } => {
    const { sid } = req.cookies;
    const found = sessions.get(sid ?? '') ?? {};
    if (sid !== undefined) sessions.set(sid, found);
    return found;
  };
  const home: NextApiHandler = (req, res) => {
    if (!req.cookies['sid']) res.setHeader('set-cookie', 'sid=s1; Path=/');
    res.json({ user: sessionOf(req).user ?? null, id: null });
  };
  const server = createServer((req, res) => {
    const page = { default: req.url === '/' ? home : route };
    void apiResolver(req, res, {}, page, {} as never, false);
  });
  const url = await listen(server);
  const oauth = registered(
    new next.OAuth({ config: {}, baseUrl: url, secret, ...options.oauth }),
    options,
  );
  route = oauth.routes(record(parts, options, sessionOf as never) as never).handler;
  return { url, oauth, ...parts, close: () => stop(server) };
}

function toRequest(req: IncomingMessage, url: string): Request {
  const { method = 'GET' } = req;
  const headers = Object.entries(req.headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  const body = method === 'POST' ? { body: Readable.toWeb(req) as ReadableStream } : {};
  return new Request(`${url}${req.url}`, Object.assign({ method, headers, duplex: 'half' }, body));
}

/** Starts an application on one of the frameworks. */
export type Open = (options: RoutesAppOptions) => Promise<RoutesApp>;

/** Every framework with drop-in routes, on each of its sessions. */
export const frameworks: Record<string, Open> = {
  Express: onExpress,
  'Fastify with @fastify/session': onFastify,
  'Fastify with @fastify/secure-session': onSecureSession,
  'Next.js': onNext,
  'Next.js, Pages Router': onPages,
};
