import cookie from '@fastify/cookie';
import session from '@fastify/session';
import { OAuth, fastifyOAuth, isOAuthError, type OAuth2Token } from '@oauth-registry/fastify';
import Fastify from 'fastify';
import { escape, page } from './page.js';

declare module 'fastify' {
  interface Session {
    user: { name: string; token: OAuth2Token };
  }
}

declare module '@oauth-registry/fastify' {
  interface Registered {
    oauth: typeof oauth;
  }
}

const { BASE_URL = 'http://localhost:3000', PORT = '3000', SESSION_SECRET = '' } = process.env;

// The rest comes from CORP_CLIENT_ID, CORP_CLIENT_SECRET, CORP_SERVER_METADATA_URL and CORP_API_BASE_URL.
const oauth = new OAuth({ baseUrl: BASE_URL }).register('corp', { scope: 'openid profile' });

const app = Fastify({ trustProxy: 'loopback' });
await app.register(cookie);
await app.register(session, {
  secret: SESSION_SECRET,
  saveUninitialized: false,
  cookie: { sameSite: 'lax', secure: BASE_URL.startsWith('https:') },
});
await app.register(fastifyOAuth, { oauth });

app.get('/', async (request, reply) => {
  reply.type('text/html').header('cache-control', 'no-store');
  const { user } = request.session;
  if (!user) return page('<p>You are not logged in.</p><a href="/login">Log in</a>');
  const response = await app.oauth.corp.get('me', { token: user.token });
  return page(`<h1>${escape(user.name)}</h1>
    <p>The API responds with ${response.status}:</p>
    <pre>${escape(await response.text())}</pre>
    <form method="post" action="/logout"><button>Log out</button></form>`);
});

app.get('/login', (request, reply) => app.oauth.corp.authorizeRedirect(request, reply));

app.get('/callback/corp', async (request, reply) => {
  const token = await app.oauth.corp.authorizeAccessToken(request, reply);
  const name = token.userinfo?.name ?? token.userinfo?.sub ?? 'Somebody';
  // A new session id at login: one that was planted before is worth nothing.
  await request.session.regenerate();
  request.session.user = { name, token };
  return reply.redirect('/');
});

app.post('/logout', async (request, reply) => {
  await request.session.destroy();
  return reply.redirect('/', 303);
});

app.setErrorHandler((error, _request, reply) => {
  if (!isOAuthError(error)) return reply.send(error);
  const { statusCode, message } = error;
  const content = page(`<p>${escape(message)}</p><a href="/">Back</a>`);
  return reply.code(statusCode).type('text/html').send(content);
});

await app.listen({ port: Number(PORT), host: 'localhost' });
console.log(`Open ${BASE_URL}`);
