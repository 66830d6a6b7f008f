import { OAuth, type OAuth2Token, type OAuthOptions } from '@oauth-registry/core';
import type { TokenKey, TokenStore } from '@oauth-registry/core/types';
import { memoryStore } from '@oauth-registry/core/stores/memory';
import { beforeEach, describe, expect, it } from 'vitest';
import { rejection } from '../../support/login.js';

const options = {
  clientId: 'app',
  accessTokenUrl: 'http://127.0.0.1:9/token',
  authorizeUrl: 'http://127.0.0.1:9/authorize',
  apiBaseUrl: 'http://127.0.0.1:9/api',
};
const first = 'the first secret, of 32 characters';
const second = 'the second secret, of 32 characters';
const token = { access_token: 'canary-at', token_type: 'Bearer', refresh_token: 'canary-rt' };
const key: TokenKey = { userId: 'ada', client: 'plain', account: '' };

let store: TokenStore;
beforeEach(() => {
  store = memoryStore();
});

/** A store that outlives the process, as far as the registry knows. */
const lasting = (): TokenStore => ({ ...store, volatile: false });

function client(secret: OAuthOptions['secret'], oauth: OAuthOptions = {}) {
  const registry = new OAuth({ config: {}, tokenStore: lasting(), secret, ...oauth });
  return registry.register('plain', options).register('other', options);
}

const stored = async (): Promise<string> => (await store.get(key))?.value ?? '';
const read = async (secret: OAuthOptions['secret'], oauth?: OAuthOptions): Promise<OAuth2Token> => {
  const [found] = await client(secret, oauth).plain.listTokens({ userId: 'ada' });
  if (!found) throw new Error('Nothing is stored.');
  return found.token;
};

/** Moves the text of one row to another. */
async function move(to: TokenKey): Promise<void> {
  await store.put(to, { version: 'moved', value: await stored() }, undefined);
}

describe('tokens at rest', () => {
  it('[X8] are sealed, each time anew, and open with the same secret', async () => {
    await client(first).plain.saveToken(token, { userId: 'ada' });
    const sealed = await stored();
    expect(sealed).toMatch(/^1\.[\w-]{11}\.[\w-]+$/);
    expect(sealed).not.toContain('canary');
    expect(Buffer.from(sealed.split('.')[2] ?? '', 'base64url').toString()).not.toContain('canary');
    expect(await read(first)).toEqual(token);
    await client(first).plain.saveToken(token, { userId: 'ada' });
    expect((await stored()).slice(14, 30)).not.toBe(sealed.slice(14, 30));
  });

  it.each<[string, TokenKey]>([
    ['userId', { ...key, userId: 'eve' }],
    ['client', { ...key, client: 'other' }],
    ['account', { ...key, account: 'work' }],
  ])('[X8] do not open in a row of another %s', async (_what, to) => {
    await client(first).plain.saveToken(token, { userId: 'ada' });
    await move(to);
    const { plain, other } = client(first);
    const victim = to.client === 'other' ? other : plain;
    const error = await rejection(victim.get('me', { userId: to.userId, account: to.account }));
    expect(error).toMatchObject({ code: 'storage_failed', client: to.client });
    expect(error.message).not.toContain('canary');
    const listed = await victim.listTokens({ userId: to.userId }).catch(() => []);
    expect(listed.filter(({ account }) => account === to.account)).toEqual([]);
  });

  it('[X8] do not open if owner and account could be read as one word', async () => {
    await client(first).plain.saveToken(token, { userId: 'ada', account: '' });
    for (const to of [
      { ...key, userId: 'ad', account: 'a' },
      { ...key, userId: 'a', account: 'da' },
    ]) {
      await move(to);
      const error = await rejection(
        client(first).plain.get('me', { userId: to.userId, account: to.account }),
      );
      expect(error).toMatchObject({ code: 'storage_failed' });
    }
  });

  it('[X8] do not open when a single character was changed', async () => {
    await client(first).plain.saveToken(token, { userId: 'ada' });
    const sealed = await stored();
    for (const at of [13, 20, sealed.length - 3]) {
      const changed = sealed[at] === 'A' ? 'B' : 'A';
      const value = sealed.slice(0, at) + changed + sealed.slice(at + 1);
      await store.delete(key);
      await store.put(key, { version: 'changed', value }, undefined);
      expect(await rejection(read(first))).toMatchObject({ code: 'storage_failed' });
    }
  });

  it('[X8] open with any secret of the list, and a read writes nothing, whichever is first', async () => {
    await client(first).plain.saveToken(token, { userId: 'ada' });
    const before = await stored();
    const { version } = (await store.get(key)) ?? {};
    expect(await read([second, first])).toEqual(token);
    expect(await read([first, second])).toEqual(token);
    expect(await stored()).toBe(before);
    expect((await store.get(key))?.version).toBe(version);
    expect(await rejection(read(second))).toMatchObject({ code: 'storage_failed' });
  });

  it('[X8] are sealed with the newest secret when they are written', async () => {
    await client(first).plain.saveToken(token, { userId: 'ada' });
    await client([second, first]).plain.saveToken(token, { userId: 'ada' });
    expect(await read([second])).toEqual(token);
    expect(await rejection(read(first))).toMatchObject({ code: 'storage_failed' });
  });

  it('[X8] that no secret here opens are replaced by those of a new login, at once', async () => {
    await client(first).plain.saveToken(token, { userId: 'ada' });
    await client(second).plain.saveToken(token, { userId: 'ada' });
    expect(await read(second)).toEqual(token);
  });

  it('[X8] a planted row that is not sealed is rejected', async () => {
    const value = JSON.stringify({ token });
    await store.put(key, { version: 'planted', value }, undefined);
    expect(await rejection(read(first))).toMatchObject({ code: 'storage_failed' });
  });

  it('[X8] stay readable only if the application says so', async () => {
    expect(() => client(undefined)).toThrow('"tokenStore" needs a "secret"');
    const open = { allowPlaintextTokens: true };
    await client(undefined, open).plain.saveToken(token, { userId: 'ada' });
    expect(await stored()).toContain('canary-at');
    expect(await rejection(read(first))).toMatchObject({ code: 'storage_failed' });
    // The way to a secret: both, until every row was written.
    expect(await read(first, open)).toEqual(token);
    expect(await stored()).toContain('canary-at');
    await client(first, open).plain.saveToken(token, { userId: 'ada' });
    expect(await stored()).not.toContain('canary');
    expect(await read(first)).toEqual(token);
  });

  it('[X8] need no secret if nothing rests', () => {
    expect(() => new OAuth({ config: {}, tokenStore: memoryStore() })).not.toThrow();
  });

  it('[X8] a store that lacks a method is refused when it is configured', () => {
    expect(() => client(first, { tokenStore: { get: () => undefined } as never })).toThrow(
      '"tokenStore" must be an object with the methods get, put, delete, list, lock, unlock',
    );
  });
});
