import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import cookie from '@fastify/cookie';
import fastifySession from '@fastify/session';
import type { OAuthOptions, RegisterOptions } from '@oauth-registry/core';
import type { RoutesOptions } from '@oauth-registry/core/types';
import * as express from '@oauth-registry/express';
import * as fastify from '@oauth-registry/fastify';
import createExpress, { type Request } from 'express';
import session from 'express-session';
import Fastify, { type FastifyRequest } from 'fastify';

/** An application with the drop-in routes below `/auth`, and a page that says who is signed in. */
export interface DropInApp {
  url: string;
  close(): Promise<void>;
}

/** What the application under test is made of. */
export interface DropInOptions {
  clients: Record<string, RegisterOptions>;
  oauth?: OAuthOptions;
  routes?: Partial<RoutesOptions>;
  /** Default: any free one. */
  port?: number;
}

interface Visitor {
  user?: string;
}

type Registry = express.OAuth | fastify.OAuth;

const secret = 'a secret of thirty-two characters';

/** The accounts of the application: a person's first login is the name of the account. */
class Accounts {
  readonly #owners = new Map<string, string>();

  /** What an application does: known logins sign in, new ones make an account or are added to one. */
  routes(visitorOf: (request: never) => Visitor, more: Partial<RoutesOptions> = {}): RoutesOptions {
    return {
      userId: ({ request }) => visitorOf(request).user,
      onLogin: ({ client, user, link, request }) => {
        const login = `${client} ${String(user?.sub)}`;
        const userId = this.#owners.get(login) ?? link ?? login;
        if (link !== undefined && userId !== link) return '/?of=another';
        this.#owners.set(login, userId);
        if (link === undefined) visitorOf(request).user = userId;
      },
      ...more,
    };
  }

  loginsOf(account: string | undefined): string[] {
    return [...this.#owners].filter(([, userId]) => userId === account).map(([login]) => login);
  }
}

function home({ user }: Visitor, accounts: Accounts, oauth: Registry): string {
  const how = { prefix: '/auth', returnTo: '/?added' };
  const connect = Object.keys(oauth)
    .filter((name) => name === 'corp' || name === 'club')
    .map((name) => oauth.loginButton(name, { ...how, link: true, label: `Connect ${name}` }));
  // With no icon named, Chromium asks for /favicon.ico, and @fastify/session may answer that with the cookie
  // of the session before.
  return `<!doctype html><html lang="en"><title>Home</title><link rel="icon" href="data:,"><style>${oauth.loginStyles()}</style>
    <h1>${user ?? 'Nobody'}</h1>
    <ul>${accounts
      .loginsOf(user)
      .map((login) => `<li>${login}</li>`)
      .join('')}</ul>
    <a href="/auth/login">Sign in</a> ${connect.join('')}
    <form method="post" action="/auth/logout"><button>Log out</button></form></html>`;
}

function register<R extends { register(name: string, options: RegisterOptions): unknown }>(
  oauth: R,
  { clients }: DropInOptions,
): R {
  for (const [name, client] of Object.entries(clients)) oauth.register(name, client);
  return oauth;
}

/** On Express with express-session. */
export async function onExpress(options: DropInOptions): Promise<DropInApp> {
  const app = createExpress();
  const served = await serve(app, options.port);
  const oauth = register(
    new express.OAuth({ config: {}, baseUrl: served.url, ...options.oauth }),
    options,
  );
  const accounts = new Accounts();
  const visitorOf = (req: Request): Visitor => req.session as Visitor;
  app.use(session({ name: 'sid', secret, resave: false, saveUninitialized: false }));
  const routes = accounts.routes(visitorOf as never, options.routes);
  app.use('/auth', oauth.routes(routes as never));
  app.get('/', (req, res) => res.send(home(visitorOf(req), accounts, oauth)));
  return served;
}

/** On Fastify with @fastify/session. */
export async function onFastify(options: DropInOptions): Promise<DropInApp> {
  const probe = await serve(() => undefined, options.port);
  await probe.close();
  const app = Fastify({ forceCloseConnections: true });
  const oauth = register(
    new fastify.OAuth({ config: {}, baseUrl: probe.url, ...options.oauth }),
    options,
  );
  const accounts = new Accounts();
  const visitorOf = (request: FastifyRequest): Visitor => request.session as Visitor;
  await app.register(cookie);
  await app.register(fastifySession, {
    secret,
    cookieName: 'sid',
    saveUninitialized: false,
    cookie: { secure: false, sameSite: 'lax' },
  });
  const routes = accounts.routes(visitorOf as never, options.routes);
  await app.register(oauth.routes(routes as never), { prefix: '/auth' });
  app.get('/', (request, reply) => {
    return reply.type('text/html').send(home(visitorOf(request), accounts, oauth));
  });
  await app.listen({ host: 'localhost', port: Number(new URL(probe.url).port) });
  return { url: probe.url, close: () => app.close() };
}

/** Serves something on a free port of localhost, which is another site than 127.0.0.1. */
export async function serve(listener: RequestListener, port = 0): Promise<DropInApp> {
  const server: Server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(port, 'localhost', resolve));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
