/** Logins on Fastify: ours. */
import cookie from '@fastify/cookie';
import session from '@fastify/session';
import { fastifyOAuth, OAuth, type OAuthOptions } from '@oauth-registry/fastify';
import Fastify from 'fastify';
import { secret, type App } from './login-subject.js';

/** Ours, with the pending login in @fastify/session. */
export const sessionApp: App = ours({});

/** Ours, with the pending login in an encrypted cookie. */
export const cookieApp: App = ours({ secret, stateStorage: 'cookie' });

function ours(registry: OAuthOptions): App {
  return async (server, { url, redirectUri, issuer, ...client }) => {
    const app = Fastify({ serverFactory: (handler) => server.on('request', handler) });
    if (registry.stateStorage !== 'cookie') {
      await app.register(cookie);
      await app.register(session, { secret, saveUninitialized: false, cookie: { secure: false } });
    }
    const oauth = new OAuth({ config: {}, baseUrl: url, ...registry }).register('corp', {
      ...client,
      serverMetadataUrl: `${issuer}/.well-known/openid-configuration`,
      scope: 'openid email',
    });
    await app.register(fastifyOAuth, { oauth });
    app.get('/login', (request, reply) =>
      oauth.corp.authorizeRedirect(request, reply, redirectUri),
    );
    app.get('/callback', async (request, reply) => {
      const token = await oauth.corp.authorizeAccessToken(request, reply);
      const { sub } = await oauth.corp.userinfo({ token });
      return { sub };
    });
    await app.ready();
  };
}
