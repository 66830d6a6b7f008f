import { generateKeyPairSync } from 'node:crypto';
import {
  OAuth,
  clientDocument,
  type OAuth2Token,
  type OAuthOptions,
  type RegisterOptions,
} from '@oauth-registry/core';
import { atprotoLoopbackClientId, bluesky } from '@oauth-registry/core/providers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rejection } from '../../support/login.js';
import {
  ada,
  clientId,
  didDocument,
  eve,
  redirectUri,
  startAtproto,
  type AtprotoWorld,
} from './world.js';

let world: AtprotoWorld;
beforeEach(async () => {
  world = await startAtproto();
});
afterEach(() => world.close());

async function clientOf(options: RegisterOptions = {}, oauth: OAuthOptions = {}) {
  const { fetch } = world.hosts;
  const registry = new OAuth({ config: {}, fetch, baseUrl: 'https://app.test', ...oauth });
  const { bluesky: client } = registry.register('bluesky', bluesky({ clientId, ...options }));
  if (!options.clientId) world.client = await clientDocument(client, { client_name: 'Test' });
  return client;
}

type Client = Awaited<ReturnType<typeof clientOf>>;

/** Sends a person to their server, who agrees, and comes back. */
async function comeBack(url: string): Promise<string> {
  const answer = await world.hosts.fetch(url, { redirect: 'manual' });
  const location = answer.headers.get('location');
  if (location === null) throw new Error(`There was no callback, but: ${await answer.text()}`);
  return location;
}

async function login(client: Client, params = {}, uri = redirectUri): Promise<OAuth2Token> {
  const request = await client.createAuthorizationUrl(uri, params);
  // As the pending login travels through a session.
  const kept = JSON.parse(JSON.stringify(request)) as typeof request;
  return await client.fetchAccessToken(await comeBack(request.url), kept);
}

