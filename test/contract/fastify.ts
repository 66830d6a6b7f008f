import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import cookie from '@fastify/cookie';
import secureSession from '@fastify/secure-session';
import session from '@fastify/session';
import { createCookieSession, formatCookie } from '@oauth-registry/core/adapter';
import { OAuth, fastifyOAuth } from '@oauth-registry/fastify';
import type { LogoutEvent } from '@oauth-registry/core/types';
import { MemoryStore, type Store } from 'express-session';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
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

type Kind = '@fastify/session' | '@fastify/secure-session' | 'encrypted cookies';

export interface FastifyOptions {
  /** Default `@fastify/session`. */
  session?: Kind;
  /** The store of sessions; default one in memory. */
  store?: () => Store;
}

/** How an application stores its data of a browser. */
interface AppSession {
  read(request: FastifyRequest): Promise<Record<string, unknown> | undefined>;
  /** Stores a login in a new session, without the data of the old one. */
  renew(request: FastifyRequest, reply: FastifyReply, login?: SavedLogin): Promise<void>;
  write(request: FastifyRequest, reply: FastifyReply, word: string): Promise<void>;
}

/** Fastify with @fastify/session, @fastify/secure-session, or encrypted cookies. */
export function fastifyAdapter(options: FastifyOptions = {}): ContractAdapter {
  const { session: kind = '@fastify/session' } = options;
  return {
    name: `Fastify 5 with ${kind}`,
    platform: kind === '@fastify/session' ? sessionInStore : sessionInCookie,
    start: (config) => startFastify(config, options),
  };
}

async function startFastify(config: ContractConfig, options: FastifyOptions): Promise<ContractApp> {
  const { session: kind = '@fastify/session' } = options;
  // The registry needs the URL before the application is ready to listen to it.
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const app = fastify({ serverFactory: (handler) => server.on('request', handler) });
  const appSession = keepers[kind](config);
  const oauth = new OAuth({
    ...oauthOptions(config, url, kind === 'encrypted cookies' ? 'cookie' : 'session'),
    fetchToken: async (name, request) => {
      const login = (await appSession.read(request as FastifyRequest))?.['login'] as SavedLogin;
      return login?.client === name ? (login.token as never) : undefined;
    },
  });
  const events: LogoutEvent[] = [];
  for (const [name, client] of clientsOf(config, events)) oauth.register(name, client);
  await app.register(cookie);
  if (config.session !== 'none') await addSession(app, config, options);
  await app.register(fastifyOAuth, { oauth });
  app.setErrorHandler((error, _request, reply) => {
    const { status, body } = responseOf(error);
    return reply.code(status).send(body);
  });
  const onLogin = async ({ client, token, request, response }: LoggedIn) =>
    await appSession.renew(request, response, savedLogin(client, token));
  const onLogout = async ({ request, response }: Pick<LoggedIn, 'request' | 'response'>) =>
    await appSession.renew(request, response);
  await app.register(oauth.routes({ onLogin, onLogout }), { prefix: '/auth' });
  addRoutes(app, appSession, config.params);
  addLogoutRoutes(app, appSession, events);
  await app.ready();
  return {
    url,
    close: async () => {
      server.closeAllConnections();
      await Promise.all([new Promise((resolve) => server.close(resolve)), app.close()]);
    },
  };
}

/** What a hook of the drop-in routes receives. */
interface LoggedIn {
  client: string;
  token: object;
  request: FastifyRequest;
  response: FastifyReply;
}

async function addSession(
  app: FastifyInstance,
  config: ContractConfig,
  { session: kind = '@fastify/session', store }: FastifyOptions,
): Promise<void> {
  const secure = config.secureCookie ?? false;
  if (kind === '@fastify/session') {
    await app.register(session, {
      secret,
      saveUninitialized: false,
      cookie: { secure },
      store: withFaults(store?.() ?? new MemoryStore(), config.store) as never,
    });
  }
  if (kind === '@fastify/secure-session') {
    await app.register(secureSession, {
      key: Buffer.alloc(32, secret),
      cookie: { path: '/', httpOnly: true, secure },
    });
  }
}

