import {
  OAuth,
  type OAuth2Token,
  type OAuthOptions,
  type RegisterOptions,
} from '@oauth-registry/core';
import type { TokenStore } from '@oauth-registry/core/types';
import { memoryStore } from '@oauth-registry/core/stores/memory';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { oauth1Client, plainClient } from '../../support/apps/express.js';
import { startProvider, type FakeProvider } from '../../support/provider/index.js';
import { echo, login, rejection } from '../../support/login.js';
import { requiredMethods } from '../../support/required-methods.js';

let provider: FakeProvider;

beforeAll(async () => {
  provider = await startProvider({ openid: false });
});
afterAll(() => provider.close());
afterEach(() => {
  vi.useRealTimers();
  provider.reset();
  provider.settings.refreshTokens = true;
});

const secret = 'a secret of thirty-two characters';
const whose = { userId: 'ada' };
const bearer = (): string | undefined => provider.last('api').headers['authorization'];

/** A process of an application that shares a store with others. */
function registryOn(
  tokenStore: TokenStore,
  oauth: OAuthOptions = {},
  options: RegisterOptions = {},
) {
  return new OAuth({ config: {}, tokenStore, secret, ...oauth }).register(
    'plain',
    plainClient(provider, options),
  );
}

/** Puts a store in the place of another whose methods can be replaced and counted. */
function watched(store: TokenStore = memoryStore()) {
  const calls: string[] = [];
  const watch = new Proxy(store, {
    get: (target, name: keyof TokenStore) => {
      const method = target[name];
      if (typeof method !== 'function') return method;
      return (...args: never[]) => {
        calls.push(name);
        return (method as (...given: never[]) => unknown)(...args);
      };
    },
  });
  return { store: watch, calls };
}

