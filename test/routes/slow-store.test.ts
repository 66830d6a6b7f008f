import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import cookie from '@fastify/cookie';
import fastifySession from '@fastify/session';
import { OAuth, type RoutesOptions } from '@oauth-registry/express';
import { OAuth as FastifyOAuth } from '@oauth-registry/fastify';
import createExpress from 'express';
import session, { MemoryStore, type SessionData } from 'express-session';
import Fastify from 'fastify';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../support/browser.js';
import { openidClient } from '../support/apps/express.js';
import { startProvider } from '../support/provider/index.js';

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

it('[D1] the drop-in routes send users on when the store has what onLogin put into the session', async () => {
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
});

type Step = 'set' | 'destroy';

/** Does not respond to the next call of a step once it is stuck. */
class StuckStore extends MemoryStore {
  stuck: Step | undefined;
  override set(id: string, data: SessionData, done?: (error?: unknown) => void): void {
    if (!this.#isStuck('set')) super.set(id, data, done);
  }
  override destroy(id: string, done?: (error?: unknown) => void): void {
    if (!this.#isStuck('destroy')) super.destroy(id, done);
  }
  #isStuck(step: Step): boolean {
    const isStuck = this.stuck === step;
    if (isStuck) this.stuck = undefined;
    return isStuck;
  }
}

interface StuckApp {
  url: string;
  close(): Promise<unknown>;
}
type Start = (store: StuckStore, routes: Partial<RoutesOptions>) => Promise<StuckApp>;

const secret = 'a secret of thirty-two characters';
const withinTime = { config: {}, timeout: 300 };

const onExpress: Start = async (store, routes) => {
  const app = createExpress();
  const server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const oauth = new OAuth({ ...withinTime, baseUrl: url });
  oauth.register('corp', openidClient(provider));
  app.use(session({ secret, resave: false, saveUninitialized: false, store }));
  app.use('/auth', oauth.routes({ onLogin: () => undefined, ...routes } as never));
  const close = (): Promise<unknown> => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  };
  return { url, close };
};

const onFastify: Start = async (store, routes) => {
  const app = Fastify({ forceCloseConnections: true });
  await app.register(cookie);
  await app.register(fastifySession, { secret, cookie: { secure: false }, store: store as never });
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  const url = `http://127.0.0.1:${port}`;
  const oauth = new FastifyOAuth({ ...withinTime, baseUrl: url });
  oauth.register('corp', openidClient(provider));
  const options = { onLogin: () => undefined, ...routes } as never;
  await app.register(oauth.routes(options), { prefix: '/auth' });
  await app.listen({ port, host: '127.0.0.1' });
  return { url, close: () => app.close() };
};

let provider: Awaited<ReturnType<typeof startProvider>>;
let app: StuckApp | undefined;
beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
afterEach(async () => {
  await app?.close();
  app = undefined;
});

describe.each([
  ['express-session', onExpress],
  ['@fastify/session', onFastify],
])('a store of %s that does not respond', (_name, start) => {
  it.each([
    ['when the drop-in routes renew the session', 'destroy', 'Renewing the session', false],
    ['when they save what onLogin put into it', 'set', 'Saving the session', false],
    ['when they end it', 'destroy', 'Ending the session', true],
  ] as const)(
    'is storage_failed with the reason TIMEOUT %s',
    async (_when, step, what, atLogout) => {
      provider = await startProvider();
      const store = new StuckStore();
      const errors: unknown[] = [];
      const stick = (): void => void (store.stuck = step);
      // A callback stores nothing before its login is finished.
      const onLogin = ({ request }: { request: object }): void => {
        Object.assign((request as { session: object }).session, { user: 'ada' });
        if (!atLogout && step === 'set') stick();
      };
      app = await start(store, {
        onLogin: onLogin as never,
        onError: ({ error }) => {
          errors.push(error);
          return undefined;
        },
      });
      const { url } = app;
      const browser = new Browser();
      const until = (at: URL): boolean => at.pathname.startsWith('/auth/callback');
      const { pending } = await browser.follow(`${url}/auth/login/corp`, { until });
      if (!atLogout && step === 'destroy') {
        const destroy = store.destroy.bind(store);
        // The pending login is taken first.
        store.destroy = (id, done) => {
          store.destroy = destroy;
          destroy(id, (error) => {
            stick();
            done?.(error);
          });
        };
      }
      const callback = await browser.get(pending?.url ?? url);
      if (atLogout) {
        stick();
        await browser.post(`${url}/auth/logout`, {}, { headers: { origin: url } });
      }
      expect(callback.status).toBe(atLogout ? 302 : 500);
      expect(errors).toMatchObject([
        {
          code: 'storage_failed',
          reason: 'TIMEOUT',
          message: expect.stringContaining(what) as unknown,
        },
      ]);
    },
  );
});
