import {
  OAuth,
  type OAuth2Token,
  type OAuthOptions,
  type RegisterOptions,
} from '@oauth-registry/core';
import { indieauth } from '@oauth-registry/core/providers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rejection } from '../../support/login.js';
import type { Host } from '../../support/hosts.js';
import {
  away,
  clientId,
  link,
  page,
  redirectUri,
  startIndieAuth,
  type IndieAuthWorld,
} from './world.js';

let world: IndieAuthWorld;
beforeEach(async () => {
  world = await startIndieAuth();
});
afterEach(() => world.close());

function clientOf(options: RegisterOptions = {}, oauth: OAuthOptions = {}) {
  const { fetch } = world.hosts;
  return new OAuth({ config: {}, fetch, ...oauth }).register(
    'indieauth',
    indieauth({ clientId, ...options }),
  ).indieauth;
}

type Client = ReturnType<typeof clientOf>;

/** Sends a person to their server, who agrees, and comes back. */
async function comeBack(url: string): Promise<string> {
  const answer = await world.hosts.fetch(url, { redirect: 'manual' });
  const location = answer.headers.get('location');
  if (location === null) throw new Error(`There was no callback, but: ${await answer.text()}`);
  return location;
}

async function login(me: string, client: Client = clientOf()): Promise<OAuth2Token> {
  const request = await client.createAuthorizationUrl(redirectUri, { me });
  const kept = JSON.parse(JSON.stringify(request)) as typeof request;
  return await client.fetchAccessToken(await comeBack(request.url), kept);
}

const metadata = link('indieauth-metadata', 'https://auth.test/metadata');

function put(origin: string, host: Host): void {
  world.hosts.at.set(origin, host);
}