describe('[D7] [D8] a login at the AT Protocol, by a handle', () => {
  it('finds the DID, its server, and who has logged in', async () => {
    const client = await clientOf();
    const token = await login(client, { handle: '@Ada.Test' });
    expect(token).toMatchObject({
      token_type: 'DPoP',
      sub: ada,
      server: {
        issuer: 'https://entry.test',
        pds: 'https://pds.test',
        did: ada,
        handle: 'ada.test',
      },
      userinfo: {
        sub: ada,
        name: 'Ada',
        preferred_username: 'ada.test',
        picture: 'https://cdn.test/ada.jpg',
        profile: 'https://bsky.app/profile/ada.test',
        email_verified: false,
      },
    });
    const [pushed] = world.home.pushed;
    expect(pushed?.get('login_hint')).toBe('ada.test');
    expect(pushed?.get('scope')).toBe('atproto transition:generic');
    expect(pushed?.has('handle')).toBe(false);
  });

  it('shows the browser nothing but a client and a request (RFC 9126 §4)', async () => {
    const { url } = await (
      await clientOf()
    ).createAuthorizationUrl(redirectUri, {
      handle: 'ada.test',
    });
    const { origin, pathname, searchParams } = new URL(url);
    expect(origin + pathname).toBe('https://entry.test/oauth/authorize');
    expect([...searchParams.keys()].toSorted()).toEqual(['client_id', 'request_uri']);
  });

  it('believes the domain name system before the host', async () => {
    world.dns.txt.set('_atproto.ada.test', ['other=1', `did=${ada}`]);
    world.hosts.at.delete('https://ada.test');
    expect((await login(await clientOf(), { handle: 'ada.test' })).userinfo?.sub).toBe(ada);
    world.dns.txt.set('_atproto.ada.test', [`did=${ada}`, `did=${eve}`]);
    const error = await rejection(login(await clientOf(), { handle: 'ada.test' }));
    expect(error).toMatchObject({ code: 'invalid_server' });
  });

  it('calls the user’s own server with a proof, and no other', async () => {
    const client = await clientOf();
    const token = await login(client, { handle: 'ada.test' });
    const stored = JSON.parse(JSON.stringify(token)) as OAuth2Token;
    const later = await clientOf();
    const answer = await later.get('com.atproto.repo.describeRepo', {
      token: stored,
      query: { repo: ada },
    });
    expect(await answer.json()).toEqual({
      method: 'com.atproto.repo.describeRepo',
      search: `?repo=${encodeURIComponent(ada)}`,
      did: ada,
      origin: 'https://pds.test',
    });
    for (const url of ['https://evil.test/xrpc/x', 'https://entry.test/xrpc/x', '//evil.test/x']) {
      expect(await rejection(later.get(url, { token: stored }))).toMatchObject({
        code: 'foreign_origin',
      });
    }
    const { server: _, ...homeless } = stored;
    expect(await rejection(later.get('x', { token: homeless }))).toMatchObject({
      code: 'invalid_token',
    });
  });

  it.each<[string, object]>([
    ['has no sub', { sub: undefined }],
    ['has less than the scope atproto', { scope: 'transition:generic' }],
  ])('accepts what a refresh brings if the response %s (RFC 6749 §6)', async (_what, change) => {
    const client = await clientOf();
    const token = await login(client, { handle: 'ada.test' });
    world.home.change.token = change as Record<string, unknown>;
    const fresh = await client.refreshToken(token);
    expect(fresh.access_token).not.toBe(token.access_token);
    expect(fresh).toMatchObject({ sub: ada, server: token['server'] });
    world.home.change.token = { sub: 'did:plc:somebodyelse' };
    expect(await rejection(client.refreshToken(fresh))).toMatchObject({
      code: 'mismatching_account',
    });
  });

  it('refreshes, once for each refresh token, and asks no other server', async () => {
    const client = await clientOf();
    const token = await login(client, { handle: 'ada.test' });
    world.hosts.asked.length = 0;
    const fresh = await client.refreshToken(token);
    expect(fresh).toMatchObject({ sub: ada, server: token.server, dpop_key: token.dpop_key });
    expect(fresh.access_token).not.toBe(token.access_token);
    expect(world.hosts.asked.filter((asked) => !asked.includes('entry.test'))).toEqual([
      // Their server looks the client up.
      'GET https://app.test/oauth/client.json',
    ]);
    expect(await rejection(client.refreshToken(token))).toMatchObject({ code: 'invalid_grant' });
    world.home.change.token = { sub: eve };
    expect(await rejection(client.refreshToken(fresh))).toMatchObject({
      code: 'mismatching_account',
    });
  });

  it('needs no directory of profiles', async () => {
    world.profile = undefined;
    const token = await login(await clientOf(), { handle: 'ada.test' });
    expect(token.userinfo).toMatchObject({ sub: ada, preferred_username: 'ada.test' });
    world.hosts.at.delete('https://public.api.bsky.app');
    expect((await login(await clientOf(), { handle: 'ada.test' })).userinfo?.sub).toBe(ada);
  });

  it('signs in as a confidential client, with a key', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const jwk = { ...privateKey.export({ format: 'jwk' }), kty: 'EC', kid: 'key-1' };
    const client = await clientOf({
      privateKey: jwk,
      tokenEndpointAuthMethod: 'private_key_jwt',
    });
    expect(world.client['jwks']).toBeDefined();
    const token = await login(client, { handle: 'ada.test' });
    expect((await client.refreshToken(token))['sub']).toBe(ada);
  });

  it('is for developers, too, whose client has no URL', async () => {
    const uri = 'http://127.0.0.1:3000/callback/bluesky';
    const client = await clientOf({ clientId: atprotoLoopbackClientId(uri) });
    expect((await login(client, { handle: 'ada.test' }, uri))['sub']).toBe(ada);
    for (const wrong of ['http://localhost/cb', 'https://app.test/cb', 'nonsense']) {
      expect(() => atprotoLoopbackClientId(wrong)).toThrow(/127\.0\.0\.1/);
    }
  });
});

