import { createServer, get, IncomingMessage, ServerResponse, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Socket } from 'node:net';
import { isOAuthError } from '@oauth-registry/core';
import { OAuth as ExpressOAuth } from '@oauth-registry/express';
import { fastifyOAuth, OAuth as FastifyOAuth } from '@oauth-registry/fastify';
import { OAuth as NextOAuth } from '@oauth-registry/next';
import express5 from 'express';
import express4 from 'express4';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const secret = 'a secret of thirty-two characters';
const corp = {
  clientId: 'a',
  clientSecret: 'b',
  issuer: 'https://id.example',
  authorizeUrl: 'https://id.example/authorize',
  accessTokenUrl: 'https://id.example/token',
  jwks: { keys: [] },
  endSessionEndpoint: 'https://id.example/logout',
  scope: 'openid',
  onBackchannelLogout: () => undefined,
  onFrontchannelLogout: () => undefined,
};
const options = {
  config: {},
  secret,
  stateStorage: 'cookie' as const,
  baseUrl: 'https://app.example',
};
const oauths = {
  express: new ExpressOAuth(options).register('corp', corp),
  fastify: new FastifyOAuth(options).register('corp', corp),
  next: new NextOAuth(options).register('corp', corp),
};

const verbs = [
  'authorizeRedirect',
  'authorizeAccessToken',
  'login',
  'logoutRedirect',
  'validateLogoutResponse',
  'logout.backchannelLogout',
  'logout.frontchannelLogout',
  'readLoginInitiation',
  'saveAuthorizeData',
] as const;
const answering = [
  'authorizeRedirect',
  'login',
  'logoutRedirect',
  'logout.backchannelLogout',
  'logout.frontchannelLogout',
] as const;

type Anyhow = Record<string, (...given: unknown[]) => Promise<unknown>>;
const clientOf = (name: keyof typeof oauths): Anyhow => oauths[name].corp as unknown as Anyhow;

/** Returns a method of a client; those of a group are named with it. */
function methodOf(name: keyof typeof oauths, verb: string): Anyhow[string] | undefined {
  const client = clientOf(name);
  const [first = '', second] = verb.split('.');
  if (second !== undefined) return (Reflect.get(client, first) as unknown as Anyhow)[second];
  return client[first]?.bind(client);
}

/** The error of a call, which must be one of ours. */
async function refusal(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    if (!isOAuthError(error)) throw error;
    expect(error.code).toBe('invalid_options');
    return error.message;
  }
  throw new Error('nothing was refused');
}

/** Real requests and responses, of each framework. */
interface Pairs {
  express: [unknown, unknown];
  express4: [unknown, unknown];
  fastify: [unknown, unknown];
}
const pairs = {} as Pairs;
const servers: Server[] = [];
const fastify: FastifyInstance = Fastify();

beforeAll(async () => {
  for (const [name, create] of [
    ['express', express5],
    ['express4', express4],
  ] as const) {
    const app = create();
    app.get('/', (req, res) => {
      pairs[name] = [req, res];
      res.end();
    });
    const server = createServer(app);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  }
  fastify.get('/', (request, reply) => {
    pairs.fastify = [request, reply];
    return reply.send('');
  });
  await fastify.inject('/');
});

afterAll(async () => {
  for (const server of servers) server.close();
  await fastify.close();
});

const webRequest = new Request('https://app.example/x');
const pages = (): [unknown, unknown] => {
  const req = new IncomingMessage(new Socket());
  const res = new ServerResponse(req);
  return [
    Object.assign(req, { preview: false, cookies: {} }),
    Object.assign(res, { setPreviewData: () => res }),
  ];
};

