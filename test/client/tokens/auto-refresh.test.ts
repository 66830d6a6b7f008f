import {
  OAuth,
  type OAuth2Token,
  type OAuthOptions,
  type RegisterOptions,
} from '@oauth-registry/core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { plainClient } from '../../support/apps/express.js';
import { startProvider, type FakeProvider } from '../../support/provider/index.js';
import { echo, login, rejection } from '../../support/login.js';

let provider: FakeProvider;

beforeAll(async () => {
  provider = await startProvider({ openid: false });
});
afterAll(() => provider.close());
afterEach(() => {
  provider.reset();
  provider.settings.rotateRefreshTokens = true;
  provider.settings.expiresIn = 3600;
  vi.useRealTimers();
});

type Updates = [name: string, token: OAuth2Token, old: object, request: unknown][];

/** An application that keeps one token, as a session or a table row would. */
async function application(oauth: OAuthOptions = {}, options: RegisterOptions = {}) {
  const updates: Updates = [];
  const dead = vi.fn<(name: string, dead: { reason: string }) => void>();
  const kept: { token?: OAuth2Token } = {};
  const registry = new OAuth({
    config: {},
    fetchToken: () => kept.token,
    updateToken: (name, token, old, request) => {
      updates.push([name, token as OAuth2Token, old, request]);
      kept.token = token as OAuth2Token;
    },
    onGrantRevoked: dead,
    ...oauth,
  });
  const client = registry.register('plain', plainClient(provider, options)).plain;
  const token = await login(client);
  provider.requests.length = 0;
  return { client, token, kept, updates, dead, expired: { ...token, expires_at: 1 } };
}

const refreshes = (): number => provider.count('token');
const seconds = (): number => Math.floor(Date.now() / 1000);
const bearer = (): string | undefined => provider.last('api').headers['authorization'];