describe('[D8] a login at the AT Protocol, by other names', () => {
  it('a DID of the directory', async () => {
    const token = await login(await clientOf(), { handle: ada });
    expect(token.server).toMatchObject({ did: ada, handle: 'ada.test' });
    expect(world.home.pushed[0]?.get('login_hint')).toBe('ada.test');
  });

  it('a DID of a host', async () => {
    const did = 'did:web:ada.test';
    world.hosts.at.set('https://ada.test', (request) =>
      new URL(request.url).pathname === '/.well-known/did.json'
        ? Response.json(didDocument(did, 'nobody.test', 'https://pds.test'))
        : new Response('', { status: 404 }),
    );
    world.home.person = did;
    const token = await login(await clientOf(), { handle: did });
    // The handle it claims is nobody's.
    expect(token.server).toEqual({ issuer: 'https://entry.test', pds: 'https://pds.test', did });
    expect(token.userinfo?.sub).toBe(did);
  });

  it.each([
    ['of a personal data server', 'https://pds.test'],
    ['of an authorization server', 'https://entry.test/'],
  ])('the URL %s, if the account is known in the end', async (_what, handle) => {
    const client = await clientOf();
    const token = await login(client, { handle });
    expect(world.home.pushed[0]?.has('login_hint')).toBe(false);
    expect(token).toMatchObject({
      server: {
        issuer: 'https://entry.test',
        pds: 'https://pds.test',
        did: ada,
        handle: 'ada.test',
      },
      userinfo: { sub: ada },
    });
    const answer = await client.get('x', { token });
    expect(await answer.json()).toMatchObject({ origin: 'https://pds.test' });
  });

  it('nothing at all: the server most users are on', async () => {
    const entry = 'https://bsky.social';
    await rejection(login(await clientOf()));
    expect(world.hosts.asked).toContain(`GET ${entry}/.well-known/oauth-protected-resource`);
  });

  it('a server of a network of one’s own', async () => {
    const { atprotoServers } = await import('@oauth-registry/core/providers');
    const directory = 'https://plc.test';
    const found = world.hosts.at.get('https://plc.directory');
    if (found) world.hosts.at.set(directory, found);
    world.hosts.at.delete('https://plc.directory');
    const serverLocator = atprotoServers({ directory, preset: 'https://pds.test' });
    expect((await login(await clientOf({ serverLocator }))).userinfo?.sub).toBe(ada);
  });
});

