import type { OAuth2Token, OAuthOptions } from '@oauth-registry/core';
import { createSession, OAuth as NextOAuth } from '@oauth-registry/next';
import type { Request, RequestHandler, Response } from 'express';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { login, rejection } from '../../support/login.js';
import { plainClient, startExpress } from '../../support/apps/express.js';
import { startFastify } from '../../support/apps/fastify.js';
import { startProvider, type FakeProvider } from '../../support/provider/index.js';

let provider: FakeProvider;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  provider = await startProvider({ openid: false });
});
afterAll(() => provider.close());
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  provider.reset();
});

interface Holder {
  token?: OAuth2Token | undefined;
}

const clients = () => ({ plain: plainClient(provider) });
const expired = (token: object): OAuth2Token => ({ ...token, expires_at: 1 }) as OAuth2Token;
const refreshes = (): number =>
  provider.requests.filter(({ form }) => form.get('grant_type') === 'refresh_token').length;

/** What became of a call: its status, or the error. */
async function outcome(call: Promise<globalThis.Response>): Promise<string> {
  return await call.then(
    ({ status }) => String(status),
    (error: Error & { code?: string }) => `${error.code}: ${error.message}`,
  );
}

/** Hooks that store the token in the session of Express. */
const inSession: OAuthOptions = {
  fetchToken: (_name, request) => (request as { session: Holder }).session.token,
  updateToken: (_name, token, _old, request) => {
    (request as { session: Holder }).session.token = token as OAuth2Token;
  },
};

describe('Express with a session in a cookie', () => {
  type Use = (app: Awaited<ReturnType<typeof startExpress>>, req: Request) => Promise<string>;

  /** Starts an application that calls the API before or after it began to respond. */
  async function start(oauth: OAuthOptions, when: 'before' | 'after', use: Use = call) {
    const session: Holder = {};
    const handle: RequestHandler = (req, res, next) => {
      if (req.path !== '/call') return next();
      if (when === 'after') res.write('It began: ');
      void use(app, req).then((text) => res.end(text));
    };
    const app = await startExpress({
      clients: clients(),
      oauth,
      session: false,
      before: [
        (req, _res, next) => {
          Object.assign(req, { session });
          next();
        },
        (req, res, next) => app.oauth.middleware()(req, res, next),
        handle,
      ],
    });
    closing.push(app.close);
    const token = expired(await login(app.client('plain')));
    const ask = async () => await (await fetch(`${app.url}/call`)).text();
    return { app, session, token, ask };
  }
  const call: Use = async (app) => await outcome(app.client('plain').get('me'));

  it('spends no refresh token once the response has begun, and says where to do it', async () => {
    const { session, token, ask } = await start(inSession, 'after');
    session.token = token;
    expect(await ask()).toMatch(/storage_failed: .* Call the API before the first write/);
    expect([refreshes(), session.token]).toEqual([0, token]);
  });

  it('uses a token that is due and still good as it is', async () => {
    const { session, token, ask } = await start(inSession, 'after');
    session.token = { ...token, expires_at: Math.floor(Date.now() / 1000) + 10 };
    expect(await ask()).toContain('200');
    expect(refreshes()).toBe(0);
  });

  it('refreshes before the response has begun', async () => {
    const { session, token, ask } = await start(inSession, 'before');
    session.token = token;
    expect(await ask()).toBe('200');
    expect([refreshes(), session.token?.refresh_token === token.refresh_token]).toEqual([1, false]);
  });

  it('refreshes a token that is stored elsewhere, whatever the response', async () => {
    const table: Holder = {};
    const oauth: OAuthOptions = {
      fetchToken: () => table.token,
      updateToken: (_name, token) => void (table.token = token as OAuth2Token),
    };
    const { token, ask } = await start(oauth, 'after');
    table.token = token;
    expect(await ask()).toContain('200');
    expect([refreshes(), table.token.refresh_token === token.refresh_token]).toEqual([1, false]);
  });

  it('spends none with refreshToken(), either', async () => {
    const byHand: Use = async (app, req) => {
      const { token } = (req as unknown as { session: Holder }).session;
      const { plain } = app.oauth as unknown as {
        plain: { refreshToken(token?: OAuth2Token): Promise<unknown> };
      };
      return (await rejection(plain.refreshToken(token))).message;
    };
    const { session, token, ask } = await start({}, 'after', byHand);
    session.token = token;
    expect(await ask()).toContain('Call the API before the first write');
    expect(refreshes()).toBe(0);
  });
});