describe('[D7] [D8] a login with a home page (IndieAuth)', () => {
  it('finds the server, and who has logged in', async () => {
    const token = await login('ada.test');
    expect(token.userinfo).toEqual({
      sub: 'https://ada.test/',
      name: 'Ada',
      picture: 'https://ada.test/a.jpg',
      email: 'ada@ada.test',
      email_verified: false,
      profile: 'https://ada.test/',
      raw: expect.anything() as unknown,
    });
    const [asked] = world.home.asked;
    expect(asked?.get('me')).toBe('https://ada.test/');
    expect(asked?.get('client_id')).toBe(clientId);
    expect(asked?.get('scope')).toBe('profile email');
  });

  it('redeems a code that is good for a profile alone at the authorization endpoint, and has no token (§5.3.1)', async () => {
    const client = clientOf();
    const token = await login('https://ada.test/', client);
    expect(world.home.redeemed).toEqual(['/auth']);
    expect(token).not.toHaveProperty('access_token');
    expect(await rejection(client.get('https://auth.test/x', { token }))).toMatchObject({
      code: 'invalid_token',
    });
  });

  it('has a token for more than a profile, which goes to the endpoint that the page names for creating posts', async () => {
    put('https://ada.test', page(metadata + link('micropub', 'https://auth.test/micropub')));
    const client = clientOf({ scope: 'profile create' });
    const token = await login('ada.test', client);
    expect(world.home.redeemed).toEqual(['/token']);
    const answer = await client.post('', { token, json: { type: ['h-entry'] } });
    expect(await answer.json()).toEqual({ token: `Bearer ${token.access_token}` });
    expect(await rejection(client.get('https://evil.test/micropub', { token }))).toMatchObject({
      code: 'foreign_origin',
    });
  });

  it.each<[string, () => void]>([
    [
      'in a header',
      () =>
        put(
          'https://ada.test',
          page('', { headers: { link: '<https://auth.test/metadata>; rel="indieauth-metadata"' } }),
        ),
    ],
    [
      'behind redirects',
      () => {
        put('https://ada.test', away('https://www.ada.test/', 301));
        const home = page(metadata);
        const first = away('/home');
        put('https://www.ada.test', (request) =>
          request.url.endsWith('/home') ? home(request) : first(request),
        );
      },
    ],
    [
      'as links to endpoints, without metadata',
      () => {
        put(
          'https://ada.test',
          page(
            link('authorization_endpoint', 'https://auth.test/auth') +
              link('token_endpoint', 'https://auth.test/token'),
          ),
        );
        world.home.change.callback = { iss: undefined };
      },
    ],
    [
      'as one link to an endpoint',
      () => {
        put('https://ada.test', page(link('authorization_endpoint', 'https://auth.test/auth')));
        world.home.change.callback = { iss: undefined };
      },
    ],
    [
      'relative to itself',
      () => {
        const auth = world.home.host;
        put('https://ada.test', (request) =>
          new URL(request.url).pathname === '/'
            ? page(link('authorization_endpoint', 'auth'))(request)
            : auth(request),
        );
        world.home.change.callback = { iss: undefined };
      },
    ],
  ])('finds what a page declares %s (§4.1)', async (_what, arrange) => {
    arrange();
    expect((await login('https://ada.test')).userinfo?.sub).toBe('https://ada.test/');
  });

  it('takes a server that names no issuer in its callback, if it did not promise to', async () => {
    world.home.change.metadata = { authorization_response_iss_parameter_supported: undefined };
    world.home.change.callback = { iss: undefined };
    expect((await login('ada.test')).userinfo?.sub).toBe('https://ada.test/');
  });

  it('reads responses of the old days, which are forms', async () => {
    const { host } = world.home;
    put('https://auth.test', async (request) => {
      const answer = await host(request);
      if (request.method !== 'POST') return answer;
      const { me } = (await answer.json()) as { me: string };
      return new Response(new URLSearchParams({ me }));
    });
    expect((await login('ada.test')).userinfo?.sub).toBe('https://ada.test/');
  });

  it('refreshes a token, and asks for no page again', async () => {
    put('https://ada.test', page(metadata));
    put('https://blog.test', page(metadata));
    world.home.me = 'https://blog.test/';
    world.home.change.token = { refresh_token: 'rt' };
    const client = clientOf({ scope: 'create' });
    const token = await login('ada.test', client);
    const { host } = world.home;
    put('https://auth.test', async (request) => {
      const form = new URLSearchParams(await request.clone().text());
      if (form.get('grant_type') !== 'refresh_token') return await host(request);
      return Response.json({ access_token: 'fresh', me: 'https://blog.test/' });
    });
    world.hosts.asked.length = 0;
    expect(await client.refreshToken(token)).toMatchObject({
      access_token: 'fresh',
      me: 'https://blog.test/',
    });
    expect(world.hosts.asked).toEqual(['POST https://auth.test/token']);
  });

  it('is for developers, too, on their own machine', async () => {
    const here = 'http://127.0.0.1:8080';
    put(here, page(link('authorization_endpoint', '/auth')));
    const { host } = world.home;
    const home = world.hosts.at.get(here);
    put(
      here,
      (request) =>
        (request.url.includes('/auth') ? host(request) : home?.(request)) ?? host(request),
    );
    world.home.me = `${here}/`;
    world.home.change.callback = { iss: undefined };
    const token = await login(`${here}/`, clientOf({ allowPrivateNetworks: true }));
    expect(token.userinfo?.sub).toBe(`${here}/`);
  });

  it('shows no key of a bound token in the profile', async () => {
    world.home.change.token = { token_type: 'DPoP' };
    const token = await login('ada.test', clientOf({ scope: 'create', dpop: true }));
    expect(token).toHaveProperty('dpop_key.d');
    expect(JSON.stringify(token.userinfo)).not.toContain('dpop_key');
  });

  it('can be told the endpoints, and then asks for no page', async () => {
    const client = clientOf({
      authorizeUrl: 'https://auth.test/auth',
      accessTokenUrl: 'https://auth.test/auth',
    });
    const request = await client.createAuthorizationUrl(redirectUri);
    const token = await client.fetchAccessToken(await comeBack(request.url), request);
    expect(token.userinfo?.sub).toBe('https://ada.test/');
  });
});