function addRoutes(
  app: FastifyInstance,
  appSession: AppSession,
  params: Record<string, string> | undefined,
): void {
  const nameOf = ({ params: path }: FastifyRequest) => String((path as { client: string }).client);
  const clientOf = (request: FastifyRequest) => app.oauth.createClient(nameOf(request));
  app.all('/login/:client', (request, reply) =>
    clientOf(request).authorizeRedirect(request, reply, undefined, params),
  );
  app.all('/callback/:client', async (request, reply) => {
    const token = await clientOf(request).authorizeAccessToken(request);
    await appSession.renew(request, reply, savedLogin(nameOf(request), token));
    return token;
  });
  app.all('/both/:client', async (request, reply) => {
    const name = nameOf(request);
    const result = await clientOf(request).login(request, reply, `/both/${name}`);
    if (!result) return reply;
    if (result.error) throw result.error;
    await appSession.renew(request, reply, savedLogin(name, result.token));
    return result.token;
  });
  app.all('/me', async (request) => describe(await appSession.read(request)));
  app.all('/remember/:word', async (request, reply) => {
    await appSession.write(request, reply, (request.params as { word: string }).word);
    return {};
  });
  // The plugin knows the request, so the hook finds it without being handed one.
  app.all('/profile/:client', (request) => clientOf(request).userinfo({}));
  app.all('/logout', async (request, reply) => {
    await appSession.renew(request, reply);
    return {};
  });
}

function addLogoutRoutes(
  app: FastifyInstance,
  appSession: AppSession,
  events: LogoutEvent[],
): void {
  const nameOf = ({ params: path }: FastifyRequest) => String((path as { client: string }).client);
  const clientOf = (request: FastifyRequest) => app.oauth.createClient(nameOf(request));
  app.all('/initiate/:client', async (request, reply) => {
    const { params } = await clientOf(request).readLoginInitiation(request, reply);
    return await clientOf(request).authorizeRedirect(request, reply, undefined, params);
  });
  app.all('/end/:client', async (request, reply) => {
    const login = (await appSession.read(request))?.['login'] as SavedLogin | undefined;
    const hint = { id_token_hint: String(login?.token['id_token']) };
    return await clientOf(request).logoutRedirect(
      request,
      reply,
      `/ended/${nameOf(request)}`,
      hint,
    );
  });
  app.all('/ended/:client', (request, reply) =>
    clientOf(request).validateLogoutResponse(request, reply),
  );
  app.all('/backchannel/:client', (request, reply) =>
    clientOf(request).logout.backchannelLogout(request, reply),
  );
  app.all('/frontchannel/:client', async (request, reply) => {
    const found = (await appSession.read(request)) as Record<string, unknown>;
    return await clientOf(request).logout.frontchannelLogout(
      request,
      reply,
      frontchannelSession(found),
    );
  });
  app.all('/told', async () => events);
}

interface Session {
  [key: string]: unknown;
  regenerate(): Promise<void> | void;
}

const sessionOf = (request: FastifyRequest): Session | undefined =>
  (request as unknown as { session?: Session }).session;

function pluginSession(): AppSession {
  return {
    read: async (request) => sessionOf(request),
    renew: async (request, _reply, login) => {
      await sessionOf(request)?.regenerate();
      const renewed = sessionOf(request);
      if (login && renewed) renewed['login'] = login;
    },
    write: async (request, _reply, word) => {
      const found = sessionOf(request);
      if (found) found['word'] = word;
    },
  };
}

function sealedSession({ secureCookie = false }: ContractConfig): AppSession {
  type Place = { request: FastifyRequest; reply?: FastifyReply };
  const { getSession, setSession, clearSession } = createCookieSession<
    Record<string, unknown>,
    Place
  >({ secret, secure: secureCookie }, ({ request, reply }) => ({
    get: (name) => request.cookies[name],
    set: (one) => void reply?.header('set-cookie', formatCookie(one)),
  }));
  const read = (request: FastifyRequest) => getSession({ request });
  return {
    read,
    renew: async (request, reply, login) =>
      await (login ? setSession({ login }, { request, reply }) : clearSession({ request, reply })),
    write: async (request, reply, word) =>
      await setSession({ ...(await read(request)), word }, { request, reply }),
  };
}

const keepers: Record<Kind, (config: ContractConfig) => AppSession> = {
  '@fastify/session': pluginSession,
  '@fastify/secure-session': pluginSession,
  'encrypted cookies': sealedSession,
};
