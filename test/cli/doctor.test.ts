import { OAuth, type OAuthOptions, type RegisterOptions } from '@oauth-registry/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { inspectRegistry } from '@oauth-registry/core/inspect';
import { oauth1Client, openidClient, plainClient } from '../support/apps/express.js';
import { startMcp } from '../support/mcp-world.js';
import {
  smallKey,
  startProvider,
  type ProviderResponse,
  type FakeProvider,
} from '../support/provider/index.js';

let provider: FakeProvider;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
afterEach(() => provider.reset());

async function examined(registry: unknown, callback?: string) {
  let printed = '';
  let code = 0;
  for await (const { client, findings } of inspectRegistry(registry, callback)) {
    printed += `${client}\n`;
    for (const { level, check, text } of findings) {
      printed += `  ${level.padEnd(8)}${check.padEnd(23)}${text}\n`;
      if (level === 'error') code = 1;
    }
  }
  /** The one line of a check. */
  const line = (check: string) =>
    printed.split('\n').find((text) => text.slice(10).startsWith(check)) ?? printed;
  return { code, printed, line };
}

const registry = (options: RegisterOptions, shared: OAuthOptions = {}) =>
  new OAuth({ config: {}, baseUrl: 'https://app.example', ...shared }).register('corp', options);

const doctor = (more: RegisterOptions = {}, shared: OAuthOptions = {}) =>
  examined(registry(openidClient(provider, more), shared));

