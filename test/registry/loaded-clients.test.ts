import { OAuth, type OAuthOptions, type RegisterOptions } from '@oauth-registry/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../support/browser.js';
import { LoadedClients } from '../../packages/core/src/registry/loaded-clients.js';
import { plainClient, startExpress } from '../support/apps/express.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import { rejection } from '../support/login.js';

let provider: FakeProvider;

beforeAll(async () => {
  provider = await startProvider({ openid: false });
});
afterAll(() => provider.close());
afterEach(() => provider.reset());

type Load = NonNullable<OAuthOptions['loadClient']>;

/** A registry of tenants, and the names that were loaded. */
function tenants(options: OAuthOptions = {}, load?: Load) {
  const loaded: string[] = [];
  const oauth = new OAuth({
    config: {},
    allowPrivateNetworks: true,
    loadClient: async (name) => {
      loaded.push(name);
      await Promise.resolve();
      return await (load ? load(name) : plainClient(provider, { clientId: name }));
    },
    ...options,
  });
  return { oauth, loaded };
}

const times = <T>(count: number, run: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => run(index));

const publicly = {
  authorizeUrl: 'https://id.example/authorize',
  accessTokenUrl: 'https://id.example/token',
  userinfoEndpoint: undefined,
};

describe('the name of a loaded client', () => {
  const fine = [
    'acme.example',
    'Ä Ö',
    'a:b@c?d#e%f',
    'x'.repeat(200),
    '😀'.repeat(200),
    '-',
    'a..b',
  ];
  it.each(fine)('may be any text: %s', async (name) => {
    const { oauth, loaded } = tenants({ baseUrl: 'https://app.example' });
    const client = await oauth.loadClient(name);
    expect([client.name, loaded]).toEqual([name, [name]]);
    const { redirectUri } = await client.createAuthorizationUrl();
    expect(redirectUri).toBe(`https://app.example/callback/${encodeURIComponent(name)}`);
  });

  const members = [
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'valueOf',
    '__defineGetter__',
  ];
  const unfit = [
    '',
    '.',
    '..',
    '.acme',
    'a/b',
    'a\\b',
    'a\nb',
    'a\u0000',
    'a\u009f',
    'a\ud800',
    '\udc00',
    'x'.repeat(201),
  ];
  it.each([...members, ...unfit])('is refused before the hook is asked: %j', async (name) => {
    const { oauth, loaded } = tenants();
    expect(await rejection(oauth.loadClient(name))).toMatchObject({ code: 'unknown_client' });
    expect(loaded).toEqual([]);
  });

  it('is stricter if it is registered', () => {
    const { oauth } = tenants();
    for (const name of ['acme.example', 'a b', 'x'.repeat(65)]) {
      expect(() => oauth.register(name, { clientId: 'a' })).toThrow(/1 to 64 letters/);
    }
  });
});

