import { createRequire } from 'node:module';
import { join } from 'node:path';
import { OAuth } from '@oauth-registry/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { root } from '../repository/docs-samples.js';
import { oauth1Client, openidClient } from '../support/apps/express.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import { startProxy, type TestProxy } from '../support/proxy.js';
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
let proxy: TestProxy;
let dispatcher: { close(): Promise<void> };

beforeAll(async () => {
  provider = await startProvider();
  proxy = await startProxy();
});
// A tunnel is used again, so each test has a dispatcher of its own.
beforeEach(() => {
  dispatcher = new ProxyAgent(proxy.url);
});
afterAll(async () => {
  await proxy.close();
  await provider.close();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await dispatcher.close();
  proxy.reset();
  provider.reset();
});

const tunnels = (): Set<string> => new Set(proxy.asked);
const tunnelsToProvider = (): Set<string> => new Set([`CONNECT ${new URL(provider.base).host}`]);

/** The option as the guide shows it. */
const viaProxy: typeof fetch = (url, init) => fetch(url, { ...init, dispatcher } as RequestInit);

describe('a proxy that is set for all of fetch', () => {
  it('is used, also after requests without it', async () => {
    const oauth = new OAuth({ config: {} }).register('corp', openidClient(provider));
    await login(oauth.corp);
    const before = getGlobalDispatcher() ?? new Agent();
    await (await fetch(provider.metadataUrl)).text();
    await login(oauth.corp);
    expect(proxy.asked).toEqual([]);
    setGlobalDispatcher(dispatcher);
    try {
      await login(oauth.corp);
    } finally {
      setGlobalDispatcher(before);
    }
    expect(tunnels()).toEqual(tunnelsToProvider());
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
    expect(tunnels()).toEqual(tunnelsToProvider());
  });

  it('is used for one client alone', async () => {
    const oauth = new OAuth({ config: {} })
      .register('corp', openidClient(provider, { fetch: viaProxy }))
      .register('direct', openidClient(provider));
    await login(oauth.direct);
    expect(proxy.asked).toEqual([]);
    await login(oauth.corp);
    expect(proxy.asked.length).toBeGreaterThan(0);
  });
});

describe('a proxy in the environment', () => {
  beforeEach(() => {
    for (const name of ['http_proxy', 'no_proxy', 'NO_PROXY']) vi.stubEnv(name, undefined);
    vi.stubEnv('HTTP_PROXY', proxy.url);
  });

  it('[R11] is used for every request of a registry', async () => {
    const oauth = new OAuth({ config: {} })
      .register('corp', openidClient(provider))
      .register('one', oauth1Client(provider) as never);
    const token = await login(oauth.corp);
    expect((await oauth.corp.get('me', { token })).status).toBe(200);
    await login(oauth.createClient('one'));
    const paths = proxy.asked.map((line) => new URL(line.split(' ')[1] ?? '').pathname);
    expect(paths).toEqual(
      expect.arrayContaining(['/token', '/jwks', '/oauth1/request', '/oauth1/access']),
    );
  });

  it('[R11] is not used if there is a "fetch", nor for hosts of NO_PROXY', async () => {
    const direct: typeof fetch = (url, init) => fetch(url, init);
    await login(
      new OAuth({ config: {}, fetch: direct }).register('corp', openidClient(provider)).corp,
    );
    vi.stubEnv('NO_PROXY', 'localhost,127.0.0.1');
    await login(new OAuth({ config: {} }).register('corp', openidClient(provider)).corp);
    expect(proxy.asked).toEqual([]);
  });
});