describe('[D8] what is refused before a login begins', () => {
  async function refused(params: { handle: string }, client?: Client): Promise<unknown> {
    const begun = (client ?? (await clientOf())).createAuthorizationUrl(redirectUri, params);
    const error = await rejection(begun);
    expect(world.home.pushed).toEqual([]);
    expect(world.evil.pushed).toEqual([]);
    return error.code;
  }

  it('a handle that names an account which does not claim it', async () => {
    world.documents.set(ada, didDocument(ada, 'other.test', 'https://pds.test'));
    expect(await refused({ handle: 'ada.test' })).toBe('invalid_server');
  });

  it('a handle that claims the account of another user', async () => {
    // Eve points her domain at Ada's DID: Ada's document does not name the domain.
    world.dns.txt.set('_atproto.eve.test', [`did=${ada}`]);
    expect(await refused({ handle: 'eve.test' })).toBe('invalid_server');
  });

  it('an account whose second name is the handle', async () => {
    const document = didDocument(ada, 'other.test', 'https://pds.test');
    const names = ['at://other.test', 'at://ada.test'];
    world.documents.set(ada, { ...document, alsoKnownAs: names });
    expect(await refused({ handle: 'ada.test' })).toBe('invalid_server');
  });

  it.each([
    ['nobody.test', 'invalid_server'],
    ['did:plc:nobodynobodynobodynobodyn'.slice(0, 32).replaceAll('y', '2'), 'invalid_server'],
    ['not a handle', 'invalid_server'],
    ['https://nowhere.test', 'provider_unavailable'],
    ['https://localhost', 'unsafe_address'],
    ['https://127.0.0.1:2583', 'unsafe_address'],
    ['http://127.0.0.1:2583', 'insecure_transport'],
    ['https://10.0.0.1', 'unsafe_address'],
    ['https://[::1]', 'unsafe_address'],
    ['https://169.254.169.254', 'unsafe_address'],
    ['http://pds.test', 'insecure_transport'],
    ['did:web:localhost', 'insecure_transport'],
  ])('%s (%s)', async (handle, code) => {
    expect(await refused({ handle })).toBe(code);
  });

  it('URLs of this machine and of private networks, wherever a document names them', async () => {
    const inside = [
      'https://127.0.0.1',
      'https://localhost',
      'https://192.168.0.1',
      'https://[fd00::1]',
    ];
    for (const address of inside) {
      world.documents.set(ada, didDocument(ada, 'ada.test', address));
      expect(await refused({ handle: 'ada.test' })).toBe('unsafe_address');
      world.documents.set(ada, didDocument(ada, 'ada.test', 'https://pds.test'));
      world.resource = { authorization_servers: [address] };
      expect(await refused({ handle: 'ada.test' })).toBe('unsafe_address');
      world.resource = {};
      world.home.change.metadata = { token_endpoint: `${address}/token` };
      expect(await refused({ handle: 'ada.test' })).toBe('unsafe_address');
      world.home.change.metadata = { pushed_authorization_request_endpoint: `${address}/par` };
      expect(await refused({ handle: 'ada.test' })).toBe('unsafe_address');
      world.home.change.metadata = {};
    }
    const away = (location: string) => () =>
      new Response(null, { status: 302, headers: { location } });
    world.hosts.at.set('https://ada.test', away('https://127.0.0.1/.well-known/atproto-did'));
    expect(await refused({ handle: 'ada.test' })).toBe('unsafe_address');
  });

  it.each<[string, object]>([
    ['about another DID', { id: eve }],
    ['without a server', { service: [] }],
    ['with a server of another kind', { service: [{ id: '#atproto_pds', type: 'Other' }] }],
    ['with a server below a path', { service: [pdsAt('https://pds.test/path')] }],
    ['with a server that has a user', { service: [pdsAt('https://a:b@pds.test')] }],
    ['with a server of another scheme', { service: [pdsAt('ftp://pds.test')] }],
  ])('a DID document %s', async (_what, change) => {
    world.documents.set(ada, { ...world.documents.get(ada), ...change });
    expect(await refused({ handle: 'ada.test' })).toBe('invalid_metadata');
  });

  it.each<[string, object]>([
    ['about another server', { resource: 'https://evil.test' }],
    ['without a resource', { resource: undefined }],
    [
      'with two authorization servers',
      { authorization_servers: ['https://a.test', 'https://b.test'] },
    ],
    ['with none', { authorization_servers: [] }],
    ['with one below a path', { authorization_servers: ['https://entry.test/path'] }],
  ])('resource metadata %s (RFC 9728 §3.3)', async (_what, change) => {
    world.resource = change as Record<string, unknown>;
    expect(await refused({ handle: 'ada.test' })).toBe('invalid_metadata');
  });

  it.each<[string, object, string]>([
    ['of another issuer', { issuer: 'https://evil.test' }, 'mismatching_issuer'],
    ['without the scope atproto', { scopes_supported: ['openid'] }, 'invalid_metadata'],
    ['without S256', { code_challenge_methods_supported: ['plain'] }, 'invalid_metadata'],
    ['without ES256', { dpop_signing_alg_values_supported: ['RS256'] }, 'invalid_metadata'],
    [
      'that promises no iss',
      { authorization_response_iss_parameter_supported: false },
      'invalid_metadata',
    ],
    ['without PAR', { require_pushed_authorization_requests: undefined }, 'invalid_metadata'],
    ['that reads no clients', { client_id_metadata_document_supported: 'yes' }, 'invalid_metadata'],
  ])('server metadata %s', async (_what, change, code) => {
    world.home.change.metadata = change as Record<string, unknown>;
    expect(await refused({ handle: 'ada.test' })).toBe(code);
  });

  it('documents that are too large, not JSON, or somewhere else', async () => {
    const put = (answer: () => Response) => world.hosts.at.set('https://plc.directory', answer);
    put(() => new Response(`{"a":"${'x'.repeat(1_100_000)}"}`));
    expect(await refused({ handle: 'ada.test' })).toBe('response_too_large');
    put(() => new Response('<html>'));
    expect(await refused({ handle: 'ada.test' })).toBe('invalid_metadata');
    put(() => new Response('[]'));
    expect(await refused({ handle: 'ada.test' })).toBe('invalid_metadata');
    put(() => new Response(null, { status: 302, headers: { location: 'https://evil.test/' } }));
    expect(await refused({ handle: 'ada.test' })).toBe('invalid_response');
    world.hosts.at.set('https://ada.test', () => new Response('x'.repeat(100_000)));
    expect(await refused({ handle: 'ada.test' })).toBe('response_too_large');
  });

  it('a handle whose host sends askers round in circles', async () => {
    const location = 'https://ada.test/.well-known/atproto-did';
    world.hosts.at.set(
      'https://ada.test',
      () => new Response('', { status: 302, headers: { location } }),
    );
    expect(await refused({ handle: 'ada.test' })).toBe('invalid_response');
    expect(world.hosts.asked.filter((asked) => asked.endsWith('atproto-did'))).toHaveLength(6);
  });

  it('a server that the application does not accept', async () => {
    const servers = ({ issuer }: Record<string, string>): boolean =>
      issuer !== 'https://entry.test';
    const client = await clientOf({ servers });
    expect(await refused({ handle: 'ada.test' }, client)).toBe('invalid_server');
  });
});

