import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as express from '@oauth-registry/express';
import * as fastify from '@oauth-registry/fastify';
import * as next from '@oauth-registry/next';
import createExpress, { type ErrorRequestHandler } from 'express';
import Fastify from 'fastify';
import type { OAuthOptions, RegisterOptions, Token } from '@oauth-registry/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../support/browser.js';
import { oauth1Client, openid2Client, openidClient } from '../support/apps/express.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';

const secret = 'a secret of thirty-two characters';
let provider: FakeProvider;
let close: () => Promise<void>;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
afterEach(async () => {
  await close();
  provider.reset();
});

interface App {
  url: string;
  logins: unknown[];
}

type Start = (oauth: OAuthOptions) => Promise<App>;

const clients = (): Record<string, RegisterOptions> => ({
  openid: openidClient(provider),
  posted: openidClient(provider, { responseMode: 'form_post' }),
  one: oauth1Client(provider),
  old: openid2Client(provider),
});

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Express: nothing but the routes, and two verbs. */
const onExpress: Start = async (options) => {
  const app = createExpress();
  const url = await listen(createServer(app));
  const oauth = new express.OAuth({ config: {}, baseUrl: url, ...options }).registerAll(clients());
  const logins: unknown[] = [];
  const onLogin = ({ token }: { token: Token }) => void logins.push(token);
  app.use('/auth', oauth.routes({ onLogin }));
  app.get('/login', (req, res) =>
    oauth.createClient('openid').authorizeRedirect(req, res, '/back'),
  );
  app.get('/back', async (req, res) => {
    logins.push(await oauth.createClient('openid').authorizeAccessToken(req, res));
    res.send('done');
  });
  app.get('/', (_req, res) => void res.send('home'));
  app.use(((error: { code: string }, _req, res, _next) => {
    res.status(500).json({ code: error.code });
  }) as ErrorRequestHandler);
  return { url, logins };
};

/** Fastify: the same. */
const onFastify: Start = async (options) => {
  const app = Fastify({ forceCloseConnections: true });
  const probe = createServer();
  const url = await listen(probe);
  await close();
  const oauth = new fastify.OAuth({ config: {}, baseUrl: url, ...options }).registerAll(clients());
  const logins: unknown[] = [];
  await app.register(oauth.routes({ onLogin: ({ token }) => void logins.push(token) }), {
    prefix: '/auth',
  });
  const client = oauth.createClient('openid');
  app.get('/login', (request, reply) => client.authorizeRedirect(request, reply, '/back'));
  app.get('/back', async (request, reply) => {
    logins.push(await client.authorizeAccessToken(request, reply));
    return 'done';
  });
  app.get('/', async () => 'home');
  app.setErrorHandler((error: { code?: string }, _request, reply) =>
    reply.code(500).send({ code: error.code }),
  );
  await app.listen({ host: '127.0.0.1', port: Number(new URL(url).port) });
  close = () => app.close();
  return { url, logins };
};

/** Next.js: its route handlers, called with what Node received. */
const onNext: Start = async (options) => {
  let handlers: ReturnType<next.OAuth['routes']> | undefined;
  let client: next.NextClient | undefined;
  const logins: unknown[] = [];
  const server = createServer((req, res) => {
    void (async () => {
      const { pathname } = new URL(req.url ?? '', url);
      const chunks: Buffer[] = [];
      for await (const chunk of req as AsyncIterable<Buffer>) chunks.push(chunk);
      const request = new Request(`${url}${req.url}`, {
        method: req.method ?? 'GET',
        headers: Object.entries(req.headers).map(([name, value]): [string, string] => [
          name,
          String(value),
        ]),
        body: req.method === 'POST' ? Buffer.concat(chunks) : null,
      });
      let response = new Response('home');
      if (pathname === '/login')
        response = (await client?.authorizeRedirect(request, '/back')) ?? response;
      else if (pathname.startsWith('/auth')) {
        response = (await handlers?.[req.method === 'POST' ? 'POST' : 'GET'](request)) ?? response;
      }
      res.statusCode = response.status;
      for (const [name, value] of response.headers) res.appendHeader(name, value);
      res.end(await response.text());
    })();
  });
  const url = await listen(server);
  const oauth = new next.OAuth({ config: {}, baseUrl: url, ...options }).registerAll(clients());
  client = oauth.createClient('openid');
  handlers = oauth.routes({ onLogin: ({ token }) => void logins.push(token) });
  return { url, logins };
};