describe('[D8] the profile URL a server returns (IndieAuth §5.4)', () => {
  const other = (head = metadata) => put('https://blog.test', page(head));

  it('may be another page that declares the same server', async () => {
    other();
    world.home.me = 'https://blog.test/ada';
    const token = await login('ada.test');
    expect(token).toMatchObject({
      me: 'https://blog.test/ada',
      userinfo: { sub: 'https://blog.test/ada' },
    });
    expect(world.hosts.asked).toContain('GET https://blog.test/ada');
  });

  it('is refused if another token endpoint than the one it declares has named it', async () => {
    // Eve borrows Ada's authorization endpoint, whose answers she does not need: she has her own tokens.
    world.evil.change.metadata = {
      authorization_endpoint: 'https://auth.test/auth',
      authorization_response_iss_parameter_supported: undefined,
    };
    put('https://evil.test', (request) =>
      request.method === 'POST'
        ? Response.json({ me: 'https://ada.test/', access_token: 'eve', token_type: 'Bearer' })
        : world.evil.host(request),
    );
    const client = clientOf({ scope: 'profile create' });
    const request = await client.createAuthorizationUrl(redirectUri, { me: 'eve.test' });
    const redeemed = client.fetchAccessToken(
      `${redirectUri}?code=any&state=${request.state}`,
      request,
    );
    expect(await rejection(redeemed)).toMatchObject({ code: 'mismatching_issuer' });
  });

  it('brings the endpoints its own page declares, and none of the page that was given', async () => {
    // Eve's page has Ada's server, but wants to see her token: Ada was sent there by a link.
    const endpoints =
      link('authorization_endpoint', 'https://auth.test/auth') +
      link('token_endpoint', 'https://auth.test/token');
    put('https://eve.test', page(endpoints + link('micropub', 'https://evil.test/micropub')));
    put('https://ada.test', page(endpoints + link('micropub', 'https://auth.test/micropub')));
    world.home.change.callback = { iss: undefined };
    const client = clientOf({ scope: 'create' });
    const token = await login('eve.test', client);
    expect(token['me']).toBe('https://ada.test/');
    await client.post('', { token, json: {} });
    expect(JSON.stringify(token)).not.toContain('evil.test');
    expect(world.hosts.asked).toContain('POST https://auth.test/micropub');
    expect(world.hosts.asked.join()).not.toContain('https://evil.test/micropub');
  });

  it('is one that the application accepts, too', async () => {
    put('https://blog.test', page(metadata));
    world.home.me = 'https://blog.test/';
    const servers = ({ me }: Record<string, string>): boolean => me === 'https://ada.test/';
    const refused = login('ada.test', clientOf({ servers }));
    expect(await rejection(refused)).toMatchObject({ code: 'invalid_server' });
  });

  it('is taken in its canonical form', async () => {
    world.home.me = 'http://ADA.test';
    expect((await login('ada.test')).userinfo?.sub).toBe('https://ada.test/');
    expect(world.hosts.asked.filter((asked) => asked === 'GET https://ada.test/')).toHaveLength(1);
  });

  it('may be the URL at which the page was found in the end', async () => {
    put('https://short.test', away('https://ada.test/'));
    expect((await login('short.test')).userinfo?.sub).toBe('https://ada.test/');
    world.home.me = 'https://short.test/';
    expect((await login('short.test')).userinfo?.sub).toBe('https://short.test/');
  });

  it('is refused if it declares another server', async () => {
    world.evil.me = 'https://ada.test/';
    expect(await rejection(login('eve.test'))).toMatchObject({ code: 'mismatching_issuer' });
  });

  it('is refused if it declares none, is not there, or is inside', async () => {
    for (const [me, code] of [
      ['https://plain.test/', 'invalid_server'],
      ['https://gone.test/', 'provider_unavailable'],
      ['https://127.0.0.1/', 'unsafe_address'],
      ['https://localhost/', 'unsafe_address'],
    ] as const) {
      put('https://plain.test', page(''));
      world.evil.me = me;
      expect(await rejection(login('eve.test'))).toMatchObject({ code });
    }
  });

  it.each(['', 'ada', 'https://ada.test:8443/', 'https://ada.test/#me', 'https://10.0.0.1/'])(
    'is refused as “%s”, which is none (§3.2)',
    async (me) => {
      world.home.me = me;
      expect(await rejection(login('ada.test'))).toMatchObject({ code: 'invalid_response' });
    },
  );

  it('is needed', async () => {
    world.home.change.token = { me: undefined };
    expect(await rejection(login('ada.test'))).toMatchObject({ code: 'invalid_response' });
  });

  it('is not what the profile says', async () => {
    world.evil.change.token = {
      profile: { url: 'https://ada.test/', name: 'Ada', email: 'ada@ada.test' },
    };
    const { userinfo } = await login('eve.test');
    expect(userinfo).toMatchObject({ sub: 'https://eve.test/', email_verified: false });
  });
});

