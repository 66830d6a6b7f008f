import {
  expirationDate,
  isExpired,
  OAuth,
  type OAuth2Token,
  type RegisterOptions,
} from '@oauth-registry/core';
import { memoryStore } from '@oauth-registry/core/stores/memory';
import { describe, expect } from 'vitest';
import { oauth1Client, plainClient } from '../../support/apps/express.js';
import type { FakeProvider } from '../../support/provider/index.js';
import { login, rejection } from '../../support/login.js';
import { itWith } from '../../support/fixtures.js';

const it = itWith({ openid: false });

const now = (): number => Math.floor(Date.now() / 1000);

/** Lets the token endpoint say this of the lifetime of its tokens. */
function saying(provider: FakeProvider, lifetime: object): void {
  provider.quirks.tokenResponse = (body) => ({
    body: { ...body, expires_in: undefined, ...lifetime },
  });
}

/** A client that stores its tokens by a hook, and what it was told. */
function application(provider: FakeProvider, options: RegisterOptions = {}) {
  const stored: { token?: OAuth2Token } = {};
  const warnings: object[] = [];
  const oauth = new OAuth({
    config: {},
    fetchToken: () => stored.token,
    updateToken: (_name, token) => void (stored.token = token as OAuth2Token),
  }).register('plain', plainClient(provider, options));
  oauth.events.on('token:warning', (warning) => warnings.push(warning));
  return { client: oauth.plain, stored, warnings };
}