describe.each(verbs)('%s()', (verb) => {
  it('names what is there instead of the request of its framework, and says what to write', async () => {
    const wrong = [
      [
        'express',
        webRequest,
        undefined,
        /standard Request.*@oauth-registry\/express write .*\(req, res.*@oauth-registry\/next/,
      ],
      ['express', ...pairs.fastify, /request of Fastify.*@oauth-registry\/fastify/],
      ['express', ...pages(), /Pages Router.*@oauth-registry\/next/],
      ['express', undefined, undefined, /there is nothing/],
      ['express', Promise.resolve(pairs.express[0]), undefined, /a promise: write "await"/],
      [
        'express',
        { req: pairs.express[0], res: pairs.express[1] },
        undefined,
        /an object with "req" and "res"/,
      ],
      [
        'fastify',
        ...pairs.express,
        /request of Express.*@oauth-registry\/fastify write .*\(request, reply.*@oauth-registry\/express/,
      ],
      ['fastify', webRequest, undefined, /standard Request/],
      ['fastify', null, undefined, /there is nothing/],
      ['fastify', '/callback', undefined, /there is text/],
      ['next', ...pairs.express, /request of Express.*@oauth-registry\/express/],
      ['next', ...pairs.fastify, /request of Fastify.*@oauth-registry\/fastify/],
      ['next', undefined, undefined, /there is nothing.*in a Route Handler.*in an API route/],
      ['next', Promise.resolve(webRequest), undefined, /a promise: write "await"/],
    ] as const;
    for (const [name, request, response, message] of wrong) {
      const seen = await refusal(() => methodOf(name, verb)?.(request, response));
      expect(seen).toMatch(message);
      expect(seen).toContain(`${verb}(`);
    }
  });

  it('says so if it was detached from its client, unless it belongs to a group', async () => {
    for (const name of ['express', 'fastify'] as const) {
      if (verb.includes('.')) {
        const method = methodOf(name, verb);
        expect(await refusal(() => method?.())).toContain(
          'instead of the request there is nothing',
        );
      } else {
        const { [verb]: unbound } = clientOf(name);
        const message = await refusal(() => unbound?.(...pairs[name]));
        expect(message).toContain(`oauth.corp.${verb}(...given)`);
      }
    }
  });
});

describe.each(verbs.filter((verb) => verb !== 'saveAuthorizeData'))('%s()', (verb) => {
  it('is told that request and response are swapped', async () => {
    const all = [
      ['express', pairs.express],
      ['express', pairs.express4],
      ['fastify', pairs.fastify],
      ['next', pages()],
    ] as const;
    for (const [name, [request, response]] of all) {
      const message = await refusal(() => methodOf(name, verb)?.(response, request));
      expect(message).toContain(`${verb}(): the request and the response are swapped.`);
    }
  });

  it('refuses arguments after those it takes', async () => {
    const many = [undefined, undefined, undefined, 'more'];
    for (const name of ['express', 'fastify'] as const) {
      const message = await refusal(() => methodOf(name, verb)?.(...pairs[name], ...many));
      expect(message).toContain('too many arguments');
    }
    const message = await refusal(() => methodOf('next', verb)?.(webRequest, ...many));
    expect(message).toContain('too many arguments');
  });
});

describe.each(answering)('%s()', (verb) => {
  it('names what is there instead of the response', async () => {
    const wrong = [
      ['express', pairs.express[0], undefined, /instead of the response there is nothing/],
      ['express', pairs.express[0], '/callback', /instead of the response there is text/],
      ['express', pairs.express[0], () => undefined, /there is a function, such as next/],
      ['express', pairs.express[0], pairs.fastify[1], /a reply of Fastify/],
      ['express', pairs.express[0], new Response(), /a standard Response/],
      ['fastify', pairs.fastify[0], undefined, /there is nothing/],
      ['fastify', pairs.fastify[0], pairs.express[1], /a response of Express/],
      ['next', pages()[0], undefined, /there is nothing/],
      ['next', webRequest, new Response(), /a Route Handler has no response argument/],
      ['next', webRequest, pages()[1], /a Route Handler has no response argument/],
    ] as const;
    for (const [name, request, response, message] of wrong) {
      expect(await refusal(() => methodOf(name, verb)?.(request, response))).toMatch(message);
    }
  });
});

describe('a verb that only reads', () => {
  const initiated = `/initiate?${new URLSearchParams({ iss: corp.issuer, login_hint: 'ada' })}`;

  it('needs no response in Fastify, without the plugin', async () => {
    const app = Fastify();
    app.get('/initiate', async (request) => await oauths.fastify.corp.readLoginInitiation(request));
    const response = await app.inject(initiated);
    expect([response.statusCode, response.json()]).toEqual([
      200,
      { params: { login_hint: 'ada' } },
    ]);
    await app.close();
  });

  it('needs no response with requests of Node.js, and none is set', async () => {
    const req = Object.assign(new IncomingMessage(new Socket()), { method: 'GET', url: initiated });
    for (const name of ['express', 'next'] as const) {
      const read = await clientOf(name)['readLoginInitiation']?.(req);
      expect(read).toEqual({ params: { login_hint: 'ada' } });
    }
  });

  it('needs no cookies of Next.js', async () => {
    const request = new Request(`https://app.example${initiated}`);
    const read = await oauths.next.corp.readLoginInitiation(request);
    expect(read).toEqual({ params: { login_hint: 'ada' } });
  });

  it('stores a login in a session without a response', async () => {
    const oauth = new FastifyOAuth({ config: {}, session: () => session }).register('corp', corp);
    const kept = new Map<string, unknown>();
    const session = {
      get: (key: string) => kept.get(key) as never,
      set: (key: string, value: unknown) => void kept.set(key, value),
    };
    const data = await oauth.corp.createAuthorizationUrl('https://app.example/callback/corp');
    await oauth.corp.saveAuthorizeData(pairs.fastify[0] as never, data);
    expect([...kept.values()].length).toBeGreaterThan(0);
  });
});

describe('a verb that writes', () => {
  it('says how to pass the response that it has not', async () => {
    const req = Object.assign(new IncomingMessage(new Socket()), {
      method: 'GET',
      url: '/?state=x',
    });
    const own = await refusal(() => clientOf('express')['authorizeAccessToken']?.(req));
    expect(own).toMatch(/There is no response .*authorizeAccessToken\(req, res\)/);
    const theirs = await refusal(() =>
      clientOf('fastify')['validateLogoutResponse']?.(pairs.fastify[0]),
    );
    expect(theirs).toMatch(/There is no response .*app\.register\(fastifyOAuth, \{ oauth \}\)/);
  });
});

describe.each([
  ['5', express5],
  ['4', express4],
] as const)('a method of the registry that Express %s gets without a call', (_, create) => {
  it.each(['middleware', 'routes'] as const)('is refused by name: oauth.%s', async (method) => {
    const app = create();
    app.use(oauths.express[method] as never);
    app.get('/', (_req, res) => void res.end('reached'));
    let caught: unknown;
    app.use(((
      error: unknown,
      _req: unknown,
      res: { status(code: number): { end(): void } },
      _next: unknown,
    ) => {
      caught = error;
      res.status(500).end();
    }) as never);
    const server = createServer(app);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    expect(response.status).toBe(500);
    const message = await refusal(() => Promise.reject(caught as Error));
    expect(message).toContain(
      `oauth.${method} was passed to the framework without calling it. Write app.use(`,
    );
  });
});

describe('a plugin', () => {
  const onLogin = () => undefined;

  it('is refused by name if oauth.routes was registered without a call', async () => {
    const app = Fastify();
    const message = await refusal(async () => await app.register(oauths.fastify.routes as never));
    expect(message).toContain(
      'oauth.routes was passed to the framework without calling it. Write app.register(oauth.routes({ onLogin })',
    );
  });

  it('of Fastify refuses to be a middleware of Express, and the other way round', async () => {
    const routes = oauths.fastify.routes({ onLogin });
    expect(await refusal(() => routes(pairs.express[0] as never, {}))).toContain(
      'is a Fastify plugin',
    );
    let caught: unknown;
    const middleware = oauths.express.routes({ onLogin });
    await middleware(fastify as never, {} as never, (error: unknown) => void (caught = error));
    expect(await refusal(() => Promise.reject(caught as Error))).toContain(
      "write app.use('/auth', oauth.routes({ onLogin }))",
    );
  });

  it('of Fastify says what its options are', async () => {
    const wrong: [object, RegExp][] = [
      [{}, /"oauth" is not the registry.*Write app\.register\(fastifyOAuth, \{ oauth \}\)/],
      [{ oauth: oauths.fastify.corp }, /"oauth" is not the registry/],
      [{ oauht: oauths.fastify }, /unknown option "oauht"/],
      [{ oauth: oauths.fastify, onLogin }, /unknown option "onLogin"/],
      [oauths.fastify, /Write app\.register\(fastifyOAuth, \{ oauth \}\)/],
    ];
    for (const [given, message] of wrong) {
      const app = Fastify();
      expect(await refusal(async () => await app.register(fastifyOAuth, given as never))).toMatch(
        message,
      );
    }
    const app = Fastify();
    await app.register(fastifyOAuth, { oauth: oauths.fastify, prefix: '/x' } as never);
    await app.close();
  });

  it('of the drop-in routes in Next.js is called, not exported as it is', async () => {
    for (const given of [[webRequest, {}], pages()]) {
      const { routes } = oauths.next as unknown as Anyhow;
      expect(await refusal(() => routes?.(...given))).toContain('oauth.routes({ onLogin })');
    }
  });
});

/** A request without the headers by which `fetch()` says that it is no navigation. */
async function visit(server: Server): Promise<void> {
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => get({ port, host: '127.0.0.1' }, resolve));
}

describe('a verb that was not awaited', () => {
  const login = new ExpressOAuth(options).register('corp', corp);
  const fastifyLogin = new FastifyOAuth(options).register('corp', corp);

  it('says so if Express has sent the response before the redirect', async () => {
    const app = express5();
    let refused: Promise<string> | undefined;
    app.get('/', (req, res) => {
      refused = refusal(() => login.corp.authorizeRedirect(req, res));
      res.send('too early');
    });
    const server = app.listen(0, '127.0.0.1');
    servers.push(server);
    await new Promise((resolve) => server.once('listening', resolve));
    await visit(server);
    expect(await refused).toMatch(/response was sent before .* Write "await" \(or "return"\)/);
  });

  it('says so if Fastify has sent the reply before the redirect', async () => {
    const app = Fastify();
    let refused: Promise<string> | undefined;
    app.get('/', async (request, reply) => {
      refused = refusal(() => fastifyLogin.corp.authorizeRedirect(request, reply));
      return 'too early';
    });
    await app.inject('/');
    expect(await refused).toMatch(/response was sent before .* Write "await" \(or "return"\)/);
    await app.close();
  });

  it('says so if the Pages Router has sent the response before the redirect', async () => {
    const { next } = oauths;
    const [req, res] = pages() as [IncomingMessage, ServerResponse];
    const refused = refusal(() => next.corp.authorizeRedirect(req as never, res as never));
    res.writeHead(200).flushHeaders();
    expect(await refused).toMatch(/response was sent before .* Write "await" \(or "return"\)/);
  });
});

it('names a verb that Express was given without its client, whatever the verb takes', async () => {
  for (const verb of ['authorizeRedirect', 'login', 'logoutRedirect'] as const) {
    const app = express5();
    let seen: unknown;
    app.get('/', oauths.express.corp[verb] as never);
    app.use((error: unknown, _req: unknown, res: express5.Response, next: () => void) => {
      seen = error;
      if (error) res.end();
      else next();
    });
    const server = app.listen(0, '127.0.0.1');
    servers.push(server);
    await new Promise((resolve) => server.once('listening', resolve));
    await visit(server);
    expect(seen).toMatchObject({ code: 'invalid_options' });
    expect((seen as Error).message).toContain(`${verb}() was detached from its client`);
  }
});
