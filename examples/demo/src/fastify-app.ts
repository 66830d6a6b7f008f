import { readFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import cookie from '@fastify/cookie';
import session, { type FastifySessionObject } from '@fastify/session';
import {
  fastifyOAuth,
  isOAuthError,
  OAuth,
  type OAuth2Token,
  type Token,
} from '@oauth-registry/fastify';
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { styleSheet } from './assets.js';
import { octoClient, openidClient, photosClient, type AppOptions } from './clients.js';
import { errorPage, fingerprint, loginPage, profilePage, secureHeaders } from './page.js';
import { callApi } from './services.js';

/** Who is logged in, and with which client. The token stays here, on the server. */
interface DemoSession extends FastifySessionObject {
  login?: { userId: string; client: string; token: Token; before?: string };
}

interface ForClient {
  Params: { client: string };
}

/** The same application as `createApp()`, on Fastify. */
export async function createFastifyApp(options: AppOptions): Promise<RequestListener> {
  const { baseUrl, secret, users } = options;
  const oauth = new OAuth({ baseUrl })
    .register('openid', openidClient(options.openid))
    .register('octo', octoClient(options.octo))
    .register('photos', photosClient(options.photos));
  const app = Fastify({ frameworkErrors: showError });
  await app.register(cookie);
  await app.register(session, {
    cookieName: 'demo.sid',
    secret,
    saveUninitialized: false,
    cookie: { httpOnly: true, sameSite: 'lax', secure: baseUrl.startsWith('https:') },
  });
  await app.register(fastifyOAuth, { oauth });
  app.addHook('onRequest', async (_request, reply) => void reply.headers(secureHeaders));

  app.get('/assets/style.css', async (_request, reply) =>
    reply.type('text/css').send(await readFile(styleSheet)),
  );

  app.get<ForClient>('/login/:client', (request, reply) => {
    const { client } = request.params;
    const redirectUri = `${baseUrl}/callback/${client}`;
    return oauth.createClient(client).authorizeRedirect(request, reply, redirectUri);
  });

  app.get<ForClient>('/callback/:client', async (request, reply) => {
    const client = oauth.createClient(request.params.client);
    const token = await client.authorizeAccessToken(request, reply);
    const profile = token.userinfo ?? (await client.userinfo({ token }));
    const user = await users.signIn(client.name, profile);
    // A session under a new name: one that was planted before the login is worth nothing.
    await sessionOf(request).regenerate();
    sessionOf(request).login = { userId: user.id, client: client.name, token };
    return reply.redirect('/');
  });

  app.get('/', async (request, reply) => {
    reply.type('text/html; charset=utf-8');
    const { login } = sessionOf(request);
    const user = login && (await users.find(login.userId));
    if (!login || !user) return loginPage();
    const answer = await callApi(oauth.createClient(login.client), login.token);
    return profilePage({ ...login, user, answer, people: await users.list() });
  });

  app.post('/refresh', async (request, reply) => {
    const { login } = sessionOf(request);
    if (login?.client === 'openid') {
      const { token } = login;
      const fresh = await oauth.openid.refreshToken(token as OAuth2Token);
      sessionOf(request).login = { ...login, token: fresh, before: fingerprint(token) };
    }
    return reply.redirect('/', 303);
  });

  app.post('/logout', async (request, reply) => {
    await sessionOf(request).destroy();
    return reply.clearCookie('demo.sid').redirect('/', 303);
  });

  app.setNotFoundHandler((_request, reply) => sendError(reply, 404, notFound));
  app.setErrorHandler(showError);
  await app.ready();
  return app.routing;
}

function sessionOf({ session: found }: FastifyRequest): DemoSession {
  return found as object as DemoSession;
}

const notFound = { code: 'not_found', message: 'No route has this address.' };
const unexpected = { code: 'server_error', message: 'The log says more.' };

function showError(error: unknown, _request: FastifyRequest, reply: FastifyReply): void {
  const status = statusOf(error);
  if (status >= 500) console.error(error);
  sendError(reply, status, isOAuthError(error) ? error : unexpected);
}

function statusOf(error: unknown): number {
  return error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500;
}

function sendError(reply: FastifyReply, status: number, problem: typeof unexpected): FastifyReply {
  return reply.code(status).type('text/html; charset=utf-8').send(errorPage(problem));
}
