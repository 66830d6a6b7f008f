import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { OAuth, type OAuth2Token } from '@oauth-registry/core';
import type { FetchToken, OnGrantRevoked, UpdateToken } from '@oauth-registry/core/types';
import { startProvider, type FakeProvider } from '../support/provider/server.js';

/** The hooks of an application that stores tokens itself. */
export interface TokenHooks {
  fetchToken: FetchToken;
  updateToken: UpdateToken;
  onGrantRevoked?: OnGrantRevoked;
  /** The name of the client that the hooks receive. Default: `drill`. */
  client?: string;
  /** Stores the token of a login, as the application does in its callback. */
  save(user: string, token: OAuth2Token): void | Promise<void>;
  /** Returns what the hooks receive as the request of a user. */
  request(user: string): unknown;
}

/** A situation that the hooks of an application must survive. */
export interface HookDrill {
  /** Stable. */
  id: string;
  title: string;
  /** Rejects with an AssertionError if a token is lost, mixed up or unusable afterwards. */
  run(hooks: TokenHooks): Promise<void>;
}

/** What a drill works with. */
interface Drill {
  provider: FakeProvider;
  hooks: TokenHooks;
  user: string;
  /** Logs a user in and saves the token, which has expired unless `valid`. */
  login(user?: string, valid?: 'valid'): Promise<OAuth2Token>;
  /** Calls the API in a new process, which knows only what the hooks stored. */
  call(changed?: Partial<TokenHooks>): Promise<Response>;
  /** The same for a number of concurrent calls in one process. */
  calls(count: number, changed?: Partial<TokenHooks>): Promise<Response[]>;
  /** Returns the stored token. */
  stored(user?: string): Promise<OAuth2Token>;
  /** Counts the refresh requests that the provider received. */
  refreshes(): number;
}

const redirectUri = 'http://127.0.0.1:9/callback';

/** Runs a drill with a provider of its own. */
async function within(hooks: TokenHooks, run: (drill: Drill) => Promise<void>): Promise<void> {
  const provider = await startProvider();
  try {
    await run(createDrill(hooks, provider));
  } finally {
    await provider.close();
  }
}

function createDrill(hooks: TokenHooks, provider: FakeProvider): Drill {
  const { client: name = 'drill' } = hooks;
  const user = randomUUID();
  const { clientId, clientSecret } = provider.settings;
  const options = {
    clientId,
    clientSecret,
    serverMetadataUrl: provider.metadataUrl,
    scope: 'openid offline_access',
    apiBaseUrl: `${provider.base}/api`,
  };
  const open = (changed: Partial<TokenHooks> = {}) => {
    const { fetchToken, updateToken, onGrantRevoked } = { ...hooks, ...changed };
    const oauth = new OAuth({ config: {}, fetchToken, updateToken, onGrantRevoked });
    return oauth.register(name, options).createClient(name);
  };
  const calls: Drill['calls'] = async (count, changed) => {
    const client = open(changed);
    const request = hooks.request(user);
    return await Promise.all(Array.from({ length: count }, () => client.get('me', { request })));
  };
  return {
    provider,
    hooks,
    user,
    calls,
    call: async (changed) => (await calls(1, changed))[0] as Response,
    login: async (owner = user, valid) => {
      const client = open();
      const request = await client.createAuthorizationUrl(redirectUri);
      const response = await fetch(request.url, { redirect: 'manual' });
      const callback = response.headers.get('location') ?? '';
      const token = (await client.fetchAccessToken(callback, request)) as OAuth2Token;
      const saved = valid ? token : { ...token, expires_at: Math.floor(Date.now() / 1000) - 60 };
      await hooks.save(owner, saved);
      return saved;
    },
    stored: async (owner = user) => {
      const token = await hooks.fetchToken(name, hooks.request(owner));
      assert.ok(token, 'fetchToken returned no token.');
      return token as OAuth2Token;
    },
    refreshes: () =>
      provider.requests.filter(({ form }) => form.get('grant_type') === 'refresh_token').length,
  };
}

/** Asserts that a token has the values that calls and refreshes need. */
function assertSame(stored: OAuth2Token, expected: OAuth2Token): void {
  for (const name of ['access_token', 'refresh_token', 'expires_at'] as const)
    assert.equal(stored[name], expected[name], `The stored token has another "${name}".`);
}

/** Asserts that the stored token is a refreshed one, which the API accepts. */
async function assertRefreshed(drill: Drill, old: OAuth2Token): Promise<void> {
  const stored = await drill.stored();
  assert.notEqual(stored.access_token, old.access_token, 'The stored access token is the old one.');
  assert.notEqual(stored.refresh_token, old.refresh_token, 'The stored refresh token is spent.');
  assert.ok(
    drill.provider.refreshTokens.has(stored.refresh_token ?? ''),
    'The stored refresh token is unknown.',
  );
  const { accessTokens } = drill.provider;
  assert.ok(accessTokens.has(stored.access_token), 'The stored access token is not the newest.');
  assert.ok((stored.expires_at ?? 0) > Date.now() / 1000, 'The stored "expires_at" has passed.');
}

/**
 * What the hooks `fetchToken` and `updateToken` of an application must survive. Run each drill with any test runner:
 *
 * @example
 * ```ts
 * for (const drill of tokenHookDrills) test(drill.title, () => drill.run(hooks));
 * ```
 */
