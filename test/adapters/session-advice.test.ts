import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import cookie from '@fastify/cookie';
import fastifySession from '@fastify/session';
import * as express from '@oauth-registry/express';
import * as fastify from '@oauth-registry/fastify';
import type { OAuthOptions } from '@oauth-registry/core';
import type { StateStore } from '@oauth-registry/core/types';
import createExpress, {
  type ErrorRequestHandler,
  type Request,
  type RequestHandler,
} from 'express';
import session, { MemoryStore, type SessionOptions } from 'express-session';
import Fastify from 'fastify';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../support/browser.js';
import { openidClient } from '../support/apps/express.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';

const secret = 'a secret of thirty-two characters';
let provider: FakeProvider;
let url: string;
let close: () => Promise<unknown> = async () => undefined;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
afterEach(async () => {
  await close();
  provider.reset();
});

async function listen(server: Server): Promise<void> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  close = () => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
}

interface Options {
  sessions: RequestHandler;
  oauth?: OAuthOptions;
  /** Ends the application's own session before the log out at the provider. */
  end?: (req: Request) => void | Promise<void>;
}

const expressSession = (options: Partial<SessionOptions> = {}): RequestHandler =>
  session({ secret, resave: false, saveUninitialized: false, ...options });

async function onExpress({ sessions, oauth: more, end }: Options): Promise<void> {
  const app = createExpress();
  await listen(createServer(app));
  const oauth = new express.OAuth({ config: {}, baseUrl: url, ...more }).register(
    'corp',
    openidClient(provider),
  );
  app.use(sessions);
  app.get('/login/corp', (req, res) => oauth.corp.authorizeRedirect(req, res));
  app.all('/callback/corp', async (req, res) => {
    const token = await oauth.corp.authorizeAccessToken(req, res);
    Object.assign((req as { session?: object }).session ?? {}, { user: token.userinfo?.sub });
    res.redirect('/');
  });
  app.get('/logout', async (req, res) => {
    await end?.(req);
    await oauth.corp.logoutRedirect(req, res, '/bye');
  });
  app.get('/bye', async (req, res) => {
    res.json(await oauth.corp.validateLogoutResponse(req, res));
  });
  app.get('/', (req, res) => {
    res.json({ user: (req as { session?: { user?: string } }).session?.user ?? null });
  });
  app.use(((error, _req, res, _next) => {
    const { code, message, reason } = error as express.OAuthError;
    res.status(500).json({ code, message, reason });
  }) as ErrorRequestHandler);
}

describe('a session behind a proxy that ends TLS', () => {
  const headers = { 'x-forwarded-proto': 'https' };

  it('works with express-session({ proxy: true }), although Express itself sees http', async () => {
    await onExpress({ sessions: expressSession({ proxy: true, cookie: { secure: true } }) });
    const browser = new Browser({ secureLoopback: true });
    const visit = await browser.follow(`${url}/login/corp`, { headers });
    expect([visit.status, visit.json()]).toEqual([200, { user: 'user-1' }]);
  });

  it.each(['http', 'http, https', ''])('is refused for the protocol "%s"', async (protocol) => {
    await onExpress({ sessions: expressSession({ proxy: true, cookie: { secure: true } }) });
    const forwarded = { 'x-forwarded-proto': protocol };
    const visit = await new Browser().get(`${url}/login/corp`, { headers: forwarded });
    expect(visit.json()).toMatchObject({ code: 'missing_session' });
  });
});

async function onFastify(sameSite: 'strict'): Promise<void> {
  await listen(createServer());
  await close();
  const app = Fastify({ forceCloseConnections: true });
  const oauth = new fastify.OAuth({ config: {}, baseUrl: url }).register(
    'corp',
    openidClient(provider),
  );
  await app.register(cookie);
  await app.register(fastifySession, {
    secret,
    cookie: { secure: false, sameSite },
  });
  await app.register(fastify.fastifyOAuth, { oauth });
  app.get('/login/corp', (request, reply) => oauth.corp.authorizeRedirect(request, reply));
  app.get('/callback/corp', async (request, reply) => {
    const token = await oauth.corp.authorizeAccessToken(request);
    Object.assign(request.session, { user: token.userinfo?.sub });
    return reply.redirect('/');
  });
  app.get('/', async (request) => ({
    user: (request.session as { user?: string }).user ?? null,
  }));
  await app.listen({ host: '127.0.0.1', port: Number(new URL(url).port) });
  close = () => app.close();
}

describe('a session whose cookie is SameSite=Strict, which stays behind after every login', () => {
  const strictly = (sameSite: true | 'strict'): RequestHandler =>
    expressSession({ cookie: { sameSite } });
  /** A session in a cookie, whose options stand beside it, as those of cookie-session. */
  const inCookie: RequestHandler = (req, _res, next) => {
    Object.assign(req, { session: {}, sessionOptions: { sameSite: 'strict' } });
    next();
  };

  it.each<[string, () => Promise<void>]>([
    ['express-session', () => onExpress({ sessions: strictly('strict') })],
    ['express-session, true', () => onExpress({ sessions: strictly(true) })],
    [
      'express-session beside encrypted cookies',
      () => onExpress({ sessions: strictly('strict'), oauth: { secret, stateStorage: 'cookie' } }),
    ],
    [
      'express-session beside a store',
      () =>
        onExpress({
          sessions: strictly('strict'),
          oauth: { stateStorage: { put: () => undefined, take: () => undefined } },
        }),
    ],
    ['cookie-session', () => onExpress({ sessions: inCookie })],
    ['@fastify/session', () => onFastify('strict')],
  ])('of %s starts no login, and the error has the line to change', async (_what, open) => {
    await open();
    const visit = await new Browser().get(`${url}/login/corp`);
    expect(visit.status).toBe(500);
    expect(visit.location).toBeUndefined();
    expect(visit.json()).toMatchObject({
      code: 'missing_session',
      message: expect.stringContaining("sameSite: 'lax'") as string,
    });
  });
});

