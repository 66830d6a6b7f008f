import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { OAuth } from '@oauth-registry/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { root } from '../repository/docs-samples.js';
import { oauth1Client, openidClient } from '../support/apps/express.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import { login } from '../support/login.js';

type Dispatch = (options: { path: string }, handler: object) => unknown;

interface Undici {
  getGlobalDispatcher(): object | undefined;
  setGlobalDispatcher(dispatcher: object | undefined): void;
  Agent: new () => { dispatch: Dispatch };
  ProxyAgent: new (url: string) => { close(): Promise<void> };
}

// The tests have it through other packages, and applications by themselves.
const { getGlobalDispatcher, setGlobalDispatcher, Agent, ProxyAgent } = createRequire(
  join(root, 'node_modules/.pnpm/node_modules/'),
)('undici') as Undici;

let provider: FakeProvider;
let proxy: Server;
let dispatcher: { close(): Promise<void> };
const tunnels: string[] = [];
const sockets = new Set<Socket>();

beforeAll(async () => {
  provider = await startProvider();
  proxy = createServer().on('connect', ({ url = '' }, client: Socket) => {
    tunnels.push(url);
    const [host = '', port = ''] = url.split(':');
    const server = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      server.pipe(client).pipe(server);
    });
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
});
// A tunnel is used again, so each test has a dispatcher of its own.
beforeEach(() => {
  dispatcher = new ProxyAgent(`http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => proxy.close(resolve));
  await provider.close();
});
afterEach(async () => {
  await dispatcher.close();
  tunnels.length = 0;
  provider.reset();
});

/** The option as the guide shows it. */
const viaProxy: typeof fetch = (url, init) => fetch(url, { ...init, dispatcher } as RequestInit);

describe('a proxy that is set for all of fetch', () => {
  it('is used, also after requests without it', async () => {
    const oauth = new OAuth({ config: {} }).register('corp', openidClient(provider));
    await login(oauth.corp);
    const before = getGlobalDispatcher() ?? new Agent();
    await (await fetch(provider.metadataUrl)).text();
    await login(oauth.corp);
    expect(tunnels).toEqual([]);
    setGlobalDispatcher(dispatcher);
    try {
      await login(oauth.corp);
    } finally {
      setGlobalDispatcher(before);
    }
    expect(new Set(tunnels)).toEqual(new Set([new URL(provider.base).host]));
  });
});

describe('an interceptor of an agent that is set for all of fetch', () => {
  it('receives the requests', async () => {
    const oauth = new OAuth({ config: {} }).register('corp', openidClient(provider));
    const before = getGlobalDispatcher() ?? new Agent();
    const seen: string[] = [];
    const agent = new Agent();
    const dispatch: Dispatch = (options, handler) => {
      seen.push(options.path);
      return agent.dispatch(options, handler);
    };
    // As compose() of undici 7 does.
    const get = (_: object, name: keyof typeof agent) =>
      name === 'dispatch' ? dispatch : agent[name];
    setGlobalDispatcher(new Proxy(agent, { get } as ProxyHandler<typeof agent>));
    try {
      await login(oauth.corp);
    } finally {
      setGlobalDispatcher(before);
    }
    expect(seen).toContain('/token');
  });
});

describe('a proxy in the option "fetch"', () => {
  it('is used for every request of a registry', async () => {
    const oauth = new OAuth({ config: {}, fetch: viaProxy })
      .register('corp', openidClient(provider))
      .register('one', oauth1Client(provider) as never);
    const token = await login(oauth.corp);
    expect((await oauth.corp.get('me', { token })).status).toBe(200);
    await login(oauth.createClient('one'));
    expect(new Set(tunnels)).toEqual(new Set([new URL(provider.base).host]));
  });

  it('is used for one client alone', async () => {
    const oauth = new OAuth({ config: {} })
      .register('corp', openidClient(provider, { fetch: viaProxy }))
      .register('direct', openidClient(provider));
    await login(oauth.direct);
    expect(tunnels).toEqual([]);
    await login(oauth.corp);
    expect(tunnels.length).toBeGreaterThan(0);
  });
});
