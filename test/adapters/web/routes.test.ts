import { createSession, OAuth } from '@oauth-registry/web';
import { afterEach, expect, it } from 'vitest';
import { listenOnNode, type WebServer } from '../../contract/web.js';
import { Browser } from '../../support/browser.js';
import { startProvider } from '../../support/provider/index.js';

const secret = 'a secret of thirty-two characters';
const open: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

async function startApp(): Promise<{ server: WebServer; oauth: OAuth }> {
  const provider = await startProvider();
  const server = await listenOnNode();
  open.push(provider, server);
  const { clientId, clientSecret } = provider.settings;
  const session = createSession<{ user: string }>({ secret, secure: false });
  const oauth = new OAuth({ config: {}, secret, baseUrl: server.url }).register('corp', {
    clientId,
    clientSecret,
    serverMetadataUrl: provider.metadataUrl,
    scope: 'openid email',
  });
  const auth = oauth.routes({
    onLogin: async ({ identity = '', request, response: { headers } }) =>
      await session.setSession({ user: identity }, { request, headers }),
    onLogout: async ({ request, response: { headers } }) =>
      await session.clearSession({ request, headers }),
  });
  server.serve(
    async (request) =>
      (await auth(request)) ?? Response.json((await session.getSession(request)) ?? null),
  );
  return { server, oauth };
}

it('log a user in, and set the session on the headers of their response', async () => {
  const { server } = await startApp();
  const browser = new Browser();
  const start = await browser.get(`${server.url}/auth/login/corp`);
  const callback = await browser.get(String(start.location));
  const home = await browser.get(String(callback.location));
  expect(home.status).toBe(302);
  expect(await (await browser.get(server.url)).json()).toEqual({
    user: expect.stringMatching(/^corp\$/),
  });
});

it('return nothing for a URL that is not theirs', async () => {
  const { server } = await startApp();
  expect(await (await new Browser().get(`${server.url}/other`)).json()).toBeNull();
});

it('reject a request of Node.js with the correct call', async () => {
  const { oauth } = await startApp();
  const request = { method: 'GET', url: '/', headers: {} };
  await expect(oauth.createClient('corp').authorizeRedirect(request as never)).rejects.toThrow(
    'write authorizeRedirect(request, redirectUri, params)',
  );
});

it('cannot set a session without headers, and say what to pass', async () => {
  const { setSession } = createSession<{ user: string }>({ secret });
  const request = new Request('https://app.example/');
  await expect(setSession({ user: 'ada' }, request)).rejects.toMatchObject({
    code: 'storage_failed',
    message: expect.stringContaining('{ request, headers }'),
  });
});
