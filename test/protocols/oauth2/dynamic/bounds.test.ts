import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import { describe, expect, it } from 'vitest';
import { redirectUri, rejection } from '../../../support/login.js';

/** Servers that users name: each says of itself what the test wants. */
function clientOf(answer: (url: URL) => object, more: RegisterOptions = {}) {
  const asked: string[] = [];
  const fetch = async (input: string | URL | Request): Promise<Response> => {
    const url = new URL(String(input));
    asked.push(url.href);
    return Response.json(answer(url));
  };
  const { corp } = new OAuth({ config: {}, fetch }).register('corp', {
    clientId: 'app',
    urlVariables: { host: { ask: 'Your organization' } },
    servers: () => true,
    issuer: 'https://{host}',
    serverMetadataUrl: 'https://{host}/.well-known/openid-configuration',
    scope: 'openid',
    ...more,
  });
  const begin = (host: string) => corp.createAuthorizationUrl(redirectUri, { host });
  return { corp, begin, asked };
}

const metadata = ({ origin }: URL, more: object = {}): object => ({
  issuer: origin,
  authorization_endpoint: `${origin}/authorize`,
  token_endpoint: `${origin}/token`,
  jwks_uri: `${origin}/jwks`,
  ...more,
});

describe('what is remembered of servers that users name', () => {
  it('is nothing of a document with more than 64 KB', async () => {
    const { begin } = clientOf((url) => metadata(url, { filler: 'x'.repeat(66_000) }));
    expect((await rejection(begin('one.example.com'))).code).toBe('response_too_large');
    const { begin: small } = clientOf((url) => metadata(url, { filler: 'x'.repeat(60_000) }));
    expect((await small('one.example.com')).url).toContain('https://one.example.com/authorize');
  });

  it('is more for a provider that the application has configured', async () => {
    const fetch = async (input: string | URL | Request): Promise<Response> =>
      Response.json(metadata(new URL(String(input)), { filler: 'x'.repeat(500_000) }));
    const { corp } = new OAuth({ config: {}, fetch }).register('corp', {
      clientId: 'app',
      serverMetadataUrl: 'https://id.example.com/.well-known/openid-configuration',
    });
    expect(await corp.loadServerMetadata()).toHaveProperty('filler');
  });

  it('is only what is used of a document', async () => {
    const long = 'x'.repeat(3000);
    const { corp } = clientOf((url) =>
      metadata(url, {
        filler: 'x',
        service_documentation: 'https://one.example.com/docs',
        revocation_endpoint: `https://one.example.com/${long}`,
        scopes_supported: ['openid', { nested: true }, long],
        mtls_endpoint_aliases: { token_endpoint: 'https://mtls.example.com/token', filler: 'x' },
        require_pushed_authorization_requests: false,
      }),
    );
    expect(await corp.loadServerMetadata({ host: 'one.example.com' })).toEqual({
      issuer: 'https://one.example.com',
      authorization_endpoint: 'https://one.example.com/authorize',
      token_endpoint: 'https://one.example.com/token',
      jwks_uri: 'https://one.example.com/jwks',
      scopes_supported: ['openid'],
      mtls_endpoint_aliases: { token_endpoint: 'https://mtls.example.com/token' },
      require_pushed_authorization_requests: false,
    });
  });

  it('is bounded in bytes as well: the servers unused for longest are found out about again', async () => {
    const { begin, asked } = clientOf((url) => metadata(url, { filler: 'x'.repeat(60_000) }));
    for (let index = 0; index < 300; index += 1) await begin(`s${index}.example.com`);
    await begin('s299.example.com');
    expect(asked).toHaveLength(300);
    await begin('s0.example.com');
    expect(asked).toHaveLength(301);
  });
});
