import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startMcp, type McpWorld } from '../../../support/mcp-world.js';
import { comeBack, login, redirectUri, rejection } from '../../../support/login.js';

let world: McpWorld;
beforeEach(async () => {
  world = await startMcp();
});
afterEach(() => world.close());

const clientOf = (more: RegisterOptions = {}) =>
  new OAuth({ config: {} }).register('mcp', { resource: world.resource, ...more }).mcp;

const [specific, root] = [
  '/.well-known/oauth-protected-resource/mcp',
  '/.well-known/oauth-protected-resource',
];

/** Puts a document somewhere else than where it is. */
const document = (more: object = {}) =>
  JSON.stringify({ resource: world.resource, authorization_servers: [world.issuer], ...more });

describe('a resource whose document is about a parent path', () => {
  it.each(['', '/', '/team', '/team/', '/team/mcp'])(
    'is spoken for by %j of its own origin, which is what tokens are asked for',
    async (path) => {
      const resource = `${world.origin}/team/mcp`;
      const named = `${world.origin}${path}`;
      world.replace.set(root, { status: 200, body: document({ resource: named }) });
      const client = clientOf({ resource });
      const request = await client.createAuthorizationUrl(redirectUri);
      expect(new URL(request.url).searchParams.getAll('resource')).toEqual([named]);
      await client.fetchAccessToken((await comeBack(request)).href, request);
      expect(world.last('/as/token').form.getAll('resource')).toEqual([named]);
    },
  );

  it('is spoken for by the document that its challenge names', async () => {
    const headers = {
      'www-authenticate': `Bearer resource_metadata="${world.origin}${root}"`,
    };
    world.replace.set('/mcp', { status: 401, headers });
    world.replace.set(root, { status: 200, body: document({ resource: `${world.origin}/` }) });
    await login(clientOf());
  });

  it.each([
    'https://elsewhere.example/',
    'https://elsewhere.example/mcp',
    'ORIGIN/mc',
    'ORIGIN/mcp2',
    'ORIGIN/mcp/deeper',
    'ORIGIN/?a=b',
    'ORIGIN/#a',
    'http://user@127.0.0.1/',
    'javascript:alert(1)',
    null,
    ['ORIGIN/'],
  ])('is not spoken for by %j', async (named) => {
    const resource = JSON.parse(
      JSON.stringify(named).replaceAll('ORIGIN', world.origin),
    ) as unknown;
    world.change.challenge = null;
    world.replace.set(specific, { status: 200, body: document({ resource }) });
    const error = await rejection(clientOf().createAuthorizationUrl(redirectUri));
    expect(error.code).toBe('invalid_metadata');
    expect(world.paths()).not.toContain('/as/register');
  });

  it('is not spoken for by a document of another origin that names a parent', async () => {
    const other = await startMcp();
    try {
      const headers = { 'www-authenticate': `Bearer resource_metadata="${other.origin}/x"` };
      world.replace.set('/mcp', { status: 401, headers });
      other.replace.set('/x', { status: 200, body: document({ resource: `${world.origin}/` }) });
      expect((await rejection(login(clientOf()))).code).toBe('invalid_metadata');
      other.replace.set('/x', { status: 200, body: document() });
      await login(clientOf());
    } finally {
      await other.close();
    }
  });
});

describe('issuers in the documents of a resource and of its server', () => {
  it.each([
    ['', '/'],
    ['/', ''],
    ['', ''],
    ['/', '/'],
  ])('are one with %j and %j for the empty path, and exact from there on', async (named, own) => {
    world.change.resource = { authorization_servers: [`${world.origin}${named}`] };
    const issuer = `${world.origin}${own}`;
    const metadata = await fetch(`${world.origin}/.well-known/oauth-authorization-server/as`);
    const body = JSON.stringify({ ...((await metadata.json()) as object), issuer });
    world.replace.set('/.well-known/oauth-authorization-server', { status: 200, body });
    world.change.server = { issuer };
    const client = clientOf();
    const request = await client.createAuthorizationUrl(redirectUri);
    expect(request.issuer).toBe(issuer);
    const token = await client.fetchAccessToken((await comeBack(request)).href, request);
    expect(token['issuer']).toBe(issuer);
    await client.refreshToken(token);
    for (const choice of [`${world.origin}/`, world.origin]) {
      await login(clientOf({ issuer: choice }));
      await login(clientOf({ chooseAuthorizationServer: () => choice }));
    }
    world.change.server = { issuer: own === '' ? `${issuer}/` : issuer.slice(0, -1) };
    const again = await client.createAuthorizationUrl(redirectUri);
    const back = (await comeBack(again)).href;
    expect((await rejection(client.fetchAccessToken(back, again))).code).toBe('mismatching_issuer');
  });

  it('differ if the path is not empty', async () => {
    world.change.resource = { authorization_servers: [`${world.issuer}/`] };
    expect((await rejection(login(clientOf()))).code).toBe('mismatching_issuer');
  });

  it.each([(issuer: string) => [issuer, issuer], () => [world.origin, `${world.origin}/`]])(
    'are one server if they are listed twice',
    async (list) => {
      world.change.resource = { authorization_servers: list(world.issuer) };
      const metadata = await fetch(`${world.origin}/.well-known/oauth-authorization-server/as`);
      const body = JSON.stringify({ ...((await metadata.json()) as object), issuer: world.origin });
      world.replace.set('/.well-known/oauth-authorization-server', { status: 200, body });
      await clientOf().createAuthorizationUrl(redirectUri);
    },
  );

  it.each([
    'https://id.example/?a=b',
    'https://id.example/#a',
    'https://user@id.example/',
    'https://id.example/<script>alert(1)</script>',
    "https://id.example/'onload='",
    'https://id.example/\nforged: line',
  ])('are plain URLs, and nothing of another is shown: %j (RFC 8414 §2)', async (server) => {
    world.change.resource = { authorization_servers: [server] };
    const error = await rejection(clientOf().createAuthorizationUrl(redirectUri));
    expect(error.code).toMatch(/^(invalid_metadata|insecure_transport)$/);
    expect(String(error.stack)).not.toMatch(/script|onload|forged/);
    expect(world.paths()).not.toContain('/as/register');
  });
});

describe('the places of a protected resource document', () => {
  it.each([
    ['502', { status: 502 }],
    ['a page for every path', { status: 200, body: '<!doctype html><title>App</title>' }],
    ['404', { status: 404 }],
    ['a redirect', { status: 302, headers: { location: '/login' } }],
  ])('are tried in turn, also after %s at the first', async (_, answer) => {
    world.change.challenge = { resource_metadata: undefined };
    world.replace.set('/mcp', { status: 401 });
    world.replace.set(specific, answer);
    world.replace.set(root, { status: 200, body: document() });
    await clientOf().createAuthorizationUrl(redirectUri);
  });

  it('are said to be unavailable if one is, and the other has nothing', async () => {
    world.replace.set('/mcp', { status: 401 });
    world.replace.set(specific, { status: 503 });
    expect((await rejection(login(clientOf()))).code).toBe('provider_unavailable');
  });

  it('are not guessed if the challenge names one, which then must be there', async () => {
    world.replace.set(root, { status: 200, body: document() });
    world.replace.set(specific, { status: 200, body: '<!doctype html>' });
    expect((await rejection(login(clientOf()))).code).toBe('invalid_metadata');
    world.replace.set(specific, { status: 502 });
    expect((await rejection(login(clientOf()))).code).toBe('provider_unavailable');
  });
});
