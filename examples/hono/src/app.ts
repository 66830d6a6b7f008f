import { createSession, isOAuthError, OAuth, type OAuth2Token } from '@oauth-registry/web';
import { Hono } from 'hono';
import { escape, page } from './page.js';

/** The application, with the environment that its runtime passes. */
export function createApp(config: Record<string, string | undefined>): Hono {
  const { BASE_URL = 'http://localhost:3000', SESSION_SECRET: secret } = config;

  // The rest comes from CORP_CLIENT_ID, CORP_CLIENT_SECRET, CORP_SERVER_METADATA_URL and CORP_API_BASE_URL.
  const oauth = new OAuth({ baseUrl: BASE_URL, secret, config }).register('corp', {
    scope: 'openid profile',
  });

  const { getSession, setSession, clearSession } = createSession<{
    name: string;
    token: OAuth2Token;
  }>({ secret, secure: BASE_URL.startsWith('https:') });

  const app = new Hono();

  app.get('/', async (c) => {
    c.header('cache-control', 'no-store');
    const user = await getSession(c.req.raw);
    if (!user) return c.html(page('<p>You are not logged in.</p><a href="/login">Log in</a>'));
    const response = await oauth.corp.get('me', { token: user.token });
    return c.html(
      page(`<h1>${escape(user.name)}</h1>
        <p>The API responds with ${response.status}:</p>
        <pre>${escape(await response.text())}</pre>
        <form method="post" action="/logout"><button>Log out</button></form>`),
    );
  });

  app.get('/login', (c) => oauth.corp.authorizeRedirect(c.req.raw));

  app.get('/callback/corp', async (c) => {
    const at = { request: c.req.raw, headers: c.res.headers };
    const { userinfo, ...token } = await oauth.corp.authorizeAccessToken(at);
    const name = userinfo?.name ?? userinfo?.sub ?? 'Somebody';
    await setSession({ name, token: token as OAuth2Token }, at);
    return c.redirect('/');
  });

  app.post('/logout', async (c) => {
    await clearSession({ request: c.req.raw, headers: c.res.headers });
    return c.redirect('/', 303);
  });

  app.onError((error, c) => {
    if (!isOAuthError(error)) throw error;
    const { statusCode, message } = error;
    return c.html(page(`<p>${escape(message)}</p><a href="/">Back</a>`), statusCode as 400);
  });

  return app;
}