describe('Fastify', () => {
  type Use = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

  async function start(session: 'session' | 'secure-session', after: Use) {
    let text = '';
    const app = await startFastify({
      clients: clients(),
      session,
      oauth: {
        fetchToken: (_name, request) => (request as { session: Holder }).session.token,
        updateToken: (_name, token, _old, request) => {
          (request as { session: Holder }).session.token = token as OAuth2Token;
        },
      },
      prepare: (instance, oauth) => {
        instance.get('/save', async (request) => {
          (request as unknown as { session: Holder }).session.token = token;
          return 'saved';
        });
        instance.get('/call', async (request, reply) => {
          await after(request, reply);
          text = await outcome(oauth.createClient('plain').get('me'));
          if (!reply.raw.writableEnded) reply.raw.end();
        });
        instance.get('/stored', (request) => ({
          ...(request as unknown as { session: Holder }).session.token,
        }));
      },
    });
    closing.push(app.close);
    const token = expired(await login(app.client('plain')));
    const cookie = (await fetch(`${app.url}/save`)).headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const ask = async (path: string) => await fetch(`${app.url}${path}`, { headers: { cookie } });
    return { token, ask, text: () => text };
  }
  const begin: Use = async (_request, reply) => {
    reply.hijack();
    reply.raw.write('It began: ');
  };
  const finish: Use = async (_request, reply) => await reply.send('All of it.');

  it.each([
    ['has begun', begin],
    ['was sent', finish],
  ])(
    'with a session in a cookie spends no refresh token once the response %s',
    async (...given) => {
      const { ask, text } = await start('secure-session', given[1]);
      await (await ask('/call')).text();
      await expect.poll(text).toMatch(/storage_failed: .* Call the API before the first write/);
      expect(refreshes()).toBe(0);
    },
  );

  it.each([
    ['has begun', begin],
    ['was sent', finish],
  ])('with a session in a store saves it once the response %s', async (...given) => {
    const { ask, text, token } = await start('session', given[1]);
    await (await ask('/call')).text();
    await expect.poll(text).toBe('200');
    const stored = (await (await ask('/stored')).json()) as OAuth2Token;
    expect([refreshes(), stored.refresh_token === token.refresh_token]).toEqual([1, false]);
  });
});

describe('the Pages Router of Next.js', () => {
  const secret = 'a secret of thirty-two characters';
  const session = createSession<{ token: OAuth2Token }>({ secret, secure: false });
  type Place = Parameters<typeof session.getSession>[0];

  async function start() {
    const { plain } = new NextOAuth({
      config: {},
      secret,
      fetchToken: async (_name, place) => (await session.getSession(place as Place))?.token,
      updateToken: async (_name, token, _old, place) =>
        await session.setSession({ token: token as OAuth2Token }, place as Place),
    }).register('plain', plainClient(provider));
    const token = expired(await login(plain));
    const set: string[] = [];
    const res = {
      headersSent: false,
      setHeader: () => undefined,
      appendHeader: (_name: string, value: string) => set.push(value),
    } as unknown as Response;
    await session.setSession({ token }, { req: { cookies: {} }, res });
    const cookies = Object.fromEntries(
      set.splice(0).map((line) => (line.split(';')[0] ?? '').split('=') as [string, string]),
    );
    return { plain, res, set, req: { cookies } };
  }

  it('refreshes for { req, res }, and sets the cookie', async () => {
    const { plain, req, res, set } = await start();
    expect(await outcome(plain.get('me', { request: { req, res } }))).toBe('200');
    expect([refreshes(), set.length > 0]).toEqual([1, true]);
  });

  it('spends no refresh token without the response, or when it has begun', async () => {
    const { plain, req, res } = await start();
    const advice = /storage_failed: .* Pass \{ req, res \}/;
    expect(await outcome(plain.get('me', { request: { req } }))).toMatch(advice);
    Object.assign(res, { headersSent: true });
    expect(await outcome(plain.get('me', { request: { req, res } }))).toMatch(advice);
    expect(refreshes()).toBe(0);
  });

  it('does not lose a session without a word if there is no response to set it on', async () => {
    const { req } = await start();
    expect(await rejection(session.clearSession({ req }))).toMatchObject({
      code: 'storage_failed',
    });
  });
});
