import { OAuth, type OAuth2Token, type RegisterOptions } from '@oauth-registry/core';
import { memoryStore } from '@oauth-registry/core/stores/memory';
import { afterEach, describe, expect, vi } from 'vitest';
import { plainClient } from '../../../support/apps/express.js';
import type { FakeProvider } from '../../../support/provider/index.js';
import { echo, rejection } from '../../../support/login.js';
import { itWith } from '../../../support/fixtures.js';

const it = itWith({ openid: false });
afterEach(() => void vi.useRealTimers());

function client(provider: FakeProvider, more: RegisterOptions = {}) {
  const options = plainClient(provider, { grantType: 'client_credentials', ...more });
  return new OAuth({ config: {} }).register('robot', options).robot;
}

describe('a client of its own right (RFC 6749 §4.4)', () => {
  it('[A25] gets a token by itself for its first call, and stores it', async ({ provider }) => {
    const robot = client(provider);
    expect(await echo(robot.get('me'))).toMatchObject({ method: 'GET' });
    expect(await echo(robot.post('me', { json: {} }))).toMatchObject({ method: 'POST' });
    expect(provider.count('token')).toBe(1);
    const { form } = provider.last('token');
    expect([...form.keys()].toSorted()).toEqual(['grant_type', 'scope']);
    expect(form.get('grant_type')).toBe('client_credentials');
    expect(form.get('scope')).toBe('read');
  });

  it('[A25] needs no authorization endpoint', async ({ provider }) => {
    const { authorizeUrl: _, ...options } = plainClient(provider);
    const oauth = new OAuth({ config: {} }).register('robot', options);
    expect(await oauth.robot.clientCredentialsToken()).toMatchObject({ token_type: 'Bearer' });
  });

  it('[A25] asks once for all who wait', async ({ provider }) => {
    const robot = client(provider);
    await Promise.all(Array.from({ length: 30 }, () => robot.get('me')));
    expect(provider.count('token')).toBe(1);
  });

  it('[A25] fetches another when it has expired, or is about to', async ({ provider }) => {
    provider.settings.expiresIn = 20;
    const robot = client(provider);
    const first = await robot.clientCredentialsToken();
    expect(await robot.clientCredentialsToken()).toBe(first);
    provider.settings.expiresIn = 1;
    const short = await robot.clientCredentialsToken({}, { fresh: true });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 1000 });
    const next = await robot.clientCredentialsToken();
    expect(next.access_token).not.toBe(short.access_token);
  });

  it('deletes its token, in the store as well, and requests another', async ({ provider }) => {
    for (const tokenStore of [undefined, memoryStore()]) {
      const options = plainClient(provider, { grantType: 'client_credentials' });
      const oauth = new OAuth({ config: {}, ...(tokenStore ? { tokenStore } : {}) });
      const { robot } = oauth.register('robot', options);
      const first = await robot.activeToken();
      expect((await robot.activeToken()).access_token).toBe(first.access_token);
      await robot.deleteToken();
      expect((await robot.activeToken()).access_token).not.toBe(first.access_token);
    }
    const user = new OAuth({ config: {}, tokenStore: memoryStore() });
    const { plain } = user.register('plain', plainClient(provider));
    await expect(plain.deleteToken()).rejects.toMatchObject({ code: 'invalid_options' });
  });

  it('[A25] fetches another token when the API rejects the stored one, and repeats the call', async ({
    provider,
  }) => {
    const robot = client(provider);
    await robot.get('me');
    provider.accessTokens.clear();
    expect((await robot.get('me')).status).toBe(200);
    expect(provider.count('token')).toBe(2);
  });

  it('[A25] takes any 401 for a rejection of its own token, but asks for one other token only', async ({
    provider,
  }) => {
    const robot = client(provider);
    const first = await robot.clientCredentialsToken();
    provider.on('api', ({ headers }) =>
      headers['authorization'] === `Bearer ${first.access_token}` ? { status: 401 } : undefined,
    );
    expect((await robot.get('me')).status).toBe(200);
    expect(provider.count('token')).toBe(2);
    provider.on('api', () => ({ status: 401 }));
    expect((await robot.get('me')).status).toBe(401);
    expect((await robot.get('me')).status).toBe(401);
    expect(provider.count('token')).toBe(3);
  });

  it('[A25] returns no id_token, which is not verified', async ({ provider }) => {
    const unverified = { access_token: 'a', token_type: 'Bearer', id_token: 'junk' };
    provider.on('token', () => ({ body: unverified }));
    expect(await client(provider).clientCredentialsToken()).toEqual({
      access_token: 'a',
      token_type: 'Bearer',
    });
  });

  it('[A25] continues to use a good token while no other can be had', async ({ provider }) => {
    provider.settings.expiresIn = 3600;
    const robot = client(provider);
    const good = await robot.clientCredentialsToken();
    provider.on('token', () => ({ status: 503 }));
    expect(await robot.clientCredentialsToken()).toBe(good);
    expect(await rejection(robot.clientCredentialsToken({}, { fresh: true }))).toMatchObject({
      code: 'provider_unavailable',
    });
    expect((await robot.get('me')).status).toBe(200);
  });

  it('[A25] replaces an expired token of the fetchToken hook, and has it stored', async ({
    provider,
  }) => {
    const stored: unknown[] = [];
    const old: OAuth2Token = { access_token: 'old', token_type: 'Bearer', expires_at: 1 };
    const robot = client(provider, {
      fetchToken: () => old,
      updateToken: (name, token, { accessToken }) => {
        stored.push([name, token.access_token, accessToken]);
      },
    });
    const answers = await Promise.all([robot.get('me'), robot.get('me')]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(stored).toEqual([['robot', expect.stringMatching(/^at-/), 'old']]);
  });

  it('[A25] stores a token for each set of parameters', async ({ provider }) => {
    const robot = client(provider);
    const a = await robot.clientCredentialsToken({ scope: 'a', audience: 'https://a.example' });
    const b = await robot.clientCredentialsToken({ scope: ['b', 'c'] });
    expect(a.access_token).not.toBe(b.access_token);
    expect(provider.last('token').form.get('scope')).toBe('b c');
    expect(await robot.clientCredentialsToken({ audience: 'https://a.example', scope: 'a' })).toBe(
      a,
    );
  });

  it('[A18] passes through accessTokenParams and the hooks of the token request', async ({
    provider,
  }) => {
    const robot = client(provider, {
      accessTokenParams: { audience: 'https://api.example' },
      complianceFix: { accessTokenRequest: ({ headers }) => headers.set('x-mended', 'yes') },
    });
    await robot.clientCredentialsToken();
    expect(provider.last('token').form.get('audience')).toBe('https://api.example');
    expect(provider.last('token').headers['x-mended']).toBe('yes');
  });

  it('[A25] names the client that failed and the error code', async ({ provider }) => {
    const robot = client(provider, { clientSecret: 'wrong' });
    expect(await rejection(robot.get('me'))).toMatchObject({
      code: 'invalid_client',
      client: 'robot',
    });
  });
});
