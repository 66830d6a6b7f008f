import { isOAuthError, OAuth, type OAuth2Token, type Token } from '@oauth-registry/express';
import express, { type ErrorRequestHandler, type Express, type Request } from 'express';
import session from 'express-session';
import { assets, browserScript } from './assets.js';
import { octoClient, openidClient, photosClient, type AppOptions } from './clients.js';
import { errorPage, fingerprint, loginPage, profilePage, secureHeaders } from './page.js';
import { callApi, services } from './services.js';

declare module 'express-session' {
  interface SessionData {
    /** Who is logged in, and with which client. The token stays here, on the server. */
    login: { userId: string; client: string; token: Token; before?: string };
  }
}

/** An application that people log in to with any of three providers. */
export function createApp(options: AppOptions): Express {
  const { baseUrl, secret, users } = options;
  const oauth = new OAuth({
    baseUrl,
    // The token of an API call that a page makes.
    fetchToken: (_client, req) => (req as Request | undefined)?.session.login?.token,
  })
    .register('openid', openidClient(options.openid))
    .register('octo', octoClient(options.octo))
    .register('photos', photosClient(options.photos));
  const app = express();
  app.disable('x-powered-by');
  app.get('/assets/oauth.js', (_req, res) => res.sendFile(browserScript));
  app.use('/assets', assets());
  app.use((_req, res, next) => {
    res.set(secureHeaders);
    // The form of a logout is redirected to the provider.
    res.set(
      'Content-Security-Policy',
      secureHeaders['Content-Security-Policy'].replace(
        "form-action 'self'",
        `form-action 'self' ${options.openid.origin}`,
      ),
    );
    next();
  });
  app.use(
    session({
      name: 'demo.sid',
      secret,
      resave: false,
      saveUninitialized: false,
      cookie: { httpOnly: true, sameSite: 'lax', secure: baseUrl.startsWith('https:') },
    }),
  );

  app.use(
    '/auth',
    oauth.routes({
      // The login at the provider ends, too.
      logout: ({ request }) => {
        const { login } = request.session;
        return login && { client: login.client, idToken: idTokenOf(login.token) };
      },
      userId: ({ request }) => request.session.login?.userId,
      access: Object.fromEntries(services.map(({ client, api }) => [client, [api]])),
      page: { title: 'Sign in to the demo', links: [{ text: 'Back to the start', href: '/' }] },
      onLogin: async ({ client, user, token, request }) => {
        const { id } = await users.signIn(client, user ?? {});
        request.session.login = { userId: id, client, token };
      },
    }),
  );

  app.get('/login/:client', (req, res) => {
    const { client } = req.params;
    return oauth.createClient(client).authorizeRedirect(req, res, `${baseUrl}/callback/${client}`);
  });

  app.get('/callback/:client', async (req, res) => {
    const client = oauth.createClient(req.params.client);
    const token = await client.authorizeAccessToken(req, res);
    const profile = token.userinfo ?? (await client.userinfo({ token }));
    const user = await users.signIn(client.name, profile);
    await renewSession(req);
    req.session.login = { userId: user.id, client: client.name, token };
    await saveSession(req);
    res.redirect('/');
  });

  app.get('/', async (req, res) => {
    const { login } = req.session;
    const user = login && (await users.find(login.userId));
    if (!login || !user) return res.send(loginPage({ dropIn: true }));
    const answer = await callApi(oauth.createClient(login.client), login.token);
    res.send(profilePage({ ...login, user, answer, people: await users.list(), dropIn: true }));
  });

  app.post('/refresh', async (req, res) => {
    const { login } = req.session;
    if (login?.client === 'openid') {
      const { token } = login;
      const fresh = await oauth.openid.refreshToken(token as OAuth2Token);
      req.session.login = { ...login, token: fresh, before: fingerprint(token) };
      await saveSession(req);
    }
    res.redirect(303, '/');
  });

  app.post('/logout', (req, res, next) => {
    req.session.destroy((error) =>
      error ? next(error) : res.clearCookie('demo.sid').redirect(303, '/'),
    );
  });

  app.use((_req, res) => res.status(404).send(errorPage(notFound)));
  app.use(showError);
  return app;
}

/** Starts a session under a new name, so that a name planted before the login is worth nothing. */
function renewSession(req: Request): Promise<void> {
  return new Promise((resolve, reject) => {
    req.session.regenerate((error) => (error ? reject(error) : resolve()));
  });
}

/** Waits until the session is stored: the redirect must not arrive before it. */
function saveSession(req: Request): Promise<void> {
  return new Promise((resolve, reject) => {
    req.session.save((error) => (error ? reject(error) : resolve()));
  });
}

function idTokenOf({ id_token: idToken }: Token): string | undefined {
  return typeof idToken === 'string' ? idToken : undefined;
}

const notFound = { code: 'not_found', message: 'No route has this address.' };
const unexpected = { code: 'server_error', message: 'The log says more.' };

// Express knows an error handler by its four parameters.
// oxlint-disable-next-line max-params
const showError: ErrorRequestHandler = (error, _req, res, next) => {
  if (res.headersSent) return next(error);
  const problem = isOAuthError(error) ? error : unexpected;
  const status = error?.statusCode ?? 500;
  if (status >= 500) console.error(error);
  res.status(status).send(errorPage(problem));
};
