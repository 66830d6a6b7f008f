import dns from 'node:dns';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  OAuth,
  deserializeToken,
  serializeToken,
  type OAuth2Token,
  type OAuthOptions,
  type RegisterOptions,
} from '@oauth-registry/core';
import type { ClientRegistration } from '@oauth-registry/core/types';
import { mastodon, pixelfed } from '@oauth-registry/core/providers';
import { comeBack, redirectUri, rejection } from '../../../support/login.js';
import { rememberRegistrations } from '../../../../packages/core/src/protocols/oauth2/registration/client-identity.js';
import { startInstance, type Instance } from '../../../support/instance.js';

let one: Instance;
let two: Instance;
beforeAll(async () => {
  [one, two] = await Promise.all([startInstance(), startInstance()]);
});
afterAll(() => Promise.all([one.close(), two.close()]));
afterEach(() => {
  vi.restoreAllMocks();
  for (const instance of [one, two]) {
    instance.requests.length = 0;
    instance.replace.clear();
    instance.apps.clear();
    Object.assign(instance, { profile: {}, token: {}, metadata: undefined });
  }
});

const clientOf = (options: RegisterOptions = {}, registry: OAuthOptions = {}) =>
  new OAuth({ config: {}, allowPrivateNetworks: true, ...registry }).register(
    'mastodon',
    mastodon(options),
  ).mastodon;
type Client = ReturnType<typeof clientOf>;

const start = (client: Client, { origin: instance }: Instance) =>
  client.createAuthorizationUrl(redirectUri, { instance });

async function loginAt(client: Client, instance: Instance): Promise<OAuth2Token> {
  const request = await start(client, instance);
  return await client.fetchAccessToken((await comeBack(request)).href, request);
}

/** Registrations as a database would keep them for several processes. */
function registrations() {
  const kept = new Map<string, ClientRegistration>();
  const clientRegistrations = {
    get: async (issuer: string) => kept.get(issuer),
    put: async (issuer: string, made: ClientRegistration) => void kept.set(issuer, made),
  };
  return { kept, clientRegistrations };
}

const apps = '/api/v1/apps';

describe('a server that the user chooses', () => {
  it('[D8] gets a client of its own, logs in, and is called', async () => {
    const client = clientOf({ clientMetadata: { client_name: 'My app' } });
    const token = await loginAt(client, one);
    expect(token.server).toEqual({ instance: one.origin });
    expect(token.userinfo?.sub).toBe(`${one.origin}/users/alice`);
    expect(client.identity(token)).toBe(`mastodon$${one.origin}/users/alice`);
    const answer = await client.get('timelines/home', { token });
    expect(await answer.json()).toEqual({ here: one.host });
    expect(Object.fromEntries(one.last(apps).form)).toEqual({
      client_name: 'My app',
      redirect_uris: expect.stringMatching(
        /^http:\/\/127\.0\.0\.1:9\/callback\?server=[\w-]{43}$/,
      ) as string,
      scopes: 'read:accounts',
    });
    expect(two.requests).toEqual([]);
  });

  it('[D7] may be of Pixelfed as well', async () => {
    const oauth = new OAuth({ config: {}, allowPrivateNetworks: true });
    const client = oauth.register('pixelfed', pixelfed()).pixelfed;
    const request = await client.createAuthorizationUrl(redirectUri, { instance: one.origin });
    const token = await client.fetchAccessToken((await comeBack(request)).href, request);
    expect(token.userinfo?.sub).toBe(`${one.origin}/users/alice`);
  });

  it('[D8] is the one that the preset is given, as before', async () => {
    const options = { instance: 'mastodon.social', clientId: 'id', clientSecret: 'secret' };
    const client = new OAuth({ config: {} }).register('mastodon', mastodon(options)).mastodon;
    const { url } = await client.createAuthorizationUrl(redirectUri);
    expect(new URL(url).origin).toBe('https://mastodon.social');
  });

  it.each([undefined, '', '   ', 7, ['a', 'b']])(
    '[D8] has to be named with the login: %j',
    async (instance) => {
      const params = { instance } as { instance: string };
      const error = await rejection(clientOf().createAuthorizationUrl(redirectUri, params));
      expect(error).toMatchObject({ code: 'invalid_server', statusCode: 400 });
      expect(error.message).toContain('"instance" is missing');
    },
  );

  it.each([
    'a b',
    'https://',
    'javascript:alert(1)',
    'https://a:b@x.example',
    'a:b@x.example',
    'good.example%2f@x.example',
    'x'.repeat(3000),
  ])('[D8] has to look like one: %s', async (instance) => {
    const error = await rejection(clientOf().createAuthorizationUrl(redirectUri, { instance }));
    expect(error).toMatchObject({ code: 'invalid_server' });
    expect(error.message).not.toContain(instance);
  });

  it('[D8] is not told its own name as a parameter', async () => {
    const { url } = await start(clientOf(), one);
    expect(new URL(url).searchParams.has('instance')).toBe(false);
  });

  it('[D8] speaks for itself if it is new enough (RFC 8414)', async () => {
    const issuer = `${one.origin}/`;
    one.metadata = { issuer, token_endpoint: `${one.origin}/oauth/other` };
    one.replace.set('/oauth/other', { status: 400, body: '{"error":"invalid_grant"}' });
    await rejection(loginAt(clientOf(), one));
    expect(one.count('/oauth/other')).toBeGreaterThan(0);
    one.metadata = { issuer, token_endpoint: `${two.origin}/oauth/token` };
    await loginAt(clientOf(), one);
    one.metadata = { issuer: `${two.origin}/`, token_endpoint: `${one.origin}/oauth/other` };
    await loginAt(clientOf(), one);
    expect(two.requests).toEqual([]);
  });
});

