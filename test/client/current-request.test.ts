import { setTimeout as sleep } from 'node:timers/promises';
import type { OAuth2Token } from '@oauth-registry/core';
import type { FetchToken, UpdateToken } from '@oauth-registry/core/types';
import express, { type Request } from 'express';
import type { FastifyRequest } from 'fastify';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expresses, plainClient, startExpress } from '../support/apps/express.js';
import { startFastify } from '../support/apps/fastify.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';

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

/** An application whose route `/call` calls the API without saying for which request. */
interface HookedApp {
  url: string;
  /** Calls the API outside of any request. */
  call: () => Promise<Response>;
}

type Start = (fetchToken: FetchToken, updateToken?: UpdateToken) => Promise<HookedApp>;

const clients = () => ({ plain: plainClient(provider) });

/** Express, with the parsers and the session in front of the middleware, or behind. */
function expressWith(version: 4 | 5, order: 'parsers first' | 'parsers last'): Start {
  return async (fetchToken, updateToken) => {
    const app = await startExpress({
      express: version,
      clients: clients(),
      oauth: { fetchToken, updateToken },
      before: [
        (req, res, next) => {
          const middleware = app.oauth.middleware();
          const parse = expresses[version].json();
          const [one, two] = order === 'parsers first' ? [parse, middleware] : [middleware, parse];
          one(req, res, (error) => (error ? next(error) : two(req, res, next)));
        },
        (req, res, next) => {
          if (req.path !== '/call') return next();
          const call = async (): Promise<void> => {
            await sleep(1);
            const { status } = await app.client('plain').get('user');
            res.json({ status, body: req.body as unknown });
          };
          call().catch(next);
        },
      ],
    });
    closing.push(app.close);
    return { url: app.url, call: () => app.client('plain').get('user') };
  };
}

const fastify: Start = async (fetchToken, updateToken) => {
  const app = await startFastify({
    clients: clients(),
    oauth: { fetchToken, updateToken },
    prepare: (instance, oauth) => {
      instance.all('/call', async (request) => {
        await sleep(1);
        const { status } = await oauth.createClient('plain').get('user');
        return { status, body: request.body };
      });
    },
  });
  closing.push(app.close);
  return { url: app.url, call: () => app.client('plain').get('user') };
};

const places: [string, Start][] = [
  ['Express 5, parsers first', expressWith(5, 'parsers first')],
  ['Express 5, parsers last', expressWith(5, 'parsers last')],
  ['Express 4, parsers first', expressWith(4, 'parsers first')],
  ['Express 4, parsers last', expressWith(4, 'parsers last')],
  ['Fastify', fastify],
];

function tokenOf(request: unknown, more: object = {}): OAuth2Token {
  const { headers } = request as Request | FastifyRequest;
  return { access_token: String(headers['x-person']), token_type: 'Bearer', ...more };
}

describe.each(places)('the current request on %s', (_name, start) => {
  it('[A13, A14] reaches fetchToken without being passed, and never another request', async () => {
    const app = await start((_client, request) => tokenOf(request));
    const people = Array.from({ length: 20 }, (_, index) => `person-${index}`);
    for (const person of people) provider.accessTokens.set(person, {} as never);
    const answers = await Promise.all(
      people.map(async (person, index) => {
        const headers = { 'x-person': person, 'content-type': 'application/json' };
        const post = { method: 'POST', headers, body: JSON.stringify({ person }) };
        return await (await fetch(`${app.url}/call`, index % 2 ? post : { headers })).json();
      }),
    );
    const sent = provider.requests.map(({ headers }) => headers['authorization']);
    expect(sent.toSorted()).toEqual(people.map((person) => `Bearer ${person}`).toSorted());
    expect(answers[1]).toMatchObject({ body: { person: 'person-1' } });
  });

  it('[A13, A14] reaches updateToken too', async () => {
    const seen: unknown[] = [];
    provider.on('token', () => ({
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: { access_token: 'fresh', token_type: 'Bearer' },
    }));
    const app = await start(
      (_client, request) => tokenOf(request, { refresh_token: 'kept', expires_at: 1 }),
      (_client, _token, _old, request) => void seen.push(tokenOf(request).access_token),
    );
    await fetch(`${app.url}/call`, { headers: { 'x-person': 'ada' } });
    expect(seen).toEqual(['ada']);
  });

  it('[A14] is none outside of a request', async () => {
    const seen: unknown[] = [];
    const app = await start((_client, request) => {
      seen.push(request);
      return { access_token: 'of a job', token_type: 'Bearer' };
    });
    await app.call();
    // The API refuses this token, so the hook is asked whether there is a newer one before its end is told.
    expect(new Set(seen)).toEqual(new Set([undefined]));
  });
});

it('[A13] a request that is passed wins over the current one, and a client’s hook over the registry’s', async () => {
  const seen = new Set<string>();
  const note = (hook: string) => (name: string, request: unknown) => {
    seen.add(JSON.stringify([hook, name, request]));
    return { access_token: 'any', token_type: 'Bearer' };
  };
  const app = await startExpress({
    clients: {
      own: plainClient(provider, { fetchToken: note('client') }),
      other: plainClient(provider),
    },
    oauth: { fetchToken: note('registry') },
    before: [
      express.json(),
      (req, res, next) => app.oauth.middleware()(req, res, next),
      (_req, res, next) => {
        const call = async (): Promise<void> => {
          await app.client('own').get('user', { request: 'passed' });
          await app.client('other').get('user', { request: 'passed' });
          res.end();
        };
        call().catch(next);
      },
    ],
  });
  closing.push(app.close);
  await fetch(app.url);
  expect([...seen]).toEqual(['["client","own","passed"]', '["registry","other","passed"]']);
});