describe('logging out at the provider after the own session has ended', () => {
  const destroyed = (req: Request): Promise<void> =>
    new Promise((resolve) => (req as object as Sessioned).session.destroy(() => resolve()));
  interface Sessioned {
    session: { destroy(done: () => void): void };
  }

  it('works after req.session.destroy() of express-session', async () => {
    await onExpress({ sessions: expressSession(), end: destroyed });
    const browser = new Browser();
    await browser.follow(`${url}/login/corp`);
    const visit = await browser.follow(`${url}/logout`);
    expect([visit.status, visit.json()]).toMatchObject([
      200,
      { postLogoutRedirectUri: `${url}/bye` },
    ]);
    expect((await browser.get(`${url}/`)).json()).toEqual({ user: null });
  });

  it('works after req.session = null of cookie-session', async () => {
    const content = { session: {} as object | null };
    const sessions: RequestHandler = (req, res, next) => {
      Object.assign(req, { session: content.session ?? {} });
      res.on('finish', () => {
        content.session = (req as { session?: object | null }).session ?? null;
      });
      next();
    };
    await onExpress({
      sessions,
      end: (req) => void Object.assign(req, { session: null }),
    });
    const browser = new Browser();
    await browser.follow(`${url}/login/corp`);
    expect((await browser.follow(`${url}/logout`)).json()).toMatchObject({
      postLogoutRedirectUri: `${url}/bye`,
    });
    expect((await browser.get(`${url}/`)).json()).toEqual({ user: null });
  });
});

describe('a store that does not respond', () => {
  const never = new Promise<never>(() => undefined);
  const limited = { timeout: 300 };
  const stores: Record<string, StateStore> = {
    put: { put: () => never, take: () => undefined },
    take: { put: () => undefined, take: () => never },
  };

  it.each(['put', 'take'])('at %s is storage_failed with the reason TIMEOUT', async (step) => {
    const stateStorage = stores[step];
    await onExpress({ sessions: expressSession(), oauth: { ...limited, stateStorage } });
    const visit = await new Browser().follow(`${url}/login/corp`);
    expect([visit.status, visit.json()]).toMatchObject([
      500,
      { code: 'storage_failed', reason: 'TIMEOUT' },
    ]);
  });

  it.each(['set', 'get', 'destroy'] as const)(
    'behind express-session at %s is storage_failed as well',
    async (step) => {
      const store = new MemoryStore();
      const real = store[step].bind(store) as (...args: unknown[]) => void;
      // The session itself goes through; what stands beside it does not.
      Object.assign(store, {
        [step]: (id: string, ...rest: unknown[]) => {
          if (!id.startsWith('oauth-')) real(id, ...rest);
        },
      });
      await onExpress({ sessions: expressSession({ store }), oauth: limited });
      const visit = await new Browser().follow(`${url}/login/corp`);
      expect(visit.json()).toMatchObject({ code: 'storage_failed', reason: 'TIMEOUT' });
    },
  );

  it('behind a session of the application’s own is storage_failed as well', async () => {
    const sessions = { get: () => undefined, set: () => undefined, save: () => never };
    await onExpress({ sessions: expressSession(), oauth: { ...limited, session: () => sessions } });
    const unsaved = await new Browser().follow(`${url}/login/corp`);
    expect(unsaved.json()).toMatchObject({ code: 'storage_failed', reason: 'TIMEOUT' });
    await close();
    await onExpress({ sessions: expressSession(), oauth: { ...limited, session: () => never } });
    const unread = await new Browser().follow(`${url}/login/corp`);
    expect(unread.json()).toMatchObject({ code: 'storage_failed', reason: 'TIMEOUT' });
  });
});

describe('a session in one cookie, as that of cookie-session', () => {
  it('never has more bytes than a cookie, whatever a link brings, and loses nothing of its own', async () => {
    const content: { session: Record<string, unknown> } = { session: { user: 'mine' } };
    const app = createExpress();
    await listen(createServer(app));
    const oauth = new express.OAuth({ config: {}, baseUrl: url });
    oauth.register('corp', openidClient(provider));
    app.use((req, _res, next) => {
      Object.assign(req, { session: content.session });
      next();
    });
    app.use('/auth', oauth.routes({ onLogin: () => undefined }));
    const size = (): number =>
      Buffer.from(JSON.stringify(content.session)).toString('base64').length;
    for (const bytes of [10, 1000, 1500, 2000, 2000, 10, 10, 10, 10, 10, 10, 10, 10]) {
      const returnTo = `/${'x'.repeat(bytes)}`;
      await new Browser().get(`${url}/auth/login/corp?returnTo=${returnTo}`);
      expect(size()).toBeLessThan(3900);
      expect(content.session['user']).toBe('mine');
    }
    content.session['cart'] = 'x'.repeat(2000);
    const before = size();
    const visit = await new Browser().get(`${url}/auth/login/corp?returnTo=/${'x'.repeat(2000)}`);
    expect([visit.status, visit.location, size() <= before]).toEqual([500, undefined, true]);
  });
});
