import {
  OAuth,
  registerDynamically,
  type OAuthOptions,
  type RegisterOptions,
} from '@oauth-registry/core';
import { describe, expect } from 'vitest';
import { oauth1Client, openid2Client, openidClient } from '../support/apps/express.js';
import type { FakeProvider } from '../support/provider/index.js';
import { comeBack, login, redirectUri } from '../support/login.js';
import { it } from '../support/fixtures.js';

/** Sends a request of every kind: documents, keys, tokens, profiles, APIs, OAuth 1 and OpenID 2.0. */
async function sendAll(
  provider: FakeProvider,
  registry: OAuthOptions,
  more: RegisterOptions = {},
): Promise<string[]> {
  const oauth = new OAuth({ config: {}, ...registry })
    .register('corp', openidClient(provider, { scope: 'openid offline_access', ...more }))
    .register('one', { ...oauth1Client(provider), ...more } as never)
    .register('steam', { ...openid2Client(provider), ...more } as never);
  const token = await login(oauth.corp);
  await oauth.corp.userinfo({ token });
  await oauth.corp.get('me', { token });
  await oauth.corp.refreshToken(token);
  await oauth.corp.revokeToken(token);
  const one = oauth.createClient('one');
  await one.get('me', { token: await login(one) });
  const steam = oauth.createClient('steam');
  const request = await steam.createAuthorizationUrl(redirectUri);
  await steam.fetchAccessToken((await comeBack(request)).href, request);
  // What the browser asks for is not ours.
  return provider.requests
    .filter(
      ({ endpoint }) => !['authorize', 'oauth1_authorize', 'openid2_login'].includes(endpoint),
    )
    .map(({ endpoint, headers }) => `${endpoint}: ${headers['user-agent']}`);
}

const endpoints = ['metadata', 'jwks', 'token', 'userinfo', 'api', 'revoke']
  .concat('oauth1_request', 'oauth1_access', 'oauth1_api', 'openid2_check')
  .toSorted();

function expected(agent: string): string[] {
  return endpoints.map((endpoint) => `${endpoint}: ${agent}`);
}

describe('the User-Agent', () => {
  it('is the same in every request, by default the library’s', async ({ provider }) => {
    const seen = await sendAll(provider, {});
    expect([...new Set(seen)].toSorted()).toEqual(expected('oauth-registry/0.1'));
  });

  it('is the registry’s in every request', async ({ provider }) => {
    const seen = await sendAll(provider, { userAgent: 'my-app/1.0 (+https://app.example)' });
    const agent = 'my-app/1.0 (+https://app.example)';
    expect([...new Set(seen)].toSorted()).toEqual(expected(agent));
  });

  it('is the client’s own if it has one', async ({ provider }) => {
    const seen = await sendAll(provider, { userAgent: 'registry/1' }, { userAgent: 'client/2' });
    expect([...new Set(seen)].toSorted()).toEqual(expected('client/2'));
  });

  it('is another one if the application sets the header itself', async ({ provider }) => {
    const options = {
      headers: { token: { 'user-agent': 'token/3' }, api: { 'user-agent': 'api/4' } },
    };
    const { corp } = new OAuth({ config: {}, userAgent: 'registry/1' }).register(
      'corp',
      openidClient(provider, options),
    );
    const token = await login(corp);
    await corp.get('me', { token });
    await corp.get('me', { token, headers: { 'user-agent': 'call/5' } });
    const agents = provider.requests.map(({ endpoint, headers }) => [
      endpoint,
      headers['user-agent'],
    ]);
    expect(agents).toContainEqual(['token', 'token/3']);
    expect(agents.filter(([endpoint]) => endpoint === 'api')).toEqual([
      ['api', 'api/4'],
      ['api', 'call/5'],
    ]);
  });

  it('is sent when a client registers dynamically', async ({ provider }) => {
    const options = { userAgent: 'registers/1', allowPrivateNetworks: true };
    await registerDynamically(provider.issuer, { redirect_uris: [redirectUri] }, options).catch(
      () => undefined,
    );
    expect(provider.requests.length).toBeGreaterThan(0);
    for (const { headers } of provider.requests) expect(headers['user-agent']).toBe('registers/1');
  });

  it.for(['', ' ', 'a\r\nb: c', 'ä', 7])(
    'cannot be %j, which no header carries',
    (userAgent, { provider }) => {
      const refusal = expect.objectContaining({ code: 'invalid_options' });
      expect(() => new OAuth({ userAgent: userAgent as string })).toThrow(refusal);
      expect(() =>
        new OAuth().register('corp', openidClient(provider, { userAgent: userAgent as string })),
      ).toThrow(refusal);
    },
  );
});