describe('an expired token', () => {
  it('[A15] is refreshed, stored by updateToken, and only then used', async () => {
    const order: string[] = [];
    const { client, kept, expired, token } = await application({
      updateToken: async (name, fresh, old, request) => {
        order.push('stored');
        expect(provider.count('api')).toBe(0);
        expect([name, request]).toEqual(['plain', 'the request']);
        expect(old).toEqual({
          refreshToken: token.refresh_token,
          accessToken: token.access_token,
        });
        await new Promise((resolve) => setTimeout(resolve, 20));
        expect(provider.count('api')).toBe(0);
        kept.token = fresh as OAuth2Token;
      },
    });
    kept.token = expired;
    await echo(client.get('me', { request: 'the request' }));
    expect([order, refreshes()]).toEqual([['stored'], 1]);
    expect(bearer()).toBe(`Bearer ${kept.token.access_token}`);
    expect(kept.token.refresh_token).not.toBe(token.refresh_token);
  });

  it('[A15] is refreshed once for a hundred callers (RFC 9700 §4.14.2)', async () => {
    const { client, expired, updates } = await application();
    const calls = Array.from({ length: 100 }, () => client.get('me', { token: expired }));
    for (const answer of await Promise.all(calls)) expect(answer.status).toBe(200);
    expect([refreshes(), updates.length]).toEqual([1, 1]);
  });

  it('[A15] of a caller that comes late is replaced by the token it was exchanged for', async () => {
    const { client, expired, updates } = await application();
    await echo(client.get('me', { token: expired }));
    await echo(client.get('me', { token: expired }));
    expect(refreshes()).toBe(1);
    const again = { ...updates[0]?.[1], expires_at: 1 } as OAuth2Token;
    await echo(client.get('me', { token: again }));
    await echo(client.get('me', { token: expired }));
    expect(refreshes()).toBe(2);
  });

  it('[A15] retains its refresh token if none comes back, and is refreshed with it again', async () => {
    provider.settings.rotateRefreshTokens = false;
    const { client, expired, kept, token } = await application();
    kept.token = expired;
    await echo(client.get('me'));
    expect(kept.token.refresh_token).toBe(token.refresh_token);
    kept.token = { ...kept.token, expires_at: 1 };
    await echo(client.get('me'));
    expect(refreshes()).toBe(2);
  });

  it('[A15] of which a refresh broke off once and then succeeded is refused later, not lost', async () => {
    provider.settings.rotateRefreshTokens = false;
    const { client, expired, kept, dead } = await application();
    kept.token = expired;
    provider.once('token', () => ({ destroy: true }));
    await rejection(client.get('me'));
    await echo(client.get('me'));
    kept.token = { ...kept.token, expires_at: 1 };
    provider.refreshTokens.clear();
    const error = await rejection(client.get('me'));
    expect(error.message).toContain('no longer accepts');
    expect(dead.mock.calls.map(([, { reason }]) => reason)).toEqual(['refused']);
  });

  it('[A15] counts as such 30 seconds before, or as told', async () => {
    const { client, token } = await application();
    await echo(client.get('me', { token: { ...token, expires_at: seconds() + 60 } }));
    expect(refreshes()).toBe(0);
    await echo(client.get('me', { token: { ...token, expires_at: seconds() + 20 } }));
    expect(refreshes()).toBe(1);
    const patient = await application({ refresh: { expiryMargin: 0 } });
    const soon = { ...patient.token, expires_at: seconds() + 20 };
    await echo(patient.client.get('me', { token: soon }));
    expect(refreshes()).toBe(0);
  });

  it('[A15] is not refreshed at every call if it lives for less than the leeway', async () => {
    provider.settings.expiresIn = 20;
    const { client, token } = await application();
    await echo(client.get('me', { token }));
    expect(refreshes()).toBe(0);
  });

  it('[A15] read back from a database as text is still one', async () => {
    const { client, token } = await application();
    const row = { ...token, expires_at: '1' as unknown as number };
    await echo(client.get('me', { token: row }));
    expect(refreshes()).toBe(1);
  });

  it('[A15] is refreshed for userinfo() too, and for a body that is a stream', async () => {
    const { client, expired } = await application();
    expect((await client.userinfo({ token: expired })).sub).toBe('user-1');
    const body = new Blob(['x']).stream();
    await echo(client.post('me', { token: expired, body }));
    expect(refreshes()).toBe(1);
  });

  it.each(['openid', 'plain'] as const)(
    '[A13] asks the hooks of the client first: %s',
    async () => {
      const own = vi.fn<() => void>();
      const { client, expired, updates } = await application({}, { updateToken: own });
      await echo(client.get('me', { token: expired }));
      expect([own.mock.calls.length, updates.length]).toEqual([1, 0]);
    },
  );

  it('[R5] without a refresh token is token_expired', async () => {
    const { client, expired } = await application();
    const { refresh_token: _, ...without } = expired;
    expect(await rejection(client.get('me', { token: without }))).toMatchObject({
      code: 'token_expired',
    });
    expect(provider.requests).toEqual([]);
  });

  it('[R5] that would not be stored is token_expired, to be refreshed by hand', async () => {
    const { client, expired } = await application({ updateToken: undefined });
    expect(await rejection(client.get('me', { token: expired }))).toMatchObject({
      code: 'token_expired',
    });
    expect(provider.requests).toEqual([]);
    await echo(client.get('me', { token: await client.refreshToken(expired) }));
  });
});

