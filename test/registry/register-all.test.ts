import { OAuth as CoreOAuth } from '@oauth-registry/core';
import type { OAuth1Client, OAuth2Client } from '@oauth-registry/core/types';
import { github, microsoft } from '@oauth-registry/core/providers';
import { OAuth as ExpressOAuth, type ExpressClients } from '@oauth-registry/express';
import { OAuth as FastifyOAuth, type FastifyClients } from '@oauth-registry/fastify';
import { OAuth as NextOAuth, type NextClients } from '@oauth-registry/next';
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest';
import { Browser } from '../support/browser.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import { oauth1Client, openid2Client, openidClient } from '../support/apps/express.js';
import { onExpress, onFastify, onNext } from '../support/apps/routes.js';
import { login, redirectUri } from '../support/login.js';

const names = ['GITHUB', 'WORK', 'PHOTOS', 'CORP', 'FLICKR', 'SPARE'];
const config = Object.fromEntries(
  names.flatMap((name) => [
    [`${name}_CLIENT_ID`, `${name} id`],
    [`${name}_CLIENT_SECRET`, 's'],
  ]),
);
const secret = 'a secret of thirty-two characters';

const clients = {
  github: { scope: 'read:user' },
  work: microsoft({ tenant: 'contoso.example' }),
  photos: { preset: 'flickr' },
  flickr: {},
  spare: github({ scope: 'gist' }),
  steam: {},
  corp: {
    authorizeUrl: 'https://corp.example/authorize',
    accessTokenUrl: 'https://corp.example/token',
  },
} as const;

/** Code that is compiled and never run. */
const compiles = (_code: () => unknown): void => undefined;

