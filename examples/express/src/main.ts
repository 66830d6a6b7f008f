import { OAuth, isOAuthError, type OAuth2Token } from '@oauth-registry/express';
import express, { type NextFunction, type Request, type Response } from 'express';
import session from 'express-session';
import { escape, page } from './page.js';

declare module 'express-session' {
  interface SessionData {
    user: { name: string; token: OAuth2Token };
  }
}

const { BASE_URL = 'http://localhost:3000', PORT = '3000', SESSION_SECRET = '' } = process.env;

// The rest comes from CORP_CLIENT_ID, CORP_CLIENT_SECRET, CORP_SERVER_METADATA_URL and CORP_API_BASE_URL.
const oauth = new OAuth({ baseUrl: BASE_URL }).register('corp', { scope: 'openid profile' });

const app = express();
app.set('trust proxy', 'loopback');
app.use(
  session({
    secret: SESSION_SECRET,
    resave: false,
    saveUninitialized: false,
    cookie: { sameSite: 'lax', secure: BASE_URL.startsWith('https:') },
  }),
);

app.get('/', async (req, res) => {
  res.set('cache-control', 'no-store');
  const { user } = req.session;
  if (!user) return res.send(page('<p>You are not logged in.</p><a href="/login">Log in</a>'));
  const response = await oauth.corp.get('me', { token: user.token });
  res.send(
    page(`<h1>${escape(user.name)}</h1>
      <p>The API responds with ${response.status}:</p>
      <pre>${escape(await response.text())}</pre>
      <form method="post" action="/logout"><button>Log out</button></form>`),
  );
});

app.get('/login', (req, res) => oauth.corp.authorizeRedirect(req, res));

app.get('/callback/corp', async (req, res) => {
  const token = await oauth.corp.authorizeAccessToken(req, res);
  const name = token.userinfo?.name ?? token.userinfo?.sub ?? 'Somebody';
  // A new session id at login: one that was planted before is worth nothing.
  await settled((done) => req.session.regenerate(done));
  req.session.user = { name, token };
  await settled((done) => req.session.save(done));
  res.redirect('/');
});

app.post('/logout', async (req, res) => {
  await settled((done) => req.session.destroy(done));
  res.redirect(303, '/');
});

// Express knows an error handler by its four parameters.
// oxlint-disable-next-line max-params
app.use((error: unknown, _req: Request, res: Response, next: NextFunction) => {
  if (!isOAuthError(error)) return next(error);
  const { statusCode, message } = error;
  res.status(statusCode).send(page(`<p>${escape(message)}</p><a href="/">Back</a>`));
});

app.listen(Number(PORT), 'localhost', () => console.log(`Open ${BASE_URL}`));

function settled(run: (done: (error?: unknown) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    run((error) => (error ? reject(error) : resolve()));
  });
}
