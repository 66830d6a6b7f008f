import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import type { OAuth1Client } from '@oauth-registry/core/types';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { comeBack, login, redirectUri, rejection } from '../../support/login.js';
import { startPassport, type PassportProvider } from './passport.js';

const clientId = 'client+id é';
const clientSecret = 's3cret_/+ &=%:é~';
let provider: PassportProvider;

beforeAll(async () => {
  provider = await startPassport(clientId, clientSecret);
});
afterAll(() => provider.close());

function createClient(options: Omit<RegisterOptions, 'requestTokenUrl'> = {}): OAuth1Client {
  return new OAuth({ config: {} }).register('passport', {
    clientId,
    clientSecret,
    requestTokenUrl: `${provider.origin}/request`,
    authorizeUrl: `${provider.origin}/authorize`,
    accessTokenUrl: `${provider.origin}/access`,
    apiBaseUrl: `${provider.origin}/api`,
    ...options,
  }).passport;
}

// It also knows PLAINTEXT, but encodes it twice, against RFC 5849 §3.4.4; it knows no other methods.
const matrix = (['HMAC-SHA1', 'HMAC-SHA256'] as const).flatMap((method) =>
  (['HEADER', 'QUERY', 'BODY'] as const).map((placement) => [method, placement] as const),
);

describe('with passport-http-oauth and oauthorize', () => {
  it.each(matrix)(
    '[A5] [A7] logs in and calls the API: %s, %s',
    async (signatureMethod, signatureType) => {
      const requestTokenParams = { perms: 'read write' };
      const client = createClient({ signatureMethod, signatureType, requestTokenParams });
      const token = await login(client);
      expect(token['user_id']).toBe('7');
      const query = { q: 'a b+c', empty: '', 'ü&=': "!*'()~" };
      const got = await client.get('me', { token, query });
      expect(await got.json()).toMatchObject({ method: 'GET', query: { q: 'a b+c' } });
      const form = { status: 'Ladies + Gentlemen, é' };
      const posted = await client.post('statuses', { token, form });
      expect(await posted.json()).toMatchObject({ method: 'POST', body: form });
      const put = await client.put('x', { token, json: { a: 1 } });
      expect(put.status).toBe(200);
    },
  );

  it('[A5] works by GET', async () => {
    const options = { requestTokenMethod: 'GET', accessTokenMethod: 'GET' } as const;
    expect(await login(createClient(options))).toHaveProperty('oauth_token');
  });

  it('has its problems understood: a wrong verifier, a wrong secret, an unknown client', async () => {
    const client = createClient();
    const request = await client.createAuthorizationUrl(redirectUri);
    const { searchParams } = await comeBack(request);
    searchParams.set('oauth_verifier', 'wrong');
    const problems = [
      client.fetchAccessToken(searchParams, request),
      createClient({ clientSecret: 'wrong' }).fetchRequestToken(redirectUri),
      createClient({ clientId: 'wrong' }).fetchRequestToken(redirectUri),
    ];
    const errors = await Promise.all(problems.map(rejection));
    expect(errors).toMatchObject([
      { code: 'provider_refused', error: 'verifier_invalid', error_description: 'not verified' },
      { code: 'provider_refused', error: 'signature_invalid', providerStatus: 401 },
      { code: 'provider_refused', error: 'consumer_key_rejected', providerStatus: 401 },
    ]);
  });
});