describe('the client at a server that the user chooses', () => {
  it('[D8] is registered once for all concurrent logins, and stored for other processes', async () => {
    const { kept, clientRegistrations } = registrations();
    const client = clientOf({ clientRegistrations });
    await Promise.all([loginAt(client, one), loginAt(client, one), loginAt(client, one)]);
    await loginAt(clientOf({ clientRegistrations }), one);
    expect(one.count(apps)).toBe(1);
    expect(kept.get(`${one.origin}/`)).toMatchObject({
      redirect_uris: [expect.stringContaining(`${redirectUri}?server=`)],
    });
    await loginAt(client, two);
    expect([one.count(apps), two.count(apps)]).toEqual([1, 1]);
  });

  it('[D8] is registered anew for another redirect URI, and for more scope', async () => {
    const { kept, clientRegistrations } = registrations();
    await start(clientOf({ clientRegistrations }), one);
    const other = 'http://127.0.0.1:9/other';
    await clientOf({ clientRegistrations }).createAuthorizationUrl(other, { instance: one.origin });
    const registered = one.last(apps).form.get('redirect_uris')?.split('\n');
    expect(registered?.map((uri) => uri.replace(/\?server=[\w-]{43}$/, ''))).toEqual([
      redirectUri,
      other,
    ]);
    await start(clientOf({ clientRegistrations, scope: 'read write' }), one);
    expect(one.last(apps).form.get('scopes')).toBe('read write');
    await start(clientOf({ clientRegistrations, scope: 'write' }), one);
    expect([one.count(apps), kept.size]).toEqual([3, 1]);
  });

  it('[D8] gets a token at once, so that the server does not delete it as unused', async () => {
    await start(clientOf(), one);
    const { form } = one.last('/oauth/token');
    expect(form.get('grant_type')).toBe('client_credentials');
    expect(form.get('scope')).toBe('read:accounts');
  });

  it('heals at the next login of the same process if the server has forgotten it', async () => {
    const client = clientOf();
    await loginAt(client, one);
    one.apps.clear();
    await loginAt(client, one);
    expect(one.count(apps)).toBe(2);
  });

  it('is not asked for at every one of many logins', async () => {
    const client = clientOf();
    for (let count = 0; count < 8; count += 1) await start(client, one);
    expect(one.count('/oauth/token')).toBeLessThan(5);
  });

  it('is read from the store once for each step', async () => {
    let reads = 0;
    const { clientRegistrations } = registrations();
    const counted = {
      ...clientRegistrations,
      get: (issuer: string) => {
        reads += 1;
        return clientRegistrations.get(issuer);
      },
    };
    const extra = { feed: { url: 'timelines/home' }, list: { url: 'lists' } };
    const client = clientOf({ clientRegistrations: counted, userinfo: { extra } });
    const during = async <R>(step: Promise<R>): Promise<[reads: number, result: R]> => {
      reads = 0;
      const result = await step;
      return [reads, result];
    };
    await loginAt(client, one);
    const [starting, request] = await during(start(client, one));
    const back = await comeBack(request);
    one.token = { refresh_token: 'rt' };
    const [finishing, token] = await during(client.fetchAccessToken(back.href, request));
    expect([starting, finishing, token['client_id']]).toEqual([1, 1, request.clientId]);
    const steps = {
      get: () => client.get('x', { token }),
      userinfo: () => client.userinfo({ token }),
      refreshToken: () => client.refreshToken(token),
      revokeToken: () => client.revokeToken(token),
    };
    for (const [name, step] of Object.entries(steps)) {
      const [count] = await during<unknown>(step());
      expect([name, count]).toEqual([name, 1]);
    }
    expect(one.count('/api/v1/lists')).toBe(3);
  });

  it('[D8] is registered anew if the server has forgotten it before a login', async () => {
    const { clientRegistrations } = registrations();
    await start(clientOf({ clientRegistrations }), one);
    one.apps.clear();
    await loginAt(clientOf({ clientRegistrations }), one);
    expect(one.count(apps)).toBe(2);
  });

  it('[D8] is registered anew if the server says invalid_client (RFC 6749 §5.2)', async () => {
    const client = clientOf();
    const request = await start(client, one);
    const back = await comeBack(request);
    one.apps.clear();
    const error = await rejection(client.fetchAccessToken(back.href, request));
    expect(error).toMatchObject({ code: 'invalid_client', error: 'invalid_client' });
    expect(error.message).toContain('start the login again');
    await loginAt(client, one);
    expect(one.count(apps)).toBe(2);
  });

  it('[D8] is registered anew if a refresh gets invalid_client (RFC 6749 §5.2)', async () => {
    one.token = { refresh_token: 'rt' };
    const client = clientOf();
    const token = await loginAt(client, one);
    one.apps.clear();
    const error = await rejection(client.refreshToken(token));
    expect(error).toMatchObject({ code: 'invalid_client', error: 'invalid_client' });
    expect(error.message).toContain('start the login again');
    expect(one.count(apps)).toBe(2);
  });

  it('[D8] is not registered by a callback, whose code is another client’s', async () => {
    const request = await start(clientOf(), one);
    const back = await comeBack(request);
    const error = await rejection(clientOf().fetchAccessToken(back.href, request));
    expect(error.message).toContain('"clientRegistrations"');
    expect(one.count(apps)).toBe(1);
  });

  it('[D8] is not known to another tenant of the same host', async () => {
    const { kept, clientRegistrations } = registrations();
    const client = new OAuth({ config: {}, allowPrivateNetworks: true }).register('corp', {
      urlVariables: { tenant: { ask: 'Your organization' } },
      authorizeUrl: `${one.origin}/{tenant}/authorize`,
      accessTokenUrl: `${one.origin}/{tenant}/token`,
      clientRegistrations,
    }).corp;
    kept.set(`${one.origin}/north/authorize`, { client_id: 'north', client_secret: 'of north' });
    const { url } = await client.createAuthorizationUrl(redirectUri, { tenant: 'north' });
    expect(new URL(url).searchParams.get('client_id')).toBe('north');
    const other = client.createAuthorizationUrl(redirectUri, { tenant: 'south' });
    expect(await rejection(other)).toMatchObject({ code: 'invalid_server' });
  });

  it('[D8] is stored in bounded memory, and read from a bounded response', async () => {
    const memory = rememberRegistrations(2);
    for (const issuer of ['a', 'b', 'c']) await memory.put(issuer, { client_id: issuer });
    expect([await memory.get('a'), await memory.get('c')]).toEqual([undefined, { client_id: 'c' }]);
    const body = JSON.stringify({ client_id: 'x'.repeat(70_000), client_secret: 'x' });
    one.replace.set(apps, { status: 200, body });
    expect(await rejection(start(clientOf(), one))).toMatchObject({ code: 'response_too_large' });
  });

  it.each([
    [404, '<h1>Not found</h1>', 'invalid_server'],
    [200, '{}', 'invalid_server'],
    [200, '{"client_id":7,"client_secret":[]}', 'invalid_server'],
    [503, '', 'provider_unavailable'],
    [307, '', 'invalid_response'],
  ])('[D8] is not registered if the server responds with %s %s', async (status, body, code) => {
    const headers = { location: `${two.origin}${apps}` };
    one.replace.set(apps, { status, body, headers });
    expect(await rejection(start(clientOf(), one))).toMatchObject({ code });
    expect(two.requests).toEqual([]);
    one.replace.clear();
    await loginAt(clientOf(), one);
  });

  it('[D8] stays usable however many servers there are', async () => {
    const client = clientOf({}, { limits: { servers: 1 } });
    const tokens = [await loginAt(client, one), await loginAt(client, two)];
    await loginAt(client, one);
    const answers = await Promise.all(tokens.map((token) => client.get('x', { token })));
    expect(await Promise.all(answers.map((answer) => answer.json()))).toEqual([
      { here: one.host },
      { here: two.host },
    ]);
    expect([one.count(apps), two.count(apps)]).toEqual([1, 1]);
  });
});

