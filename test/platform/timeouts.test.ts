import { OAuth, type Token } from '@oauth-registry/core';
import { describe, expect } from 'vitest';
import { oauth1Client, openid2Client, plainClient } from '../support/apps/express.js';
import type { FakeProvider } from '../support/provider/index.js';
import { login, rejection } from '../support/login.js';
import { itWith } from '../support/fixtures.js';

const it = itWith({ openid: false });

const bearer = { access_token: 'at', token_type: 'Bearer' };
const long = 60_000;

function makeRegistry(provider: FakeProvider, timeout: number, own: { timeout?: number } = {}) {
  return new OAuth({ config: {}, timeout })
    .register('plain', plainClient(provider, own))
    .register('one', { ...oauth1Client(provider), ...own } as never)
    .register('steam', { ...openid2Client(provider), apiKey: 'k', ...own } as never);
}

describe('the timeout of one call', () => {
  it.for(['get', 'post', 'put', 'patch', 'delete', 'head'] as const)(
    'is in place of the registry’s for %s()',
    async (verb, { provider }) => {
      provider.quirks.fault.api = 'hang';
      const { plain } = makeRegistry(provider, long);
      const error = await rejection(plain[verb]('me', { token: bearer, timeout: 50 }));
      expect(error).toMatchObject({ code: 'timeout' });
      expect(error.message).toContain('50 ms');
    },
  );

  it('holds for request(), and for a call without a token', async ({ provider }) => {
    provider.quirks.fault.api = 'hang';
    const { plain } = makeRegistry(provider, long);
    for (const whose of [{ token: bearer }, { withholdToken: true }]) {
      const call = plain.request('GET', 'me', { ...whose, timeout: 50 });
      expect(await rejection(call)).toMatchObject({ code: 'timeout' });
    }
  });

  it('holds for a signed call of OAuth 1, in a user’s name or the client’s', async ({
    provider,
  }) => {
    const one = makeRegistry(provider, long).createClient('one');
    const token: Token = await login(one);
    provider.quirks.fault.oauth1_api = 'hang';
    for (const whose of [{ token }, { twoLegged: true }]) {
      const call = one.get('me', { ...whose, timeout: 50 });
      expect(await rejection(call)).toMatchObject({ code: 'timeout' });
    }
  });

  it('holds for a call with the API key of OpenID 2.0', async ({ provider }) => {
    provider.quirks.fault.api = 'hang';
    const steam = makeRegistry(provider, long).createClient('steam');
    const call = steam.get(`${provider.base}/api/me`, { twoLegged: true, timeout: 50 });
    expect(await rejection(call)).toMatchObject({ code: 'timeout' });
  });

  it('may be longer than the registry’s', async ({ provider }) => {
    provider.quirks.delay.api = 150;
    const { plain } = makeRegistry(provider, 50);
    const token = bearer;
    expect(await rejection(plain.get('me', { token }))).toMatchObject({ code: 'timeout' });
    expect((await plain.get('me', { token, timeout: long })).status).toBe(401);
  });

  it.for([0, -1, Number.NaN, 2 ** 31, '5'])('cannot be %s', async (timeout, { provider }) => {
    const call = makeRegistry(provider, long).plain.get('me', {
      token: bearer,
      timeout: timeout as number,
    });
    expect(await rejection(call)).toMatchObject({ code: 'invalid_options' });
  });
});

describe('the timeout of one client', () => {
  it('is in place of the registry’s for its tokens and its calls', async ({ provider }) => {
    const { plain } = makeRegistry(provider, long, { timeout: 50 });
    provider.quirks.fault.api = 'hang';
    expect(await rejection(plain.get('me', { token: bearer }))).toMatchObject({ code: 'timeout' });
    provider.quirks.fault.token = 'hang';
    expect(await rejection(plain.clientCredentialsToken())).toMatchObject({ code: 'timeout' });
  });

  it('holds for OAuth 1', async ({ provider }) => {
    provider.quirks.fault.oauth1_request = 'hang';
    const one = makeRegistry(provider, long, { timeout: 50 }).createClient('one');
    expect(await rejection(login(one))).toMatchObject({ code: 'timeout' });
  });

  it.for([0, 2 ** 31, '5'])('cannot be %s', (timeout, { provider }) => {
    const options = plainClient(provider, { timeout: timeout as number });
    expect(() => new OAuth().register('corp', options)).toThrow(
      expect.objectContaining({ code: 'invalid_options' }),
    );
  });
});
