import { setTimeout as sleep } from 'node:timers/promises';
import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import type { RevokedGrant, TokenStore } from '@oauth-registry/core/types';
import { memoryStore } from '@oauth-registry/core/stores/memory';
import { afterEach, expect, vi } from 'vitest';
import { plainClient } from '../../support/apps/express.js';
import { itWith } from '../../support/fixtures.js';
import { echo, login, rejection } from '../../support/login.js';
import type { FakeProvider } from '../../support/provider/index.js';

const it = itWith({ openid: false });
afterEach(() => void vi.useRealTimers());
const owner = { userId: 'ada' };
const key = { ...owner, client: 'plain', account: '' };

/** Two processes with an expired token in their store; `here` may be replaced for the first. */
async function processes(provider: FakeProvider) {
  const store = memoryStore();
  const here: Partial<TokenStore> = {};
  const reasons: string[] = [];
  const onGrantRevoked = (_: string, { reason }: RevokedGrant) => void reasons.push(reason);
  const start = (tokenStore: TokenStore, options: RegisterOptions = {}) =>
    new OAuth({ config: {}, tokenStore, onGrantRevoked, refresh: { lockTtl: 0.2 } }).register(
      'plain',
      plainClient(provider, options),
    ).plain;
  const put: TokenStore['put'] = (...given) => (here.put ?? store.put)(...given);
  const lock: TokenStore['lock'] = (...given) => (here.lock ?? store.lock)(...given);
  const one = start({ ...store, put, lock });
  await one.saveToken({ ...(await login(one)), expires_at: 1 }, owner);
  provider.requests.length = 0;
  return { store, here, one, two: start(store), start, reasons };
}

/** The refresh tokens that were sent. */
function sent({ requests }: FakeProvider): (string | null)[] {
  return requests
    .filter(({ form }) => form.get('grant_type') === 'refresh_token')
    .map(({ form }) => form.get('refresh_token'));
}

it('a process that was stopped after its pending marker sends no refresh token that another process has used', async ({
  provider,
}) => {
  const { store, here, one, two } = await processes(provider);
  // A stopped process runs no timers, so its lock expires.
  vi.useFakeTimers({ toFake: ['setInterval'] });
  here.put = async (...given) => {
    delete here.put;
    const result = await store.put(...given);
    await echo(two.get('me', owner));
    return result;
  };
  await echo(one.get('me', owner));
  expect(sent(provider)).toHaveLength(1);
  const [stored] = await two.listTokens(owner);
  expect(provider.last('api').headers['authorization']).toBe(
    `Bearer ${stored?.token.access_token}`,
  );
});

it('a process that was stopped after its pending marker refreshes if no other process has', async ({
  provider,
}) => {
  const { store, here, one } = await processes(provider);
  vi.useFakeTimers({ toFake: ['setInterval'] });
  here.put = async (...given) => {
    delete here.put;
    const result = await store.put(...given);
    await sleep(250);
    return result;
  };
  await echo(one.get('me', owner));
  expect(sent(provider)).toHaveLength(1);
});

it('a process whose lock expires each time it writes its pending marker sends nothing', async ({
  provider,
}) => {
  const { store, here, one } = await processes(provider);
  vi.useFakeTimers({ toFake: ['setInterval'] });
  let writes = 0;
  here.put = async (...given) => {
    writes += 1;
    await sleep(210);
    return await store.put(...given);
  };
  expect(await rejection(one.get('me', owner))).toMatchObject({ reason: 'LOCK_LOST' });
  expect([writes, sent(provider)]).toEqual([5, []]);
});

it('a new token is stored if a write conflict is noticed late, after a slow write', async ({
  provider,
}) => {
  const { store, here, one } = await processes(provider);
  provider.once('token', async (_request, respond) => {
    const response = await respond();
    here.put = async (...given) => {
      delete here.put;
      await sleep(300);
      const there = await store.get(key);
      if (there) await store.put(key, { ...there, version: 'another' }, there.version);
      return await store.put(...given);
    };
    return response;
  });
  await echo(one.get('me', owner));
  const [stored] = await one.listTokens(owner);
  expect(provider.last('api').headers['authorization']).toBe(
    `Bearer ${stored?.token.access_token}`,
  );
});

