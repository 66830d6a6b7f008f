import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OAuth } from '@oauth-registry/express';
import createExpress, { type RequestHandler } from 'express';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../support/browser.js';
import { openidClient } from '../support/apps/express.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';

interface Plain {
  user?: string;
  cart?: string;
}

let provider: FakeProvider;
let server: Server;
let url: string;

/** A session that is nothing but an object, as that of cookie-session. */
function plainSession(): RequestHandler {
  const session: Plain = {};
  return (req, _res, next) => {
    Object.assign(req, { session });
    next();
  };
}

const sessionOf = (request: object): Plain => (request as { session: Plain }).session;

beforeAll(async () => {
  provider = await startProvider();
  const app = createExpress();
  server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const oauth = new OAuth({ config: {}, baseUrl: url }).register('corp', openidClient(provider));
  app.use(plainSession());
  app.use(
    '/auth',
    oauth.routes({
      onLogin: ({ user, request }) => void Object.assign(request.session, { user: user?.sub }),
    }),
  );
  app.get('/fill', (req, res) => {
    sessionOf(req).cart = 'full';
    res.end();
  });
  app.get('/', (req, res) => {
    const { user, cart } = sessionOf(req);
    res.json([user ?? null, cart ?? null]);
  });
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await provider.close();
});
afterEach(() => provider.reset());

describe('the drop-in routes with a session that cannot end by itself', () => {
  it('[D1] empty it at login, but for the other logins that are on their way', async () => {
    const browser = new Browser();
    await browser.get(`${url}/fill`);
    const inFront = (at: URL): boolean => at.pathname.startsWith('/auth/callback');
    const tab = await browser.follow(`${url}/auth/login/corp`, { until: inFront });
    const visit = await browser.follow(`${url}/auth/login/corp`);
    expect(visit.json()).toEqual(['user-1', null]);
    expect((await browser.follow(tab.pending?.url ?? '')).json()).toEqual(['user-1', null]);
  });

  it('[D1] log out', async () => {
    const browser = new Browser();
    expect((await browser.follow(`${url}/auth/login/corp`)).json()).toEqual(['user-1', null]);
    await browser.post(`${url}/auth/logout`);
    expect((await browser.get(`${url}/`)).json()).toEqual([null, null]);
  });
});
