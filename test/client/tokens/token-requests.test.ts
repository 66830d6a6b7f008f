import { OAuth, type OAuthOptions, type RegisterOptions } from '@oauth-registry/core';
import { memoryStore } from '@oauth-registry/core/stores/memory';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { plainClient } from '../../support/apps/express.js';
import { login } from '../../support/login.js';
import { startProvider, type FakeProvider } from '../../support/provider/index.js';

let provider: FakeProvider;
beforeAll(async () => {
  provider = await startProvider({ openid: false });
});
afterAll(() => provider.close());
afterEach(() => {
  provider.reset();
  provider.settings.rotateRefreshTokens = true;
});

const userId = 'ada';
const mail = 'https://mail.example/';
const sheets = 'https://sheets.example/';
const past = { expires_at: Math.floor(Date.now() / 1000) - 10 };

const register = (options: OAuthOptions = {}, client: Partial<RegisterOptions> = {}) =>
  new OAuth({ config: {}, secret: 'a secret of thirty-two characters', ...options }).register(
    'plain',
    { ...plainClient(provider), scope: 'read write', ...client },
  ).plain;

async function loggedIn(options: OAuthOptions = {}) {
  const tokenStore = memoryStore();
  const client = register({ tokenStore, ...options });
  const token = await login(client);
  await client.saveToken(token, { userId });
  return { client, token, tokenStore };
}

/** The form of the last token request, as the provider received it. */
const asked = () => provider.requests.findLast(({ endpoint }) => endpoint === 'token')?.form;

