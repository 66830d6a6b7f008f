import { setTimeout as sleep } from 'node:timers/promises';
import {
  OAuth,
  type OAuth2Token,
  type OAuthOptions,
  type RegisterOptions,
} from '@oauth-registry/core';
import type { TokenStore } from '@oauth-registry/core/types';
import { memoryStore } from '@oauth-registry/core/stores/memory';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { plainClient } from '../../support/apps/express.js';
import { startProvider, type FakeProvider } from '../../support/provider/index.js';
import { echo, login, rejection } from '../../support/login.js';

let provider: FakeProvider;
let store: TokenStore;
/** What befalls the store's methods; each calls on to the real one, or does not. */
let faults: Partial<TokenStore>;

beforeAll(async () => {
  provider = await startProvider({ openid: false });
});
afterAll(() => provider.close());
beforeEach(() => {
  store = memoryStore();
  faults = {};
});
afterEach(() => {
  provider.reset();
  vi.useRealTimers();
});

const whose = { userId: 'ada' };
const key = { userId: 'ada', client: 'plain', account: '' };
const seconds = (): number => Math.floor(Date.now() / 1000);
const dead = vi.fn<(name: string, dead: { reason: string }) => void>();

function faulty(): TokenStore {
  return {
    get: (...given) => (faults.get ?? store.get)(...given),
    put: (...given) => (faults.put ?? store.put)(...given),
    delete: (...given) => (faults.delete ?? store.delete)(...given),
    list: (...given) => (faults.list ?? store.list)(...given),
    lock: (...given) => (faults.lock ?? store.lock)(...given),
    unlock: (...given) => (faults.unlock ?? store.unlock)(...given),
    volatile: true,
  };
}

/** A process of an application, and a token of its person's in the store. */
async function application(
  token: Partial<OAuth2Token> = {},
  oauth: OAuthOptions = {},
  options: RegisterOptions = {},
) {
  dead.mockReset();
  const start = () =>
    new OAuth({
      config: {},
      tokenStore: faulty(),
      onGrantRevoked: dead,
      ...oauth,
      refresh: { lockTtl: 0.2, cacheTtl: 0, ...oauth.refresh },
    }).register('plain', plainClient(provider, options)).plain;
  const client = start();
  const saved = { ...(await login(client)), expires_at: 1, ...token };
  await client.saveToken(saved, whose);
  provider.requests.length = 0;
  return { client, saved, another: start };
}

const refreshes = (): number => provider.count('token');
const calls = (): number => provider.count('api');
const down = (): never => {
  throw Object.assign(new Error('secret words of the driver'), { code: 'ECONNREFUSED' });
};

/** Does something to the store the moment the provider has traded the token. */
function afterRefresh(act: () => void): void {
  provider.once('token', async (_request, respond) => {
    const answer = await respond();
    act();
    return answer;
  });
}

describe('a store that is slow', () => {
  it('[X3] slows calls down and changes nothing else', async () => {
    const { client } = await application({}, { refresh: { lockTtl: 10 } });
    for (const name of ['get', 'put', 'lock', 'unlock'] as const) {
      faults[name] = (async (...given: never[]) => {
        await sleep(15);
        return await (store[name] as (...args: never[]) => unknown)(...given);
      }) as never;
    }
    const all = Array.from({ length: 20 }, () => echo(client.get('me', whose)));
    await Promise.all(all);
    expect(refreshes()).toBe(1);
  });

  it('[X3] has failed when it does not respond in time', async () => {
    const { client } = await application({}, { timeout: 60 });
    faults.get = () => new Promise(() => undefined);
    expect(await rejection(client.get('me', whose))).toMatchObject({
      code: 'storage_failed',
      reason: 'TIMEOUT',
    });
    expect(provider.requests).toEqual([]);
  });
});