describe('registerAll()', () => {
  const oauth = new CoreOAuth({ config }).registerAll(clients);

  it('[M1] names all providers in one object: by preset, by options, by key', async () => {
    const { github: hub, spare, corp, photos } = oauth;
    const at = async (client: typeof hub) =>
      new URL((await client.createAuthorizationUrl(redirectUri)).url);
    const urls = await Promise.all([hub, spare, corp].map(at));
    expect(urls.map(({ origin }) => origin)).toEqual([
      'https://github.com',
      'https://github.com',
      'https://corp.example',
    ]);
    expect(urls.map(({ searchParams }) => searchParams.get('client_id'))).toEqual([
      'GITHUB id',
      'SPARE id',
      'CORP id',
    ]);
    expect(urls.map(({ searchParams }) => searchParams.get('scope'))).toEqual([
      'read:user',
      'gist',
      null,
    ]);
    expect(photos).toHaveProperty('fetchRequestToken');
    expect(oauth.createClient('photos')).toBe(photos);
  });

  it('[M1] [X1] types every client by its protocol, on every framework', () => {
    expectTypeOf(oauth.github).toEqualTypeOf<OAuth2Client>();
    expectTypeOf(oauth.work).toEqualTypeOf<OAuth2Client>();
    expectTypeOf(oauth.corp).toEqualTypeOf<OAuth2Client>();
    expectTypeOf(oauth.photos).toEqualTypeOf<OAuth1Client>();
    expectTypeOf(oauth.flickr).toEqualTypeOf<OAuth1Client>();
    expectTypeOf(oauth.steam).not.toHaveProperty('refreshToken');
    compiles(() => {
      const express = new ExpressOAuth().registerAll(clients);
      expectTypeOf(express.photos).toEqualTypeOf<ExpressClients['oauth1']>();
      expectTypeOf(express.work).toEqualTypeOf<ExpressClients['oauth2']>();
      const fastify = new FastifyOAuth().registerAll(clients);
      expectTypeOf(fastify.photos).toEqualTypeOf<FastifyClients['oauth1']>();
      expectTypeOf(fastify.steam).toEqualTypeOf<FastifyClients['openid2']>();
      const next = new NextOAuth().registerAll(clients);
      expectTypeOf(next.flickr).toEqualTypeOf<NextClients['oauth1']>();
      expectTypeOf(next.corp).toEqualTypeOf<NextClients['oauth2']>();
    });
  });

  it('[M1] [X1] lets the compiler check names and options', () => {
    compiles(() => {
      // @ts-expect-error there is no client of that name
      return oauth.nosuch;
    });
    compiles(() => {
      // @ts-expect-error an option that nobody knows
      return new CoreOAuth().registerAll({ corp: { clientID: 'a' } });
    });
    compiles(() => {
      // @ts-expect-error a value of another type
      return new CoreOAuth().registerAll({ corp: { clientId: 1 } });
    });
    compiles(() => {
      const chained = oauth.register('more', { issuer: 'https://more.example' });
      expectTypeOf(chained.photos).toEqualTypeOf<OAuth1Client>();
      expectTypeOf(chained.more).toEqualTypeOf<OAuth2Client>();
      // @ts-expect-error there is no client of that name
      return chained.nosuch;
    });
  });

  it('[M1] takes a parsed file, whose clients are found by name', () => {
    const text = '{"work":{"preset":"github","clientId":"a"},"photos":{"preset":"flickr"}}';
    const file = JSON.parse(text) as Record<string, { preset: string }>;
    const registry = new CoreOAuth({ config }).registerAll(file);
    expect(registry.createClient('work').name).toBe('work');
    expect(registry.createClient('photos')).toHaveProperty('fetchRequestToken');
    compiles(() => {
      // @ts-expect-error the compiler knows no names of a file
      return registry.work;
    });
  });

  it.each([
    [{ corp: { clientID: 'a' } }, 'corp', /unknown option "clientID"/],
    [{ work: { preset: 'githup' } }, 'work', /no preset "githup". Did you mean "github"/],
    [{ work: { preset: 1 } }, 'work', /"preset" must be a non-empty string/],
    [{ work: { preset: 'medium' } }, 'work', /no login since/],
    [{ corp: null }, 'corp', /must be an object/],
    [{ register: {} }, 'register', /is a member of the registry/],
    [{ 'a b': {} }, 'a b', /1 to 64 letters/],
  ])('[M1] says of %j which client is wrong, as register() does', (given, client, message) => {
    const attempt = () => new CoreOAuth({ config }).registerAll(given as never);
    expect(attempt).toThrow(message);
    expect(attempt).toThrow(expect.objectContaining({ code: 'invalid_options', client }));
  });

  it.each([undefined, null, 'github', ['github']])('[M1] refuses %j', (given) => {
    const attempt = () => new CoreOAuth({ config }).registerAll(given as never);
    expect(attempt).toThrow(expect.objectContaining({ code: 'invalid_options' }));
  });

  it('lays options over the preset they name, in loadClient too', async () => {
    const registry = new CoreOAuth({
      config,
      loadClient: (name) => ({
        preset: name === 'a' ? 'github' : 'flickr',
        clientId: 'x',
        clientSecret: 'y',
      }),
    });
    const a = await registry.loadClient('a');
    expect((await a.createAuthorizationUrl(redirectUri)).url).toMatch(/^https:\/\/github\.com\//);
    expect(await registry.loadClient('b')).toHaveProperty('fetchRequestToken');
  });
});

describe('one object, on every framework', () => {
  let provider: FakeProvider;

  beforeAll(async () => {
    provider = await startProvider();
  });
  afterAll(() => provider.close());

  it.each(Object.entries({ Express: onExpress, Fastify: onFastify, 'Next.js': onNext }))(
    '[M1] logs in at each of its providers on %s',
    async (_name, open) => {
      const app = await open({ clients: {}, oauth: { secret } });
      app.oauth.registerAll({
        openid: openidClient(provider),
        one: oauth1Client(provider),
        old: openid2Client(provider),
      });
      for (const name of ['openid', 'one', 'old']) {
        const visit = await new Browser().follow(`${app.url}/auth/login/${name}`);
        expect(visit.status).toBe(200);
      }
      expect(app.logins.map(({ client }) => client)).toEqual(['openid', 'one', 'old']);
      await app.close();
    },
  );

  it('[M1] logs in without a framework', async () => {
    const oauth = new CoreOAuth({ config: {} }).registerAll({ old: openid2Client(provider) });
    expect((await login(oauth.old)).userinfo?.sub).toBe('user-1');
  });
});

describe('new OAuth({ clients })', () => {
  it.each([
    ['core', CoreOAuth],
    ['Express', ExpressOAuth],
    ['Fastify', FastifyOAuth],
    ['Next.js', NextOAuth],
  ])('registers the clients of an object with %s, as registerAll() does', (_name, OAuth) => {
    const oauth = new OAuth({ config, secret, clients });
    expect(oauth.photos.kind).toBe('oauth1');
    expect(oauth.github.kind).toBe('oauth2');
    expect(oauth.steam.kind).toBe('openid2');
    expect(oauth.createClient('corp')).toBe(oauth.corp);
  });

  it('types each client, and the registry as one name with their protocols', () => {
    const oauth = new CoreOAuth({ config, clients: { github: {}, photos: { preset: 'flickr' } } });
    expectTypeOf(oauth).toEqualTypeOf<
      CoreOAuth<{ readonly github: 'oauth2'; readonly photos: 'oauth1' }>
    >();
    expectTypeOf(oauth.github).toEqualTypeOf<OAuth2Client>();
    expectTypeOf(oauth.photos).toEqualTypeOf<OAuth1Client>();
    const more = oauth.register('google', { clientId: 'id', clientSecret: 's' });
    expectTypeOf(more.google).toEqualTypeOf<OAuth2Client>();
    expectTypeOf(more.createClient('photos')).toEqualTypeOf<OAuth1Client>();
    const anyRegistry: CoreOAuth = more;
    expect(anyRegistry.createClient('google')).toBe(more.google);
    // @ts-expect-error there is no client with that name
    expect(oauth.nosuch).toBeUndefined();
  });

  it('rejects invalid options with the name of the client, and clients that are no object', () => {
    const wrong = { corp: { issuer: 'not a URL' } };
    expect(() => new CoreOAuth({ config, clients: wrong })).toThrow(
      expect.objectContaining({ code: 'invalid_options', client: 'corp' }) as Error,
    );
    expect(() => new CoreOAuth({ config, clients: 'corp' as never })).toThrow(
      /new OAuth\(\{ clients \}\): the clients must be an object/,
    );
    // @ts-expect-error a misspelt option does not compile
    expect(() => new CoreOAuth({ config, clients: { github: { scop: 'user' } } })).toThrow(
      /Did you mean "scope"/,
    );
    // @ts-expect-error OAuth 1.0a has no scope
    expect(() => new CoreOAuth({ config, clients: { flickr: { scope: 'x' } } })).toThrow(/scope/);
  });
});

describe('the type of a registry', () => {
  const url = 'https://id.example/';
  const options = { authorizeUrl: url, accessTokenUrl: url, clientId: 'id', clientSecret: 's' };

  it('does not change for the known clients when a client has an unknown name', () => {
    const name: string = 'later';
    const oauth = new CoreOAuth({ config }).register('flickr').register(name, options);
    expectTypeOf(oauth.flickr).toEqualTypeOf<OAuth1Client>();
    // @ts-expect-error no client with that name is known
    compiles(() => oauth.nosuch);
    expect(oauth.createClient(name).kind).toBe('oauth2');
  });

  it('leaves open whether an optional client exists', () => {
    const some = { ...(clients.corp ? { maybe: options } : {}), github: {} };
    const oauth = new CoreOAuth({ config }).registerAll(some);
    // @ts-expect-error the client may not exist
    compiles(() => oauth.maybe.name);
    expect(oauth.maybe?.kind).toBe('oauth2');
  });

  it('compiles for a long chain', () => {
    // prettier-ignore
    const oauth = new CoreOAuth({ config })
      .register('a0', options).register('a1', options).register('a2', options).register('a3', options)
      .register('a4', options).register('a5', options).register('a6', options).register('a7', options)
      .register('b0', options).register('b1', options).register('b2', options).register('b3', options)
      .register('b4', options).register('b5', options).register('b6', options).register('b7', options)
      .register('c0', options).register('c1', options).register('c2', options).register('c3', options)
      .register('c4', options).register('c5', options).register('c6', options).register('c7', options)
      .register('d0', options).register('d1', options).register('d2', options).register('d3', options)
      .register('d4', options).register('d5', options).register('d6', options).register('d7', options)
      .register('e0', options).register('e1', options).register('e2', options).register('e3', options)
      .register('e4', options).register('e5', options).register('e6', options).register('e7', options)
      .register('f0', options).register('f1', options).register('f2', options).register('f3', options)
      .register('f4', options).register('f5', options).register('f6', options).register('f7', options)
      .register('g0', options).register('g1', options).register('g2', options).register('g3', options)
      .register('g4', options).register('g5', options).register('g6', options).register('flickr');
    expectTypeOf(oauth.a0).toEqualTypeOf<OAuth2Client>();
    expectTypeOf(oauth.flickr).toEqualTypeOf<OAuth1Client>();
    expect(oauth.g6.name).toBe('g6');
  });

  it('allows a subclass that overrides register(), also with clients in the constructor', () => {
    class Counting extends CoreOAuth {
      readonly names: string[] = [];
      override register(name: string, given?: object): never {
        this.names.push(name);
        return super.register(name, given) as never;
      }
    }
    const oauth = new Counting({ config, clients: { corp: options } });
    expect(oauth.createClient('corp').kind).toBe('oauth2');
    expect(oauth.names).toEqual([]);
  });
});

describe('a grouped method', () => {
  it.each([
    ['grants', 'deviceToken'],
    ['grants', 'exchangeToken'],
    ['grants', 'createImplicitUrl'],
    ['metadata', 'aggregatedClaims'],
  ])(
    'is in client.%s, and rejects under its former name %s with the current one',
    async (group, verb) => {
      const { github: client } = new CoreOAuth({ config }).registerAll(clients);
      expect(Reflect.get(client, group)).toHaveProperty(verb);
      const former = Reflect.get(client, verb) as () => Promise<never>;
      await expect(former()).rejects.toMatchObject({
        code: 'invalid_options',
        message: `${verb}() has moved. Write oauth.github.${group}.${verb}().`,
      });
      expect(Object.keys(client)).not.toContain(verb);
    },
  );

  it.each([
    ['Express', ExpressOAuth],
    ['Fastify', FastifyOAuth],
    ['Next.js', NextOAuth],
  ])('is in client.logout of %s, and rejects under its former name', async (_name, OAuth) => {
    const { github: client } = new OAuth({ config, secret, clients });
    expect(client.logout).toHaveProperty('backchannelLogout');
    const former = Reflect.get(client, 'frontchannelLogout') as () => Promise<never>;
    await expect(former()).rejects.toThrow('Write oauth.github.logout.frontchannelLogout().');
  });

  it('does not exist on a client of another protocol', () => {
    const { photos } = new CoreOAuth({ config }).registerAll(clients);
    expect(Reflect.get(photos, 'deviceToken')).toBeUndefined();
    for (const name of ['grants', 'metadata']) expect(photos).not.toHaveProperty(name);
  });
});
