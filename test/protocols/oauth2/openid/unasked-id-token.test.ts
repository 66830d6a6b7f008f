import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import { describe, expect } from 'vitest';
import { plainClient } from '../../../support/apps/express.js';
import { json } from '../../../support/provider/response.js';
import type { FakeProvider } from '../../../support/provider/index.js';
import { comeBack, login, redirectUri, rejection } from '../../../support/login.js';
import { itWith } from '../../../support/fixtures.js';

const it = itWith({ openid: false });

const register = (provider: FakeProvider, more: RegisterOptions = {}) =>
  new OAuth({ config: {} }).register('plain', plainClient(provider, more)).plain;

/** The provider sends an id_token to everybody. */
function sendAlways(provider: FakeProvider, idToken: unknown): void {
  provider.quirks.tokenResponse = (body) => json({ ...body, id_token: idToken });
}

describe('an id_token that was not asked for', () => {
  it('[A6] is a field like any unknown one, if nothing can verify it (RFC 6749 §5.1)', async ({
    provider,
  }) => {
    sendAlways(provider, 'not.a.jwt');
    for (const client of [register(provider), register(provider, { issuer: provider.issuer })]) {
      const token = await login(client);
      expect(token).not.toHaveProperty('id_token');
      expect(token).not.toHaveProperty('userinfo');
      expect(await client.refreshToken(token)).not.toHaveProperty('id_token');
    }
  });

  it('[A20] is verified if that is possible', async ({ provider }) => {
    sendAlways(provider, 'not.a.jwt');
    const client = register(provider, {
      issuer: provider.issuer,
      jwksUri: `${provider.base}/jwks`,
    });
    expect((await rejection(login(client))).code).toBe('invalid_id_token');
  });

  it('[A20] is not the one that a login asked for', async ({ provider }) => {
    sendAlways(provider, 'not.a.jwt');
    const client = register(provider);
    const request = await client.createAuthorizationUrl(redirectUri, { scope: 'openid' });
    const refused = client.fetchAccessToken((await comeBack(request)).href, request);
    expect((await rejection(refused)).message).toContain('Cannot validate the id_token: no issuer');
  });

  it('[A20] does not replace one that was verified once (OpenID Connect Core §12.2)', async ({
    provider,
  }) => {
    const token = {
      access_token: 'at',
      token_type: 'Bearer',
      refresh_token: 'rt',
      id_token: 'a.b.c',
    };
    provider.on('token', () => json({ ...token, id_token: 'not.a.jwt' }));
    expect(await register(provider).refreshToken(token)).toMatchObject({ id_token: 'a.b.c' });
  });
});
