import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OAuth } from '@oauth-registry/core';
import {
  unstorageStateStore,
  unstorageTokenStore,
  type Unstorage,
} from '@oauth-registry/core/stores/unstorage';
import { createStorage } from 'unstorage';
import fsDriver from 'unstorage/drivers/fs';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { storeContract } from '../contract/store-contract.js';
import { onExpress } from '../support/apps/routes.js';
import { openidClient, plainClient } from '../support/apps/express.js';
import { Browser } from '../support/browser.js';
import { login } from '../support/login.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';

const folder = mkdtempSync(join(tmpdir(), 'unstorage-'));
const storages: [string, Unstorage][] = [
  ['in memory', createStorage() as Unstorage],
  ['in files', createStorage({ driver: fsDriver({ base: folder }) }) as Unstorage],
];

let provider: FakeProvider;
beforeAll(async () => {
  provider = await startProvider();
});
afterEach(() => void vi.useRealTimers());
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await provider.close();
});

describe.each(storages)('unstorage %s', (_, storage) => {
  // What needs no compare-and-set, and no lock.
  const needsNone = ['absent', 'put-get', 'values', 'overwrites', 'delete', 'keys', 'list'];
  const checks = storeContract.filter(({ id }) => needsNone.includes(id));
  it('is checked', () => expect(checks).toHaveLength(needsNone.length));
  it.each(checks)('stores tokens: $id', async ({ run }) => {
    const [one, two] = [unstorageTokenStore(storage), unstorageTokenStore(storage)];
    await run(one, two);
  });

  it('refuses tokens with a refresh token, and uses the others', async () => {
    const oauth = new OAuth({
      config: {},
      tokenStore: unstorageTokenStore(storage),
      secret: 'a secret of thirty-two characters',
    });
    const { plain } = oauth.register('plain', plainClient(provider));
    const { corp } = oauth.register('corp', openidClient(provider));
    const owner = { userId: `ada ${crypto.randomUUID()}` };
    const token = await login(plain);
    await expect(plain.saveToken(token, owner)).rejects.toMatchObject({
      code: 'invalid_options',
      message: expect.stringContaining('compare-and-set') as string,
    });
    const { refresh_token: _refresh, ...rest } = token;
    await plain.saveToken(rest, owner);
    const { refresh_token: _other, ...ofCorp } = await login(corp);
    await corp.saveToken(ofCorp, owner);
    await corp.saveToken(ofCorp, owner);
    expect((await plain.get('me', owner)).status).toBe(200);
    expect((await corp.get('me', owner)).status).toBe(200);
    expect((await oauth.listTokens(owner.userId)).map(({ client }) => client)).toEqual([
      'corp',
      'plain',
    ]);
    provider.accessTokens.clear();
    expect((await plain.get('me', owner)).status).toBe(401);
    expect((await plain.listTokens(owner))[0]?.dead).toBe(true);
  });

  it('stores pending logins until they expire, and gives each once', async () => {
    const store = unstorageStateStore(storage);
    await store.put('key:a/b', 'value', 60);
    expect(await store.take('KEY:a/b')).toBeUndefined();
    expect(await store.take('key:a/b')).toBe('value');
    expect(await store.take('key:a/b')).toBeUndefined();
    await store.put('key', 'value', 60);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 61_000 });
    expect(await store.take('key')).toBeUndefined();
  });
});

it('logs in with pending logins in unstorage', async () => {
  const storage = createStorage() as Unstorage;
  const app = await onExpress({
    oauth: { stateStorage: unstorageStateStore(storage) },
    clients: { corp: openidClient(provider) },
  });
  const start = await new Browser().get(`${app.url}/auth/login/corp`);
  expect(start.status).toBe(302);
  expect(await storage.getKeys('')).toHaveLength(1);
  await app.close();
});
