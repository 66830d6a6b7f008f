import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OAuth } from '@oauth-registry/express';
import createExpress from 'express';
import session, { MemoryStore, type SessionData } from 'express-session';
import { expect, it } from 'vitest';
import { Browser } from '../browser.js';
import { openidClient } from '../express/app.js';
import { startProvider } from '../provider/index.js';

const order: string[] = [];

/** Writes a moment later, as a store in another process does. */
class SlowStore extends MemoryStore {
  override set(id: string, data: SessionData, done?: (error?: unknown) => void): void {
    setTimeout(() => {
      if ('user' in data) order.push('stored');
      super.set(id, data, done);
    }, 50);
  }
}

it('[D1] the drop-in routes send people on when the store has what onLogin put into the session', async () => {
  const provider = await startProvider();
  const app = createExpress();
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const oauth = new OAuth({ config: {}, baseUrl: url }).register('corp', openidClient(provider));
  const store = new SlowStore();
  app.use(session({ secret: 'a secret', resave: false, saveUninitialized: false, store }));
  app.use('/auth/callback', (_req, res, next) => {
    const writeHead = res.writeHead.bind(res) as (status: number) => typeof res;
    res.writeHead = (status: number) => (order.push('sent'), writeHead(status));
    next();
  });
  app.use(
    '/auth',
    oauth.routes({
      onLogin: ({ request, user }) => void Object.assign(request.session, { user: user?.sub }),
    }),
  );
  await new Browser().follow(`${url}/auth/login/corp`);
  expect(order.slice(0, 2)).toEqual(['stored', 'sent']);
  server.closeAllConnections();
  server.close();
  await provider.close();
});