describe('clients that are loaded on demand', () => {
  it.each([
    ['a resource', () => ({ resource: `${provider.base}/admin` })],
    ['an issuer', () => ({ issuer: provider.base, clientId: 'x' })],
    ['a token endpoint', () => ({ ...plainClient(provider), clientId: 'x' })],
    ['an API', () => ({ ...plainClient(provider), ...publicly, apiBaseUrl: provider.base })],
    ['a private network', () => ({ resource: 'https://10.0.0.7/mcp' })],
    [
      'OAuth 1',
      () => ({
        clientId: 'x',
        clientSecret: 'y',
        requestTokenUrl: `${provider.base}/request`,
        authorizeUrl: `${provider.base}/authorize`,
        accessTokenUrl: `${provider.base}/access`,
      }),
    ],
  ] as [string, () => RegisterOptions][])(
    'reach no private network unless the application allows it: %s',
    async (_, options) => {
      const before = provider.requests.length;
      const { oauth } = tenants({ allowPrivateNetworks: false }, options);
      const error = await rejection(oauth.loadClient('tenant'));
      expect([error.code, error.message]).toEqual([
        'unsafe_address',
        expect.stringContaining('"allowPrivateNetworks: true"'),
      ]);
      expect(provider.requests).toHaveLength(before);
      const allowed = { ...options(), allowPrivateNetworks: true };
      const itself = tenants({ allowPrivateNetworks: false }, () => allowed).oauth;
      expect((await itself.loadClient('tenant')).name).toBe('tenant');
      // Written in code, the address is the developer's own.
      const { own } = new OAuth({ config: {} }).register('own', options());
      expect(own).toBeDefined();
    },
  );

  it('[X11] are loaded once for all who wait, and cached', async () => {
    const { oauth, loaded } = tenants();
    const clients = await Promise.all(times(50, () => oauth.loadClient('tenant-42')));
    expect(new Set([...clients, await oauth.loadClient('tenant-42')]).size).toBe(1);
    expect(loaded).toEqual(['tenant-42']);
    expect(clients[0]?.name).toBe('tenant-42');
    const { url } = (await clients[0]?.createAuthorizationUrl('https://app.example/cb')) ?? {};
    expect(new URL(String(url)).searchParams.get('client_id')).toBe('tenant-42');
  });

  it('[X11] stand beside registered ones, which win', async () => {
    const { oauth, loaded } = tenants();
    const { own } = oauth.register('own', plainClient(provider));
    expect(await oauth.loadClient('own')).toBe(own);
    expect(loaded).toEqual([]);
  });

  it('[X11] that fail to load are tried again, each time', async () => {
    let down = true;
    const { oauth, loaded } = tenants({}, () => {
      if (down) throw new Error('The database is down.');
      return plainClient(provider);
    });
    const failures = await Promise.all(times(3, () => rejection(oauth.loadClient('tenant'))));
    for (const error of failures) expect(error).toMatchObject({ message: 'The database is down.' });
    down = false;
    await oauth.loadClient('tenant');
    expect(loaded).toEqual(['tenant', 'tenant']);
  });

  it('[X11] that do not exist are unknown_client, and asked for again', async () => {
    const { oauth, loaded } = tenants({}, () => undefined);
    for (const _ of [1, 2]) {
      const error = await rejection(oauth.loadClient('nobody'));
      expect(error).toMatchObject({ code: 'unknown_client', statusCode: 404 });
    }
    expect(loaded).toEqual(['nobody', 'nobody']);
  });

  it.each(['', '../x', 'x'.repeat(201), undefined, {}])(
    '[X11] are not even asked for by a name that none can have: %j',
    async (name) => {
      const { oauth, loaded } = tenants();
      const error = await rejection(oauth.loadClient(name as string));
      expect(error).toMatchObject({ code: 'unknown_client' });
      expect(loaded).toEqual([]);
    },
  );

  it.each(['register', 'clients', 'then', 'é'])(
    '[X11] may have a name that a registered client may not have: %s',
    async (name) => {
      const { oauth } = tenants();
      expect((await oauth.loadClient(name)).name).toBe(name);
      expect(oauth.register).toBeInstanceOf(Function);
    },
  );

  it('[X11] have their options checked, and the error names the client', async () => {
    const { oauth } = tenants({}, () => ({ clientID: 'x' }) as RegisterOptions);
    expect(await rejection(oauth.loadClient('tenant'))).toMatchObject({
      code: 'invalid_options',
      client: 'tenant',
      message: expect.stringContaining('clientId') as string,
    });
  });

  it('[X11] read no configuration: their name comes from outside', async () => {
    const config = { OTHER_CLIENT_SECRET: 'the secret of another client' };
    const { oauth } = tenants({ config }, () => ({
      ...plainClient(provider),
      clientSecret: undefined,
    }));
    const client = await oauth.loadClient('other');
    const data = await client.createAuthorizationUrl('https://app.example/cb');
    await rejection(client.fetchAccessToken({ state: data.state, code: 'x' }, data));
    expect(
      JSON.stringify(provider.requests.map(({ headers, body }) => [headers, body])),
    ).not.toContain(encodeURIComponent('the secret of another client'));
    expect(provider.count('token')).toBe(1);
    expect(provider.last('token').headers['authorization']).toBeUndefined();
  });
});

