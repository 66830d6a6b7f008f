import { OAuth, type OAuthOptions } from '@oauth-registry/core';
import { github } from '@oauth-registry/core/providers';
import { memoryStore } from '@oauth-registry/core/stores/memory';
import type { TokenStore } from '@oauth-registry/core/types';
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

const secret = 'a secret of thirty-two characters';
const userId = 'ada';
const soon = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

const registry = (tokenStore: TokenStore, more: OAuthOptions = {}) =>
  new OAuth({ config: {}, secret, tokenStore, ...more })
    .register('plain', plainClient(provider))
    .register('github', github({ clientId: 'gh', clientSecret: 'secret' }));

describe('oauth.clients()', () => {
  it('lists what a page of connections shows, and no secret', () => {
    const list = registry(memoryStore()).clients();
    expect(list.map(({ name, kind, displayName }) => [name, kind, displayName])).toEqual([
      ['plain', 'oauth2', 'plain'],
      ['github', 'oauth2', 'GitHub'],
    ]);
    expect(list[1]).toMatchObject({ brandColor: expect.stringMatching(/^#/), clientId: 'gh' });
    expect(JSON.stringify(list)).not.toContain('secret');
  });
});

describe('oauth.listTokens()', () => {
  it('lists the tokens of a user at all clients, without the tokens', async () => {
    const oauth = registry(memoryStore());
    const token = await login(oauth.plain);
    await oauth.plain.saveToken(token, { userId, account: 'b' });
    await oauth.plain.saveToken({ ...token, expires_at: 1 }, { userId, account: 'a' });
    const { refresh_token: _, ...short } = token;
    await oauth.github.saveToken({ ...short, expires_at: 1 }, { userId });
    await oauth.github.saveToken(token, { userId: 'somebody else' });
    const list = await oauth.listTokens(userId);
    expect(list.map(({ client, account, state }) => [client, account, state])).toEqual([
      ['github', '', 'expired'],
      ['plain', 'a', 'active'],
      ['plain', 'b', 'active'],
    ]);
    expect(list[2]).toMatchObject({
      scope: 'read',
      expiresAt: expect.any(Date),
      createdAt: expect.any(Date),
      updatedAt: expect.any(Date),
    });
    expect(JSON.stringify(list)).not.toContain(token.access_token);
  });

  it('lists one that cannot be decrypted, or of an unknown client, beside the others', async () => {
    const store = memoryStore();
    const oauth = registry(store);
    const token = await login(oauth.plain);
    await oauth.plain.saveToken(token, { userId });
    await store.put(
      { userId, client: 'gone', account: '' },
      { version: 'v', value: '1.x.y' },
      undefined,
    );
    expect(await oauth.listTokens(userId)).toMatchObject([
      { client: 'gone', state: 'unreadable', error: 'storage_failed' },
      { client: 'plain', state: 'active' },
    ]);
  });

  it('says that an authorization has ended, and how the last refresh failed', async () => {
    const oauth = registry(memoryStore());
    const token = await login(oauth.plain);
    await oauth.plain.saveToken({ ...token, expires_at: soon(20) }, { userId });
    for (const fault of ['unavailable-503', 'reset'] as const) {
      await oauth.plain.saveToken({ ...token, expires_at: soon(20) }, { userId });
      provider.quirks.fault.token = fault;
      await oauth.plain.get(`${provider.base}/api/me`, { userId });
      const [failed] = await oauth.listTokens(userId);
      expect(failed).toMatchObject({ state: 'active', error: 'provider_unavailable' });
      provider.reset();
    }
    await oauth.plain.saveToken({ ...token, refresh_token: 'unknown', expires_at: 1 }, { userId });
    await expect(oauth.plain.get('me', { userId })).rejects.toMatchObject({
      code: 'invalid_token',
    });
    expect(await oauth.listTokens(userId)).toMatchObject([{ state: 'ended' }]);
  });

  it('needs a store and a user', async () => {
    const oauth = new OAuth({ config: {} });
    await expect(oauth.listTokens(userId)).rejects.toMatchObject({ code: 'invalid_options' });
    await expect(registry(memoryStore()).listTokens('')).rejects.toThrow('user ID');
  });
});

describe('check()', () => {
  it.each([
    ['active', {}, undefined],
    ['expired', { expires_at: 1 }, undefined],
    ['revoked', { access_token: 'unknown' }, undefined],
    ['insufficient_scope', {}, 'admin'],
  ])('says %s, and refreshes nothing', async (state, change, scope) => {
    const oauth = new OAuth({ config: {}, secret, tokenStore: memoryStore() }).register(
      'plain',
      plainClient(provider),
    );
    const token = await login(oauth.plain);
    await oauth.plain.saveToken({ ...token, ...change }, { userId });
    const before = provider.count('token');
    expect(await oauth.plain.check({ userId, ...(scope ? { scope } : {}) })).toMatchObject({
      state,
    });
    expect(provider.count('token')).toBe(before);
  });

  it('asks the introspection endpoint, if there is one', async () => {
    const oauth = new OAuth({ config: {}, secret, tokenStore: memoryStore() }).register(
      'plain',
      plainClient(provider, { introspectionEndpoint: `${provider.base}/introspect` }),
    );
    const token = await login(oauth.plain);
    expect(await oauth.plain.check({ token })).toEqual({ state: 'active' });
    expect(await oauth.plain.check({ token: { ...token, access_token: 'unknown' } })).toEqual({
      state: 'revoked',
    });
  });

  it('says unknown if the provider cannot say', async () => {
    const oauth = registry(memoryStore());
    const token = await login(oauth.plain);
    provider.quirks.fault.userinfo = 'unavailable-503';
    expect(await oauth.plain.check({ token })).toEqual({
      state: 'unknown',
      error: 'provider_unavailable',
    });
    await expect(oauth.plain.check({ userId: 'nobody' })).rejects.toMatchObject({
      code: 'missing_token',
    });
  });
});

describe('when a stored token is due', () => {
  it.each([
    ['a number', 1_900_000_000, 1_900_000_000],
    ['a fraction', 1_900_000_000.7, 1_900_000_000],
    ['text', '1900000000', 1_900_000_000],
    ['milliseconds', 1_900_000_000_000, 1_900_000_000],
  ])('is read from %s', async (_, end, dueAt) => {
    const store = memoryStore();
    const oauth = registry(store);
    const token = await login(oauth.plain);
    await oauth.plain.saveToken({ ...token, expires_at: end as number }, { userId });
    const page = await store.due?.(2 ** 50, 10);
    expect(page?.entries[0]?.dueAt).toBe(dueAt);
  });
});

describe('workers', () => {
  async function filled(store: TokenStore, count: number) {
    const oauth = registry(store);
    for (let index = 0; index < count; index += 1) {
      const token = await login(oauth.plain);
      await oauth.plain.saveToken(
        { ...token, expires_at: soon(100 + index) },
        { userId: `u${index}` },
      );
    }
    return oauth;
  }

  it('refreshDue() refreshes what expires soon, page by page, once for all processes', async () => {
    const store = memoryStore();
    const oauth = await filled(store, 7);
    const token = await login(oauth.plain);
    await oauth.plain.saveToken({ ...token, expires_at: soon(9000) }, { userId: 'later' });
    const before = provider.count('token');
    const worker = async (worked: typeof oauth): Promise<number> => {
      let changed = 0;
      let after: string | undefined;
      do {
        const page = await worked.refreshDue({
          within: 600,
          limit: 3,
          ...(after ? { after } : {}),
        });
        expect(page.failures).toEqual([]);
        changed += page.changed;
        after = page.next;
      } while (after);
      return changed;
    };
    const changed = await Promise.all([oauth, registry(store), registry(store)].map(worker));
    expect(provider.count('token') - before).toBe(7);
    expect(changed.reduce((a, b) => a + b)).toBeGreaterThanOrEqual(7);
    expect(await oauth.refreshDue({ within: 600 })).toEqual({ changed: 0, failures: [] });
  });

  it('refreshDue() reports failures and goes on', async () => {
    const store = memoryStore();
    const oauth = await filled(store, 2);
    const token = await login(oauth.plain);
    await oauth.plain.saveToken(
      { ...token, refresh_token: 'unknown', expires_at: soon(1) },
      { userId: 'ended' },
    );
    const page = await oauth.refreshDue({ within: 600 });
    expect(page.changed).toBe(2);
    expect(page.failures).toMatchObject([
      { userId: 'ended', client: 'plain', error: { code: 'invalid_token' } },
    ]);
    // An ended authorization is due no longer.
    expect(await oauth.refreshDue({ within: 0 })).toEqual({ changed: 0, failures: [] });
  });

  it('reseal() encrypts with the newest secret, page by page', async () => {
    const { volatile: _, ...store } = memoryStore();
    await filled(store, 5);
    const next = 'another secret of thirty-two chars';
    const oauth = registry(store, { secret: [next, secret] });
    let after: string | undefined;
    let changed = 0;
    do {
      const page = await oauth.reseal({ limit: 2, ...(after ? { after } : {}) });
      changed += page.changed;
      after = page.next;
    } while (after);
    expect(changed).toBe(5);
    expect((await oauth.reseal()).changed).toBe(0);
    const [only] = await registry(store, { secret: next }).listTokens('u0');
    expect(only?.state).toBe('active');
  });

  it('needs a store that can list', async () => {
    const { page: _, due: __, ...store } = memoryStore();
    const oauth = registry(store);
    await expect(oauth.refreshDue()).rejects.toThrow('"due"');
    await expect(oauth.reseal()).rejects.toThrow('"page"');
    await expect(oauth.refreshDue({ limit: 0 })).rejects.toThrow('limit');
  });
});
