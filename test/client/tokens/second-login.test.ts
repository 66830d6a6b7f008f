import { isOAuthError, OAuth, type OAuth2Token } from '@oauth-registry/core';
import type { TokenStore } from '@oauth-registry/core/types';
import { memoryStore } from '@oauth-registry/core/stores/memory';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { echo, login, rejection } from '../../support/login.js';
import { openidClient, plainClient } from '../../support/apps/express.js';
import { startProvider, type FakeProvider } from '../../support/provider/index.js';

let provider: FakeProvider;
let plainProvider: FakeProvider;

beforeAll(async () => {
  [provider, plainProvider] = await Promise.all([
    startProvider(),
    startProvider({ openid: false }),
  ]);
});
afterAll(() => Promise.all([provider.close(), plainProvider.close()]));
afterEach(() => {
  for (const one of [provider, plainProvider]) {
    one.reset();
    one.settings.refreshTokens = true;
  }
  provider.settings.user = { ...provider.settings.user, sub: 'user-1' };
});

const whose = { userId: 'ada' };

function application(store: TokenStore = memoryStore()) {
  return new OAuth({ config: {}, tokenStore: store, refresh: { cacheTtl: 0 } })
    .register('openid', openidClient(provider))
    .register('plain', plainClient(plainProvider));
}

/** Two logins, of which the second brings no refresh token, with what is different about each. */
async function twoLogins(first: object = {}, second: object = {}) {
  const { openid } = application();
  const before: OAuth2Token = { ...(await login(openid)), ...first };
  await openid.saveToken(before, whose);
  provider.settings.refreshTokens = false;
  const after: OAuth2Token = { ...(await login(openid)), ...second };
  expect(after.refresh_token).toBeUndefined();
  await openid.saveToken(after, whose);
  const [stored] = await openid.listTokens(whose);
  return { openid, before, after, stored: stored?.token };
}

describe('a second login that brings no refresh token (RFC 6749 §5.1)', () => {
  it('goes on with the stored one, and is refreshed with it', async () => {
    const { openid, before, after, stored } = await twoLogins();
    expect(stored).toEqual({ ...after, refresh_token: before.refresh_token });
    provider.settings.refreshTokens = true;
    await openid.saveToken({ ...after, expires_at: 1 }, whose);
    await echo(openid.get('me', whose));
    expect(provider.last('token').form.get('refresh_token')).toBe(before.refresh_token);
  });

  it('goes on with it if the scope is wider', async () => {
    const { before, stored } = await twoLogins({ scope: 'email' }, { scope: 'openid email' });
    expect(stored?.refresh_token).toBe(before.refresh_token);
  });

  it.each<[string, object, object]>([
    ['the scope is narrower', { scope: 'openid email files' }, { scope: 'openid email' }],
    ['the scope may be narrower, as only the first says it', {}, { scope: undefined }],
    ['the scope of the first is not known', { scope: undefined }, {}],
    ['the first has no id_token', { id_token: undefined }, {}],
    ['the second has no id_token', {}, { id_token: undefined }],
    ['an id_token is none', { id_token: 'a.b.c' }, { id_token: 'a.b.c' }],
    [
      'they are bound to different keys (RFC 9449 §5)',
      { dpop_key: { x: 1 } },
      { dpop_key: { x: 2 } },
    ],
    ['there was none', { refresh_token: undefined }, {}],
  ])('does not if %s', async (_why, first, second) => {
    const { after, stored } = await twoLogins(first, second);
    expect(stored).toEqual(after);
  });

  it('does not if it is another user’s', async () => {
    const { openid } = application();
    await openid.saveToken(await login(openid), whose);
    provider.settings.refreshTokens = false;
    provider.settings.user = { ...provider.settings.user, sub: 'user-2' };
    await openid.saveToken(await login(openid), whose);
    expect((await openid.listTokens(whose))[0]?.token.refresh_token).toBeUndefined();
  });

  it('does not without OpenID Connect, if nothing says whose a token is', async () => {
    const { plain } = application();
    await plain.saveToken(await login(plain), whose);
    plainProvider.settings.refreshTokens = false;
    await plain.saveToken(await login(plain), whose);
    expect((await plain.listTokens(whose))[0]?.token.refresh_token).toBeUndefined();
  });

  it('does not if the authorization has ended', async () => {
    const { openid } = application();
    await openid.saveToken({ ...(await login(openid)), expires_at: 1 }, whose);
    provider.refreshTokens.clear();
    expect(await rejection(openid.get('me', whose))).toMatchObject({ code: 'invalid_token' });
    provider.settings.refreshTokens = false;
    await openid.saveToken(await login(openid), whose);
    expect((await openid.listTokens(whose))[0]).toMatchObject({ dead: false });
    expect((await openid.listTokens(whose))[0]?.token.refresh_token).toBeUndefined();
  });

  it('waits for a refresh that is under way, whose refresh token it goes on with', async () => {
    const store = memoryStore();
    const [one, two] = [application(store).openid, application(store).openid];
    await one.saveToken({ ...(await login(one)), expires_at: 1 }, whose);
    provider.settings.refreshTokens = false;
    const second = await login(two);
    provider.settings.refreshTokens = true;
    let saving: Promise<void> | undefined;
    provider.once('token', async (_request, respond) => {
      saving = two.saveToken(second, whose);
      return { ...(await respond()), delay: 50 };
    });
    await echo(one.get('me', whose));
    await saving;
    const [stored] = await two.listTokens(whose);
    expect(stored?.token.access_token).toBe(second.access_token);
    // What is stored is the rotated one: the provider takes it.
    await two.saveToken({ ...second, expires_at: 1 }, whose);
    await echo(two.get('me', whose));
  });

  it('says so if another process refreshes for longer than "wait"', async () => {
    const store: TokenStore = { ...memoryStore(), lock: () => false };
    const { openid } = new OAuth({
      config: {},
      tokenStore: store,
      refresh: { lockTimeout: 0 },
    }).register('openid', openidClient(provider));
    provider.settings.refreshTokens = false;
    const error = await rejection(openid.saveToken(await login(openid), whose));
    expect(isOAuthError(error)).toBe(true);
    expect(error).toMatchObject({ code: 'timeout', client: 'openid' });
  });

  it('brings one: the stored one makes way', async () => {
    const { openid } = application();
    await openid.saveToken(await login(openid), whose);
    const second = await login(openid);
    await openid.saveToken(second, whose);
    expect((await openid.listTokens(whose))[0]?.token).toEqual(second);
  });
});

