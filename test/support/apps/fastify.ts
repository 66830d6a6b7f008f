import cookie from '@fastify/cookie';
import secureSession from '@fastify/secure-session';
import session, { type FastifySessionOptions } from '@fastify/session';
import {
  fastifyOAuth,
  OAuth,
  type FastifyClient,
  type OAuthOptions,
  type RegisterOptions,
  type Token,
} from '@oauth-registry/fastify';
import Fastify, { type FastifyInstance } from 'fastify';

/** An application under test, and what happened in it. */
export interface FastifyApp {
  url: string;
  app: FastifyInstance;
  oauth: OAuth;
  client(name: string): FastifyClient;
  /** Tokens of finished logins, newest last. */
  tokens: Token[];
  /** Errors of failed ones, newest last. */
  errors: unknown[];
  close(): Promise<void>;
}

export interface FastifyAppOptions {
  clients: Record<string, RegisterOptions>;
  oauth?: OAuthOptions;
  /** Which session plugin there is. */
  session?: 'session' | 'secure-session' | 'none';
  /** Options of @fastify/session. */
  sessionOptions?: Partial<FastifySessionOptions>;
  /** Leaves the plugin out. */
  plugin?: false;
  /** More routes, or other plugins in front. */
  prepare?: (app: FastifyInstance, oauth: OAuth) => unknown;
}

const secret = 'a secret of thirty-two characters';

/** Starts a Fastify application with `/login/:client` and `/callback/:client` on a free port. */
export async function startFastify(options: FastifyAppOptions): Promise<FastifyApp> {
  const app = Fastify({ forceCloseConnections: true });
  const oauth = new OAuth({ config: {}, ...options.oauth });
  for (const [name, client] of Object.entries(options.clients)) oauth.register(name, client);
  await addSession(app, options);
  await options.prepare?.(app, oauth);
  if (options.plugin !== false) await app.register(fastifyOAuth, { oauth });
  const seen: Pick<FastifyApp, 'tokens' | 'errors'> = { tokens: [], errors: [] };
  let url = '';

  app.addHook('onError', async (_request, _reply, error) => {
    seen.errors.push(error);
  });
  app.all<{ Params: { client: string } }>('/login/:client', async (request, reply) => {
    const { client } = request.params;
    const redirectUri = `${url}/callback/${client}`;
    return await oauth.createClient(client).authorizeRedirect(request, reply, redirectUri);
  });
  app.all<{ Params: { client: string } }>('/callback/:client', async (request) => {
    const token = await oauth.createClient(request.params.client).authorizeAccessToken(request);
    seen.tokens.push(token);
    return token;
  });
  url = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    url,
    app,
    oauth,
    client: (name) => oauth.createClient(name),
    ...seen,
    close: () => app.close(),
  };
}

async function addSession(app: FastifyInstance, options: FastifyAppOptions): Promise<void> {
  if (options.session === 'none') return;
  if (options.session === 'secure-session') {
    await app.register(secureSession, { key: Buffer.alloc(32, 7), cookie: { path: '/' } });
    return;
  }
  await app.register(cookie);
  await app.register(session, { secret, cookie: { secure: false }, ...options.sessionOptions });
}