describe('a hook or a provider that fails', () => {
  it('[A15] does not lose a fresh token that updateToken failed to store, and stores it at the next call', async () => {
    const mine = new Error('mine');
    let broken = true;
    const { client, expired, kept } = await application({
      updateToken: (_name, token) => {
        if (broken) throw mine;
        kept.token = token as OAuth2Token;
      },
    });
    expect(await rejection(client.get('me', { token: expired }))).toBe(mine);
    expect(provider.count('api')).toBe(0);
    broken = false;
    await echo(client.get('me', { token: expired }));
    expect(refreshes()).toBe(1);
    expect(bearer()).toBe(`Bearer ${kept.token?.access_token}`);
  });

  it.each(['json-500', 'reset', 'unavailable-503', 'rate-limited'] as const)(
    '[A15] is transient, and the old refresh token stays: %s',
    async (fault) => {
      vi.useFakeTimers({ toFake: ['Date', 'performance'] });
      const { client, expired, dead } = await application();
      provider.quirks.fault.token = fault;
      expect((await rejection(client.get('me', { token: expired }))).code).toMatch(
        /provider_unavailable|server_error/,
      );
      provider.reset();
      vi.advanceTimersByTime(10_000);
      await echo(client.get('me', { token: expired }));
      expect(dead).not.toHaveBeenCalled();
    },
  );

  it('[A15] goes unnoticed while the token is good', async () => {
    const { client, token } = await application();
    provider.quirks.fault.token = 'json-500';
    await echo(client.get('me', { token: { ...token, expires_at: seconds() + 20 } }));
    expect(refreshes()).toBe(1);
  });

  it('[A15] asks no sooner than Retry-After says (RFC 9110 §10.2.3)', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    const { client, expired } = await application();
    provider.quirks.fault.token = 'rate-limited';
    for (let call = 0; call < 3; call += 1) {
      expect(await rejection(client.get('me', { token: expired }))).toMatchObject({
        code: 'provider_unavailable',
        retryAfter: 7,
      });
    }
    expect(refreshes()).toBe(1);
    provider.quirks.fault = {};
    vi.advanceTimersByTime(7001);
    await echo(client.get('me', { token: expired }));
  });

  it('[A15] an aborted caller stops waiting, and the others get the token', async () => {
    provider.quirks.delay.token = 50;
    const { client, expired } = await application();
    const stop = new AbortController();
    const impatient = client.get('me', { token: expired, signal: stop.signal });
    const patient = client.get('me', { token: expired });
    stop.abort();
    expect((await rejection(impatient)).name).toBe('AbortError');
    await echo(patient);
    expect(refreshes()).toBe(1);
  });
});

describe('a refresh token that is over (RFC 6749 §5.2)', () => {
  it('[A15] is told once, and says to every caller: log in again', async () => {
    const { client, expired, dead } = await application();
    provider.refreshTokens.clear();
    const calls = [1, 2, 3].map(() =>
      rejection(client.get('me', { token: expired, request: 'r' })),
    );
    const errors = await Promise.all(calls);
    errors.push(await rejection(client.get('me', { token: expired })));
    for (const error of errors) {
      expect(error).toMatchObject({
        code: 'invalid_token',
        phase: 'refresh',
        client: 'plain',
        error: 'invalid_grant',
      });
      expect(error.message).toContain('log in again');
      expect(error.message).not.toContain(expired.refresh_token);
    }
    expect(dead.mock.calls).toEqual([['plain', { token: expired, reason: 'refused' }, 'r']]);
    expect(refreshes()).toBe(1);
  });

  it('[A15] may have been traded by another process: fetchToken is asked once more', async () => {
    const { client, expired, kept, dead } = await application();
    kept.token = expired;
    provider.once('token', async (_request, respond) => {
      const fresh = (await respond()).body as OAuth2Token;
      kept.token = { ...fresh, expires_at: seconds() + 3600 };
      return { status: 400, body: { error: 'invalid_grant' } };
    });
    await echo(client.get('me'));
    expect(bearer()).toBe(`Bearer ${kept.token.access_token}`);
    expect([refreshes(), dead.mock.calls.length]).toEqual([1, 0]);
  });

  it('[A15] after a response that never arrived is reported as lost', async () => {
    const { client, expired, dead } = await application();
    provider.once('token', async (_request, respond) => {
      await respond();
      return { destroy: true };
    });
    expect(await rejection(client.get('me', { token: expired }))).toMatchObject({
      code: 'provider_unavailable',
    });
    expect(await rejection(client.get('me', { token: expired }))).toMatchObject({
      code: 'invalid_token',
    });
    expect(dead.mock.calls[0]?.[1]).toMatchObject({ reason: 'lost' });
  });
});