export const tokenHookDrills: readonly HookDrill[] = [
  {
    id: 'found',
    title: 'a saved token is found, with its refresh token and its expiry',
    run: (hooks) =>
      within(hooks, async (drill) => {
        const token = await drill.login(undefined, 'valid');
        assertSame(await drill.stored(), token);
        assert.equal((await drill.call()).status, 200);
        assert.equal(drill.refreshes(), 0);
      }),
  },
  {
    id: 'saved-again',
    title: 'the token of a later login replaces the earlier one',
    run: (hooks) =>
      within(hooks, async (drill) => {
        await drill.login();
        const token = await drill.login(undefined, 'valid');
        assertSame(await drill.stored(), token);
      }),
  },
  {
    id: 'refreshed',
    title: 'a refreshed token is stored in place of the old one',
    run: (hooks) =>
      within(hooks, async (drill) => {
        const old = await drill.login();
        assert.equal((await drill.call()).status, 200);
        await assertRefreshed(drill, old);
        assert.equal((await drill.call()).status, 200);
        assert.equal(drill.refreshes(), 1);
      }),
  },
  {
    id: 'rotated-twice',
    title: 'refresh tokens that are rotated with every refresh are stored each time',
    run: (hooks) =>
      within(hooks, async (drill) => {
        const old = await drill.login();
        for (let count = 1; count <= 3; count += 1) {
          drill.provider.accessTokens.clear();
          assert.equal((await drill.call()).status, 200);
          assert.equal(drill.refreshes(), count);
        }
        await assertRefreshed(drill, old);
      }),
  },
  {
    id: 'not-rotated',
    title: 'a refresh token that remains valid is found again, although its access token changes',
    run: (hooks) =>
      within(hooks, async (drill) => {
        const old = await drill.login();
        drill.provider.settings.rotateRefreshTokens = false;
        for (let count = 1; count <= 2; count += 1) {
          drill.provider.accessTokens.clear();
          assert.equal((await drill.call()).status, 200);
        }
        const stored = await drill.stored();
        assert.ok(drill.provider.accessTokens.has(stored.access_token));
        assert.equal(stored.refresh_token, old.refresh_token);
      }),
  },
  {
    id: 'other-user',
    title: 'a refresh leaves the token of another user unchanged',
    run: (hooks) =>
      within(hooks, async (drill) => {
        const other = randomUUID();
        const token = await drill.login(other, 'valid');
        const old = await drill.login();
        assert.equal((await drill.call()).status, 200);
        await assertRefreshed(drill, old);
        assertSame(await drill.stored(other), token);
      }),
  },
  {
    id: 'concurrent',
    title: 'concurrent calls refresh once, and all of them succeed',
    run: (hooks) =>
      within(hooks, async (drill) => {
        const old = await drill.login();
        for (const { status } of await drill.calls(10)) assert.equal(status, 200);
        assert.equal(drill.refreshes(), 1);
        await assertRefreshed(drill, old);
      }),
  },
  {
    id: 'slow',
    title: 'a slow store delays calls, which never use a token that is not stored',
    run: (hooks) =>
      within(hooks, async (drill) => {
        const old = await drill.login();
        const { provider } = drill;
        const updateToken: UpdateToken = async (...given) => {
          await sleep(100);
          await hooks.updateToken(...given);
          await sleep(100);
          assert.equal(provider.count('api'), 0, 'The token was used before it was stored.');
        };
        const fetchToken: FetchToken = async (...given) => {
          await sleep(100);
          return await hooks.fetchToken(...given);
        };
        for (const { status } of await drill.calls(5, { fetchToken, updateToken }))
          assert.equal(status, 200);
        assert.equal(drill.refreshes(), 1);
        await assertRefreshed(drill, old);
      }),
  },
  {
    id: 'bare-401',
    title: 'a 401 without a reason refreshes the token once, and loses nothing if it remains',
    run: (hooks) =>
      within(hooks, async (drill) => {
        const old = await drill.login(undefined, 'valid');
        drill.provider.once('api', () => ({ status: 401 }));
        assert.equal((await drill.call()).status, 200);
        await assertRefreshed(drill, old);
        drill.provider.on('api', () => ({ status: 401 }));
        assert.equal((await drill.call()).status, 401);
        drill.provider.reset();
        assert.equal((await drill.call()).status, 200);
      }),
  },
  {
    id: 'revoked',
    title: 'a revoked authorization fails calls until the user logs in again',
    run: (hooks) =>
      within(hooks, async (drill) => {
        await drill.login();
        drill.provider.refreshTokens.clear();
        const updateToken = (): never => assert.fail('updateToken was called without a token.');
        await assert.rejects(drill.call({ updateToken }), { code: 'invalid_token' });
        const token = await drill.login(undefined, 'valid');
        assert.equal((await drill.call()).status, 200);
        assertSame(await drill.stored(), token);
      }),
  },
  {
    id: 'keys-down',
    title: 'a refreshed token is stored although the keys for its id_token cannot be loaded',
    run: (hooks) =>
      within(hooks, async (drill) => {
        const { provider } = drill;
        const old = await drill.login();
        // Without keys, no refresh token is sent.
        provider.quirks.jwksStatus = 503;
        await assert.rejects(drill.call(), { code: 'provider_unavailable' });
        assertSame(await drill.stored(), old);
        // With other keys than before, the token arrives without an id_token.
        provider.reset();
        provider.once('token', (_request, respond) => {
          provider.rotateKeys();
          provider.quirks.jwksStatus = 503;
          return respond();
        });
        assert.equal((await drill.call()).status, 200);
        await assertRefreshed(drill, old);
      }),
  },
];
