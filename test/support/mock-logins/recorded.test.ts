import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import { byName, names } from '@oauth-registry/core/providers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { mockLogins } from './mock-logins.js';
import { samples } from '../preset-login.js';

const redirectUri = 'http://localhost:3000/callback';

/** What applications pass to presets of providers with many servers. */
const own: Record<string, RegisterOptions & Record<string, string>> = {
  plentymarkets: { shop: 'shop.example' },
  ebay: { redirectUriAlias: 'Ada-App-PRD' },
};

describe('a mocked login without claims', () => {
  it.each(names)('logs in the recorded user of %s', async (name) => {
    const options = {
      clientId: 'app',
      clientSecret: 'secret',
      ...own[name],
      ...samples[name]?.variables,
    };
    const oauth = new OAuth({ config: {} }).register(name, byName(name)(options) as never) as OAuth;
    const mocked = mockLogins(oauth);
    onTestFinished(() => mocked.restore());
    const client = oauth.createClient(name);
    const request = await client.createAuthorizationUrl(redirectUri);
    expect(request.url.startsWith(`${redirectUri}?`)).toBe(true);
    const token = await client.fetchAccessToken(request.url, request);
    const user = await client.userinfo({ token });
    expect(user).toMatchObject(samples[name]?.expect ?? { sub: '1' });
  });
});
