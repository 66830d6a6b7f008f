import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import cookie from '@fastify/cookie';
import fastifySession from '@fastify/session';
import * as express from '@oauth-registry/express';
import * as fastify from '@oauth-registry/fastify';
import * as next from '@oauth-registry/next';
import type { RegisterOptions } from '@oauth-registry/core';
import type { LoginResult } from '@oauth-registry/core/types';
import createExpress from 'express';
import session from 'express-session';
import Fastify from 'fastify';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../support/browser.js';
import { oauth1Client, openidClient, plainClient } from '../support/apps/express.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';

let provider: FakeProvider;
let url: string;
let close: () => Promise<unknown>;
const results: LoginResult[] = [];
const secret = 'a secret of thirty-two characters';

function registered<T extends { register(name: string, options: RegisterOptions): unknown }>(
  oauth: T,
): T {
  oauth.register('openid', openidClient(provider));
  oauth.register('posted', openidClient(provider, { responseMode: 'form_post' }));
  oauth.register('plain', plainClient(provider));
  oauth.register('one', oauth1Client(provider));
  return oauth;
}

/** What each application answers when a login has ended. */
function ended(result: LoginResult): { status: number; text: string } {
  results.push(result);
  return { status: result.error?.statusCode ?? 200, text: result.error?.code ?? 'done' };
}

async function listen(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
}

async function onExpress(): Promise<void> {
  const app = createExpress();
  await listen(createServer(app));
  const oauth = registered(new express.OAuth({ config: {}, baseUrl: url }));
  app.use(session({ secret, resave: false, saveUninitialized: false }));
  app.all('/login/:name', async (req, res) => {
    const { name } = req.params;
    const result = await oauth.createClient(name).login(req, res, `/login/${name}`);
    if (!result) return;
    const { status, text } = ended(result);
    res.status(status).end(text);
  });
}

async function onFastify(): Promise<void> {
  await listen(createServer());
  await close();
  const app = Fastify({ forceCloseConnections: true });
  const oauth = registered(new fastify.OAuth({ config: {}, baseUrl: url }));
  await app.register(cookie);
  await app.register(fastifySession, {
    secret,
    saveUninitialized: false,
    cookie: { secure: false },
  });
  await app.register(fastify.fastifyOAuth, { oauth });
  app.all<{ Params: { name: string } }>('/login/:name', async (request, reply) => {
    const { name } = request.params;
    const result = await oauth.createClient(name).login(request, reply, `/login/${name}`);
    if (!result) return reply;
    const { status, text } = ended(result);
    return reply.status(status).send(text);
  });
  await app.listen({ host: '127.0.0.1', port: Number(new URL(url).port) });
  close = () => app.close();
}

type PagesLogin = (req: unknown, res: unknown, uri: string) => Promise<void | LoginResult>;

/** The Pages Router; the App Router sets its cookies in Next.js only. */
async function onNext(): Promise<void> {
  const server = createServer((req, res) => {
    void (async () => {
      const name = /^\/login\/(\w+)/.exec(String(req.url))?.[1] ?? '';
      const client = oauth.createClient(name) as Pick<next.NextClient, 'login'>;
      const login = client.login as PagesLogin;
      const result = await login(req, res, `/login/${name}`);
      if (!result) return;
      const { status, text } = ended(result);
      res.writeHead(status).end(text);
    })();
  });
  await listen(server);
  const oauth = registered(new next.OAuth({ config: {}, baseUrl: url, secret }));
}

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
afterEach(() => {
  results.length = 0;
  provider.reset();
});

describe.each([
  { framework: 'Express', open: onExpress },
  { framework: 'Fastify', open: onFastify },
  { framework: 'Next.js, Pages Router', open: onNext },
])('login(), one handler for both phases, on $framework', ({ open }) => {
  beforeAll(open);
  afterAll(() => close());

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

  it('starts nothing for an image, a frame or a poll, and returns no result (Fetch Metadata §2)', async () => {
    const others: Record<string, string>[] = [
      { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
      { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
      { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' },
    ];
    for (const headers of others) {
      const visit = await new Browser().get(`${url}/login/openid`, { headers });
      expect([visit.status, visit.location]).toEqual([403, undefined]);
      expect(visit.setCookies.filter((one) => one.includes('oauth-registry'))).toEqual([]);
      expect(visit.headers.get('cache-control')).toBe('no-store');
      expect(visit.text()).toMatch(/^Nothing was started/);
    }
    expect([results, provider.count()]).toEqual([[], 0]);
  });

  it('[M2] returns the error of a login that failed', async () => {
    const visit = await new Browser().follow(`${url}/login/openid?error=access_denied&state=none`);
    expect([visit.status, visit.text()]).toEqual([400, 'mismatching_state']);
    expect(results[0]?.user).toBeUndefined();
  });

  it('[M2] returns the error of a login that could not start', async () => {
    provider.on('oauth1_request', () => ({ status: 503 }));
    const visit = await new Browser().get(`${url}/login/one`);
    expect([visit.status, visit.text()]).toEqual([502, 'provider_unavailable']);
    expect(results[0]?.error?.phase).toBe('authorize');
  });

  it('[M2] returns the error of a user who denied, and starts anew after that', async () => {
    provider.quirks.callback = 'error';
    const browser = new Browser();
    const visit = await browser.follow(`${url}/login/openid`);
    expect([visit.status, visit.text()]).toEqual([403, 'access_denied']);
    provider.quirks.callback = undefined;
    expect((await browser.follow(`${url}/login/openid`)).text()).toBe('done');
  });
});