describe('a token of a server that the user chose', () => {
  it('[D8] goes to that server only', async () => {
    const client = clientOf();
    const token = await loginAt(client, one);
    await loginAt(client, two);
    two.requests.length = 0;
    const foreign = client.get(`${two.origin}/api/v1/x`, { token });
    expect(await rejection(foreign)).toMatchObject({ code: 'foreign_origin' });
    await client.userinfo({ token });
    await client.revokeToken(token);
    expect(one.last('/oauth/revoke').form.get('token')).toBe(token.access_token);
    expect(two.requests).toEqual([]);
  });

  it('[D8] stays at its server, whatever the responses of that say', async () => {
    one.token = { server: { instance: two.origin }, refresh_token: 'rt', expires_in: 60 };
    const client = clientOf();
    const token = await loginAt(client, one);
    expect(token.server).toEqual({ instance: one.origin });
    const fresh = await client.refreshToken(token);
    expect(fresh.server).toEqual({ instance: one.origin });
    expect(two.requests).toEqual([]);
  });

  it('[D8] works in another process, sealed or stored', async () => {
    const { clientRegistrations } = registrations();
    const secret = 'a secret of thirty-two characters';
    const token = await loginAt(clientOf({ clientRegistrations }), one);
    const other = clientOf({ clientRegistrations });
    const moved = await deserializeToken<OAuth2Token>(await serializeToken(token, secret), secret);
    expect(await (await other.get('x', { token: moved })).json()).toEqual({ here: one.host });
    expect((await other.userinfo({ token: moved })).sub).toBe(`${one.origin}/users/alice`);
    await other.revokeToken(moved);
    expect(one.count(apps)).toBe(1);
  });

  it('[D8] is refreshed at its server, and remains bound to it', async () => {
    one.token = { refresh_token: 'rt', expires_in: 1 };
    const updated: unknown[] = [];
    const client = clientOf({ updateToken: (_, token) => void updated.push(token) });
    const token = await loginAt(client, one);
    one.token = { refresh_token: 'rt-2' };
    await client.get('x', { token: { ...token, expires_at: 1 } });
    expect(one.last('/oauth/token').form.get('grant_type')).toBe('refresh_token');
    expect(updated).toMatchObject([{ refresh_token: 'rt-2', server: { instance: one.origin } }]);
  });

  it.each([undefined, null, {}, 'x', { instance: 7 }, { instance: '../x' }, { other: 'x' }])(
    '[D8] is sent nowhere without its server: %j',
    async (server) => {
      const client = clientOf();
      const token = { ...(await loginAt(client, one)), server } as OAuth2Token;
      one.requests.length = 0;
      for (const call of [
        () => client.get('x', { token }),
        () => client.userinfo({ token }),
        () => client.revokeToken(token),
        () => client.revokeToken(token.access_token),
        () => client.refreshToken({ ...token, refresh_token: 'rt' }),
      ]) {
        expect(await rejection(call())).toMatchObject({ code: 'invalid_token' });
      }
      expect(one.requests).toEqual([]);
    },
  );

  it('[D8] identifies no user of another server', async () => {
    const client = clientOf();
    const alice = await loginAt(client, one);
    two.profile = { uri: `${one.origin}/users/alice`, url: `${one.origin}/@alice` };
    const impostor = await loginAt(client, two);
    expect(impostor.userinfo?.sub).toBe(`${two.origin}$${one.origin}/users/alice`);
    expect((await client.userinfo({ token: impostor })).sub).toBe(impostor.userinfo?.sub);
    expect(client.identity(impostor)).not.toBe(client.identity(alice));
  });

  it('[D8] needs no server if no token is sent', async () => {
    const answer = await clientOf().get(`${one.origin}/api/v1/x`, { withholdToken: true });
    expect(await answer.json()).toEqual({ here: one.host });
    const relative = clientOf().get('x', { withholdToken: true });
    expect(await rejection(relative)).toMatchObject({ code: 'invalid_options' });
  });
});

