import { createSession, isOAuthError, OAuth, type OAuth2Token } from '@oauth-registry/web';
import { sendResponse, toRequest } from '@oauth-registry/web/node';
import Koa, { type Context } from 'koa';
import { escape, page } from './page.js';

const { BASE_URL = 'http://localhost:3000', PORT = '3000', SESSION_SECRET: secret } = process.env;

// The rest comes from CORP_CLIENT_ID, CORP_CLIENT_SECRET, CORP_SERVER_METADATA_URL and CORP_API_BASE_URL.
const oauth = new OAuth({ baseUrl: BASE_URL, secret }).register('corp', {
  scope: 'openid profile',
});

const { getSession, setSession, clearSession } = createSession<{
  name: string;
  token: OAuth2Token;
}>({ secret, secure: BASE_URL.startsWith('https:') });

/** The sign-in page at /auth/login, and the routes behind it. */
const auth = oauth.routes({
  userId: async ({ request }) => (await getSession(request))?.name,
  async onLogin({ user, token, request, response: { headers } }) {
    const { access_token, token_type } = token as OAuth2Token;
    const name = user?.name ?? user?.sub ?? 'Somebody';
    await setSession({ name, token: { access_token, token_type } }, { request, headers });
  },
  onLogout: ({ request, response: { headers } }) => clearSession({ request, headers }),
});

/** Hands a standard response over to the browser. */
async function respond(ctx: Context, response: Response): Promise<void> {
  ctx.respond = false;
  await sendResponse(ctx.res, response);
}

async function home(ctx: Context): Promise<void> {
  ctx.set('cache-control', 'no-store');
  ctx.type = 'html';
  const user = await getSession(toRequest(ctx.req));
  if (!user) {
    ctx.body = page(`<p>You are not logged in.</p>
      <a href="/login">Log in</a> <a href="/auth/login">Sign-in page</a>`);
    return;
  }
  const response = await oauth.corp.get('me', { token: user.token });
  ctx.body = page(`<h1>${escape(user.name)}</h1>
    <p>The API responds with ${response.status}:</p>
    <pre>${escape(await response.text())}</pre>
    <form method="post" action="/logout"><button>Log out</button></form>`);
}

async function callback(ctx: Context): Promise<void> {
  const at = { request: toRequest(ctx.req), headers: new Headers({ location: '/' }) };
  const { userinfo, ...token } = await oauth.corp.authorizeAccessToken(at);
  const name = userinfo?.name ?? userinfo?.sub ?? 'Somebody';
  await setSession({ name, token: token as OAuth2Token }, at);
  await respond(ctx, new Response(null, { status: 303, headers: at.headers }));
}

async function logOut(ctx: Context): Promise<void> {
  const at = { request: toRequest(ctx.req), headers: new Headers({ location: '/' }) };
  await clearSession(at);
  await respond(ctx, new Response(null, { status: 303, headers: at.headers }));
}

const app = new Koa();

app.use(async (ctx, next) => {
  try {
    await next();
  } catch (error) {
    if (!isOAuthError(error)) throw error;
    ctx.status = error.statusCode;
    ctx.type = 'html';
    ctx.set({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
    ctx.body = page(`<p>${escape(error.message)}</p><a href="/">Back</a>`);
  }
});

app.use(async (ctx, next) => {
  const { method, path } = ctx;
  if (path === '/') return await home(ctx);
  if (path === '/login')
    return await respond(ctx, await oauth.corp.authorizeRedirect(toRequest(ctx.req)));
  if (path === '/callback/corp') return await callback(ctx);
  if (path === '/logout' && method === 'POST') return await logOut(ctx);
  if (!path.startsWith('/auth/')) return await next();
  const response = await auth(toRequest(ctx.req));
  return await (response ? respond(ctx, response) : next());
});

app.listen(Number(PORT), 'localhost', () => console.log(`Open ${BASE_URL}`));