describe('oauth-registry doctor', () => {
  it('[X6] finds nothing to change in a registry that is right', async () => {
    const { code, printed } = await doctor();
    expect(printed).not.toMatch(/^ {2}(error|warning)/m);
    expect(printed.match(/^ {2}ok/gm)).toHaveLength(7);
    expect(code).toBe(0);
  });

  it('[X6] asks for the own token of a client that acts for itself, and for no code', async () => {
    const own: RegisterOptions = { grantType: 'client_credentials', authorizeUrl: undefined };
    const robot = (more: RegisterOptions = {}) =>
      examined(registry(plainClient(provider, { ...own, ...more })));
    const { code, line } = await robot();
    expect(line('client authentication')).toMatch(/^ {2}ok .*its own token/);
    expect(provider.last('token').form.get('grant_type')).toBe('client_credentials');
    expect(code).toBe(0);
    expect((await robot({ clientSecret: 'wrong' })).line('client authentication')).toMatch(
      /^ {2}error .*rejected the client/,
    );
    const refusals = {
      unauthorized_client: /not allowed to use client credentials/,
      odd: /refused/,
    };
    for (const [error, said] of Object.entries(refusals)) {
      provider.on('token', () => ({ status: 400, body: { error } }));
      expect((await robot()).line('client authentication')).toMatch(said);
    }
  });

  it('[X6] does not miss the server if users choose it with each login', async () => {
    const { code, line } = await examined(registry({ preset: 'mastodon' }));
    expect(line('discovery')).toMatch(/^ {2}ok .*users choose/);
    expect(code).toBe(0);
  });

  it('[X6] tells how a client that knows only its resource becomes known to the server', async () => {
    const world = await startMcp();
    const mcp = async (more: RegisterOptions = {}) =>
      (await examined(registry({ resource: world.resource, ...more }))).line('client authentic');
    expect(await mcp()).toMatch(/^ {2}ok .*registers dynamically/);
    world.change.server = { client_id_metadata_document_supported: true };
    const clientIdMetadataUrl = 'https://app.example/oauth/client.json';
    expect(await mcp({ clientIdMetadataUrl })).toMatch(
      /^ {2}ok .*supports client metadata documents/,
    );
    world.change.server = { registration_endpoint: undefined };
    expect(await mcp()).toMatch(/^ {2}error .*set "clientId"/);
    expect(world.paths()).not.toContain('/as/register');
    await world.close();
  });

  it('[X6] tells that discovery is not reachable, and at which URL', async () => {
    provider.quirks.fault.metadata = 'missing-404';
    const { code, line } = await doctor();
    expect(line('discovery')).toMatch(/^ {2}error .*404/);
    expect(code).toBe(1);
  });

  it('[X6] tells that the issuer is another (RFC 8414 §3.3)', async () => {
    provider.quirks.metadata = { issuer: 'https://other.example' };
    const { code, printed } = await doctor({
      serverMetadataUrl: undefined,
      issuer: provider.issuer,
    });
    expect(printed).toMatch(/^ {2}error .*issuer/m);
    expect(code).toBe(1);
  });

  it.each([
    ['https://app.example', 'ok', 'https://app.example/callback/corp', 'Secure and SameSite=Lax'],
    ['http://localhost:3000', 'warning', 'only for development', 'not Secure'],
    ['http://app.example', 'error', 'Set an https "baseUrl"', 'Use https'],
  ])('[X6] judges the base URL %s: %s', async (baseUrl, level, address, cookies) => {
    const { code, line } = await doctor({}, { baseUrl });
    expect(line('redirect URI').trim()).toMatch(new RegExp(`^${level} `));
    expect(line('redirect URI')).toContain(address);
    expect(line('cookies')).toContain(cookies);
    expect(code).toBe(level === 'error' ? 1 : 0);
  });

  it('[X6] builds the redirect URI at which callbacks arrive', async () => {
    const clients = registry(openidClient(provider, { requirePushedAuthorizationRequests: true }));
    provider.quirks.metadata = {
      pushed_authorization_request_endpoint: `${provider.base}/api/par`,
    };
    provider.on('api', () => ({ status: 201, body: { request_uri: 'urn:1', expires_in: 60 } }));
    const { line } = await examined(clients, '/auth/callback/{name}');
    const expected = 'https://app.example/auth/callback/corp';
    expect(line('redirect URI')).toContain(expected);
    expect(provider.last('api').form.get('redirect_uri')).toBe(expected);
  });

  it('[X6] warns of a registry without a base URL', async () => {
    const { code, line } = await doctor({}, { baseUrl: undefined });
    expect(line('redirect URI')).toContain('has no "baseUrl"');
    expect(code).toBe(0);
  });

  it('[X6] tells that form_post cookies need https (RFC 6265bis §4.1.2.7)', async () => {
    const formPost = { responseMode: 'form_post' } as const;
    const http = await doctor(formPost, { baseUrl: 'http://localhost:3000' });
    expect(http.line('cookies')).toMatch(/^ {2}error .*SameSite=None; Secure/);
    const https = await doctor(formPost);
    expect(https.line('cookies')).toMatch(/^ {2}ok .*SameSite=None/);
  });

  it.each([
    [-120, 'ahead'],
    [120, 'behind'],
  ])('[X6] tells that clocks differ by %i s', async (seconds, direction) => {
    const date = new Date(Date.now() + seconds * 1000).toUTCString();
    provider.on('metadata', async (_request, respond) => {
      const answer: ProviderResponse = await respond();
      return { ...answer, headers: { ...answer.headers, date } };
    });
    const { code, line } = await doctor();
    expect(line('clock')).toMatch(new RegExp(`^ {2}error .*1[12]\\d s ${direction}.*NTP`));
    expect(code).toBe(1);
  });

  it('[X6] tells that the provider does not accept the secret (RFC 6749 §5.2)', async () => {
    const clientSecret = 'a-wrong-secret';
    const { code, printed, line } = await doctor({ clientSecret });
    expect(line('client authentication')).toMatch(/^ {2}error .*invalid_client.*"clientSecret"/);
    expect(printed).not.toContain(clientSecret);
    expect(code).toBe(1);
  });

  it('[X6] warns if the response tells nothing of the client', async () => {
    provider.on('token', () => ({ status: 400, body: { error: 'invalid_request' } }));
    const { code, line } = await doctor();
    expect(line('client authentication')).toMatch(/^ {2}warning .*invalid_request/);
    expect(code).toBe(0);
  });

  it('[X6] tells that no key is usable (RFC 7518 §3.3)', async () => {
    provider.quirks.jwks = { keys: [smallKey().jwk] };
    const { code, line } = await doctor();
    expect(line('keys')).toMatch(/^ {2}error .*none of the provider's 1 keys/);
    expect(code).toBe(1);
  });

  it('[X6] tells that the keys cannot be had', async () => {
    provider.quirks.jwksStatus = 500;
    const { code, line } = await doctor();
    expect(line('keys')).toMatch(/^ {2}error .*500/);
    expect(code).toBe(1);
  });

  it('[X6] examines plain OAuth 2 and OAuth 1.0a clients too (RFC 5849 §2.1)', async () => {
    const both = new OAuth({ config: {}, baseUrl: 'https://app.example' })
      .register('plain', plainClient(provider))
      .register('one', { ...oauth1Client(provider), requestTokenUrl: provider.oauth1.request });
    const { code, printed } = await examined(both);
    expect(printed).toMatch(/^plain\n[^]*^ {2}ok +client authentication +accepted\none\n/m);
    expect(printed).toContain('temporary credentials were issued');
    expect(code).toBe(0);
  });

  it('[X6] tells that an OAuth 1.0a provider does not know the client (RFC 5849 §3.2)', async () => {
    const one = { ...oauth1Client(provider), requestTokenUrl: provider.oauth1.request };
    const clientSecret = 'a-wrong-secret';
    const { code, line } = await examined(registry({ ...one, clientSecret }));
    expect(line('client authentication')).toMatch(/^ {2}error .*"clientSecret"/);
    expect(code).toBe(1);
  });

  it.each([undefined, {}, 'oauth'])('[X6] refuses a file that exports %s', async (exported) => {
    await expect(examined(exported)).rejects.toThrow(TypeError);
  });

  it('[X6] finds a redirect URI that the provider does not know', async () => {
    const { redirectUris } = provider.settings;
    provider.settings.redirectUris = ['https://app.example/other'];
    const { code, line } = await doctor().finally(() => {
      provider.settings.redirectUris = redirectUris;
    });
    expect(line('authorization endpoint')).toMatch(
      /^ {2}error .*Register exactly https:\/\/app\.example\/callback\/corp/,
    );
    expect(code).toBe(1);
  });

  it.each([
    ['authorizeUrl', 'authorization endpoint'],
    ['userinfoEndpoint', 'userinfo endpoint'],
  ])('[X6] finds an "%s" that is not there', async (option, check) => {
    const { code, line } = await doctor({ [option]: `${provider.base}/nowhere` });
    expect(line(check)).toMatch(new RegExp(`^ {2}error .*404.*"${option}"`));
    expect(code).toBe(1);
  });

  it.each<[RegisterOptions, string, RegExp]>([
    [
      { scope: 'openid unheard-of' },
      'scopes',
      /"unheard-of" is not in "scopes_supported".*"scope"/,
    ],
    [
      { idTokenSignedResponseAlg: 'PS512' },
      'id_token algorithm',
      /"PS512".*"idTokenSignedResponseAlg"/,
    ],
    [
      { tokenEndpointAuthMethod: 'client_secret_jwt' },
      'authentication method',
      /"client_secret_jwt"/,
    ],
  ])('[X6] compares %o with the lists of the metadata', async (options, check, text) => {
    expect((await doctor(options)).line(check)).toMatch(text);
  });
});
