/**
 * The same login with @fastify/oauth2, which compares `state` and sends a PKCE code verifier. It reads no
 * id_token: it checks neither its signature nor its claims, nor that userinfo is of the same user.
 */
import oauth2, { type OAuth2Namespace } from '@fastify/oauth2';
import Fastify, { type FastifyInstance } from 'fastify';
import type { App } from './login-subject.js';

/** A login with @fastify/oauth2, with the same requests as ours. */
export const fastifyOAuth2App: App = async (server, options) => {
  const { redirectUri, issuer, clientId, clientSecret } = options;
  const app = Fastify({ serverFactory: (handler) => server.on('request', handler) });
  await app.register(oauth2, {
    name: 'corp',
    scope: ['openid', 'email'],
    credentials: { client: { id: clientId, secret: clientSecret } },
    startRedirectPath: '/login',
    callbackUri: redirectUri,
    discovery: { issuer },
    pkce: 'S256',
    cookie: { secure: false },
  });
  app.get('/callback', async function (this: FastifyInstance, request, reply) {
    const { corp } = this as FastifyInstance & { corp: OAuth2Namespace };
    const { token } = await corp.getAccessTokenFromAuthorizationCodeFlow(request, reply);
    const { sub } = (await corp.userinfo(token.access_token)) as { sub: string };
    return { sub };
  });
  await app.ready();
};
