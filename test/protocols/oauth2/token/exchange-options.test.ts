import { OAuth } from '@oauth-registry/core';
import type { ClaimsOptions } from '@oauth-registry/core/types';
import { describe, expect } from 'vitest';
import { oauth1Client, openidClient, plainClient } from '../../../support/apps/express.js';
import { comeBack, echo, login, redirectUri, rejection } from '../../../support/login.js';
import { it } from '../../../support/fixtures.js';

describe('claimsOptions (OpenID Connect Core §3.1.3.7)', () => {
  it.for<[string, ClaimsOptions]>([
    ['value', { email: { value: 'eve@example.com' } }],
    ['values', { email: { values: ['eve@example.com'] } }],
    ['essential', { hd: { essential: true } }],
    ['validate', { email: { validate: () => false } }],
  ])(
    '[A20] of one call add to those of the client: %s',
    async ([, claimsOptions], { provider }) => {
      const { openid } = new OAuth({ config: {} }).register(
        'openid',
        openidClient(provider, { claimsOptions: { email: { essential: true } } }),
      );
      const first = await openid.createAuthorizationUrl(redirectUri);
      const good = { email: { value: 'ada@example.com' } };
      const token = await openid.fetchAccessToken((await comeBack(first)).href, first, {
        claimsOptions: good,
      });
      expect(token.userinfo?.email).toBe('ada@example.com');
      const second = await openid.createAuthorizationUrl(redirectUri);
      const refused = openid.fetchAccessToken((await comeBack(second)).href, second, {
        claimsOptions,
      });
      expect(await rejection(refused)).toMatchObject({ code: 'invalid_id_token' });
    },
  );

  it('[A20] of the client stay, whatever the call says', async ({ provider }) => {
    const { openid } = new OAuth({ config: {} }).register(
      'openid',
      openidClient(provider, { claimsOptions: { email: { value: 'eve@example.com' } } }),
    );
    const request = await openid.createAuthorizationUrl(redirectUri);
    const refused = openid.fetchAccessToken((await comeBack(request)).href, request, {
      claimsOptions: { email: { value: 'ada@example.com' } },
    });
    expect(await rejection(refused)).toMatchObject({ code: 'invalid_id_token' });
  });
});

describe('accessTokenParams', () => {
  it('[A9] go to the token endpoint; those of one call win', async ({ provider }) => {
    provider.settings.openid = false;
    const { plain } = new OAuth({ config: {} }).register(
      'plain',
      plainClient(provider, { accessTokenParams: { audience: 'a', resource: 'r' } }),
    );
    const request = await plain.createAuthorizationUrl(redirectUri);
    await plain.fetchAccessToken((await comeBack(request)).href, request, {
      params: { resource: 'call', extra: 1 },
    });
    const { form } = provider.last('token');
    expect(Object.fromEntries(form)).toMatchObject({ audience: 'a', resource: 'call', extra: '1' });
    expect(form.getAll('resource')).toEqual(['call']);
  });

  it('[A9] cannot replace what proves the login', async ({ provider }) => {
    provider.settings.openid = false;
    const { plain } = new OAuth({ config: {} }).register(
      'plain',
      plainClient(provider, {
        accessTokenParams: { code: 'x', code_verifier: 'x', redirect_uri: 'x', grant_type: 'x' },
      }),
    );
    const attempt = await login(plain).catch((error: unknown) => error);
    const { form } = provider.last('token');
    expect(attempt).toHaveProperty('access_token');
    for (const [name, value] of form) expect([name, value]).not.toEqual([name, 'x']);
  });
});

describe('realm (RFC 5849 §3.5.1)', () => {
  it('[A5] stands first in every Authorization header of the client, and is not signed', async ({
    provider,
  }) => {
    const { one } = new OAuth({ config: {} }).register('one', {
      ...oauth1Client(provider, { realm: 'Photos & more' }),
      requestTokenUrl: provider.oauth1.request,
    });
    const token = await login(one);
    await echo(one.get('me', { token }));
    for (const endpoint of ['oauth1_request', 'oauth1_access', 'oauth1_api'] as const) {
      const { authorization } = provider.last(endpoint).headers;
      expect(authorization).toMatch(/^OAuth realm="Photos & more", oauth_/);
    }
  });
});