describe('a stored token', () => {
  it.each(['was refused', 'has expired'])(
    '[F4] that %s and cannot be refreshed is looked up again: another login may have replaced it',
    async (what) => {
      vi.useFakeTimers({ toFake: ['Date'] });
      provider.settings.refreshTokens = false;
      const store = memoryStore();
      const [here, there] = [registryOn(store).plain, registryOn(store).plain];
      const old = await login(here);
      await here.saveToken({ ...old, expires_at: Date.now() / 1000 + 50 }, whose);
      expect((await here.get('me', whose)).status).toBe(200);
      if (what === 'has expired') vi.setSystemTime(Date.now() + 55_000);
      else {
        provider.accessTokens.delete(old.access_token);
        expect((await here.get('me', whose)).status).toBe(401);
      }
      const fresh = await login(there);
      await there.saveToken(fresh, whose);
      expect((await here.get('me', whose)).status).toBe(200);
      expect(bearer()).toBe(`Bearer ${fresh.access_token}`);
    },
  );

  it.each(['a\u0000b', 'a\nb', '\ud800', 'x\udfff'])(
    'has no owner and no account that a store could take for another: %j',
    async (text) => {
      const { plain } = registryOn(memoryStore());
      const token = await login(plain);
      for (const key of [{ userId: text }, { userId: 'ada', account: text }]) {
        await expect(plain.saveToken(token, key)).rejects.toMatchObject({
          code: 'invalid_options',
        });
      }
    },
  );

  it('belongs to the owner of exactly that spelling', async () => {
    const { plain } = registryOn(memoryStore());
    await plain.saveToken(await login(plain), { userId: 'j\u00fcrgen' });
    expect(await plain.listTokens({ userId: 'j\u00fcrgen' })).toHaveLength(1);
    expect(await plain.listTokens({ userId: 'ju\u0308rgen' })).toHaveLength(0);
  });

  it('[F4] is found by its owner, in another process and long after the login', async () => {
    const store = memoryStore();
    const { plain } = registryOn(store);
    const token = await login(plain);
    await plain.saveToken(token, whose);
    const later = registryOn(store).plain;
    await echo(later.get('me', whose));
    expect(bearer()).toBe(`Bearer ${token.access_token}`);
    expect((await later.userinfo(whose)).sub).toBe('user-1');
  });

  it('[M6] [A15] is refreshed and stored by itself, and its hooks are told', async () => {
    const store = memoryStore();
    const updateToken = vi.fn<() => void>();
    const { plain } = registryOn(store, { updateToken });
    const token = await login(plain);
    await plain.saveToken({ ...token, expires_at: 1 }, whose);
    provider.requests.length = 0;
    await echo(plain.get('me', { ...whose, request: 'r' }));
    const [kept] = await plain.listTokens(whose);
    expect(bearer()).toBe(`Bearer ${kept?.token.access_token}`);
    expect(kept?.token.refresh_token).not.toBe(token.refresh_token);
    const old = { refreshToken: token.refresh_token, accessToken: token.access_token };
    expect(updateToken.mock.calls).toEqual([['plain', kept?.token, old, 'r']]);
    expect(provider.count('token')).toBe(1);
  });

  it('[M7] [F5] is refreshed once for all callers, and every user has their own', async () => {
    const { plain } = registryOn(memoryStore());
    const owners = ['ada', 'grace', 'joan'];
    for (const userId of owners) {
      await plain.saveToken({ ...(await login(plain)), expires_at: 1, mine: userId }, { userId });
    }
    provider.requests.length = 0;
    const calls = Array.from({ length: 60 }, (_, i) => plain.get('me', { userId: owners[i % 3] }));
    for (const call of calls) await echo(call);
    expect(provider.count('token')).toBe(3);
    for (const userId of owners) {
      expect((await plain.listTokens({ userId }))[0]?.token['mine']).toBe(userId);
    }
  });

  it('[A26] of OAuth 1 and of OAuth 2 share one table', async () => {
    const store = memoryStore();
    const oauth = registryOn(store).register('one', oauth1Client(provider));
    const one = await login(oauth.one);
    await oauth.one.saveToken(one, whose);
    await oauth.plain.saveToken(await login(oauth.plain), whose);
    expect((await oauth.one.get('me', whose)).status).toBe(200);
    expect((await oauth.plain.get('me', whose)).status).toBe(200);
    expect(await store.list('ada')).toHaveLength(2);
    expect(await oauth.one.listTokens(whose)).toEqual([{ account: '', token: one, dead: false }]);
  });

  it('[D5] one user may have several accounts at one provider', async () => {
    const { plain } = registryOn(memoryStore());
    const tokens = [await login(plain), await login(plain)];
    for (const [i, token] of tokens.entries()) {
      await plain.saveToken(token, { userId: 'ada', account: `a${i}` });
    }
    await echo(plain.get('me', { userId: 'ada', account: 'a1' }));
    expect(bearer()).toBe(`Bearer ${tokens[1]?.access_token}`);
    expect((await plain.listTokens(whose)).map(({ account }) => account)).toEqual(['a0', 'a1']);
    await plain.deleteToken({ userId: 'ada', account: 'a1' });
    const error = await rejection(plain.get('me', { userId: 'ada', account: 'a1' }));
    expect(error).toMatchObject({ code: 'missing_token', client: 'plain' });
    await echo(plain.get('me', { userId: 'ada', account: 'a0' }));
  });

  it('[D5] of a login takes the place of the one before', async () => {
    const { plain } = registryOn(memoryStore());
    await plain.saveToken(await login(plain), whose);
    const second = await login(plain);
    await plain.saveToken(second, whose);
    await echo(plain.get('me', whose));
    expect(bearer()).toBe(`Bearer ${second.access_token}`);
  });

  it('of a login is not stored again if another process has refreshed it before it is read back', async () => {
    const memory = memoryStore();
    const store = requiredMethods(memory);
    const other = registryOn(memory).plain;
    const { put, get } = store;
    let isPut = false;
    store.put = async (...given) => {
      isPut = true;
      return await put(...given);
    };
    store.get = async (...given) => {
      if (isPut) await echo(other.get('me', whose));
      isPut = false;
      return await get(...given);
    };
    const { plain } = registryOn(store);
    const token = { ...(await login(plain)), expires_at: 1 };
    await plain.saveToken(token, whose);
    const [stored] = await other.listTokens(whose);
    expect(stored?.token.refresh_token).not.toBe(token.refresh_token);
  });

  it.each([true, false])(
    'of a login is stored although the store falsely reports that it overwrote the one before: %s',
    async (isStored) => {
      const store = memoryStore();
      const { put } = store;
      const { plain } = registryOn(store);
      if (isStored) await plain.saveToken(await login(plain), whose);
      store.put = () => {
        store.put = put;
        return true;
      };
      const token = await login(plain);
      await plain.saveToken(token, whose);
      expect((await plain.listTokens(whose))[0]?.token).toEqual(token);
    },
  );

  it('[F4] in memory is used without a lock, a key or a look into the store', async () => {
    const { store, calls } = watched();
    const { plain } = registryOn(store);
    await plain.saveToken(await login(plain), whose);
    await echo(plain.get('me', whose));
    calls.length = 0;
    const open = vi.spyOn(crypto.subtle, 'decrypt');
    for (let i = 0; i < 100; i += 1) await echo(plain.get('me', whose));
    expect([calls, open.mock.calls]).toEqual([[], []]);
    open.mockRestore();
  });

  it('[F4] is looked up again after a while, so that a logout elsewhere is noticed', async () => {
    const { store, calls } = watched();
    const { plain } = registryOn(store, { refresh: { cacheTtl: 0 } });
    await plain.saveToken(await login(plain), whose);
    await registryOn(store).plain.deleteToken(whose);
    calls.length = 0;
    expect(await rejection(plain.get('me', whose))).toMatchObject({ code: 'missing_token' });
    expect(calls).toEqual(['get']);
  });

  it('[F5] is never one of a user who was not named', async () => {
    const { plain } = registryOn(memoryStore());
    await plain.saveToken(await login(plain), whose);
    for (const userId of ['', null, 7, {}] as unknown as string[]) {
      expect(await rejection(plain.get('me', { userId }))).toMatchObject({
        code: 'invalid_options',
      });
    }
    expect(await rejection(plain.get('me'))).toMatchObject({ code: 'missing_token' });
    expect(await rejection(plain.get('me', { userId: 'eve' }))).toMatchObject({
      code: 'missing_token',
    });
    expect(provider.count('api')).toBe(0);
  });

  it('[F4] needs a store', async () => {
    const { plain } = new OAuth({ config: {} }).register('plain', plainClient(provider));
    expect(await rejection(plain.get('me', whose))).toMatchObject({ code: 'invalid_options' });
  });

  it('[A15] that the API refuses is refreshed, unless another process has done so', async () => {
    const store = memoryStore();
    const [one, two] = [registryOn(store).plain, registryOn(store).plain];
    const { expires_at: _, expires_in: __, ...token } = await login(one);
    await one.saveToken(token as OAuth2Token, whose);
    await echo(two.get('me', whose));
    provider.accessTokens.delete(token.access_token);
    provider.requests.length = 0;
    await echo(one.get('me', whose));
    await echo(two.get('me', whose));
    expect(provider.count('token')).toBe(1);
  });
});

