import { OAuth, type OAuth2Token, type RegisterOptions } from '@oauth-registry/core';
import { describe, expect } from 'vitest';
import { openidClient, oauth1Client, plainClient } from '../../../support/apps/express.js';
import type { ProviderResponse, FakeProvider } from '../../../support/provider/index.js';
import { login, rejection } from '../../../support/login.js';
import { it } from '../../../support/fixtures.js';

function client(provider: FakeProvider, more: RegisterOptions = {}) {
  return new OAuth({ config: {} }).register('openid', openidClient(provider, more)).openid;
}

const token: OAuth2Token = { access_token: 'at', token_type: 'Bearer', refresh_token: 'rt' };

/** What the revocation endpoint was told, request by request. */
function told(provider: FakeProvider): string[] {
  return provider.requests
    .filter(({ endpoint }) => endpoint === 'revoke')
    .map(({ form }) => `${form.get('token_type_hint')}=${form.get('token')}`);
}

describe('revokeToken() (RFC 7009)', () => {
  it('[A23] revokes the refresh token first, then the access token, as this client (§2.1)', async ({
    provider,
  }) => {
    await client(provider).revokeToken(token);
    expect(told(provider)).toEqual(['refresh_token=rt', 'access_token=at']);
    expect(provider.last('revoke').headers['authorization']).toMatch(/^Basic /);
  });

  it('[A23] really ends what the login began', async ({ provider }) => {
    const corp = client(provider, { scope: 'openid email offline_access' });
    const real = await login(corp);
    await corp.revokeToken(real);
    expect((await corp.get('me', { token: real })).status).toBe(401);
    expect(await rejection(corp.refreshToken(real))).toMatchObject({ code: 'invalid_grant' });
  });

  it('[A23] revokes the one token that is named, with its hint or without (§2.1)', async ({
    provider,
  }) => {
    await client(provider).revokeToken(token, { hint: 'access_token' });
    await client(provider).revokeToken('some text');
    await client(provider).revokeToken('some text', { hint: 'refresh_token' });
    expect(told(provider)).toEqual([
      'access_token=at',
      'null=some text',
      'refresh_token=some text',
    ]);
  });

  it.for<[number, string | undefined]>([
    [200, undefined],
    [204, undefined],
    [200, 'OK'],
    [200, '<html>'],
  ])('[A23] is content with status %s and body %s (§2.2)', async ([status, body], { provider }) => {
    provider.on('revoke', () => ({ status, ...(body === undefined ? {} : { body }) }));
    await expect(client(provider).revokeToken(token)).resolves.toBeUndefined();
  });

  it('[A23] tells of a provider that cannot revoke such tokens (§2.2.1)', async ({ provider }) => {
    const answer = { status: 400, body: { error: 'unsupported_token_type' } };
    provider.on('revoke', () => answer);
    expect(await rejection(client(provider).revokeToken(token))).toMatchObject({
      code: 'unsupported_token_type',
      phase: 'revocation',
      client: 'openid',
      error: 'unsupported_token_type',
      providerStatus: 400,
    });
  });

  it('[A23] is content if only the refresh token can be revoked (§2.1)', async ({ provider }) => {
    provider.on('revoke', ({ form }) =>
      form.get('token') === 'at'
        ? { status: 400, body: { error: 'unsupported_token_type' } }
        : undefined,
    );
    await expect(client(provider).revokeToken(token)).resolves.toBeUndefined();
  });

  const saying = (error: string, status = 400): ProviderResponse => ({ status, body: { error } });
  const ok: ProviderResponse = { status: 200 };
  const bothTried: [
    what: string,
    refresh: ProviderResponse,
    access: ProviderResponse,
    code: string | undefined,
  ][] = [
    ['an invalid refresh token', saying('invalid_token'), ok, undefined],
    ['an invalid refresh token, 401', saying('invalid_token', 401), ok, undefined],
    ['a spent refresh token', saying('invalid_grant'), ok, undefined],
    ['a refresh token that is not revocable', saying('unsupported_token_type'), ok, undefined],
    ['two invalid tokens', saying('invalid_token'), saying('invalid_grant'), undefined],
    ['an access token that went along', ok, saying('invalid_request'), undefined],
    ['an access token that is invalid by now', ok, saying('invalid_token'), undefined],
    [
      'a refused access token alone',
      saying('invalid_token'),
      saying('invalid_request'),
      'invalid_request',
    ],
    ['a bad request first', saying('invalid_request'), ok, 'invalid_request'],
    ['a refused client', saying('invalid_client', 401), ok, 'invalid_client'],
    ['a refused client in other words', saying('unauthorized', 401), ok, 'invalid_client'],
    ['a refused client later', ok, saying('invalid_request', 401), 'invalid_request'],
    ['a 403', { status: 403 }, ok, 'provider_refused'],
    ['a 403 later', ok, { status: 403 }, 'provider_refused'],
    ['a 429', { status: 429 }, ok, 'provider_unavailable'],
    ['a 500', ok, { status: 500 }, 'provider_unavailable'],
    ['a broken connection', { destroy: true }, ok, 'provider_unavailable'],
  ];
  it.for(bothTried)(
    '[A23] tries both tokens at %s (§2.2)',
    async ([, refresh, access, code], { provider }) => {
      provider.on('revoke', ({ form }) => (form.get('token') === 'rt' ? refresh : access));
      const outcome = await client(provider)
        .revokeToken(token)
        .catch((error: unknown) => error);
      expect(provider.count('revoke')).toBe(2);
      if (code === undefined) expect(outcome).toBeUndefined();
      else expect(outcome).toMatchObject({ code, phase: 'revocation' });
    },
  );

  it('[A23] asks to try again when the provider is busy (§2.2.1)', async ({ provider }) => {
    provider.on('revoke', () => ({ status: 503, headers: { 'retry-after': '7' } }));
    expect(await rejection(client(provider).revokeToken(token))).toMatchObject({
      code: 'provider_unavailable',
      retryAfter: 7,
    });
  });

  it('[A23] follows no redirect with a token in hand', async ({ provider }) => {
    provider.on('revoke', () => ({ status: 307, headers: { location: `${provider.base}/api/x` } }));
    expect(await rejection(client(provider).revokeToken(token))).toMatchObject({
      code: 'invalid_response',
    });
    expect(provider.count('api')).toBe(0);
  });

  it('[A23] takes the endpoint by hand, and misses one', async ({ provider }) => {
    const oauth = new OAuth({ config: {} })
      .register('told', plainClient(provider, { revocationEndpoint: `${provider.base}/revoke` }))
      .register('untold', plainClient(provider));
    await oauth.told.revokeToken(token);
    expect(told(provider)).toHaveLength(2);
    const error = await rejection(oauth.untold.revokeToken(token));
    expect(error).toMatchObject({ code: 'invalid_options' });
    expect(error.message).toContain('"revocationEndpoint"');
  });

  it.for(['', {}, { access_token: '' }, undefined, null])(
    '[A23] refuses to revoke nothing: %j',
    async (nothing, { provider }) => {
      expect(await rejection(client(provider).revokeToken(nothing as OAuth2Token))).toMatchObject({
        code: 'missing_token',
      });
      expect(provider.count('revoke')).toBe(0);
    },
  );

  it('[A18] lets complianceFix.revokeTokenRequest edit the request', async ({ provider }) => {
    const revokeTokenRequest = ({ headers, body }: { headers: Headers; body: URLSearchParams }) => {
      headers.set('x-mended', 'yes');
      body.delete('token_type_hint');
    };
    await client(provider, { complianceFix: { revokeTokenRequest } }).revokeToken(token);
    expect(provider.last('revoke').headers['x-mended']).toBe('yes');
    expect(provider.last('revoke').form.has('token_type_hint')).toBe(false);
  });

  it('[A23] is no verb of OAuth 1.0a clients', ({ provider }) => {
    const { one } = new OAuth({ config: {} }).register('one', oauth1Client(provider));
    expect(one).not.toHaveProperty('revokeToken');
    expect(one).not.toHaveProperty('introspectToken');
  });
});
