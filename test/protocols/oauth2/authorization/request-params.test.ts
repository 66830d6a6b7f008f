import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import { describe, expect } from 'vitest';
import { openidClient, plainClient } from '../../../support/apps/express.js';
import { json } from '../../../support/provider/response.js';
import type { FakeProvider } from '../../../support/provider/index.js';
import { comeBack, redirectUri, rejection } from '../../../support/login.js';
import { it } from '../../../support/fixtures.js';

const details = (account: string) => [{ type: 'payment', account }];

function robot(provider: FakeProvider, more: RegisterOptions = {}) {
  provider.settings.openid = false;
  return new OAuth({ config: {} }).register('robot', plainClient(provider, more)).robot;
}

const sentDetails = (provider: FakeProvider): string | null =>
  provider.last('token').form.get('authorization_details');

describe('authorization_details of a token request (RFC 9396 §6)', () => {
  it('[X12] travel as JSON with a code', async ({ provider }) => {
    const { corp } = new OAuth({ config: {} }).register('corp', openidClient(provider));
    const request = await corp.createAuthorizationUrl(redirectUri);
    const params = { authorization_details: details('a'), resource: ['https://a.example'] };
    await corp.fetchAccessToken((await comeBack(request)).href, request, { params });
    expect(sentDetails(provider)).toBe(JSON.stringify(details('a')));
    expect(provider.last('token').form.getAll('resource')).toEqual(['https://a.example']);
  });

  it('[A25] travel as JSON with a client’s own grant, and have a token of their own each', async ({
    provider,
  }) => {
    const client = robot(provider);
    const [one, two, again] = [
      await client.clientCredentialsToken({ authorization_details: details('a') }),
      await client.clientCredentialsToken({ authorization_details: details('b') }),
      await client.clientCredentialsToken({ authorization_details: details('a') }),
    ];
    expect(sentDetails(provider)).toBe(JSON.stringify(details('b')));
    expect(two.access_token).not.toBe(one.access_token);
    expect(again).toBe(one);
  });

  it('[X12] are sent as JSON when a device authorization starts', async ({ provider }) => {
    provider.on('unknown', () => json({}));
    const client = robot(provider, { deviceAuthorizationEndpoint: `${provider.base}/device` });
    const started = client.grants.startDeviceAuthorization({ authorization_details: details('a') });
    await rejection(started);
    expect(provider.last('unknown').form.get('authorization_details')).toBe(
      JSON.stringify(details('a')),
    );
  });
});

describe('parameters of an authorization request', () => {
  const register = (provider: FakeProvider) =>
    new OAuth({ config: {} }).register('corp', openidClient(provider)).corp;

  it.for(['prompt', 'ui_locales', 'acr_values', 'claims_locales', 'scope'])(
    '[A9] the list %s is one text with spaces (OpenID Connect Core §3.1.2.1)',
    async (name, { provider }) => {
      const { url } = await register(provider).createAuthorizationUrl(redirectUri, {
        [name]: ['openid', 'b'],
      });
      expect(new URL(url).searchParams.getAll(name)).toEqual(['openid b']);
    },
  );

  it.for([
    [{ claims: [] }, '"claims"'],
    [{ claims: 5 }, '"claims"'],
    [{ authorization_details: { type: 'payment' } }, '"authorization_details"'],
    [{ resource: { href: 'https://a.example' } }, '"params"'],
    [{ prompt: {} }, '"params"'],
    [null, '"params"'],
    ['prompt=login', '"params"'],
    [{ login_hint: () => 'ada' }, '"params"'],
  ])(
    '[A9] what cannot be sent is refused, not left out: %j',
    async ([params, named], { provider }) => {
      const refused = register(provider).createAuthorizationUrl(redirectUri, params as never);
      const error = await rejection(refused);
      expect(error).toMatchObject({ code: 'invalid_options', phase: 'authorize' });
      expect(error.message).toContain(named);
    },
  );

  it('[A9] an absent value is none', async ({ provider }) => {
    const params = { claims: null, authorization_details: null, prompt: undefined };
    const { url } = await register(provider).createAuthorizationUrl(redirectUri, params as never);
    for (const name of Object.keys(params)) expect(new URL(url).searchParams.has(name)).toBe(false);
  });
});