describe('a token that the hook checkToken assigns to another server', () => {
  const assigning = (serverOf: () => unknown) => {
    const preset = mastodon({ clientRegistrations: registrations().clientRegistrations });
    const checkToken = (token: OAuth2Token) => ({ ...token, server: serverOf() }) as OAuth2Token;
    return clientOf({ ...preset, serverLocator: { ...preset.serverLocator, checkToken } });
  };

  it('[D8] is used at that server from then on', async () => {
    const client = assigning(() => ({ instance: two.origin }));
    await start(client, two);
    const token = await loginAt(client, one);
    expect(token.server).toEqual({ instance: two.origin });
    expect(token.userinfo?.sub).toBe(`${two.origin}/users/alice`);
    expect(await (await client.get('x', { token })).json()).toEqual({ here: two.host });
  });

  it.each([{}, { instance: '../x' }, 'x'])(
    '[D8] is rejected if that is no server, but no refresh token is lost: %j',
    async (server) => {
      one.token = { refresh_token: 'rt' };
      let assigned: unknown = server;
      const client = assigning(() => assigned);
      expect(await rejection(loginAt(client, one))).toMatchObject({ code: 'invalid_token' });
      assigned = { instance: one.origin };
      const token = await loginAt(client, one);
      assigned = server;
      one.token = { refresh_token: 'rt-2' };
      const fresh = await client.refreshToken(token);
      expect(fresh).toMatchObject({ refresh_token: 'rt-2', server: { instance: one.origin } });
    },
  );
});