describe('[D8] what is refused before a login begins', () => {
  async function refused(me: string, client: Client = clientOf()): Promise<unknown> {
    const error = await rejection(client.createAuthorizationUrl(redirectUri, { me }));
    return error.code;
  }

  it.each([
    ['', 'invalid_server'],
    ['ada', 'invalid_server'],
    ['ada@ada.test', 'invalid_server'],
    ['javascript:alert(1)', 'invalid_server'],
    ['https://ada.test:8443/', 'invalid_server'],
    ['https://10.0.0.1/', 'invalid_server'],
    ['https://nobody.test/', 'provider_unavailable'],
    ['http://127.0.0.1:8080/', 'insecure_transport'],
    ['https://localhost/', 'unsafe_address'],
    ['https://router.local/', 'unsafe_address'],
    ['https://metadata.google.internal/', 'unsafe_address'],
  ])('the page “%s” (%s)', async (me, code) => {
    expect(await refused(me)).toBe(code);
  });

  it.each<[string, string, () => void]>([
    [
      'that declares no server',
      'invalid_server',
      () => put('https://ada.test', page('<a href="https://auth.test/">')),
    ],
    [
      'that is not there',
      'invalid_server',
      () => put('https://ada.test', page(metadata, { status: 404 })),
    ],
    [
      'that is too large',
      'response_too_large',
      () => put('https://ada.test', page(`${metadata}${'x'.repeat(1_000_001)}`)),
    ],
    [
      'that leads nowhere but to itself',
      'invalid_response',
      () => put('https://ada.test', away('https://ada.test/')),
    ],
    [
      'that leads inside',
      'unsafe_address',
      () => put('https://ada.test', away('https://192.168.1.1/')),
    ],
    [
      'that leads to plain http',
      'insecure_transport',
      () => put('https://ada.test', away('http://eve.test/')),
    ],
    [
      'whose metadata is inside',
      'unsafe_address',
      () => put('https://ada.test', page(link('indieauth-metadata', 'https://127.0.0.1/m'))),
    ],
    [
      'whose metadata is not there',
      'invalid_metadata',
      () => put('https://ada.test', page(link('indieauth-metadata', 'https://auth.test/x'))),
    ],
    [
      'whose metadata leads elsewhere',
      'invalid_response',
      () => put('https://auth.test', away('https://evil.test/metadata')),
    ],
    [
      'whose endpoint is plain http',
      'insecure_transport',
      () => put('https://ada.test', page(link('authorization_endpoint', 'http://auth.test/auth'))),
    ],
    [
      'whose endpoint is inside',
      'unsafe_address',
      () => put('https://ada.test', page(link('authorization_endpoint', 'https://127.0.0.1/auth'))),
    ],
    [
      'whose endpoint is too long to be stored',
      'invalid_server',
      () =>
        put(
          'https://ada.test',
          page(link('authorization_endpoint', `https://auth.test/${'x'.repeat(2048)}`)),
        ),
    ],
    [
      'whose endpoint is a script',
      'invalid_server',
      () => put('https://ada.test', page(link('authorization_endpoint', 'javascript:alert(1)'))),
    ],
  ])('a page %s', async (_what, code, arrange) => {
    arrange();
    expect(await refused('https://ada.test')).toBe(code);
  });

  it('a page after more than five redirects', async () => {
    put('https://ada.test', away('https://ada.test/'));
    expect(await refused('https://ada.test')).toBe('invalid_response');
    expect(world.hosts.asked).toHaveLength(6);
  });

  it.each([
    'https://auth.test.evil.test',
    'https://evil.test',
    'https://auth.test/other',
    'https://auth.test/meta',
    'https://auth.test/?x',
    'https://auth.test/#x',
    'http://auth.test',
    'auth.test',
    undefined,
  ])('metadata of the issuer %s, which is not the beginning of its URL (§3.1)', async (issuer) => {
    world.home.change.metadata = { issuer };
    expect(await refused('ada.test')).toBe('mismatching_issuer');
  });

  it('metadata of one whose name only begins alike', async () => {
    const host = world.evil.host;
    put('https://auth.test.evil.test', host);
    put(
      'https://eve.test',
      page(link('indieauth-metadata', 'https://auth.test.evil.test/metadata')),
    );
    world.evil.change.metadata = { issuer: 'https://auth.test' };
    expect(await refused('eve.test')).toBe('mismatching_issuer');
  });

  it.each<[object, string]>([
    [{ authorization_endpoint: undefined }, 'invalid_metadata'],
    [{ authorization_endpoint: 'javascript:alert(1)' }, 'invalid_metadata'],
    [{ authorization_endpoint: 'https://127.0.0.1/auth' }, 'unsafe_address'],
    [{ token_endpoint: 42 }, 'invalid_metadata'],
  ])('metadata with %j', async (change, code) => {
    world.home.change.metadata = change as Record<string, unknown>;
    expect(await refused('ada.test')).toBe(code);
  });

  it('a token endpoint inside, if one is needed', async () => {
    world.home.change.metadata = { token_endpoint: 'https://127.0.0.1/token' };
    const client = clientOf({ scope: 'create' });
    const request = await client.createAuthorizationUrl(redirectUri, { me: 'ada.test' });
    const callback = await comeBack(request.url);
    expect(await rejection(client.fetchAccessToken(callback, request))).toMatchObject({
      code: 'unsafe_address',
    });
  });

  it('a page without a token endpoint, if the scope needs one', async () => {
    put('https://ada.test', page(link('authorization_endpoint', 'https://auth.test/auth')));
    expect(await refused('ada.test', clientOf({ scope: 'create' }))).toBe('invalid_metadata');
  });

  it('a page the application does not accept', async () => {
    const servers = ({ me }: Record<string, string>): boolean => me === 'https://eve.test/';
    expect(await refused('ada.test', clientOf({ servers }))).toBe('invalid_server');
  });
});