describe('the lifetime of a token', () => {
  it.for<[what: string, lifetime: () => object]>([
    ['seconds', () => ({ expires_at: now() + 600 })],
    ['seconds as text', () => ({ expires_at: String(now() + 600) })],
    ['milliseconds', () => ({ expires_at: (now() + 600) * 1000 })],
    ['milliseconds as text', () => ({ expires_at: String((now() + 600) * 1000) })],
    ['ISO 8601 (Square)', () => ({ expires_at: new Date(Date.now() + 600_000).toISOString() })],
    ['an HTTP date', () => ({ expires_at: new Date(Date.now() + 600_000).toUTCString() })],
    ['expires_in, beside an unreadable expires_at', () => ({ expires_in: '600', expires_at: 'x' })],
    [
      'expires_at, beside an unreadable expires_in',
      () => ({ expires_in: 'x', expires_at: now() + 600 }),
    ],
  ])('is read from %s', async ([, lifetime], { provider }) => {
    const { client, warnings } = application(provider);
    saying(provider, lifetime());
    const token = await login(client);
    expect(Math.abs((token.expires_at ?? 0) - now() - 600)).toBeLessThan(5);
    expect(warnings).toEqual([]);
  });

  it.for([
    { expires_in: 0 },
    { expires_in: -1 },
    { expires_in: '-1' },
    { expires_at: 0 },
    { expires_at: '2020-01-01' },
  ])('of %j is over', async (lifetime, { provider }) => {
    const { client } = application(provider);
    saying(provider, lifetime);
    const token = await login(client);
    expect(isExpired(token)).toBe(true);
    expect(
      await rejection(client.get('me', { token: { ...token, refresh_token: '' } })),
    ).toMatchObject({
      code: 'token_expired',
      status: 401,
    });
  });

  const unreadable = [
    { expires_in: 'soon' },
    { expires_in: {} },
    { expires_in: true },
    { expires_at: 'tomorrow' },
    { expires_at: '2026-13-45T00:00:00Z' },
    { expires_at: [1] },
  ];

  it.for(unreadable)(
    'of %j refuses no response: with a refresh token it is refreshed at the next call, and an event says so',
    async (lifetime, { provider }) => {
      const { client, stored, warnings } = application(provider);
      saying(provider, lifetime);
      const token = await login(client);
      expect(token.expires_at).toBeUndefined();
      expect(warnings).toMatchObject([{ client: 'plain', field: 'expires_in' }]);
      provider.quirks.tokenResponse = undefined;
      stored.token = token;
      expect((await client.get('me')).status).toBe(200);
      expect(provider.count('token')).toBe(2);
      expect(stored.token.expires_unreadable).toBeUndefined();
      await client.get('me');
      expect(provider.count('token')).toBe(2);
    },
  );

  it.for(unreadable)(
    'of %j without a refresh token is used until a 401',
    async (lifetime, { provider }) => {
      provider.settings.refreshTokens = false;
      const { client, stored } = application(provider);
      saying(provider, lifetime);
      stored.token = await login(client);
      for (let call = 0; call < 2; call += 1) expect((await client.get('me')).status).toBe(200);
      provider.accessTokens.clear();
      expect((await client.get('me')).status).toBe(401);
      expect(provider.count('token')).toBe(1);
    },
  );

  it.for(['soon', Number.NaN, {}])(
    'that the application has stored as %j is due, and not for ever',
    async (expires_at, { provider }) => {
      const { client, stored } = application(provider);
      stored.token = { ...(await login(client)), expires_at: expires_at as number };
      expect((await client.get('me')).status).toBe(200);
      expect(provider.count('token')).toBe(2);
    },
  );

  it.for<[what: string, write: (seconds: number) => unknown]>([
    ['milliseconds', (seconds) => seconds * 1000],
    ['a Date', (seconds) => new Date(seconds * 1000)],
    ['ISO 8601', (seconds) => new Date(seconds * 1000).toISOString()],
    ['a bigint', (seconds) => BigInt(seconds)],
  ])('that the application has stored as %s is read', async ([, write], { provider }) => {
    const { client, stored } = application(provider);
    const token = await login(client);
    const expiring = (seconds: number) => ({ ...token, expires_at: write(seconds) as number });
    // Read once: the second may change in between.
    const later = now() + 600;
    stored.token = expiring(later);
    expect(expirationDate(stored.token)?.getTime()).toBe(later * 1000);
    await client.get('me');
    expect(provider.count('token')).toBe(1);
    stored.token = expiring(now() - 1);
    await client.get('me');
    expect(provider.count('token')).toBe(2);
  });

  it('of a client’s own token of -1 is over, and no such token is handed out twice', async ({
    provider,
  }) => {
    const { own } = new OAuth({ config: {} }).register(
      'own',
      plainClient(provider, { grantType: 'client_credentials' }),
    );
    let issued = 0;
    provider.on('token', () => ({
      body: { access_token: `at-${(issued += 1)}`, token_type: 'Bearer', expires_in: -1 },
    }));
    const tokens = [await own.clientCredentialsToken(), await own.clientCredentialsToken()];
    expect(tokens.map((token) => token.access_token)).toEqual(['at-1', 'at-2']);
    expect(tokens.every((token) => isExpired(token))).toBe(true);
  });

  it('of a client’s own token that is unreadable is used until a 401', async ({ provider }) => {
    const { own } = new OAuth({
      config: {},
      tokenStore: memoryStore(),
      allowPlaintextTokens: true,
    }).register('own', plainClient(provider, { grantType: 'client_credentials' }));
    let issued = 0;
    provider.on('token', () => ({
      body: { access_token: `at-${(issued += 1)}`, token_type: 'Bearer', expires_in: 'soon' },
    }));
    provider.on('api', ({ headers }) =>
      headers['authorization'] === 'Bearer at-1' && provider.count('api') > 2
        ? { status: 401 }
        : { body: {} },
    );
    for (let call = 0; call < 4; call += 1) expect((await own.get('me')).status).toBe(200);
    expect(issued).toBe(2);
  });
});

describe('the lifetime of an OAuth 1 token', () => {
  const said = async (provider: FakeProvider, oauth_expires_in: string) => {
    const warnings: object[] = [];
    const oauth = new OAuth({ config: {} }).register('one', oauth1Client(provider));
    oauth.events.on('token:warning', (warning) => warnings.push(warning));
    provider.quirks.oauth1Access = (fields) => ({
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        ...fields,
        oauth_expires_in,
        oauth_session_handle: 'h',
      }).toString(),
    });
    return { token: await login(oauth.one), warnings };
  };

  it('is read, is over at less than nothing, and is endless at 0 alone', async ({ provider }) => {
    expect(
      Math.abs(((await said(provider, '600')).token.expires_at ?? 0) - now() - 600),
    ).toBeLessThan(5);
    expect(isExpired((await said(provider, '-1')).token)).toBe(true);
    expect((await said(provider, '0')).token).not.toHaveProperty('expires_at');
  });

  it.for(['soon', '1e3', '12h'])(
    'that is unreadable, %s, is not endless: an event says so',
    async (text, { provider }) => {
      const { token, warnings } = await said(provider, text);
      expect(token.expires_unreadable).toBe(true);
      expect(warnings).toMatchObject([{ client: 'one', field: 'expires_in' }]);
    },
  );
});