describe('a server that hands users over to another one (RFC 9700 §4.4)', () => {
  const client = (): Client => clientOf();

  /** A person begins at `two`, which sends them to `one` with the challenge of an attacker's own login. */
  async function handOver(chosen: Client) {
    const attacker = await start(chosen, one);
    const begun = await start(chosen, two);
    const url = new URL(attacker.url);
    url.searchParams.set('state', begun.state);
    return { begun, back: await comeBack({ ...attacker, url: url.href }) };
  }

  const codesAt = (instance: Instance): number =>
    instance.requests.filter(({ form }) => form.has('code')).length;

  it('[D8] gets no code of the other one, if each has a redirect URI of its own', async () => {
    const chosen = client();
    const { begun, back } = await handOver(chosen);
    const mixed = chosen.fetchAccessToken(back.href, begun);
    expect(await rejection(mixed)).toMatchObject({ code: 'mismatching_issuer' });
    const mark = new URL(begun.redirectUri).searchParams.get('server') ?? '';
    const both = new URLSearchParams([['server', mark], ...back.searchParams]);
    expect(await rejection(chosen.fetchAccessToken(both, begun))).toMatchObject({
      code: 'mismatching_issuer',
    });
    back.searchParams.delete('server');
    const unmarked = chosen.fetchAccessToken(back.href, begun);
    expect(await rejection(unmarked)).toMatchObject({ code: 'mismatching_issuer' });
    expect([codesAt(one), codesAt(two)]).toEqual([0, 0]);
  });

  it('[D8] does not affect a login that ends at the server at which it began', async () => {
    const chosen = client();
    const token = await loginAt(chosen, one);
    expect(token.server).toEqual({ instance: one.origin });
    expect(one.last(apps).form.get('redirect_uris')).toMatch(/\?server=[\w-]{43}$/);
    const { redirectUri: first } = await start(chosen, one);
    expect((await start(chosen, two)).redirectUri).not.toBe(first);
    expect(one.count(apps)).toBe(1);
  });

  it.each([
    { redirectUriPerServer: false },
    { clientId: 'mine', servers: () => true },
    { responseMode: 'form_post' },
  ] as const)('[D8] finds the one that was registered by hand: %j', async (options) => {
    expect((await start(clientOf(options), one)).redirectUri).toBe(redirectUri);
    const own = await start(clientOf({ clientId: 'mine', redirectUriPerServer: true }), one);
    expect(own.redirectUri).toMatch(/\?server=[\w-]{43}$/);
  });

  it('[D8] is told from others by a query alone', () => {
    expect(() => clientOf({ redirectUriPerServer: true, responseMode: 'form_post' })).toThrow(
      /"responseMode" must be query/,
    );
  });
});

