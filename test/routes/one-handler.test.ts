import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OAuth, type LoginResult } from '@oauth-registry/express';
import createExpress from 'express';
import session from 'express-session';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../browser.js';
import { oauth1Client, openidClient, plainClient } from '../express/app.js';
import { startProvider, type FakeProvider } from '../provider/index.js';

let provider: FakeProvider;
let server: Server;
let url: string;
const results: LoginResult[] = [];

beforeAll(async () => {
  provider = await startProvider();
  const app = createExpress();
  server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const oauth = new OAuth({ config: {}, baseUrl: url })
    .register('openid', openidClient(provider))
    .register('posted', openidClient(provider, { responseMode: 'form_post' }))
    .register('plain', plainClient(provider));
  oauth.register('one', oauth1Client(provider));
  app.use(session({ secret: 'a secret', resave: false, saveUninitialized: false }));
  app.all('/login/:name', async (req, res) => {
    const { name } = req.params;
    const result = await oauth.createClient(name).login(req, res, `/login/${name}`);
    if (!result) return;
    results.push(result);
    res.status(result.error?.statusCode ?? 200).end(result.error?.code ?? 'done');
  });
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await provider.close();
});
afterEach(() => {
  results.length = 0;
  provider.reset();
});

describe('login(), one handler for both phases', () => {
  it.each(['openid', 'posted', 'plain', 'one'])(
    '[M2] returns nothing while the login is pending, then the user: %s',
    async (name) => {
      const visit = await new Browser().follow(`${url}/login/${name}`);
      expect(visit.text()).toBe('done');
      expect(results).toHaveLength(1);
      expect(results[0]?.token).toBeDefined();
      if (name === 'openid') expect(results[0]?.user?.sub).toBe('user-1');
    },
  );

  it('[M2] returns the error of a login that failed', async () => {
    const visit = await new Browser().follow(`${url}/login/openid?error=access_denied&state=none`);
    expect([visit.status, visit.text()]).toEqual([400, 'mismatching_state']);
    expect(results[0]?.user).toBeUndefined();
  });
});
