import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OAuth, OAuthError } from '@oauth-registry/express';
import express5, { type Request, type Response } from 'express';
import express4 from 'express4';
import Fastify from 'fastify';
import { OAuth as FastifyOAuth } from '@oauth-registry/fastify';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import { plainClient } from '../support/apps/express.js';

let provider: FakeProvider;
const servers: Server[] = [];
const token = { access_token: 'unknown', token_type: 'Bearer' };

beforeAll(async () => {
  provider = await startProvider();
});
afterEach(() => provider.reset());
afterAll(async () => {
  await provider.close();
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
});

/** Starts Express without an error handler of the application's. */
async function startBare(version: 4 | 5): Promise<string> {
  const oauth = new OAuth({ config: {} }).register('plain', plainClient(provider));
  const app = version === 5 ? express5() : express4();
  app.set('env', 'production');
  app.get('/me', (_req: Request, res: Response, next) => {
    oauth.plain.userinfo({ token }).then((user) => res.json(user), next);
  });
  const server = createServer(app);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/me`;
}

describe('an application without an error handler', () => {
  it.each([
    [4, 404],
    [5, 404],
    [5, 403],
    [5, 500],
  ] as const)(
    'sends the browser 502 with Express %i when the provider’s response is %i',
    async (version, status) => {
      provider.on('userinfo', () => ({ status, body: {} }));
      const response = await fetch(await startBare(version));
      expect(response.status).toBe(502);
    },
  );

  it('sends the browser 502 with Fastify when the provider’s response is 404', async () => {
    provider.on('userinfo', () => ({ status: 404, body: {} }));
    const oauth = new FastifyOAuth({ config: {} }).register('plain', plainClient(provider));
    const app = Fastify();
    app.get('/me', () => oauth.plain.userinfo({ token }));
    const response = await app.inject('/me');
    expect([response.statusCode, response.json()]).toMatchObject([502, { statusCode: 502 }]);
  });
});

describe('an OAuthError', () => {
  it('has the browser’s status twice and the provider’s as providerStatus', async () => {
    provider.on('userinfo', () => ({ status: 404, body: {} }));
    const { plain } = new OAuth({ config: {} }).register('plain', plainClient(provider));
    const error: unknown = await plain.userinfo({ token }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: 502, statusCode: 502, providerStatus: 404 });
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({ status: 502, providerStatus: 404 });
  });

  it('has no providerStatus when no provider was asked', () => {
    const error = new OAuthError('mismatching_state', 'It was not ours.');
    expect(error).toMatchObject({ status: 400, statusCode: 400 });
    expect(error.providerStatus).toBeUndefined();
  });
});