describe('[D8] what is refused when a login ends', () => {
  it('another account than the one that was named', async () => {
    world.home.person = eve;
    const error = await rejection(login(await clientOf(), { handle: 'ada.test' }));
    expect(error).toMatchObject({ code: 'mismatching_account' });
  });

  it('an account that is at home elsewhere, from a server a user named', async () => {
    world.evil.person = ada;
    const error = await rejection(login(await clientOf(), { handle: 'https://evil.test' }));
    expect(error).toMatchObject({ code: 'mismatching_issuer' });
    world.evil.person = eve;
    const token = await login(await clientOf(), { handle: 'https://evil.test' });
    expect(token.userinfo?.sub).toBe(eve);
  });

  it('an account whose server names another authorization server by now', async () => {
    const client = await clientOf();
    const request = await client.createAuthorizationUrl(redirectUri, {
      handle: 'https://pds.test',
    });
    const callback = await comeBack(request.url);
    world.resource = { authorization_servers: ['https://evil.test'] };
    expect(await rejection(client.fetchAccessToken(callback, request))).toMatchObject({
      code: 'mismatching_issuer',
    });
  });

  it.each<[string, object, string]>([
    ['no sub', { sub: undefined }, 'invalid_response'],
    ['a sub that is no DID', { sub: 'ada.test' }, 'invalid_response'],
    ['no scope', { scope: undefined }, 'invalid_response'],
    ['less than the scope atproto', { scope: 'transition:generic' }, 'invalid_response'],
    ['a token that is bound to nothing', { token_type: 'Bearer' }, 'unsupported_token_type'],
  ])('a token response with %s', async (_what, change, code) => {
    world.home.change.token = change as Record<string, unknown>;
    for (const handle of ['ada.test', 'https://pds.test']) {
      expect(await rejection(login(await clientOf(), { handle }))).toMatchObject({ code });
    }
  });

  it.each<[string, string | undefined]>([
    ['without iss', undefined],
    ['with the iss of another server', 'https://evil.test'],
  ])('a callback %s (RFC 9207)', async (_what, iss) => {
    world.home.change.callback = { iss };
    const error = await rejection(login(await clientOf(), { handle: 'ada.test' }));
    expect(error).toMatchObject({ code: 'mismatching_issuer' });
    expect(world.home.granted).toEqual([]);
  });

  it('a login that another server’s callback is to end', async () => {
    const client = await clientOf();
    const honest = await client.createAuthorizationUrl(redirectUri, { handle: 'ada.test' });
    const callback = new URL(await comeBack(honest.url));
    const other = await client.createAuthorizationUrl(redirectUri, { handle: 'eve.test' });
    callback.searchParams.set('state', other.state);
    expect(await rejection(client.fetchAccessToken(callback.href, other))).toMatchObject({
      code: 'mismatching_issuer',
    });
    expect(world.evil.granted).toEqual([]);
  });
});

function pdsAt(serviceEndpoint: string): object {
  return { id: '#atproto_pds', type: 'AtprotoPersonalDataServer', serviceEndpoint };
}
