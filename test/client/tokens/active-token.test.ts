import { OAuth, type OAuthOptions } from '@oauth-registry/core';
import { memoryStore } from '@oauth-registry/core/stores/memory';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { plainClient } from '../../support/apps/express.js';
import { login } from '../../support/login.js';
import { startProvider, type FakeProvider } from '../../support/provider/index.js';

let provider: FakeProvider;
beforeAll(async () => {
  provider = await startProvider({ openid: false });
});
afterAll(() => provider.close());
afterEach(() => provider.reset());

const userId = 'ada';
const registry = (more: OAuthOptions = {}) =>
  new OAuth({
    config: {},
    secret: 'a secret of thirty-two characters',
    tokenStore: memoryStore(),
    ...more,
  }).register('plain', plainClient(provider)).plain;
const past = { expires_at: Math.floor(Date.now() / 1000) - 10 };

describe('activeToken()', () => {
  it('returns a valid token as it is, and sends no request', async () => {
    const client = registry();
    const token = await login(client);
    await client.saveToken(token, { userId });
    const before = provider.count('token');
    expect((await client.activeToken({ userId })).access_token).toBe(token.access_token);
    expect((await client.activeToken({ token })).access_token).toBe(token.access_token);
    expect(provider.count('token')).toBe(before);
  });

  it('refreshes a token that is due, once for concurrent calls, and stores it', async () => {
    const client = registry();
    const token = await login(client);
    await client.saveToken({ ...token, ...past }, { userId });
    const before = provider.count('token');
    const all = await Promise.all(Array.from({ length: 8 }, () => client.activeToken({ userId })));
    expect(provider.count('token')).toBe(before + 1);
    expect(new Set(all.map(({ access_token }) => access_token)).size).toBe(1);
    expect(all[0]?.access_token).not.toBe(token.access_token);
    const [stored] = await client.listTokens({ userId });
    expect(stored?.token.access_token).toBe(all[0]?.access_token);
  });

  it('refreshes a valid token with `fresh`, once for concurrent calls', async () => {
    const client = registry();
    const token = await login(client);
    await client.saveToken(token, { userId });
    const before = provider.count('token');
    const call = () => client.activeToken({ userId, fresh: true });
    const [one, two] = await Promise.all([call(), call()]);
    expect(provider.count('token')).toBe(before + 1);
    expect(one?.access_token).toBe(two?.access_token);
    expect(one?.access_token).not.toBe(token.access_token);
    await call();
    expect(provider.count('token')).toBe(before + 2);
  });

  it('finds the token of a request with the hook', async () => {
    const client = registry({ fetchToken: (_, request) => request as never });
    const token = await login(client);
    expect((await client.activeToken({ request: token })).access_token).toBe(token.access_token);
  });

  it('says why there is none', async () => {
    const client = registry();
    const { refresh_token: _, ...token } = await login(client);
    await expect(client.activeToken({ userId: 'nobody' })).rejects.toMatchObject({
      code: 'missing_token',
    });
    await expect(client.activeToken({ token: { ...token, ...past } })).rejects.toMatchObject({
      code: 'token_expired',
    });
    await expect(client.activeToken({ token, fresh: true })).rejects.toMatchObject({
      code: 'invalid_options',
      message: expect.stringContaining('no refresh token') as string,
    });
    await expect(client.activeToken({ userId, fersh: true } as object)).rejects.toThrow('fresh');
  });
});

describe('fetch() with a stored token', () => {
  it('refreshes it before the call', async () => {
    const client = registry();
    const token = await login(client);
    await client.saveToken({ ...token, ...past }, { userId });
    const before = provider.count('token');
    const response = await client.fetch({ userId })(`${provider.base}/api/me`);
    expect(response.status).toBe(200);
    expect(provider.count('token')).toBe(before + 1);
  });
});