describe('tokens per resource or scope of one authorization', () => {
  it('requests an access token for a resource once, and stores it beside that of the login (RFC 8707)', async () => {
    const { client, token } = await loggedIn();
    const before = provider.count('token');
    const first = await client.activeToken({ userId, resource: mail });
    expect(asked()?.getAll('resource')).toEqual([mail]);
    expect(first.access_token).not.toBe(token.access_token);
    expect(first).not.toHaveProperty('refresh_token');
    const again = await client.activeToken({ userId, resource: new URL(mail) });
    expect(again.access_token).toBe(first.access_token);
    expect(provider.count('token')).toBe(before + 1);
    const other = await client.activeToken({ userId, resource: [sheets, mail] });
    expect(asked()?.getAll('resource')).toEqual([sheets, mail]);
    expect(other.access_token).not.toBe(first.access_token);
    const swapped = await client.activeToken({ userId, resource: [mail, sheets] });
    expect(swapped.access_token).toBe(other.access_token);
    expect((await client.activeToken({ userId })).access_token).toBe(token.access_token);
    expect(provider.count('token')).toBe(before + 2);
  });

  it('calls the API with a token of a narrower scope (RFC 6749 §6)', async () => {
    const { client } = await loggedIn();
    const scoped = await client.get('/echo', { userId, scope: ['read'] });
    expect(await scoped.json()).toMatchObject({ scope: 'read' });
    expect(asked()?.get('scope')).toBe('read');
    expect(await (await client.get('/echo', { userId })).json()).toMatchObject({
      scope: 'read write',
    });
    const viaFetch = await client.fetch({ userId, scope: 'read' })('/echo');
    expect(await viaFetch.json()).toMatchObject({ scope: 'read' });
  });

  it('has one refresh token for all: each rotation replaces it', async () => {
    const updateToken = vi.fn();
    const { client, token } = await loggedIn({ updateToken });
    await client.activeToken({ userId, resource: mail });
    const [rotated] = await client.listTokens({ userId });
    expect(rotated?.token['refresh_token']).not.toBe(token['refresh_token']);
    expect(rotated?.token.access_token).toBe(token.access_token);
    expect(updateToken).toHaveBeenCalledWith(
      'plain',
      expect.objectContaining({ refresh_token: rotated?.token['refresh_token'] }),
      { accessToken: token.access_token, refreshToken: token['refresh_token'] },
      undefined,
    );
    await client.activeToken({ userId, resource: sheets });
    const main = await client.activeToken({ userId, fresh: true });
    expect((await client.get('/echo', { userId, resource: mail })).status).toBe(200);
    expect((await client.get('/echo', { userId, resource: sheets })).status).toBe(200);
    expect((await client.activeToken({ userId })).access_token).toBe(main.access_token);
  });

  it('does not report a token that stays as it is', async () => {
    provider.settings.rotateRefreshTokens = false;
    const updateToken = vi.fn();
    const { client } = await loggedIn({ updateToken });
    await client.activeToken({ userId, resource: mail });
    await client.activeToken({ userId, resource: sheets });
    expect(updateToken).not.toHaveBeenCalled();
  });

  it('uses one lock: concurrent requests of several registries never spend a refresh token twice', async () => {
    const { client, tokenStore } = await loggedIn();
    const others = [client, register({ tokenStore }), register({ tokenStore })];
    const before = provider.count('token');
    const wanted = [{ resource: mail }, { resource: sheets }, { scope: 'read' }, { fresh: true }];
    const tokens = await Promise.all(
      others.flatMap((one) => wanted.map((want) => one.activeToken({ userId, ...want }))),
    );
    // Each of the three is requested once; a forced refresh is shared or repeated.
    const ofFirst = tokens.slice(0, 3).map(({ access_token }) => access_token);
    for (const start of [4, 8])
      expect(tokens.slice(start, start + 3).map(({ access_token }) => access_token)).toEqual(
        ofFirst,
      );
    expect(provider.count('token') - before).toBeLessThanOrEqual(6);
    for (const want of [{ resource: mail }, { resource: sheets }, { scope: 'read' }, {}])
      expect((await client.get('/echo', { userId, ...want })).status).toBe(200);
  });

  it('refreshes an access token that has expired or is rejected, and the others stay', async () => {
    provider.settings.expiresIn = 3600;
    const { client } = await loggedIn();
    const first = await client.activeToken({ userId, resource: mail });
    const other = await client.activeToken({ userId, resource: sheets });
    provider.accessTokens.delete(first.access_token);
    const response = await client.get('/echo', { userId, resource: mail });
    expect(response.status).toBe(200);
    const next = await client.activeToken({ userId, resource: mail });
    expect(next.access_token).not.toBe(first.access_token);
    expect((await client.activeToken({ userId, resource: sheets })).access_token).toBe(
      other.access_token,
    );
  });

  it('preserves the others when the token of the login is refreshed', async () => {
    const { client, token } = await loggedIn();
    const first = await client.activeToken({ userId, resource: mail });
    const fresh = await client.activeToken({ userId, fresh: true });
    expect(fresh.access_token).not.toBe(token.access_token);
    const before = provider.count('token');
    expect((await client.activeToken({ userId, resource: mail })).access_token).toBe(
      first.access_token,
    );
    expect(provider.count('token')).toBe(before);
  });

  it('forgets them with a new login', async () => {
    const { client } = await loggedIn();
    const first = await client.activeToken({ userId, resource: mail });
    await client.saveToken(await login(client), { userId });
    const next = await client.activeToken({ userId, resource: mail });
    expect(next.access_token).not.toBe(first.access_token);
  });

  it('preserves the authorization when the provider rejects a resource only, whatever its error', async () => {
    const onGrantRevoked = vi.fn();
    const { client } = await loggedIn({ onGrantRevoked });
    for (const error of ['invalid_target', 'invalid_scope', 'invalid_grant']) {
      const restore = provider.on('token', ({ form }) =>
        form.has('resource') ? { status: 400, body: { error } } : undefined,
      );
      await expect(client.activeToken({ userId, resource: mail })).rejects.toMatchObject({ error });
      expect((await client.get('/echo', { userId })).status).toBe(200);
      expect((await client.activeToken({ userId, fresh: true })).access_token).toBeTruthy();
      restore();
    }
    expect(onGrantRevoked).not.toHaveBeenCalled();
  });

  it('ends the authorization when the provider rejects the refresh token itself', async () => {
    const onGrantRevoked = vi.fn();
    const { client } = await loggedIn({ onGrantRevoked });
    provider.quirks.tokenResponse = () => ({ status: 400, body: { error: 'invalid_grant' } });
    const call = client.activeToken({ userId, resource: mail });
    await expect(call).rejects.toMatchObject({ code: 'invalid_token' });
    expect(onGrantRevoked).toHaveBeenCalledTimes(1);
    expect((await client.listTokens({ userId }))[0]?.dead).toBe(true);
  });

  it('stores a token that it could not store, before it requests another', async () => {
    const tokenStore = memoryStore();
    let isDown = false;
    const failing = {
      ...tokenStore,
      put: (...given: Parameters<typeof tokenStore.put>) => {
        if (isDown) throw new Error('down');
        return tokenStore.put(...given);
      },
    };
    const { client } = await loggedIn({ tokenStore: failing as never, refresh: { lockTtl: 1 } });
    provider.quirks.tokenResponse = (body) => {
      isDown = true;
      return { headers: { 'content-type': 'application/json' }, body };
    };
    await expect(client.activeToken({ userId, resource: mail })).rejects.toMatchObject({
      code: 'storage_failed',
    });
    isDown = false;
    provider.reset();
    // The refresh token of the lost write is the only one that works.
    const token = await client.activeToken({ userId, resource: sheets });
    expect(token.access_token).toBeTruthy();
    const before = provider.count('token');
    expect((await client.activeToken({ userId, resource: mail })).access_token).toBeTruthy();
    expect(provider.count('token')).toBe(before);
  });

  it('stores no more than twenty of them, and drops those that have expired', async () => {
    const { client } = await loggedIn();
    const first = await client.activeToken({ userId, scope: 'read', resource: 'urn:api:0' });
    for (let i = 1; i <= 20; i += 1) await client.activeToken({ userId, resource: `urn:api:${i}` });
    const again = await client.activeToken({ userId, scope: 'read', resource: 'urn:api:0' });
    expect(again.access_token).not.toBe(first.access_token);
  });

  it('says what is missing', async () => {
    const { client, token } = await loggedIn();
    const fails = async (call: Promise<unknown>, words: string) =>
      await expect(call).rejects.toMatchObject({
        code: 'invalid_options',
        message: expect.stringContaining(words) as string,
      });
    await fails(client.activeToken({ token, resource: mail }), '"userId"');
    await fails(client.get('/echo', { resource: mail }), '"userId"');
    await fails(client.get('/echo', { userId, resource: 'relative' }), 'absolute URI');
    await fails(client.get('/echo', { userId, resource: `${mail}#part` }), 'fragment');
    await fails(client.get('/echo', { userId, resource: [] }), 'absolute URI');
    await fails(client.get('/echo', { userId, scope: 7 as never }), '"scope"');
    const { refresh_token: _, ...bare } = token;
    await client.saveToken({ ...bare, ...past }, { userId: 'bob' });
    await fails(client.activeToken({ userId: 'bob', resource: mail }), 'refresh token');
  });
});
