import {
  OAuth,
  type OAuth2Token,
  type OAuthOptions,
  type RegisterOptions,
} from '@oauth-registry/core';
import type { TokenStore } from '@oauth-registry/core/types';
import { memoryStore } from '@oauth-registry/core/stores/memory';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { echo, login, rejection } from '../../support/login.js';
import { plainClient } from '../../support/apps/express.js';
import { startProvider, type FakeProvider } from '../../support/provider/index.js';

let provider: FakeProvider;

beforeAll(async () => {
  provider = await startProvider({ openid: false });
});
afterAll(() => provider.close());
afterEach(() => provider.reset());

const seconds = (): number => Math.floor(Date.now() / 1000);
const refreshes = (): number => provider.count('token');
const mine = new Error('the database of the application is down');
const fail = (): never => {
  throw mine;
};

/** An application whose token is due, and good for a few seconds more. */
async function due(oauth: OAuthOptions = {}, options: RegisterOptions = {}) {
  const registry = new OAuth({ config: {}, ...oauth });
  const { plain } = registry.register('plain', plainClient(provider, options));
  const token = { ...(await login(plain)), expires_at: seconds() + 5 };
  provider.requests.length = 0;
  return { registry, plain, token };
}

describe('a keeper that fails while the old token is still good', () => {
  const keepers: [string, OAuthOptions, RegisterOptions][] = [
    ['the registry’s updateToken', { updateToken: fail }, {}],
    ['the client’s updateToken', {}, { updateToken: fail }],
    ['an updateToken that rejects', { updateToken: async () => fail() }, {}],
  ];

  it.each(keepers)('is reported, and its token stored at the next call: %s', async (...given) => {
    const [, oauth, options] = given;
    const { plain, token } = await due(oauth, options);
    for (let call = 0; call < 2; call += 1)
      expect(await rejection(plain.get('me', { token }))).toBe(mine);
    expect([refreshes(), provider.count('api')]).toEqual([1, 0]);
  });

  it('is reported if it is a listener of token:update', async () => {
    const { registry, plain, token } = await due();
    registry.events.on('token:update', fail);
    expect(await rejection(plain.get('me', { token }))).toBe(mine);
    expect(refreshes()).toBe(1);
  });

  it('is reported by userinfo(), and for a body that can be sent once', async () => {
    const { plain, token } = await due({ updateToken: fail });
    expect(await rejection(plain.userinfo({ token }))).toBe(mine);
    const body = new Blob(['x']).stream();
    expect(await rejection(plain.post('me', { token, body }))).toBe(mine);
  });

  it('is reported if it is an error of this library, as of another client in the hook', async () => {
    const updateToken = async (): Promise<void> => {
      await elsewhere.plain.get('me');
    };
    const elsewhere = new OAuth({ config: {} }).register('plain', plainClient(provider));
    const { plain, token } = await due({ updateToken });
    expect(await rejection(plain.get('me', { token }))).toMatchObject({ code: 'missing_token' });
  });

  it('is reported if it is onGrantRevoked: the login has ended, whatever the hook does', async () => {
    const updateToken = (): void => undefined;
    const { plain, token } = await due({ updateToken, onGrantRevoked: fail });
    provider.refreshTokens.clear();
    expect(await rejection(plain.get('me', { token }))).toBe(mine);
  });

  it('is reported for a token of the client’s own (RFC 6749 §4.4)', async () => {
    const own = { grantType: 'client_credentials' } as const;
    const { plain, token } = await due({ updateToken: fail }, own);
    const { refresh_token: _, ...given } = token;
    expect(await rejection(plain.get('me', { token: given }))).toBe(mine);
  });

  describe('that is a store', () => {
    /** A store that fails when the provider has answered; `at` counts its writes from then on. */
    async function failing(oauth: OAuthOptions = {}) {
      const real = memoryStore();
      let broken = false;
      const put: TokenStore['put'] = (...given) => (broken ? fail() : real.put(...given));
      const tokenStore = { ...real, put };
      const { plain, token } = await due({ tokenStore, refresh: { lockTtl: 0.1 }, ...oauth });
      await plain.saveToken(token, { userId: 'ada' });
      const breakDown = (): void => {
        broken = true;
      };
      const repair = (): void => {
        broken = false;
      };
      return { plain, token, real, breakDown, repair };
    }

    it('is reported, and the fresh token stored when the store is back', async () => {
      const { plain, token, breakDown, repair } = await failing();
      provider.once('token', async (_request, respond) => {
        const answer = await respond();
        breakDown();
        return answer;
      });
      const whose = { userId: 'ada' };
      const error = await rejection(plain.get('me', whose));
      expect(error).toMatchObject({ code: 'storage_failed' });
      repair();
      await echo(plain.get('me', whose));
      expect(refreshes()).toBe(1);
      const [stored] = await plain.listTokens(whose);
      expect(stored?.token.refresh_token).not.toBe(token.refresh_token);
    });

    it('is reported before anything is sent, too: no refresh token is spent', async () => {
      const { plain, breakDown } = await failing();
      breakDown();
      expect(await rejection(plain.get('me', { userId: 'ada' }))).toMatchObject({
        code: 'storage_failed',
      });
      expect(provider.requests).toEqual([]);
    });

    it('is reported if the hook beside it fails', async () => {
      const { plain } = await failing({ updateToken: fail });
      expect(await rejection(plain.get('me', { userId: 'ada' }))).toBe(mine);
    });
  });
});

