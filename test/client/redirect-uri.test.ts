import { OAuth, type OAuthOptions } from '@oauth-registry/core';
import { describe, expect } from 'vitest';
import { oauth1Client, plainClient } from '../support/apps/express.js';
import type { FakeProvider } from '../support/provider/index.js';
import { rejection } from '../support/login.js';
import { itWith } from '../support/fixtures.js';

const it = itWith({ openid: false });

function makeRegistry(provider: FakeProvider, options: OAuthOptions) {
  return new OAuth({ config: {}, ...options })
    .register('two', plainClient(provider))
    .register('one', { ...oauth1Client(provider), requestTokenUrl: provider.oauth1.request });
}

describe('the redirect URI (RFC 6749 §3.1.2)', () => {
  it.for([
    ['https://app.example', undefined, 'https://app.example/callback/two'],
    ['https://app.example/', undefined, 'https://app.example/callback/two'],
    ['https://app.example/sub', undefined, 'https://app.example/sub/callback/two'],
    ['https://app.example/sub/', undefined, 'https://app.example/sub/callback/two'],
    ['https://app.example/sub', 'back?a=1', 'https://app.example/sub/back?a=1'],
    ['https://app.example/sub', '/back', 'https://app.example/sub/back'],
    [
      'https://app.example/sub',
      '///other.example/back',
      'https://app.example/sub/other.example/back',
    ],
    ['https://app.example', '/\\\\other.example/back', 'https://app.example/other.example/back'],
    ['https://app.example', 'https://other.example/cb?b=%7e', 'https://other.example/cb?b=%7e'],
    ['https://app.example', 'HTTPS://Other.example:443/cb', 'HTTPS://Other.example:443/cb'],
    [undefined, 'com.example.app:/callback', 'com.example.app:/callback'],
  ])('[A6] below %s, given %s, is %s', async ([baseUrl, given, expected], { provider }) => {
    const oauth = makeRegistry(provider, baseUrl === undefined ? {} : { baseUrl });
    const request = await oauth.two.createAuthorizationUrl(given);
    expect(request.redirectUri).toBe(expected);
    expect(new URL(request.url).searchParams.get('redirect_uri')).toBe(expected);
  });

  it.for(['one', 'two'] as const)(
    '[A6] of "%s" is not the argument for the parameters, and the message shows the one that is',
    async (name, { provider }) => {
      const client = makeRegistry(provider, { baseUrl: 'https://app.example' })[name];
      for (const given of [{ scope: 'email' }, 42, ['https://app.example/cb']]) {
        const error = await rejection(client.createAuthorizationUrl(given as never));
        expect(error).toMatchObject({ code: 'invalid_options', client: name });
        expect(error.message).toContain('authorizeRedirect(req, res, undefined, { scope })');
      }
    },
  );

  it.for(['one', 'two'] as const)(
    '[A6] of "%s" is refused with a fragment, or if it leads nowhere',
    async (name, { provider }) => {
      const based = makeRegistry(provider, { baseUrl: 'https://app.example' });
      const bare = makeRegistry(provider, {});
      const attempts = [
        based[name].createAuthorizationUrl('https://app.example/cb#top'),
        based[name].createAuthorizationUrl('/cb#'),
        based[name].createAuthorizationUrl('https://'),
        bare[name].createAuthorizationUrl(),
        bare[name].createAuthorizationUrl('/cb'),
        bare[name].createAuthorizationUrl(''),
      ];
      for (const attempt of attempts) {
        expect(await rejection(attempt)).toMatchObject({
          code: 'invalid_options',
          client: name,
          phase: 'authorize',
        });
      }
      expect(provider.count()).toBe(0);
    },
  );

  it.for([{}, { baseUrl: 'https://app.example' }])(
    '[A5] "oob" is for applications that cannot be called back (RFC 5849 §2.1): %j',
    async (options, { provider }) => {
      const { one } = makeRegistry(provider, options);
      const request = await one.createAuthorizationUrl('oob');
      expect(request.redirectUri).toBe('oob');
      const page = await (await fetch(request.url)).text();
      const verifier = /<b>([^<]+)<\/b>/.exec(page)?.[1] ?? '';
      const params = { oauth_token: request.state, oauth_verifier: verifier };
      expect(await one.fetchAccessToken(params, request)).toHaveProperty('oauth_token');
      provider.reset();
    },
  );
});
