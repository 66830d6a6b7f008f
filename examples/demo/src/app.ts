import { randomBytes } from 'node:crypto';
import { isOAuthError, OAuth, type Token } from '@oauth-registry/express';
import express, { type ErrorRequestHandler, type Express, type Request } from 'express';
import session from 'express-session';
import { assets } from './assets.js';
import { errorPage, loginPage, profilePage, secureHeaders } from './page.js';
import { callApi } from './services.js';
import type { Users } from './users.js';

declare module 'express-session' {
  interface SessionData {
    /** Who is logged in, and with which client. The token stays here, on the server. */
    login: { userId: string; client: string; token: Token };
  }
}

/** The credentials a provider gave this application, and where it is. */
export interface Registration {
  clientId: string;
  clientSecret: string;
  origin: string;
}

export interface AppOptions {
  /** The address people open; redirect URIs start with it, never with a request's Host header. */
  baseUrl: string;
  openid: Registration;
  octo: Registration;
  photos: Registration;
  users: Users;
}

function createOAuth({ baseUrl, openid, octo, photos }: AppOptions) {
  return new OAuth({ baseUrl })
    .register('openid', {
      clientId: openid.clientId,
      clientSecret: openid.clientSecret,
      serverMetadataUrl: `${openid.origin}/.well-known/openid-configuration`,
      apiBaseUrl: openid.origin,
      scope: 'openid profile email',
    })
    .register('octo', {
      clientId: octo.clientId,
      clientSecret: octo.clientSecret,
      issuer: `${octo.origin}/login/oauth`,
      authorizeUrl: `${octo.origin}/login/oauth/authorize`,
      accessTokenUrl: `${octo.origin}/login/oauth/access_token`,
      apiBaseUrl: `${octo.origin}/api/v3`,
      userinfoEndpoint: `${octo.origin}/api/v3/user`,
      userinfoComplianceFix: ({ id, name, login, email }) => ({
        sub: identifier(id),
        name: String(name ?? login),
        preferred_username: String(login),
        ...(typeof email === 'string' ? { email } : {}),
      }),
      scope: 'read:user user:email',
    })
    .register('photos', {
      clientId: photos.clientId,
      clientSecret: photos.clientSecret,
      requestTokenUrl: `${photos.origin}/oauth/request_token`,
      authorizeUrl: `${photos.origin}/oauth/authorize`,
      accessTokenUrl: `${photos.origin}/oauth/access_token`,
      apiBaseUrl: `${photos.origin}/v1`,
      userinfoEndpoint: `${photos.origin}/v1/account`,
      userinfoComplianceFix: ({ id, full_name, username }) => ({
        sub: identifier(id),
        name: String(full_name ?? username),
        preferred_username: String(username),
      }),
    });
}

/** Reads a provider's identifier. `String(id)` alone would take everyone without one for "undefined". */
function identifier(id: unknown): string {
  if (typeof id === 'string' || typeof id === 'number') return String(id);
  throw new TypeError('The profile has no "id".');
}

/** An application that people log in to with any of three providers. */
export function createApp(options: AppOptions): Express {
  const { baseUrl, users } = options;
  const oauth = createOAuth(options);
  const app = express();
  app.disable('x-powered-by');
  app.use('/assets', assets());
  app.use(secureHeaders);
  app.use(
    session({
      name: 'demo.sid',
      secret: randomSecret(),
      resave: false,
      saveUninitialized: false,
      cookie: { httpOnly: true, sameSite: 'lax', secure: baseUrl.startsWith('https:') },
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
    if (!login || !user) return res.send(loginPage());
    const answer = await callApi(oauth.createClient(login.client), login.token);
    res.send(profilePage({ ...login, user, answer, people: await users.list() }));
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

/** A secret for as long as this process runs. Keep yours in the configuration, or restarts log everyone out. */
function randomSecret(): string {
  return randomBytes(32).toString('hex');
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