describe('a provider that fails while the old token is still good', () => {
  it('is forgiven, and the old token used', async () => {
    const { plain, token } = await due({ updateToken: fail });
    provider.on('token', () => ({ status: 503 }));
    await echo(plain.get('me', { token }));
    expect(refreshes()).toBe(1);
  });

  it('is forgiven for a token of the client’s own in a store (RFC 6749 §4.4)', async () => {
    const own = { grantType: 'client_credentials' } as const;
    const oauth = { tokenStore: memoryStore() };
    const { plain } = await due(oauth, own);
    provider.settings.expiresIn = 30;
    await echo(plain.get('me'));
    provider.settings.expiresIn = 3600;
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 20_000 });
    provider.requests.length = 0;
    provider.on('token', () => ({ status: 503 }));
    await echo(plain.get('me'));
    expect(refreshes()).toBe(1);
    vi.setSystemTime(Date.now() + 20_000);
    expect(await rejection(plain.get('me'))).toMatchObject({ code: 'provider_unavailable' });
    vi.useRealTimers();
  });

  it('is not what a hook of the application fails with after the provider has responded', async () => {
    const complianceFix = { refreshTokenResponse: fail };
    const { plain, token } = await due({ updateToken: () => undefined }, { complianceFix });
    expect(await rejection(plain.get('me', { token }))).toBe(mine);
  });
});

describe('the lock of a token', () => {
  it('is free after its release, even if an extension was under way', async () => {
    const real = memoryStore();
    const seen: string[] = [];
    let asked = 0;
    const tokenStore: TokenStore = {
      ...real,
      lock: async (key, holder, lease) => {
        asked += 1;
        // An extension is slow to arrive.
        if (asked > 1) await new Promise((resolve) => setTimeout(resolve, 150));
        seen.push('lock');
        return await real.lock(key, holder, lease);
      },
      unlock: async (...given) => {
        seen.push('unlock');
        await real.unlock(...given);
      },
    };
    const { plain, token } = await due({ tokenStore, refresh: { lockTtl: 0.3 } });
    await plain.saveToken({ ...token, expires_at: 1 }, { userId: 'ada' });
    provider.quirks.delay.token = 120;
    await echo(plain.get('me', { userId: 'ada' }));
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.at(-1)).toBe('unlock');
    await new Promise((resolve) => setTimeout(resolve, 200));
    const key = { userId: 'ada', client: 'plain', account: '' };
    expect(await real.lock(key, 'the next one', 1000)).toBe(true);
  });

  it('that two processes lost to each other tells of the end of an authorization once', async () => {
    const real = memoryStore();
    const told = vi.fn<() => void>();
    const tokenStore: TokenStore = { ...real, lock: () => true };
    const oauth = { tokenStore, onGrantRevoked: told, refresh: { cacheTtl: 0 } };
    const { plain, token } = await due(oauth);
    const another = new OAuth({ config: {}, ...oauth }).register('plain', plainClient(provider));
    await plain.saveToken({ ...token, expires_at: 1 } as OAuth2Token, { userId: 'ada' });
    provider.refreshTokens.clear();
    provider.once('token', async () => {
      await rejection(another.plain.get('me', { userId: 'ada' }));
      return { status: 400, body: { error: 'invalid_grant' } };
    });
    const error = await rejection(plain.get('me', { userId: 'ada' }));
    expect(error).toMatchObject({ code: 'invalid_token' });
    expect(told).toHaveBeenCalledTimes(1);
  });
});
