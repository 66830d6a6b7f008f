import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OAuth, type OAuthOptions, type RegisterOptions } from '@oauth-registry/core';
import type { ClientRegistration } from '@oauth-registry/core/types';
import { startMcp, type McpWorld } from '../../../support/mcp-world.js';
import { comeBack, login, redirectUri, rejection } from '../../../support/login.js';

let world: McpWorld;
beforeEach(async () => {
  world = await startMcp();
});
afterEach(() => world.close());

const clientOf = (more: RegisterOptions = {}, oauth: OAuthOptions = {}) =>
  new OAuth({ config: {}, ...oauth }).register('mcp', { resource: world.resource, ...more }).mcp;

/** The ways a discovery can be led astray; whatever is asked, a login must not begin. */
async function refusedWith(more: RegisterOptions = {}): Promise<unknown> {
  const error = await rejection(clientOf(more).createAuthorizationUrl(redirectUri));
  expect(world.paths()).not.toContain('/as/register');
  return error.code;
}

describe('[X14] from a resource URL alone', () => {
  it('finds the server, registers, logs in and calls', async () => {
    const client = clientOf();
    const token = await login(client);
    expect(world.paths()).toEqual([
      '/mcp',
      '/.well-known/oauth-protected-resource/mcp',
      '/.well-known/oauth-authorization-server/as',
      '/as/register',
      '/as/authorize',
      '/as/token',
    ]);
    expect(await (await client.post('', { token, json: {} })).json()).toEqual({ ok: true });
    expect(world.last('/mcp').headers.authorization).toBe('Bearer opaque-token');
  });

  it('calls the resource with a token without a discovery', async () => {
    const token = await login(clientOf());
    world.requests.length = 0;
    await clientOf().post('', { token, json: {} });
    expect(world.paths()).toEqual(['/mcp']);
  });

  it('makes no network call at register()', () => {
    clientOf();
    expect(world.requests).toEqual([]);
  });

  it('sends resource on both legs, and at refreshes (RFC 8707 §2)', async () => {
    const client = clientOf();
    const request = await client.createAuthorizationUrl(redirectUri);
    const asked = new URL(request.url).searchParams;
    expect(asked.getAll('resource')).toEqual([world.resource]);
    expect(asked.get('code_challenge_method')).toBe('S256');
    expect(asked.get('scope')).toBe('files:read');
    const token = await client.fetchAccessToken((await comeBack(request)).href, request);
    expect(world.last('/as/token').form.getAll('resource')).toEqual([world.resource]);
    await client.refreshToken(token);
    expect(world.last('/as/token').form.getAll('resource')).toEqual([world.resource]);
    expect(world.last('/as/token').form.get('grant_type')).toBe('refresh_token');
  });

  it('asks for the scope of the challenge, else for all there is, or what it was told', async () => {
    const scopeOf = async (more: RegisterOptions = {}): Promise<string | null> => {
      const { url } = await clientOf(more).createAuthorizationUrl(redirectUri);
      return new URL(url).searchParams.get('scope');
    };
    expect(await scopeOf()).toBe('files:read');
    expect(await scopeOf({ scope: 'mine' })).toBe('mine');
    world.change.challenge = null;
    expect(await scopeOf()).toBe('files:read files:write');
  });

  it('registers once for all concurrent logins, and stores the client (RFC 7591)', async () => {
    const kept = new Map<string, ClientRegistration>();
    const clientRegistrations = {
      get: (issuer: string) => kept.get(issuer),
      put: (issuer: string, made: ClientRegistration) => void kept.set(issuer, made),
    };
    const clientMetadata = { client_name: 'My app' };
    const first = clientOf({ clientRegistrations, clientMetadata });
    await Promise.all([login(first), login(first), login(first)]);
    const other = clientOf({ clientRegistrations });
    await login(other);
    const registered = world.requests.filter(({ path }) => path === '/as/register');
    expect(registered).toHaveLength(1);
    expect(kept.get(world.issuer)).toMatchObject({
      client_name: 'My app',
      redirect_uris: [redirectUri],
      token_endpoint_auth_method: 'none',
    });
    expect(world.paths().filter((path) => path === '/mcp')).toHaveLength(2);
  });

  it('registers again for a client whose secret has ended, and if a store says null', async () => {
    const over = { client_id: 'old', client_secret: 's', client_secret_expires_at: 5 };
    for (const there of [null, over]) {
      const clientRegistrations = { get: () => there, put: () => undefined };
      const request = await clientOf({ clientRegistrations }).createAuthorizationUrl(redirectUri);
      expect(request.url).toContain('client_id=client-');
    }
  });

  it('accepts a registration with null for nothing, and with redirect URIs in the server’s spelling', async () => {
    const answer = {
      client_id: 'sloppy',
      client_secret: null,
      client_secret_expires_at: null,
      token_endpoint_auth_method: null,
    };
    for (const redirect_uris of [null, [`${redirectUri}/`], 'odd', 5, {}]) {
      const body = JSON.stringify({ ...answer, redirect_uris });
      world.replace.set('/as/register', { status: 201, body });
      const from = world.requests.length;
      const client = clientOf();
      await login(client);
      await login(client);
      const registered = world.paths().slice(from);
      expect(registered.filter((path) => path === '/as/register')).toHaveLength(1);
      expect(world.last('/as/token').form.get('client_id')).toBe('sloppy');
    }
  });

  it('registers at once for all redirect URIs that it is told of', async () => {
    const other = 'https://app.example/other';
    const client = clientOf({ clientMetadata: { redirect_uris: [other] } });
    await client.createAuthorizationUrl(redirectUri);
    await client.createAuthorizationUrl(other);
    const registered = world.requests.filter(({ path }) => path === '/as/register');
    expect(registered).toHaveLength(1);
  });

  it('is its metadata document if the server reads such', async () => {
    world.change.server = { client_id_metadata_document_supported: true };
    const clientIdMetadataUrl = 'https://app.example/oauth/client.json';
    await login(clientOf({ clientIdMetadataUrl }));
    expect(world.paths()).not.toContain('/as/register');
    expect(world.last('/as/token').form.get('client_id')).toBe(clientIdMetadataUrl);
    world.change.server = {};
    await login(clientOf({ clientIdMetadataUrl }));
    expect(world.paths()).toContain('/as/register');
    expect(() => clientOf({ clientIdMetadataUrl: 'https://app.example' })).toThrow(/with a path/);
  });

  it('[A21] reads what the server says of itself before it is known there', async () => {
    expect(await clientOf().loadServerMetadata()).toMatchObject({ issuer: world.issuer });
    expect(world.paths()).not.toContain('/as/register');
  });

  it('[A25] calls for itself, if it is no user that has logged in', async () => {
    const own = {
      clientId: 'robot',
      clientSecret: 'secret',
      issuer: world.issuer,
      grantType: 'client_credentials',
    } as const;
    const robot = clientOf(own);
    expect(await (await robot.post('', { json: {} })).json()).toEqual({ ok: true });
    expect(Object.fromEntries(world.last('/as/token').form)).toEqual({
      grant_type: 'client_credentials',
      resource: world.resource,
      scope: 'files:read',
    });
    world.replace.set('/mcp', { status: 401 });
    expect((await robot.post('', { json: {} })).status).toBe(401);
    expect(world.paths().filter((path) => path === '/as/token')).toHaveLength(2);
  });

  it('takes a client id that it was told, and says what to do without any', async () => {
    await login(clientOf({ clientId: 'told' }));
    expect(world.last('/as/token').form.get('client_id')).toBe('told');
    world.change.server = { registration_endpoint: undefined };
    expect(await refusedWith()).toBe('invalid_options');
  });

  it('reads the metadata at its well-known URL if there is no challenge (RFC 9728 §3.1)', async () => {
    world.change.challenge = null;
    await login(clientOf());
    expect(world.paths()).toContain('/.well-known/oauth-protected-resource/mcp');
  });

  it.each([200, 400, 404, 405, 406, 500])(
    'sends an empty POST if the response to a GET is %d',
    async (status) => {
      const elsewhere = `${world.origin}/elsewhere`;
      world.change.challenge = { resource_metadata: elsewhere };
      const path = '/.well-known/oauth-protected-resource/mcp';
      const right = await fetch(`${world.origin}${path}`);
      world.replace.set(path, { status: 404 });
      world.replace.set('/elsewhere', { status: 200, body: await right.text() });
      world.getStatus = status;
      await login(clientOf());
      expect(world.paths()).toContain('/elsewhere');
    },
  );

  it('passes over a web page at a guessed URL of the metadata, not at one that the resource names', async () => {
    const path = '/.well-known/oauth-protected-resource/mcp';
    const right = await (await fetch(`${world.origin}${path}`)).text();
    world.change.challenge = null;
    world.replace.set(path, { status: 200, body: '<!doctype html>' });
    world.replace.set('/.well-known/oauth-protected-resource', { status: 200, body: right });
    await login(clientOf());
    world.change.challenge = { resource_metadata: `${world.origin}${path}` };
    expect((await rejection(login(clientOf()))).code).toBe('invalid_metadata');
  });

  it.each(['issuer', 'serverMetadataUrl'])(
    'takes the %s it was told if the resource names no server',
    async (option) => {
      world.replace.set('/mcp', { status: 404 });
      world.replace.set('/.well-known/oauth-protected-resource/mcp', { status: 404 });
      expect(await refusedWith()).toBe('invalid_metadata');
      const document = `${world.origin}/.well-known/oauth-authorization-server/as`;
      const value = option === 'issuer' ? world.issuer : document;
      const client = clientOf({ [option]: value, scope: 'files:read' });
      const request = await client.createAuthorizationUrl(redirectUri);
      expect(new URL(request.url).searchParams.get('resource')).toBe(world.resource);
      await client.fetchAccessToken((await comeBack(request)).href, request);
      expect(world.last('/as/token').form.getAll('resource')).toEqual([world.resource]);
    },
  );

  it.each(['/.well-known/openid-configuration/as', '/as/.well-known/openid-configuration'])(
    'finds server metadata at %s (RFC 8414 §5)',
    async (path) => {
      const right = await fetch(`${world.origin}/.well-known/oauth-authorization-server/as`);
      world.replace.set('/.well-known/oauth-authorization-server/as', { status: 404 });
      world.replace.set(path, { status: 200, body: await right.text() });
      await login(clientOf());
    },
  );

  it('lets the application choose between several servers', async () => {
    const servers = ['https://other.example', world.issuer];
    world.change.resource = { authorization_servers: servers };
    expect(await refusedWith()).toBe('invalid_options');
    expect(await refusedWith({ chooseAuthorizationServer: () => 'https://evil.example' })).toBe(
      'invalid_options',
    );
    const seen: (readonly string[])[] = [];
    const chooseAuthorizationServer = (issuers: readonly string[]): string => {
      seen.push(issuers);
      return world.issuer;
    };
    await login(clientOf({ chooseAuthorizationServer }));
    expect(seen).toEqual([servers]);
    await login(clientOf({ issuer: world.issuer }));
  });

  it.each([
    ['another resource (RFC 9728 §3.3)', { resource: 'https://evil.example/mcp' }],
    ['another path', { resource: 'PATH' }],
    ['no resource', { resource: undefined }],
    ['no server', { authorization_servers: [] }],
    ['a server by http', { authorization_servers: ['http://as.example'] }],
    ['a server that is no URL', { authorization_servers: ['javascript:alert(1)'] }],
  ])('refuses metadata of %s', async (_, change) => {
    const deeper = 'resource' in change && change.resource === 'PATH';
    world.change.resource = deeper ? { resource: `${world.resource}/x` } : change;
    expect(await refusedWith()).toMatch(/^(invalid_metadata|insecure_transport)$/);
  });

  it.each([
    ['http', 'http://evil.example/metadata'],
    ['user information', 'https://user:password@evil.example/metadata'],
    ['another scheme', 'file:///etc/passwd'],
    ['no URL', 'metadata'],
  ])('follows no resource_metadata with %s', async (_, address) => {
    world.change.challenge = { resource_metadata: address };
    expect(await refusedWith()).toMatch(/^(invalid_metadata|insecure_transport|invalid_options)$/);
    expect(world.paths()).toEqual(['/mcp']);
  });

  it('lets a resource elsewhere not reach into this machine', async () => {
    const asked: string[] = [];
    const reach = async (input: string | URL | Request): Promise<Response> => {
      asked.push(String(input));
      const headers = { 'www-authenticate': `Bearer resource_metadata="${world.origin}/x"` };
      return new Response(null, { status: 401, headers });
    };
    const client = clientOf({ resource: 'https://mcp.example/mcp', fetch: reach });
    expect((await rejection(client.createAuthorizationUrl(redirectUri))).code).toBe(
      'insecure_transport',
    );
    expect(asked).toEqual(['https://mcp.example/mcp']);
  });

  it.each(['/.well-known/oauth-protected-resource/mcp', '/as/register'])(
    'follows no redirect from %s, and rejects an endless response',
    async (path) => {
      const location = `${world.origin}/elsewhere`;
      world.replace.set(path, { status: 307, headers: { location } });
      expect((await rejection(login(clientOf()))).code).toMatch(/^invalid_/);
      expect(world.paths()).not.toContain('/elsewhere');
      world.replace.set(path, { status: 200, body: `{"a":"${'x'.repeat(1_100_000)}"}` });
      expect((await rejection(login(clientOf()))).code).toBe('response_too_large');
    },
  );

  it('refuses a server that calls itself something else (RFC 8414 §3.3)', async () => {
    world.change.server = { issuer: `${world.issuer}/` };
    expect(await refusedWith()).toBe('mismatching_issuer');
  });

  it('does not look into access tokens, which are for the resource alone to read (RFC 9068 §6)', async () => {
    for (const claims of [
      { aud: world.resource, iss: world.issuer },
      { aud: 'https://other.example/mcp' },
      { aud: 'somebody' },
      { aud: world.resource, iss: 'https://another.example' },
    ]) {
      world.accessToken = claims;
      const client = clientOf();
      const token = await login(client);
      expect((await client.post('', { token, json: {} })).status).toBe(200);
      await client.refreshToken(token);
    }
  });

  it('stops when the resource changed its server while a login was under way', async () => {
    const request = await clientOf().createAuthorizationUrl(redirectUri);
    const cameBack = (await comeBack(request)).href;
    const moved = { ...request, issuer: 'https://before.example' };
    const client = clientOf();
    const { issuer: _, ...unknown } = request;
    for (const data of [moved, unknown]) {
      expect((await rejection(client.fetchAccessToken(cameBack, data))).code).toBe(
        'mismatching_issuer',
      );
    }
    expect(world.paths()).not.toContain('/as/token');
  });

  it('sends no token to another server that the resource names by now', async () => {
    const token = await login(clientOf());
    expect(token['issuer']).toBe(world.issuer);
    const moved = { ...token, issuer: 'https://before.example' };
    const client = clientOf({ userinfoEndpoint: `${world.issuer}/userinfo` });
    await client.createAuthorizationUrl(redirectUri);
    const before = world.paths();
    for (const send of [
      client.refreshToken(moved),
      client.revokeToken(moved),
      client.userinfo({ token: moved }),
      clientOf({ updateToken: () => undefined }).get('', { token: { ...moved, expires_at: 1 } }),
    ]) {
      expect((await rejection(send)).code).toBe('mismatching_issuer');
    }
    expect(
      world
        .paths()
        .slice(before.length)
        .filter((path) => path.startsWith('/as/')),
    ).toEqual([]);
  });
});
