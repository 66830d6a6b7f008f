import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { OAuthOptions, RegisterOptions } from '@oauth-registry/core';
import type { LogoutEvent } from '@oauth-registry/core/types';
import * as onExpress from '@oauth-registry/express';
import * as onFastify from '@oauth-registry/fastify';
import * as onNext from '@oauth-registry/next';
import express from 'express';
import fastify from 'fastify';

/** An application whose people log out, under any framework. */
export interface LogoutApp {
  url: string;
  events: LogoutEvent[];
  close(): Promise<void>;
}

/** The verbs that the routes call. */
const routes = {
  '/login': 'authorizeRedirect',
  '/logout': 'logoutRedirect',
  '/logged-out': 'validateLogoutResponse',
  '/backchannel': 'logout.backchannelLogout',
  '/frontchannel': 'logout.frontchannelLogout',
  '/initiate': 'readLoginInitiation',
} as const;

type Path = keyof typeof routes;
type Verb = (...args: unknown[]) => Promise<unknown>;

/** What the test and its application agree on. */
export interface LogoutAppOptions {
  client: RegisterOptions;
  /** Arguments after the framework's own. */
  args?: Partial<Record<Path, unknown[]>>;
  onLogout?: (event: LogoutEvent) => void;
  /** Options of the registry. */
  oauth?: OAuthOptions;
}

interface Made {
  oauth: OAuthOptions;
  client: RegisterOptions;
  call(
    client: object,
    path: string,
    framework: unknown[],
  ): Promise<{ answer: unknown } | undefined>;
}

const isReading = (path: string): boolean => path === '/logged-out' || path === '/initiate';

async function start(
  options: LogoutAppOptions,
  serve: (made: Made) => (req: IncomingMessage, res: ServerResponse) => void,
): Promise<LogoutApp> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const events: LogoutEvent[] = [];
  const end = (event: LogoutEvent): void => {
    options.onLogout?.(event);
    events.push(event);
  };
  const made: Made = {
    oauth: {
      config: {},
      baseUrl: url,
      stateStorage: 'cookie',
      secret: 'a secret of thirty-two characters',
      ...options.oauth,
    },
    client: { onBackchannelLogout: end, onFrontchannelLogout: end, ...options.client },
    async call(client, path, framework) {
      const name = routes[path as Path];
      if (!name) return undefined;
      const [verb = name, group] = name.split('.').toReversed();
      const owner = (group === undefined ? client : Reflect.get(client as object, group)) as object;
      const run = (owner as Record<string, Verb>)[verb]?.bind(owner);
      const rest = isReading(path) ? [] : (options.args?.[path as Path] ?? []);
      return { answer: await run?.(...framework, ...rest) };
    },
  };
  server.on('request', serve(made));
  return {
    url,
    events,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const failed = (error: unknown): { status: number; body: object } =>
  onExpress.isOAuthError(error)
    ? { status: error.statusCode, body: error }
    : { status: 500, body: { unexpected: String(error) } };

function startExpress(options: LogoutAppOptions): Promise<LogoutApp> {
  return start(options, ({ oauth, client, call }) => {
    const { corp } = new onExpress.OAuth(oauth).register('corp', client);
    const app = express();
    app.use(express.urlencoded({ extended: true }));
    app.use(async (req, res) => {
      try {
        const done = await call(corp, req.path, [req, res]);
        if (isReading(req.path)) res.json(done?.answer);
      } catch (error) {
        const { status, body } = failed(error);
        res.status(status).json(body);
      }
    });
    return app;
  });
}

function startFastify(options: LogoutAppOptions): Promise<LogoutApp> {
  return start(options, ({ oauth: made, client, call }) => {
    const oauth = new onFastify.OAuth(made).register('corp', client);
    const app = fastify();
    app.register(onFastify.fastifyOAuth, { oauth });
    app.register(async (inner) => {
      inner.all('*', async (request, reply) => {
        const [path = ''] = request.url.split('?');
        const done = await call(oauth.corp, path, [request, reply]);
        return done?.answer;
      });
    });
    app.setErrorHandler((error, _request, reply) => {
      const { status, body } = failed(error);
      return reply.code(status).send(body);
    });
    return (req, res) => void app.ready().then(() => app.routing(req, res));
  });
}

/** The Pages Router calls handlers with Node's own request and response. */
function startNextPages(options: LogoutAppOptions): Promise<LogoutApp> {
  return start(options, ({ oauth, client, call }) => {
    const { corp } = new onNext.OAuth(oauth).register('corp', client);
    return async (req, res) => {
      const [path = ''] = (req.url ?? '').split('?');
      try {
        const done = await call(corp, path, [req, res]);
        if (isReading(path)) res.end(JSON.stringify(done?.answer));
      } catch (error) {
        const { status, body } = failed(error);
        res.writeHead(status).end(JSON.stringify(body));
      }
    };
  });
}

/** The App Router calls handlers with a standard request; reading verbs need Next.js around them. */
function startNextApp(options: LogoutAppOptions): Promise<LogoutApp> {
  return start(options, ({ oauth, client, call }) => {
    const { corp } = new onNext.OAuth(oauth).register('corp', client);
    return async (req, res) => {
      const url = new URL(req.url ?? '', String(oauth.baseUrl));
      const chunks: Buffer[] = [];
      for await (const chunk of req) chunks.push(chunk as Buffer);
      const body = req.method === 'GET' || req.method === 'HEAD' ? null : Buffer.concat(chunks);
      const headers = new Headers(req.headers as Record<string, string>);
      const request = new Request(url, { method: req.method ?? 'GET', headers, body });
      try {
        const done = await call(corp, url.pathname, [request]);
        const answer = done?.answer as Response;
        for (const [name, value] of answer.headers) res.appendHeader(name, value);
        res.writeHead(answer.status).end(await answer.text());
      } catch (error) {
        const { status, body: text } = failed(error);
        res.writeHead(status).end(JSON.stringify(text));
      }
    };
  });
}

/** Every framework, and whether its reading verbs can run outside of it. */
export const frameworks: [string, (options: LogoutAppOptions) => Promise<LogoutApp>, boolean][] = [
  ['Express', startExpress, true],
  ['Fastify', startFastify, true],
  ['Next.js Pages Router', startNextPages, true],
  ['Next.js App Router', startNextApp, false],
];
