import { OAuth, stepUp, type OAuthOptions, type RegisterOptions } from '@oauth-registry/core';
import type { ClientRegistration } from '@oauth-registry/core/types';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startMcp, type McpWorld } from '../../../support/mcp-world.js';
import { comeBack, login, redirectUri, rejection } from '../../../support/login.js';

let world: McpWorld;
beforeEach(async () => {
  world = await startMcp();
});
afterEach(() => world.close());

const clientOf = (more: RegisterOptions = {}, oauth: OAuthOptions = {}) =>
  new OAuth({ config: {}, ...oauth }).register('mcp', { resource: world.resource, ...more }).mcp;

type Client = ReturnType<typeof clientOf>;

/** What was registered, in order. */
const registered = (): Record<string, unknown>[] =>
  world.requests
    .filter(({ path }) => path === '/as/register')
    .map(({ text }) => JSON.parse(text) as Record<string, unknown>);

async function loginFor(client: Client, scope: string) {
  const request = await client.createAuthorizationUrl(redirectUri, { scope });
  return await client.fetchAccessToken((await comeBack(request)).href, request);
}

describe('a client that registers itself at the server of a resource', () => {
  it('registers with the scope it asks for, and again when that grows (RFC 7591 §2)', async () => {
    world.strictScope = true;
    const client = clientOf();
    await login(client);
    await loginFor(client, 'files:write');
    await loginFor(client, 'files:read');
    await loginFor(client, 'files:read files:write');
    expect(registered().map(({ scope }) => scope)).toEqual([
      'files:read',
      'files:read files:write',
    ]);
  });

  it('registers for a scope after a registration that asked for none', async () => {
    world.strictScope = true;
    world.change.challenge = { scope: '' };
    world.change.resource = { scopes_supported: undefined };
    const client = clientOf();
    const { url } = await client.createAuthorizationUrl(redirectUri);
    expect(new URL(url).searchParams.get('scope')).toBe(null);
    await loginFor(client, 'files:write');
    expect(registered().map(({ scope }) => scope)).toEqual([undefined, 'files:write']);
  });

  it('registers at once for the scope that clientMetadata names', async () => {
    world.strictScope = true;
    const client = clientOf({ clientMetadata: { scope: 'files:write admin' } });
    await login(client);
    await loginFor(client, 'admin files:read');
    expect(registered().map(({ scope }) => scope)).toEqual(['files:write admin files:read']);
  });

  it('ends logins and refreshes tokens with the client they began with', async () => {
    const kept = new Map<string, ClientRegistration>();
    const clientRegistrations = {
      get: (issuer: string) => kept.get(issuer),
      put: (issuer: string, made: ClientRegistration) => void kept.set(issuer, made),
    };
    const client = clientOf({ clientRegistrations });
    const early = await login(client);
    const pending = await client.createAuthorizationUrl(redirectUri);
    await loginFor(client, 'files:write');
    expect(registered()).toHaveLength(2);
    const other = clientOf({ clientRegistrations });
    const token = await other.fetchAccessToken((await comeBack(pending)).href, pending);
    const first = new URL(pending.url).searchParams.get('client_id');
    expect([token['client_id'], early['client_id']]).toEqual([first, first]);
    const fresh = await other.refreshToken(early);
    expect(world.last('/as/token').form.get('client_id')).toBe(first);
    expect(fresh['client_id']).toBe(first);
  });

  it.each([
    [['client_secret_post'], 'client_secret_post'],
    [['client_secret_basic', 'client_secret_post'], 'client_secret_post'],
    [['client_secret_basic'], 'client_secret_basic'],
    [['client_secret_post', 'none'], 'none'],
    [undefined, 'client_secret_basic'],
  ])('takes its authentication from the metadata: %j', async (listed, method) => {
    world.change.server = { token_endpoint_auth_methods_supported: listed };
    await login(clientOf());
    expect(registered()[0]?.['token_endpoint_auth_method']).toBe(method);
    const { form, headers } = world.last('/as/token');
    expect(form.get('client_secret')).toBe(method === 'client_secret_post' ? 'given' : null);
    expect(headers.authorization !== undefined).toBe(method === 'client_secret_basic');
  });

  it('takes the authentication it is told, whose secret it will be given', async () => {
    await login(clientOf({ tokenEndpointAuthMethod: 'client_secret_basic' }));
    expect(registered()[0]?.['token_endpoint_auth_method']).toBe('client_secret_basic');
    expect(world.last('/as/token').headers.authorization).toMatch(/^Basic /);
    expect(() =>
      clientOf({ clientId: 'told', tokenEndpointAuthMethod: 'client_secret_basic' }),
    ).toThrow('"clientSecret" is missing');
  });

  it.each([
    [{}, 'client_secret_post'],
    [{ token_endpoint_auth_method: 'client_secret_basic' }, 'client_secret_basic'],
  ])('authenticates as the registration response says: %j', async (said, method) => {
    world.change.server = { token_endpoint_auth_methods_supported: ['client_secret_post', 'none'] };
    const body = JSON.stringify({ client_id: 'x', client_secret: 'given', ...said });
    world.replace.set('/as/register', { status: 201, body });
    await login(clientOf());
    const { form, headers } = world.last('/as/token');
    expect(form.get('client_secret') !== null).toBe(method === 'client_secret_post');
    expect(headers.authorization !== undefined).toBe(method === 'client_secret_basic');
  });

  it('says what kind of application it is (MCP authorization, application type)', async () => {
    await clientOf().createAuthorizationUrl(redirectUri);
    await clientOf().createAuthorizationUrl('https://app.example/callback');
    const told = { clientMetadata: { application_type: 'web' } };
    await clientOf(told).createAuthorizationUrl(redirectUri);
    expect(registered().map((one) => one['application_type'])).toEqual(['native', 'web', 'web']);
  });

  it.each([['plain'], [], undefined, 'S256'].map((methods) => ({ methods })))(
    'begins no login unless the server says that it supports PKCE with S256: $methods',
    async ({ methods }) => {
      world.change.server = { code_challenge_methods_supported: methods };
      const error = await rejection(clientOf().createAuthorizationUrl(redirectUri));
      expect([error.code, error.message]).toEqual([
        'invalid_metadata',
        expect.stringContaining('"code_challenge_methods_supported"'),
      ]);
      expect(world.paths()).not.toContain('/as/register');
      await login(clientOf({ pkce: 'S256' }));
    },
  );

  it('withholds a secret from a server that only the resource names, at register()', async () => {
    const own = { clientId: 'known', clientSecret: 'secret' };
    expect(() => clientOf(own)).toThrow('Give the "issuer"');
    expect(() => clientOf({ ...own, chooseAuthorizationServer: ([one]) => one ?? '' })).toThrow(
      'Give the "issuer"',
    );
    await login(clientOf({ ...own, issuer: world.issuer }));
    expect(world.last('/as/token').headers.authorization).toMatch(/^Basic /);
    const elsewhere = clientOf({ ...own, issuer: 'https://id.example' });
    expect((await rejection(login(elsewhere))).code).toBe('invalid_options');
  });

  it('asks for the earlier scope again, though the token response has none (RFC 6749 §5.1)', async () => {
    const client = clientOf();
    const token = await loginFor(client, 'files:read files:list');
    expect(token.scope).toBe('files:read files:list');
    const headers = {
      'www-authenticate': 'Bearer error="insufficient_scope", scope="files:write"',
    };
    world.replace.set('/mcp', { status: 403, headers });
    const needed = stepUp(await client.post('', { token, json: {} }), token);
    expect(needed?.params?.['scope']).toBe('files:read files:list files:write');
    const plain = await login(client);
    expect(plain.scope).toBe('files:read');
  });
});
