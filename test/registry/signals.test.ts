import { OAuth, type OAuth2Token, type OAuthOptions } from '@oauth-registry/core';
import type { GrantRevokedEvent, TokenUpdate } from '@oauth-registry/core/types';
import { memoryStore } from '@oauth-registry/core/stores/memory';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { login, rejection } from '../support/login.js';
import { plainClient } from '../support/apps/express.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import { listen, type Heard } from '../client/events/watch.js';

let provider: FakeProvider;
const stops: (() => void)[] = [];

beforeAll(async () => {
  provider = await startProvider({ openid: false });
});
afterAll(() => provider.close());
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
  provider.reset();
});

function registryWith(options: OAuthOptions = {}) {
  return new OAuth({ config: {}, ...options }).register('plain', plainClient(provider));
}

async function expired(oauth: ReturnType<typeof registryWith>): Promise<OAuth2Token> {
  const token = await login(oauth.plain);
  provider.requests.length = 0;
  return { ...token, expires_at: 1 };
}

const authorization = (): string | undefined => provider.last('api').headers['authorization'];

describe('a listener for token:update', () => {
  it('[A16, R5] is told of the fresh token, the old one and the request, before it is used', async () => {
    const oauth = registryWith();
    const told: TokenUpdate[] = [];
    oauth.events.on('token:update', async (event) => {
      await Promise.resolve();
      expect(provider.count('api')).toBe(0);
      told.push(event);
    });
    const old = await expired(oauth);
    await oauth.plain.get('user', { token: old, request: 'the request' });
    expect(told).toEqual([
      {
        client: 'plain',
        token: expect.objectContaining({ access_token: authorization()?.slice(7) }),
        refreshToken: old.refresh_token,
        accessToken: old.access_token,
        request: 'the request',
      },
    ]);
  });

  it('[A16] hears after the updateToken hook, and no longer once it was removed', async () => {
    const order: string[] = [];
    const oauth = registryWith({ updateToken: () => void order.push('hook') });
    const off = oauth.events.on('token:update', () => order.push('first'));
    oauth.events.on('token:update', () => order.push('second'));
    await oauth.plain.get('user', { token: await expired(oauth) });
    off();
    await oauth.plain.get('user', { token: await expired(oauth) });
    expect(order).toEqual(['hook', 'first', 'second', 'hook', 'second']);
  });

  it('[A16] that fails fails the call, and the fresh token is not lost', async () => {
    const oauth = registryWith();
    let down = true;
    oauth.events.on('token:update', () => {
      if (down) throw new Error('The database is down.');
    });
    const token = await expired(oauth);
    expect(await rejection(oauth.plain.get('user', { token }))).toMatchObject({
      message: 'The database is down.',
    });
    down = false;
    expect((await oauth.plain.get('user', { token })).status).toBe(200);
    expect(provider.count('token')).toBe(1);
  });

  it('[A16] hears of tokens in the store too', async () => {
    const oauth = registryWith({ tokenStore: memoryStore() });
    const told: TokenUpdate[] = [];
    oauth.events.on('token:update', (event) => told.push(event));
    await oauth.plain.saveToken(await expired(oauth), { userId: 'ada' });
    await oauth.plain.get('user', { userId: 'ada' });
    expect(told).toMatchObject([{ client: 'plain' }]);
  });
});

describe('an authorization that has ended', () => {
  it('[A16, X7] is told to listeners with its token, and on the channel without', async () => {
    const heard: Heard[] = [];
    stops.push(listen(heard));
    const oauth = registryWith({ tokenStore: memoryStore() });
    const told: GrantRevokedEvent[] = [];
    oauth.events.on('grant:revoked', (event) => told.push(event));
    const token = { ...(await expired(oauth)), refresh_token: 'nobody-issued-this' };
    await oauth.plain.saveToken(token, { userId: 'ada' });
    const error = await rejection(oauth.plain.get('user', { userId: 'ada' }));
    expect(error).toMatchObject({ code: 'invalid_token' });
    const whose = { client: 'plain', reason: 'refused', userId: 'ada', account: '' };
    expect(told).toEqual([{ ...whose, token, request: undefined }]);
    const published = heard.filter(({ part }) => part === 'grant:revoked');
    expect(published).toEqual([{ part: 'grant:revoked', event: whose }]);
  });

  it('[X7] and a refreshed token is published by its client’s name', async () => {
    const heard: Heard[] = [];
    stops.push(listen(heard));
    const oauth = registryWith({ updateToken: () => undefined });
    await oauth.plain.get('user', { token: await expired(oauth) });
    const published = heard.filter(({ part }) => part === 'token:update');
    expect(published).toEqual([{ part: 'token:update', event: { client: 'plain' } }]);
  });
});