describe('what is cached of loaded clients', () => {
  it('[X11] the ones used last, so many', async () => {
    const { oauth, loaded } = tenants({ limits: { clients: 2 } });
    for (const name of ['a', 'b', 'a', 'c', 'a']) await oauth.loadClient(name);
    expect(loaded).toEqual(['a', 'b', 'c']);
  });

  it('[X11] not two of one name at a time: who still holds one finds it again', async () => {
    const { oauth, loaded } = tenants({ limits: { clients: 1 } });
    const held = await oauth.loadClient('held');
    await oauth.loadClient('other');
    expect(await oauth.loadClient('held')).toBe(held);
    expect(loaded).toEqual(['held', 'other']);
  });

  it('[X11] nothing after forgetClient, not even what is being loaded', async () => {
    const { oauth, loaded } = tenants();
    const old = await oauth.loadClient('tenant');
    oauth.forgetClient('tenant');
    const during = oauth.loadClient('tenant');
    oauth.forgetClient('tenant');
    const after = await oauth.loadClient('tenant');
    expect(new Set([old, await during, after]).size).toBe(3);
    expect(await oauth.loadClient('tenant')).toBe(after);
    expect(loaded).toHaveLength(3);
  });

  it('[X11] stay in bounded memory: a thousand clients of a registry', async () => {
    const { oauth } = tenants({ limits: { clients: 100 } });
    const growth = await heapGrowth([200, 1000], (index) => oauth.loadClient(`tenant-${index}`));
    expect(growth).toBeLessThan(2_000_000);
  });

  it('[X11] stay in bounded memory: thirty thousand names', async () => {
    const clients = new LoadedClients(async (name) => Array(200).fill(name), 100);
    const growth = await heapGrowth([2000, 30_000], (index) => clients.get(`tenant-${index}`));
    expect(growth).toBeLessThan(1_000_000);
  });
});

/** Returns the bytes that the heap grows by between the first and the last of some steps. */
async function heapGrowth(
  [first, last]: [first: number, last: number],
  step: (index: number) => Promise<unknown>,
): Promise<number> {
  for (let index = 0; index < first; index += 1) await step(index);
  const before = await heapUsed();
  for (let index = first; index < last; index += 1) await step(index);
  return (await heapUsed()) - before;
}

async function heapUsed(): Promise<number> {
  const { setFlagsFromString } = await import('node:v8');
  const { runInNewContext } = await import('node:vm');
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // What a WeakRef has shown in this turn is kept until the next.
  for (const _ of [1, 2, 3]) {
    await new Promise((resolve) => void setImmediate(resolve));
    collect();
  }
  return process.memoryUsage().heapUsed;
}

it('[X11] a callback finds its login after its client was dropped', async () => {
  const names: string[] = [];
  const app = await startExpress({
    clients: {},
    oauth: {
      limits: { clients: 1 },
      allowPrivateNetworks: true,
      loadClient: (name) => {
        names.push(name);
        return plainClient(provider);
      },
    },
    before: [
      (req, res, next) => {
        const [, step, name = ''] = req.path.split('/');
        const run = async (): Promise<void> => {
          const client = await app.oauth.loadClient(name);
          if (step === 'login') return await client.authorizeRedirect(req, res);
          res.json(await client.authorizeAccessToken(req));
        };
        run().catch(next);
      },
    ],
  });
  try {
    const browser = new Browser();
    const until = (url: URL) => url.pathname.startsWith('/callback');
    const { pending } = await browser.follow(`${app.url}/login/tenant-1`, { until });
    for (const name of ['tenant-2', 'tenant-3']) {
      await new Browser().get(`${app.url}/login/${name}`);
    }
    app.oauth.forgetClient('tenant-1');
    const url = String(pending?.url);
    const foreign = await browser.get(url.replace('tenant-1', 'tenant-2'));
    expect(foreign.status).not.toBe(200);
    const again = await browser.follow(`${app.url}/login/tenant-1`);
    expect(again.json()).toMatchObject({ token_type: 'Bearer' });
    expect(names.filter((name) => name === 'tenant-1')).toHaveLength(2);
  } finally {
    await app.close();
  }
});
