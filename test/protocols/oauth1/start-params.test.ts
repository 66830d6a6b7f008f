import { flickr } from '@oauth-registry/core/providers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { redirectUri, rejection } from '../../support/login.js';
import { startProvider, type FakeProvider } from '../../support/provider/index.js';
import { oauth1Client } from './world.js';

let provider: FakeProvider;

beforeAll(async () => {
  provider = await startProvider();
});
beforeEach(() => provider.reset());
afterAll(() => provider.close());

const requestTokenParams = (): URLSearchParams | undefined =>
  provider.requests.find(({ endpoint }) => endpoint === 'oauth1_request')?.params;

describe('the parameters of one start (RFC 5849 §2)', () => {
  it('stand in the authorization URL over those of the preset, as perms of Flickr', async () => {
    const { authorizeParams, brandColor } = flickr();
    const client = oauth1Client(provider, { authorizeParams, brandColor });
    const plain = await client.createAuthorizationUrl(redirectUri);
    const { url } = await client.createAuthorizationUrl(redirectUri, { perms: 'write' });
    expect(new URL(plain.url).searchParams.get('perms')).toBe('read');
    expect(new URL(url).searchParams.getAll('perms')).toEqual(['write']);
  });

  it('go with the request for a request token, signed, and not into the URL (§2.1)', async () => {
    const client = oauth1Client(provider, { requestTokenParams: { scope: 'a', lang: 'de' } });
    const { url } = await client.createAuthorizationUrl(redirectUri, {
      screen_name: 'jane',
      requestTokenParams: { scope: 'a b', x_auth_access_type: 'read' },
    });
    const sent = requestTokenParams();
    expect([sent?.getAll('scope'), sent?.get('lang'), sent?.get('x_auth_access_type')]).toEqual([
      ['a b'],
      'de',
      'read',
    ]);
    expect([...new URL(url).searchParams.keys()].toSorted()).toEqual([
      'oauth_token',
      'screen_name',
    ]);
  });

  it.each([
    { oauth_callback: 'https://evil.example' },
    { oauth_token: 'x' },
    { deep: { x: 1 } },
    'scope=x',
    ['scope'],
  ])('cannot be the protocol’s own, nor anything but parameters: %j', async (given) => {
    const client = oauth1Client(provider);
    const error = await rejection(
      client.createAuthorizationUrl(redirectUri, { requestTokenParams: given as never }),
    );
    expect(error.code).toBe('invalid_options');
    expect(requestTokenParams()).toBeUndefined();
  });
});
