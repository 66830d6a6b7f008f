// What scripts/runtimes.mjs runs on every runtime, beside the installed packages. Prints a line of JSON for each check.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';

const provider = await import('@oauth-registry/core/testing').then((testing) =>
  testing.startProvider(),
);
const { clientId, clientSecret } = provider.settings;
const credentials = { clientId, clientSecret };
const openid = {
  ...credentials,
  serverMetadataUrl: provider.metadataUrl,
  apiBaseUrl: `${provider.base}/api`,
  scope: 'openid email',
};
const plain = {
  ...credentials,
  authorizeUrl: `${provider.base}/authorize`,
  accessTokenUrl: `${provider.base}/token`,
  apiBaseUrl: `${provider.base}/api`,
};
const oauth1 = {
  ...credentials,
  requestTokenUrl: provider.oauth1.request,
  authorizeUrl: provider.oauth1.authorize,
  accessTokenUrl: provider.oauth1.access,
  apiBaseUrl: provider.oauth1.api,
};

/** Logs in without a framework. */
async function login(options) {
  const { OAuth } = await import('@oauth-registry/core');
  const config = { config: {}, updateToken: () => undefined };
  const { corp } = new OAuth(config).register('corp', options);
  const request = await corp.createAuthorizationUrl('http://127.0.0.1:9/callback');
  const { headers } = await fetch(request.url, { redirect: 'manual' });
  return { corp, token: await corp.fetchAccessToken(headers.get('location'), request) };
}

/** Logs in with a browser, in an application whose `/login` and `/callback/corp` start and end a login. */
async function visit(url) {
  const { Browser } = await import('@oauth-registry/core/testing');
  const page = await new Browser().follow(`${url}/login`);
  assert.deepEqual([page.status, page.json()], [200, { sub: provider.settings.user.sub }]);
}

/** Serves a listener of Node's http while a function runs. */
async function serving(listener, run) {
  const server = createServer(listener);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await run(`http://127.0.0.1:${server.address().port}`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const secret = 'a secret of thirty-two characters';
const checks = {
  async imports() {
    for (const name of JSON.parse(process.argv[2])) await import(name);
  },
  async 'OpenID Connect'() {
    const { token } = await login(openid);
    assert.equal(token.userinfo.sub, provider.settings.user.sub);
  },
  async 'OAuth 2'() {
    const { token } = await login(plain);
    assert.ok(token.access_token);
  },
  async 'OAuth 1'() {
    const { corp, token } = await login(oauth1);
    assert.ok(token.oauth_token_secret);
    assert.equal((await corp.get('me', { token })).status, 200);
  },
  async refresh() {
    const { corp, token } = await login(openid);
    const fresh = await corp.refreshToken(token);
    assert.notEqual(fresh.access_token, token.access_token);
  },
  async 'API call'() {
    const { corp, token } = await login(openid);
    const before = provider.count('token');
    const expired = { ...token, expires_at: 1 };
    assert.equal((await corp.get('me', { token: expired })).status, 200);
    assert.equal(provider.count('token'), before + 1);
  },
  async 'standard requests'() {
    const { OAuth } = await import('@oauth-registry/web');
    const { sendResponse, toRequest } = await import('@oauth-registry/web/node');
    let oauth;
    const handle = async (request) => {
      if (new URL(request.url).pathname === '/login') return oauth.corp.authorizeRedirect(request);
      const headers = new Headers();
      const { userinfo } = await oauth.corp.authorizeAccessToken({ request, headers });
      return Response.json({ sub: userinfo.sub }, { headers });
    };
    await serving(
      async (req, res) => sendResponse(res, await handle(toRequest(req))),
      async (baseUrl) => {
        oauth = new OAuth({ config: {}, baseUrl, secret }).register('corp', openid);
        await visit(baseUrl);
      },
    );
  },
  async Express() {
    const { OAuth } = await import('@oauth-registry/express');
    const { default: express } = await import('express');
    const { default: session } = await import('express-session');
    const app = express();
    await serving(app, async (baseUrl) => {
      const oauth = new OAuth({ config: {}, baseUrl }).register('corp', openid);
      app.use(session({ secret, resave: false, saveUninitialized: false }));
      app.get('/login', (req, res) => oauth.corp.authorizeRedirect(req, res));
      app.get('/callback/corp', async (req, res) => {
        const { userinfo } = await oauth.corp.authorizeAccessToken(req, res);
        res.json({ sub: userinfo.sub });
      });
      await visit(baseUrl);
    });
  },
  async Fastify() {
    const { fastifyOAuth, OAuth } = await import('@oauth-registry/fastify');
    const { default: fastify } = await import('fastify');
    const app = fastify();
    let url = '';
    const oauth = new OAuth({ config: {}, secret }).register('corp', openid);
    await app.register(fastifyOAuth, { oauth });
    const to = () => `${url}/callback/corp`;
    app.get('/login', (request, reply) => oauth.corp.authorizeRedirect(request, reply, to()));
    app.get('/callback/corp', async (request, reply) => {
      const { userinfo } = await oauth.corp.authorizeAccessToken(request, reply);
      return { sub: userinfo.sub };
    });
    url = await app.listen({ host: '127.0.0.1', port: 0 });
    try {
      await visit(url);
    } finally {
      await app.close();
    }
  },
};

for (const [name, run] of Object.entries(checks)) {
  let error;
  await run().catch((thrown) => (error = String(thrown)));
  console.log(JSON.stringify({ name, passed: error === undefined, error }));
}
await provider.close();
process.exit();