describe('servers that the application accepts', () => {
  it('[D8] are a list', async () => {
    const client = clientOf({ servers: [one.host, 'mastodon.social'] });
    await loginAt(client, one);
    expect(await rejection(start(client, two))).toMatchObject({ code: 'invalid_server' });
    expect(two.requests).toEqual([]);
  });

  it('[D8] are what a function says, and nothing else is asked', async () => {
    const seen: unknown[] = [];
    const servers = async (server: object): Promise<boolean> => seen.push(server) === 1;
    const client = clientOf({ servers });
    await start(client, one);
    expect(await rejection(start(client, two))).toMatchObject({ code: 'invalid_server' });
    expect(seen).toEqual([{ instance: one.origin }, { instance: two.origin }]);
    expect(two.requests).toEqual([]);
  });
});

describe('URLs that a user enters (SSRF)', () => {
  const strict = (more: RegisterOptions = {}) => clientOf(more, { allowPrivateNetworks: false });

  // prettier-ignore
  it.each([
    '127.0.0.1', 'localhost', '2130706433', '0x7f.1', '[::1]', '169.254.169.254', '10.0.0.1', 'metadata.google.internal',
    'http://127.0.0.1', 'app.localhost', 'localhost.',
  ])('[D8] lead to no private host by default: %s', async (instance) => {
    const error = await rejection(strict().createAuthorizationUrl(redirectUri, { instance }));
    expect(error.code).toMatch(/^(unsafe_address|invalid_server)$/);
    expect(error).toMatchObject({ statusCode: 400 });
  });

  it('[D8] lead to no private host by DNS, checked when connecting', async () => {
    const asked: string[] = [];
    vi.spyOn(dns, 'lookup').mockImplementation(((
      name: string,
      _: unknown,
      found: (error: null, all: object[]) => void,
    ) => {
      asked.push(name);
      found(null, [{ address: '127.0.0.1', family: 4 }]);
    }) as never);
    const instance = `social.example:${one.host.split(':')[1]}`;
    const error = await rejection(strict().createAuthorizationUrl(redirectUri, { instance }));
    expect(error).toMatchObject({ code: 'unsafe_address', statusCode: 400 });
    expect(asked).toEqual(['social.example']);
    expect(one.requests).toEqual([]);
    expect(error.message).not.toContain('127.0.0.1');
  });

  it('[D8] are checked at later calls as well, with the token at hand', async () => {
    const token = await loginAt(clientOf(), one);
    const error = await rejection(strict().get('x', { token }));
    expect(error).toMatchObject({ code: 'insecure_transport' });
  });

  it('[D8] follow redirects only to what may be asked', async () => {
    const asked: string[] = [];
    const fetch = async (input: string | URL | Request): Promise<Response> => {
      asked.push(String(input));
      return new Response(null, { status: 302, headers: { location: 'https://10.0.0.1/' } });
    };
    const login = strict({ fetch }).createAuthorizationUrl(redirectUri, { instance: 'a.example' });
    expect(await rejection(login)).toMatchObject({ code: 'unsafe_address' });
    expect(asked).toEqual(['https://a.example/.well-known/oauth-authorization-server']);
  });
});