describe('the list of an owner’s tokens', () => {
  it('shows those that can be read, beside one that cannot', async () => {
    const store: TokenStore = { ...memoryStore(), volatile: false };
    const secret = 'a secret of thirty-two characters';
    const { plain } = new OAuth({ config: {}, tokenStore: store, secret }).register(
      'plain',
      plainClient(plainProvider),
    );
    await plain.saveToken(await login(plain), { userId: 'ada', account: 'good' });
    const key = { userId: 'ada', client: 'plain', account: 'bad' };
    await store.put(key, { version: 'v', value: '1.unknown.text' }, undefined);
    expect((await plain.listTokens(whose)).map(({ account }) => account)).toEqual(['good']);
    await plain.saveToken(await login(plain), { userId: 'ada', account: 'bad' });
    expect(await plain.listTokens(whose)).toHaveLength(2);
  });

  it('says when a token was stored whose authorization has ended', async () => {
    plainProvider.settings.refreshTokens = false;
    const { plain } = application();
    await plain.saveToken(await login(plain), whose);
    const [saved] = await plain.listTokens(whose);
    plainProvider.on('api', () => ({
      status: 401,
      headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    }));
    await plain.get('me', whose);
    const [ended] = await plain.listTokens(whose);
    expect(ended?.dead).toBe(true);
    expect(ended?.createdAt).toEqual(saved?.createdAt);
    expect(ended?.updatedAt).toEqual(saved?.updatedAt);
  });

  it('says when a token was stored, and when it was refreshed', async () => {
    const { openid } = application();
    const began = Math.floor(Date.now() / 1000) * 1000;
    await openid.saveToken({ ...(await login(openid)), expires_at: 1 }, whose);
    const [saved] = await openid.listTokens(whose);
    expect(saved?.createdAt?.getTime()).toBeGreaterThanOrEqual(began);
    expect(saved?.updatedAt).toEqual(saved?.createdAt);
    await new Promise((resolve) => setTimeout(resolve, 1001));
    await echo(openid.get('me', whose));
    const [fresh] = await openid.listTokens(whose);
    expect(fresh?.createdAt).toEqual(saved?.createdAt);
    expect(fresh?.updatedAt?.getTime()).toBeGreaterThan(saved?.updatedAt?.getTime() ?? Infinity);
  });
});