const frameworks = { Express: onExpress, Fastify: onFastify, 'Next.js': onNext };

describe.each(Object.entries(frameworks))('%s without a session, with a secret', (_name, start) => {
  it.each(['openid', 'posted', 'one', 'old'])(
    '[M8] [D1] logs in through the drop-in routes with %s, and leaves nothing behind',
    async (client) => {
      const app = await start({ secret });
      const browser = new Browser();
      const begun = await browser.get(`${app.url}/auth/login/${client}`);
      expect(begun.setCookies).toHaveLength(1);
      const visit = await browser.continue(begun);
      expect(visit.text()).toBe('home');
      expect(app.logins).toHaveLength(1);
      expect(
        browser.jar.header({
          url: new URL(`${app.url}/auth/callback/x`),
          method: 'GET',
          crossSite: false,
        }),
      ).toBeUndefined();
    },
  );

  it('[M8] takes nothing that was changed: the cookie is sealed', async () => {
    const app = await start({ secret });
    const browser = new Browser();
    const until = (url: URL) => url.pathname.startsWith('/auth/callback');
    const begun = await browser.get(`${app.url}/auth/login/openid`);
    const [cookie = ''] = begun.setCookies;
    const { pending } = await browser.continue(begun, { until });
    const [pair = ''] = cookie.split(';');
    const forged = pair.replace(/.(.)$/, (end, last: string) =>
      end.startsWith('A') ? `B${last}` : `A${last}`,
    );
    const visit = await new Browser().get(pending?.url ?? '', { headers: { cookie: forged } });
    expect(visit.status).toBe(400);
    expect(app.logins).toEqual([]);
    expect((await browser.get(pending?.url ?? '')).status).toBeLessThan(400);
  });

  it('[D1] does not say that it logged out who it cannot log out', async () => {
    const { url } = await start({ secret });
    const out = await new Browser().post(`${url}/auth/logout`);
    expect([out.status, out.location]).toEqual([500, undefined]);
    expect(out.text()).toContain('onLogout');
  });

  it('[M8] separates the logins of two tabs', async () => {
    const app = await start({ secret });
    const browser = new Browser();
    const until = (url: URL) => url.pathname.startsWith('/auth/callback');
    const tabs = [];
    for (const client of ['openid', 'one']) {
      tabs.push(await browser.follow(`${app.url}/auth/login/${client}`, { until }));
    }
    for (const { pending } of tabs.toReversed()) await browser.get(pending?.url ?? '');
    expect(app.logins).toHaveLength(2);
  });

  it('[M8] takes any session that is plugged in', async () => {
    const kept = new Map<string, unknown>();
    const session = () => ({
      get: (key: string) => kept.get(key),
      set: (key: string, value: unknown) => void kept.set(key, value),
    });
    const app = await start({ session, secret });
    const begun = await new Browser().get(`${app.url}/auth/login/openid`);
    expect(begun.setCookies).toEqual([]);
    expect(JSON.stringify([...kept])).toContain('"client":"openid"');
    await new Browser().continue(begun);
    expect(app.logins).toHaveLength(1);
  });
});

describe.each(Object.entries({ Express: onExpress, Fastify: onFastify }))(
  '%s’s verbs',
  (_name, start) => {
    it('[M8] need a secret and no session', async () => {
      const app = await start({ secret });
      const visit = await new Browser().follow(`${app.url}/login`);
      expect(visit.text()).toBe('done');
      expect(app.logins).toMatchObject([{ userinfo: { sub: 'user-1' } }]);
    });

    it('[M8] says what to add if there is no secret either', async () => {
      const app = await start({});
      const visit = await new Browser().get(`${app.url}/login`);
      expect(visit.json()).toEqual({ code: 'missing_session' });
    });
  },
);