describe('a store that is down', () => {
  it('[X3] fails the call, in our words, and leaves tokens in memory of use', async () => {
    const { client, another } = await application({ expires_at: seconds() + 600 });
    await echo(client.get('me', whose));
    Object.assign(faults, { get: down, put: down, lock: down });
    const error = await rejection(another().get('me', whose));
    expect(error).toMatchObject({ code: 'storage_failed', reason: 'ECONNREFUSED' });
    expect(error.message).not.toContain('secret');
    await echo(client.get('me', whose));
  });

  it('[X3] before the refresh prevents it from being sent', async () => {
    const { client } = await application();
    faults.put = down;
    expect(await rejection(client.get('me', whose))).toMatchObject({ code: 'storage_failed' });
    expect(provider.requests).toEqual([]);
  });

  it('[X3] for a moment after the refresh is asked again', async () => {
    const { client } = await application();
    afterRefresh(() => {
      faults.put = () => {
        delete faults.put;
        return down();
      };
    });
    await echo(client.get('me', whose));
    expect(refreshes()).toBe(1);
  });

  it('[X3] after the refresh: the fresh token is not used before it is stored, and not lost', async () => {
    const { client, saved } = await application();
    afterRefresh(() => {
      faults.put = down;
    });
    for (let i = 0; i < 2; i += 1) {
      expect(await rejection(client.get('me', whose))).toMatchObject({ code: 'storage_failed' });
    }
    expect([refreshes(), calls()]).toEqual([1, 0]);
    faults = {};
    await echo(client.get('me', whose));
    expect(refreshes()).toBe(1);
    expect((await client.listTokens(whose))[0]?.token.refresh_token).not.toBe(saved.refresh_token);
  });
});

describe('a store that lies', () => {
  it('[X3] says that it wrote and has not: the fresh token is not used, and not lost', async () => {
    const { client } = await application();
    afterRefresh(() => {
      faults.put = () => true;
    });
    expect(await rejection(client.get('me', whose))).toMatchObject({
      code: 'storage_failed',
      reason: 'NOT_WRITTEN',
    });
    expect([refreshes(), calls()]).toEqual([1, 0]);
    faults = {};
    await echo(client.get('me', whose));
    expect(refreshes()).toBe(1);
  });

  it('[X3] says that it has not written and has: what is there counts', async () => {
    const { client } = await application();
    faults.put = async (...given) => (await store.put(...given)) && false;
    await echo(client.get('me', whose));
    await echo(client.get('me', whose));
    expect(refreshes()).toBe(1);
  });
});

describe('a lock', () => {
  it('[X3] of a process that died is taken over', async () => {
    const { client } = await application();
    await store.lock(key, 'somebody who died', 100);
    await echo(client.get('me', whose));
    expect(refreshes()).toBe(1);
  });

  it('[X3] of a process that lives is waited for: the token it stores is used', async () => {
    const { client, another } = await application();
    await store.lock(key, 'somebody who lives', 60_000);
    const call = echo(client.get('me', whose));
    await sleep(30);
    expect(refreshes()).toBe(0);
    await another().saveToken(await login(client), whose);
    await call;
    expect(
      provider.requests.filter(({ form }) => form.get('grant_type') === 'refresh_token'),
    ).toEqual([]);
  });

  it('[X3] that is never given back ends in a timeout, and not in a second refresh', async () => {
    const { client } = await application(
      {},
      { refresh: { lockTtl: 0.2, cacheTtl: 0, lockTimeout: 0.05 } },
    );
    await store.lock(key, 'somebody who lives', 60_000);
    expect(await rejection(client.get('me', whose))).toMatchObject({
      code: 'timeout',
      phase: 'refresh',
    });
    expect(provider.requests).toEqual([]);
  });

  it('[X3] that was lost on the way prevents the refresh from being sent', async () => {
    const { client } = await application();
    let asked = 0;
    faults.lock = () => (asked += 1) === 1;
    faults.put = async (...given) => {
      await sleep(150);
      return await store.put(...given);
    };
    expect(await rejection(client.get('me', whose))).toMatchObject({
      code: 'storage_failed',
      reason: 'LOCK_LOST',
    });
    expect(provider.requests).toEqual([]);
  });

  it('[X3] that was lost unnoticed while the provider responded does not lose the token that came', async () => {
    const { client, another } = await application();
    provider.once('token', async (_request, respond) => {
      const answer = await respond();
      // Another process gets in, sends the spent refresh token, and believes that all is over.
      faults.lock = () => true;
      provider.once('token', () => ({ status: 400, body: { error: 'invalid_grant' } }));
      expect(await rejection(another().get('me', whose))).toMatchObject({ code: 'invalid_token' });
      return answer;
    });
    await echo(client.get('me', whose));
    expect((await client.listTokens(whose))[0]).toMatchObject({ dead: false });
    await echo(another().get('me', whose));
    expect(refreshes()).toBe(2);
  });
});