describe('a token that the API refuses (RFC 6750 §3.1)', () => {
  /** Forgets an access token, as a provider does that revoked it. */
  const revoke = ({ access_token: token }: OAuth2Token): void => {
    provider.accessTokens.delete(token);
  };

  it.each(['without expires_in', 'with it'])(
    '[A15] is refreshed, and the request sent once more, body and all: %s',
    async (what) => {
      const { client, token, kept } = await application();
      const { expires_at: _, expires_in: __, ...open } = token;
      kept.token = what === 'with it' ? token : open;
      revoke(token);
      const seen = await echo(client.post('me', { json: { a: 1 } }));
      expect(seen.body).toBe('{"a":1}');
      expect([refreshes(), provider.count('api')]).toEqual([1, 2]);
    },
  );

  it('[A15] is refreshed once for many callers', async () => {
    const { client, token } = await application();
    revoke(token);
    const calls = Array.from({ length: 20 }, () => echo(client.get('me', { token })));
    await Promise.all(calls);
    await echo(client.get('me', { token }));
    expect(refreshes()).toBe(1);
  });

  it('[A15] is handed back if the body was a stream', async () => {
    const { client, token } = await application();
    revoke(token);
    const body = new Blob(['x']).stream();
    expect((await client.post('me', { token, body })).status).toBe(401);
    expect([refreshes(), provider.count('api')]).toEqual([0, 1]);
  });

  it('[A15] is not refreshed for another reason: 403, or a 401 that blames something else', async () => {
    const { client, token } = await application();
    provider.once('api', () => ({ status: 403 }));
    expect((await client.get('me', { token })).status).toBe(403);
    const challenge = { 'www-authenticate': 'Bearer error="insufficient_user_authentication"' };
    provider.once('api', () => ({ status: 401, headers: challenge }));
    expect((await client.get('me', { token })).status).toBe(401);
    expect(refreshes()).toBe(0);
  });

  it('[A15] is refreshed once, and not at every call, if the fresh one is refused too', async () => {
    const { client, kept, token } = await application();
    kept.token = token;
    const challenge = { 'www-authenticate': 'Bearer error="invalid_token"' };
    provider.on('api', () => ({ status: 401, headers: challenge }));
    for (let call = 0; call < 3; call += 1) expect((await client.get('me')).status).toBe(401);
    expect([refreshes(), provider.count('api')]).toEqual([1, 4]);
  });

  it('[A15] is refreshed for userinfo() too, and what else goes wrong there is handed on', async () => {
    const { client, kept, token } = await application();
    provider.on('userinfo', ({ headers }, respond) =>
      headers['authorization'] === `Bearer ${token.access_token}`
        ? { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } }
        : respond(),
    );
    kept.token = token;
    expect(await client.userinfo({})).toMatchObject({ sub: 'user-1' });
    expect([refreshes(), provider.count('userinfo')]).toEqual([1, 2]);
    expect(kept.token?.access_token).not.toBe(token.access_token);
    const challenge = { 'www-authenticate': 'Bearer error="insufficient_user_authentication"' };
    for (const status of [401, 403, 500]) {
      provider.once('userinfo', () => ({ status, headers: challenge }));
      expect(await rejection(client.userinfo({}))).toMatchObject({ providerStatus: status });
    }
    expect(refreshes()).toBe(1);
  });

  it('[A15] is not refreshed at every call if the provider gives the same one again', async () => {
    const { client, kept, token } = await application();
    kept.token = token;
    const challenge = { 'www-authenticate': 'Bearer error="invalid_token"' };
    provider.on('api', () => ({ status: 401, headers: challenge }));
    provider.on('token', () => ({ body: { ...token, expires_in: 3600 } }));
    for (let call = 0; call < 3; call += 1) expect((await client.get('me')).status).toBe(401);
    expect([refreshes(), provider.count('api')]).toEqual([1, 3]);
  });

  it('[A15] without a way to refresh it is handed back as it is', async () => {
    const { client, token } = await application({ updateToken: undefined });
    revoke(token);
    expect((await client.get('me', { token })).status).toBe(401);
  });
});

describe('refresh: { early }', () => {
  it('[A15] refreshes a token that is still good, at a moment of its own', async () => {
    provider.settings.rotateRefreshTokens = false;
    const { client, token } = await application({ refresh: { refreshAhead: 1800 } });
    let early = 0;
    for (let i = 0; i < 64; i += 1) {
      const access = `at-${i}`;
      const issued = provider.accessTokens.get(token.access_token);
      if (!issued) throw new Error('The login gave no token.');
      provider.accessTokens.set(access, issued);
      const handle = `rt-${i}`;
      provider.refreshTokens.set(handle, issued);
      const aged = { ...token, access_token: access, refresh_token: handle };
      const before = refreshes();
      await echo(client.get('me', { token: { ...aged, expires_at: seconds() + 900 } }));
      early += refreshes() - before;
    }
    expect(early).toBeGreaterThan(8);
    expect(early).toBeLessThan(56);
  });
});
