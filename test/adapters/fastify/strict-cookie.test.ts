import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import secureSession from '@fastify/secure-session';
import { OAuth, type OAuthOptions } from '@oauth-registry/fastify';
import Fastify from 'fastify';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../../support/browser.js';
import { openidClient } from '../../support/apps/express.js';
import { startProvider, type FakeProvider } from '../../support/provider/index.js';

let provider: FakeProvider;
let url: string;
let close: () => Promise<unknown> = async () => undefined;
beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
afterEach(() => close());

async function start(sameSite: 'strict' | 'lax' | true, more: OAuthOptions = {}): Promise<void> {
  const app = Fastify({ forceCloseConnections: true });
  await app.register(secureSession, { key: Buffer.alloc(32, 7), cookie: { path: '/', sameSite } });
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  url = `http://127.0.0.1:${port}`;
  const oauth = new OAuth({ config: {}, baseUrl: url, ...more });
  const client = oauth.register('corp', openidClient(provider)).corp;
  app.get('/login/corp', (request, reply) => client.authorizeRedirect(request, reply));
  app.get('/callback/corp', async (request, reply) => {
    const token = await client.authorizeAccessToken(request, reply);
    request.session.set('user' as never, token.userinfo?.sub as never);
    return reply.redirect('/');
  });
  const onLogin = ({ request }: { request: { session: { set(...args: string[]): void } } }): void =>
    request.session.set('user', 'ada');
  await app.register(oauth.routes({ onLogin: onLogin as never }), { prefix: '/auth' });
  app.get('/', (request) => ({ user: request.session.get('user' as never) ?? null }));
  app.setErrorHandler((error, _request, reply) => reply.status(500).send(error));
  await app.listen({ port, host: '127.0.0.1' });
  close = () => app.close();
}

const secret = 'a secret of thirty-two characters';

describe.each(['/login/corp', '/auth/login/corp'])('a login at %s', (path) => {
  it.each([
    ['strict', {}],
    [true, {}],
    ['strict', { secret }],
    ['strict', { secret, stateStorage: 'cookie' }],
  ] as const)(
    'is refused once a secure session has shown that its cookie is SameSite=%s, with the line to change: %j',
    async (sameSite, more) => {
      await start(sameSite, more);
      await new Browser().follow(url + path);
      const again = await new Browser().get(url + path, { headers: { accept: 'text/html' } });
      expect(again.status).toBe(500);
      expect(again.text()).toContain('lax');
    },
  );

  it('starts again and again if the cookie is SameSite=Lax', async () => {
    await start('lax');
    for (let i = 0; i < 3; i++) {
      const visit = await new Browser().follow(url + path);
      expect(visit.json()).toMatchObject({ user: expect.any(String) as unknown });
    }
  });
});