describe('a provider that goes down in the middle of a refresh', () => {
  it('[X3] before it acted: the old token stays, and the next call refreshes it', async () => {
    const { client } = await application();
    provider.once('token', () => ({ destroy: true }));
    expect(await rejection(client.get('me', whose))).toMatchObject({
      code: 'provider_unavailable',
    });
    expect((await client.listTokens(whose))[0]).toMatchObject({ dead: false });
    await echo(client.get('me', whose));
    expect(dead).not.toHaveBeenCalled();
  });

  it('[X3] after it acted: the loss is reported, once, by whichever process finds it', async () => {
    const { client, another } = await application();
    provider.once('token', async (_request, respond) => {
      await respond();
      return { destroy: true };
    });
    expect(await rejection(client.get('me', whose))).toMatchObject({
      code: 'provider_unavailable',
    });
    for (const process of [another(), client]) {
      const error = await rejection(process.get('me', whose));
      expect(error).toMatchObject({ code: 'invalid_token' });
      expect(error.message).toContain('was lost');
    }
    expect(dead.mock.calls.map(([, { reason }]) => reason)).toEqual(['lost']);
  });

  it.each([
    ['after the reuse window, is not requested again while the old token is valid', 0, 1],
    ['within the reuse window, is requested again', 60, 2],
  ])('[X3] after it acted, %s', async (_what, refreshReuseWindow, asked) => {
    const soon = { expires_at: seconds() + 20 };
    const { client, saved, another } = await application(soon, {}, { refreshReuseWindow });
    provider.on('token', () => ({ destroy: true }));
    await echo(client.get('me', whose));
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 2000 });
    await echo(another().get('me', whose));
    expect(refreshes()).toBe(asked);
    expect(provider.last('api').headers['authorization']).toBe(`Bearer ${saved.access_token}`);
  });

  it('[X3] is left alone by every process for as long as Retry-After says', async () => {
    const { client, another } = await application();
    provider.quirks.fault.token = 'rate-limited';
    for (const process of [client, another(), another()]) {
      expect(await rejection(process.get('me', whose))).toMatchObject({
        code: 'provider_unavailable',
      });
    }
    expect(refreshes()).toBe(1);
    provider.quirks.fault = {};
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 8000 });
    await echo(another().get('me', whose));
  });
});

describe('a clock that jumps', () => {
  it('[X3] forward: a good token is refreshed once, and works', async () => {
    const { client, another } = await application({ expires_at: seconds() + 3600 });
    const jump = Date.now() + 7200_000;
    provider.settings.expiresIn = 5 * 3600;
    vi.useFakeTimers({ toFake: ['Date'], now: jump });
    await echo(client.get('me', whose));
    await echo(another().get('me', whose));
    expect(refreshes()).toBe(1);
    provider.settings.expiresIn = 3600;
  });

  it('[X3] backward: the provider refuses what looks good here, and the token is refreshed', async () => {
    const { client, saved } = await application({ expires_at: seconds() + 3600 });
    provider.accessTokens.delete(saved.access_token);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 7200_000 });
    await echo(client.get('me', whose));
    expect(refreshes()).toBe(1);
  });

  it('[X3] back by a day: a Retry-After of tomorrow is not waited for', async () => {
    const { client } = await application();
    provider.once('token', () => ({ status: 429, headers: { 'retry-after': '60' }, body: '' }));
    await rejection(client.get('me', whose));
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 86_400_000 });
    await client.get('me', whose).catch(() => undefined);
    expect(refreshes()).toBe(2);
  });
});
