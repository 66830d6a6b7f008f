import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LogoutEvent } from '@oauth-registry/core/types';
import { createSession, OAuth, type WebClient } from '@oauth-registry/web';
import {
  clientsOf,
  describe,
  frontchannelSession,
  oauthOptions,
  responseOf,
  savedLogin,
  secret,
  sessionInCookie,
  type SavedLogin,
} from './options.js';
import type { ContractAdapter, ContractApp, ContractConfig } from './types.js';

/** A handler of standard requests. */
export type WebHandler = (request: Request) => Promise<Response>;

/** Serves a handler, and ends. */
export interface WebServer {
  url: string;
  serve(handler: WebHandler): void;
  close(): Promise<void>;
}

/** Standard requests with encrypted cookies, on Node.js unless another server is given. */
export function webAdapter(
  name = 'Node.js',
  listen: () => Promise<WebServer> = listenOnNode,
): ContractAdapter {
  return {
    name: `standard requests on ${name}`,
    platform: sessionInCookie,
    start: async (config) => await startWeb(config, await listen()),
  };
}

async function startWeb(config: ContractConfig, server: WebServer): Promise<ContractApp> {
  const { url } = server;
  const session = createSession<Record<string, unknown>>({
    secret,
    secure: config.secureCookie ?? false,
  });
  const oauth = new OAuth({
    ...oauthOptions(config, url, 'cookie'),
    fetchToken: async (name, request) => {
      const login = (await session.getSession(request as Request))?.['login'] as
        SavedLogin | undefined;
      return login?.client === name ? (login.token as never) : undefined;
    },
  });
  const events: LogoutEvent[] = [];
  for (const [name, client] of clientsOf(config, events)) oauth.register(name, client);
  server.serve(async (request) => {
    const [, page = '', argument = ''] = new URL(request.url).pathname.split('/');
    const headers = new Headers();
    const context = { request, headers, argument, events, params: config.params, session };
    const handler = Object.hasOwn(pages, `/${page}`) ? pages[`/${page}`] : undefined;
    try {
      const client = (): WebClient => oauth.createClient(argument) as WebClient;
      const body = await handler?.(client, context);
      return body instanceof Response ? body : Response.json(body ?? null, { headers });
    } catch (error) {
      const { status, body } = responseOf(error);
      return Response.json(body, { status, headers });
    }
  });
  return { url, close: () => server.close() };
}

interface Context {
  request: Request;
  headers: Headers;
  /** The second segment of the path. */
  argument: string;
  events: LogoutEvent[];
  params: Record<string, string> | undefined;
  session: ReturnType<typeof createSession<Record<string, unknown>>>;
}

type Page = (client: () => WebClient, context: Context) => Promise<unknown>;

const pages: Readonly<Record<string, Page>> = {
  '/login': async (client, { request, params }) =>
    await client().authorizeRedirect(request, undefined, params),
  '/callback': async (client, { request, headers, argument, session }) => {
    const token = await client().authorizeAccessToken({ request, headers });
    await session.setSession({ login: savedLogin(argument, token) }, { request, headers });
    return token;
  },
  '/me': async (_client, { request, session }) => describe(await session.getSession(request)),
  '/remember': async (_client, { request, headers, argument: word, session }) => {
    await session.setSession(
      { ...(await session.getSession(request)), word },
      { request, headers },
    );
    return {};
  },
  '/profile': async (client, { request }) => await client().userinfo({ request }),
  '/logout': async (_client, { request, headers, session }) => {
    await session.clearSession({ request, headers });
    return {};
  },
  '/initiate': async (client, { request }) => {
    const { params } = await client().readLoginInitiation(request);
    return await client().authorizeRedirect(request, undefined, params);
  },
  '/end': async (client, { request, argument, session }) => {
    const login = (await session.getSession(request))?.['login'] as SavedLogin | undefined;
    const hint = { id_token_hint: String(login?.token['id_token']) };
    return await client().logoutRedirect(request, `/ended/${argument}`, hint);
  },
  '/ended': async (client, { request, headers }) =>
    await client().validateLogoutResponse({ request, headers }),
  '/backchannel': async (client, { request }) => await client().logout.backchannelLogout(request),
  '/frontchannel': async (client, { request, session }) =>
    await client().logout.frontchannelLogout(
      request,
      frontchannelSession(await session.getSession(request)),
    ),
  '/told': async (_client, { events }) => events,
};

/** Serves standard requests with Node's http. */
export async function listenOnNode(): Promise<WebServer> {
  let handler: WebHandler = async () => new Response(null, { status: 503 });
  const server = createServer((req, res) => void respond(req, res, handler));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    serve: (next) => (handler = next),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function respond(
  req: IncomingMessage,
  res: ServerResponse,
  handler: WebHandler,
): Promise<void> {
  const { method = 'GET', url, headers } = req;
  const bodiless = method === 'GET' || method === 'HEAD';
  const chunks: Buffer[] = [];
  if (!bodiless) for await (const chunk of req) chunks.push(chunk as Buffer);
  const pairs = Object.entries(headers).flatMap(([name, value]) =>
    [value ?? []].flat().map((one): [string, string] => [name, one]),
  );
  const request = new Request(`http://${headers.host}${url}`, {
    method,
    headers: pairs,
    ...(bodiless ? {} : { body: Buffer.concat(chunks) }),
  });
  const response = await handler(request);
  res.statusCode = response.status;
  for (const [name, value] of response.headers) res.appendHeader(name, value);
  res.end(Buffer.from(await response.arrayBuffer()));
}