describe('an authorization that has ended', () => {
  it('[X3] is marked in the store, told once, and tells every caller to log in again', async () => {
    const store = memoryStore();
    const onGrantRevoked = vi.fn<() => void>();
    const [one, two] = [1, 2].map(() => registryOn(store, { onGrantRevoked }).plain);
    if (!one || !two) throw new Error('There are two.');
    const token = { ...(await login(one)), expires_at: 1 };
    await one.saveToken(token, whose);
    provider.refreshTokens.clear();
    provider.requests.length = 0;
    for (const client of [one, two, one]) {
      const error = await rejection(client.get('me', whose));
      expect(error).toMatchObject({ code: 'invalid_token', phase: 'refresh' });
      expect(error.message).toContain('log in again');
    }
    expect(provider.count('token')).toBe(1);
    const dead = { token, reason: 'refused', userId: 'ada', account: '' };
    expect(onGrantRevoked.mock.calls).toEqual([['plain', dead, undefined]]);
    expect((await two.listTokens(whose))[0]).toMatchObject({ dead: true });
    await one.saveToken(await login(one), whose);
    await echo(two.get('me', whose));
  });

  it('[X3] invalid_grant is believed only after another look into the store', async () => {
    const store = memoryStore();
    const onGrantRevoked = vi.fn<() => void>();
    const { plain } = registryOn(store, { onGrantRevoked });
    await plain.saveToken({ ...(await login(plain)), expires_at: 1 }, whose);
    const newer = await login(plain);
    provider.once('token', async () => {
      await registryOn(store).plain.saveToken(newer, whose);
      return { status: 400, body: { error: 'invalid_grant' } };
    });
    await echo(plain.get('me', whose));
    expect(bearer()).toBe(`Bearer ${newer.access_token}`);
    expect(onGrantRevoked).not.toHaveBeenCalled();
  });

  it('[X3] a logout during a refresh stays one', async () => {
    const store = memoryStore();
    const { plain } = registryOn(store);
    await plain.saveToken({ ...(await login(plain)), expires_at: 1 }, whose);
    provider.once('token', async (_request, respond) => {
      await plain.deleteToken(whose);
      return await respond();
    });
    expect(await rejection(plain.get('me', whose))).toMatchObject({ code: 'missing_token' });
    expect(await store.list('ada')).toEqual([]);
  });
});

describe('a token of the client’s own (RFC 6749 §4.4)', () => {
  it('[A25] is one for all processes that share a store, and asked for again when its time has come', async () => {
    const store = memoryStore();
    const own = { grantType: 'client_credentials' } as const;
    const clients = Array.from({ length: 3 }, () => registryOn(store, {}, own).plain);
    const askAll = () => Promise.all(clients.map((client) => echo(client.get('me'))));
    await askAll();
    await askAll();
    expect(provider.count('token')).toBe(1);
    // Refused: the first to notice gets another one, and the others find it.
    provider.accessTokens.clear();
    await askAll();
    expect(provider.count('token')).toBe(2);
    expect(await rejection(clients[0]?.listTokens({ userId: '' }) ?? askAll())).toMatchObject({
      code: 'invalid_options',
    });
  });

  it('[A25] is read from the store before one is requested, and read again under the lock', async () => {
    const { store, calls } = watched();
    const own = { grantType: 'client_credentials' } as const;
    const [one, two] = [registryOn(store, {}, own).plain, registryOn(store, {}, own).plain];
    await echo(one.get('me'));
    expect(calls).toEqual(['get', 'lock', 'get', 'put', 'unlock']);
    calls.length = 0;
    await echo(two.get('me'));
    await echo(two.get('me'));
    expect(calls).toEqual(['get']);
    // Refused, and replaced by the other process.
    provider.accessTokens.clear();
    await echo(one.get('me'));
    calls.length = 0;
    await echo(two.get('me'));
    expect(calls).toEqual(['lock', 'get', 'unlock']);
    expect(provider.count('token')).toBe(2);
  });
});