describe('[D8] responses of another server (RFC 9207)', () => {
  it.each<[string, () => void]>([
    ['with another iss', () => (world.home.change.callback = { iss: 'https://evil.test' })],
    ['without the promised iss', () => (world.home.change.callback = { iss: undefined })],
    [
      'with an iss, at a server without metadata',
      () => put('https://ada.test', page(link('authorization_endpoint', 'https://auth.test/auth'))),
    ],
  ])('are refused %s', async (_what, arrange) => {
    arrange();
    expect(await rejection(login('ada.test'))).toMatchObject({ code: 'mismatching_issuer' });
    expect(world.home.redeemed).toEqual([]);
  });

  it('are refused if a server without metadata sent the user on to an honest one', async () => {
    // The mix-up: Eve's page has an endpoint that hands the person over to Ada's server.
    put('https://eve.test', page(link('authorization_endpoint', 'https://evil.test/auth')));
    const client = clientOf();
    const request = await client.createAuthorizationUrl(redirectUri, { me: 'eve.test' });
    const handedOver = request.url.replace('https://evil.test/auth', 'https://auth.test/auth');
    const callback = await comeBack(handedOver);
    expect(await rejection(client.fetchAccessToken(callback, request))).toMatchObject({
      code: 'mismatching_issuer',
    });
    expect(world.hosts.asked).not.toContain('POST https://evil.test/auth');
  });
});