it('a new token that finds another version at every write is given up after fifty writes, and stored at the next call', async ({
  provider,
}) => {
  const { store, here, one } = await processes(provider);
  let writes = 0;
  provider.once('token', async (_request, respond) => {
    const response = await respond();
    here.put = async (...given) => {
      writes += 1;
      const there = await store.get(key);
      if (there) await store.put(key, { ...there, version: `another ${writes}` }, there.version);
      return await store.put(...given);
    };
    return response;
  });
  expect(await rejection(one.get('me', owner))).toMatchObject({ reason: 'NOT_WRITTEN' });
  expect(writes).toBe(50);
  delete here.put;
  await echo(one.get('me', owner));
  expect(sent(provider)).toHaveLength(1);
});

it('a cached token whose record was delayed by another process is not refreshed earlier', async ({
  provider,
}) => {
  const { one, two } = await processes(provider);
  provider.once('token', () => ({ status: 429, headers: { 'retry-after': '60' }, body: '' }));
  for (const client of [two, one])
    expect(await rejection(client.get('me', owner))).toMatchObject({
      code: 'provider_unavailable',
    });
  expect(sent(provider)).toHaveLength(1);
});

it('a cached token whose refresh was delayed is replaced by that of a login elsewhere', async ({
  provider,
}) => {
  const { store, one, two, start } = await processes(provider);
  provider.once('token', () => ({ status: 429, headers: { 'retry-after': '60' }, body: '' }));
  for (const client of [one, two]) await rejection(client.get('me', owner));
  const token = await login(one);
  await start(store).saveToken(token, owner);
  await echo(two.get('me', owner));
  expect(provider.last('api').headers['authorization']).toBe(`Bearer ${token.access_token}`);
});

it('a token stored just before the pending marker is the one that is refreshed', async ({
  provider,
}) => {
  const { store, here, one, two } = await processes(provider);
  const newer = { ...(await login(two)), expires_at: 1 };
  here.put = async (...given) => {
    delete here.put;
    await two.saveToken(newer, owner);
    return await store.put(...given);
  };
  await echo(one.get('me', owner));
  expect(sent(provider)).toEqual([newer.refresh_token]);
});

it('a refresh token that was rejected twice is reported once, if another process reports it just before', async ({
  provider,
}) => {
  const { store, here, one, start, reasons } = await processes(provider);
  const refused = { status: 400, body: { error: 'invalid_grant' } };
  provider.on('token', () => refused);
  provider.once('token', () => {
    here.put = async (...given) => {
      delete here.put;
      // The other process lost no time: it has taken the lock over.
      const other = start({ ...store, lock: () => true });
      expect(await rejection(other.get('me', owner))).toMatchObject({ code: 'invalid_token' });
      return await store.put(...given);
    };
    return refused;
  });
  expect(await rejection(one.get('me', owner))).toMatchObject({ code: 'invalid_token' });
  expect(reasons).toHaveLength(1);
});

it('a refresh token that was not spent is not reported as lost later', async ({ provider }) => {
  const { one, reasons } = await processes(provider);
  provider.once('token', () => ({ status: 401, body: { error: 'invalid_client' } }));
  expect(await rejection(one.get('me', owner))).toMatchObject({ code: 'invalid_client' });
  provider.once('token', () => ({ status: 400, body: { error: 'invalid_grant' } }));
  await rejection(one.get('me', owner));
  expect(reasons).toEqual(['refused']);
});

it('the reuse window begins when the refresh token was first sent', async ({ provider }) => {
  const { store, one, start } = await processes(provider);
  const seconds = Math.floor(Date.now() / 1000);
  await one.saveToken({ ...(await login(one)), expires_at: seconds + 20 }, owner);
  const client = start(store, { refreshReuseWindow: 5 });
  provider.requests.length = 0;
  provider.on('token', () => ({ destroy: true }));
  const counts: number[] = [];
  for (const later of [0, 3, 7]) {
    vi.useFakeTimers({ toFake: ['Date'], now: (seconds + later) * 1000 });
    await echo(client.get('me', owner));
    counts.push(sent(provider).length);
  }
  expect(counts).toEqual([1, 2, 2]);
});
