import {
  OAuth,
  type OAuth2Token,
  type OAuthOptions,
  type RegisterOptions,
} from '@oauth-registry/core';
import type { RevokedGrant } from '@oauth-registry/core/types';
import { memoryStore } from '@oauth-registry/core/stores/memory';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { oauth1Client, plainClient } from '../../support/apps/express.js';
import {
  startProvider,
  type ProviderResponse,
  type FakeProvider,
} from '../../support/provider/index.js';
import { described } from '../../support/preset-login.js';
import { json, startWire, type WireAnswer } from '../../support/wire.js';
import { login, rejection } from '../../support/login.js';

let provider: FakeProvider;

beforeAll(async () => {
  provider = await startProvider({ openid: false });
});
afterAll(() => provider.close());
beforeEach(() => void dead.mockReset());
afterEach(() => {
  provider.reset();
  provider.settings.refreshTokens = true;
});

const whose = { userId: 'ada' };
const dead = vi.fn<(name: string, dead: RevokedGrant, request?: unknown) => void>();
const reasons = (): string[] => dead.mock.calls.map(([, { reason }]) => reason);

/** An application that stores tokens, with the token of one user in the store. */
async function application({
  refreshable,
  options = {},
  oauth = {},
}: {
  refreshable: boolean;
  options?: RegisterOptions;
  oauth?: OAuthOptions;
}) {
  provider.settings.refreshTokens = refreshable;
  const tokenStore = memoryStore();
  const start = () =>
    new OAuth({
      config: {},
      tokenStore,
      allowPlaintextTokens: true,
      onGrantRevoked: dead,
      refresh: { cacheTtl: 0 },
      ...oauth,
    }).register('plain', plainClient(provider, options));
  const client = start().plain;
  const token = await login(client);
  await client.saveToken(token, whose);
  provider.requests.length = 0;
  return { client, token, another: start };
}

async function isMarked(client: {
  listTokens(whose: { userId: string }): Promise<{ dead: boolean }[]>;
}): Promise<boolean | undefined> {
  return (await client.listTokens(whose))[0]?.dead;
}

const challenge = (text: string): Record<string, string> => ({ 'www-authenticate': text });
const page = (status: number): ProviderResponse => ({
  status,
  headers: { 'content-type': 'text/html' },
  body: '<h1>Sign in</h1>',
});
const refusal: ProviderResponse = { status: 401, body: { message: 'Bad credentials' } };

/** What a provider's API answers, what its userinfo endpoint answers, and whether that is the end. */
const rows: [
  what: string,
  api: ProviderResponse,
  userinfo: ProviderResponse | undefined,
  isOver: boolean,
][] = [
  [
    '401 invalid_token',
    { status: 401, headers: challenge('Bearer error="invalid_token"') },
    undefined,
    true,
  ],
  [
    '400 invalid_token',
    { status: 400, headers: challenge('Bearer error=invalid_token') },
    undefined,
    true,
  ],
  [
    '403 invalid_token',
    { status: 403, headers: challenge('Bearer realm="a", error="invalid_token"') },
    undefined,
    true,
  ],
  [
    '401 invalid_token of a second challenge',
    { status: 401, headers: challenge('Basic realm="a", DPoP error="invalid_token"') },
    undefined,
    true,
  ],
  ['401, and so does userinfo', refusal, refusal, true],
  ['401 in HTML, and so does userinfo', page(401), page(401), true],
  [
    '401 with a plain challenge, and userinfo with a reason',
    { status: 401, headers: challenge('Bearer realm="a"') },
    { status: 401, headers: challenge('Bearer error="invalid_token"') },
    true,
  ],
  ['401, and userinfo does not', refusal, undefined, false],
  ['401, and userinfo is down', refusal, { status: 503 }, false],
  ['401, and userinfo is forbidden', refusal, { status: 403 }, false],
  ['401 in HTML, and userinfo does not', page(401), undefined, false],
  [
    '401 insufficient_user_authentication',
    { status: 401, headers: challenge('Bearer error="insufficient_user_authentication"') },
    refusal,
    false,
  ],
  [
    '401 invalid_dpop_proof',
    { status: 401, headers: challenge('DPoP error="invalid_dpop_proof"') },
    refusal,
    false,
  ],
  ['403', { status: 403, body: { error: 'invalid_token' } }, refusal, false],
  ['403 in HTML', page(403), refusal, false],
  [
    '403 insufficient_scope',
    {
      status: 403,
      headers: challenge('Bearer error="insufficient_scope", error_description="invalid_token"'),
    },
    refusal,
    false,
  ],
  ['400', { status: 400, body: {} }, refusal, false],
  ['404', { status: 404 }, refusal, false],
  ['429', { status: 429 }, refusal, false],
  ['503', { status: 503 }, refusal, false],
];

describe('an authorization without a refresh token', () => {
  it.each(rows)(
    'whose API responds with %s is reported as ended once, or not at all',
    async (_, api, userinfo, isOver) => {
      const { client, another, token } = await application({ refreshable: false });
      provider.on('api', () => api);
      provider.on('userinfo', () => userinfo);
      expect((await client.get('me', { ...whose, request: 'r' })).status).toBe(api.status);
      expect(await isMarked(client)).toBe(isOver);
      if (!isOver) {
        expect((await client.get('me', whose)).status).toBe(api.status);
        expect(dead).not.toHaveBeenCalled();
        return;
      }
      expect(dead.mock.calls).toEqual([
        ['plain', { token, reason: 'refused', userId: 'ada', account: '' }, 'r'],
      ]);
      for (const process of [client, another().plain]) {
        const error = await rejection(process.get('me', whose));
        expect(error).toMatchObject({ code: 'invalid_token', status: 401, client: 'plain' });
        expect(error.message).toContain('log in again');
      }
      expect([dead.mock.calls.length, provider.count('api')]).toEqual([1, 1]);
    },
  );

  it.each([
    ['store', false],
    ['store', true],
    ['hooks', false],
    ['hooks', true],
  ] as const)(
    'is told to every listener, even if the hook and another listener fail: %s, refreshable: %s',
    async (kind, refreshable) => {
      provider.settings.refreshTokens = refreshable;
      const failing = (): never => {
        throw new Error('the mail server is down');
      };
      const storing = { tokenStore: memoryStore(), allowPlaintextTokens: true };
      const oauth = new OAuth({
        config: {},
        ...(kind === 'store' ? storing : { updateToken: () => undefined }),
        onGrantRevoked: failing,
      }).register('plain', plainClient(provider));
      const told: string[] = [];
      oauth.events.on('grant:revoked', failing);
      oauth.events.on('grant:revoked', ({ reason }) => told.push(reason));
      const token = await login(oauth.plain);
      if (kind === 'store') await oauth.plain.saveToken(token, whose);
      provider.refreshTokens.clear();
      provider.on('api', () => ({
        status: 401,
        headers: challenge('Bearer error="invalid_token"'),
      }));
      const call = () => oauth.plain.get('me', kind === 'store' ? whose : { token });
      await expect(call()).rejects.toThrow('the mail server is down');
      const next = await call().then(({ status }) => `HTTP ${status}`, String);
      expect(next).not.toContain('mail');
      expect(told).toEqual(['refused']);
    },
  );

  it('is told once of many calls, whichever process sends them', async () => {
    const { client, another } = await application({ refreshable: false });
    provider.on('api', () => ({ status: 401, headers: challenge('Bearer error="invalid_token"') }));
    const processes = [client, another().plain, another().plain];
    await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        processes[i % 3]?.get('me', whose).catch(() => undefined),
      ),
    );
    expect(reasons()).toEqual(['refused']);
  });

  it('is over no more after a new login is saved', async () => {
    const { client, another } = await application({ refreshable: false });
    provider.once('api', () => ({
      status: 401,
      headers: challenge('Bearer error="invalid_token"'),
    }));
    await client.get('me', whose);
    expect(await isMarked(client)).toBe(true);
    await another().plain.saveToken(await login(client), whose);
    expect(await isMarked(client)).toBe(false);
    expect((await client.get('me', whose)).status).toBe(200);
    expect(dead).toHaveBeenCalledTimes(1);
  });

  it('is not over if another login has replaced the token in the meantime', async () => {
    const { client, another } = await application({ refreshable: false });
    provider.once('api', async () => {
      await another().plain.saveToken(await login(client), whose);
      return { status: 401, headers: challenge('Bearer error="invalid_token"') };
    });
    expect((await client.get('me', whose)).status).toBe(200);
    expect([await isMarked(client), dead.mock.calls.length]).toEqual([false, 0]);
  });

  /** An application, and a store that runs a step just before the next record is written. */
  async function racing() {
    const store = memoryStore();
    const next: { step?: (() => Promise<unknown>) | undefined } = {};
    const put: typeof store.put = async (...given) => {
      const { step } = next;
      next.step = undefined;
      await step?.();
      return await store.put(...given);
    };
    const oauth = { tokenStore: { ...store, put } };
    const { client, token, another } = await application({ refreshable: false, oauth });
    provider.on('api', ({ headers }) =>
      headers['authorization'] === `Bearer ${token.access_token}`
        ? { status: 401, headers: challenge('Bearer error="invalid_token"') }
        : undefined,
    );
    return { client, another: another().plain, next };
  }

  it('is not over if a newer token is stored just before the end is', async () => {
    const { client, another, next } = await racing();
    const newer = await login(another);
    next.step = () => another.saveToken(newer, whose);
    expect((await client.get('me', whose)).status).toBe(401);
    expect([await isMarked(client), reasons()]).toEqual([false, []]);
    expect((await client.get('me', whose)).status).toBe(200);
    expect(provider.last('api').headers['authorization']).toBe(`Bearer ${newer.access_token}`);
  });

  it('is told once if another process stores the end just before', async () => {
    const { client, another, next } = await racing();
    next.step = () => another.get('me', whose);
    expect((await client.get('me', whose)).status).toBe(401);
    expect([await isMarked(client), reasons()]).toEqual([true, ['refused']]);
  });

  it('is not ended by a 401 without a reason if no endpoint tells more', async () => {
    const { client } = await application({
      refreshable: false,
      options: { userinfoEndpoint: undefined },
    });
    provider.on('api', () => refusal);
    expect((await client.get('me', whose)).status).toBe(401);
    expect([await isMarked(client), dead.mock.calls.length]).toEqual([false, 0]);
  });

  it.each([
    [401, true],
    [200, false],
    [403, false],
  ])(
    'is checked at "tokenCheckUrl" if there is one, which responds with %s',
    async (status, isOver) => {
      const { client } = await application({
        refreshable: false,
        options: { userinfoEndpoint: undefined, tokenCheckUrl: `${provider.base}/api/check` },
      });
      provider.on('api', ({ path }) => (path.endsWith('/check') ? { status } : refusal));
      expect((await client.get('me', whose)).status).toBe(401);
      expect([await isMarked(client), dead.mock.calls.length]).toEqual([isOver, isOver ? 1 : 0]);
    },
  );

  it('asks the userinfo endpoint no more than once a minute', async () => {
    const { client } = await application({ refreshable: false });
    provider.on('api', () => refusal);
    for (let call = 0; call < 4; call += 1) await client.get('me', whose);
    expect([provider.count('api'), provider.count('userinfo')]).toEqual([4, 1]);
  });

  it('is over if userinfo() itself receives a 401', async () => {
    const { client } = await application({ refreshable: false });
    provider.on('userinfo', () => refusal);
    expect(await rejection(client.userinfo(whose))).toMatchObject({ code: 'invalid_token' });
    expect([await isMarked(client), reasons()]).toEqual([true, ['refused']]);
    expect(provider.count('userinfo')).toBe(1);
  });

  it('is over if the body was a stream, too', async () => {
    const { client } = await application({ refreshable: false });
    provider.on('api', () => ({ status: 401, headers: challenge('Bearer error="invalid_token"') }));
    const body = new Blob(['x']).stream();
    expect((await client.post('me', { ...whose, body })).status).toBe(401);
    expect(await isMarked(client)).toBe(true);
  });

  it('is told once to an application with hooks, and not if fetchToken has another token by now', async () => {
    provider.settings.refreshTokens = false;
    const kept: { token?: OAuth2Token } = {};
    const { plain } = new OAuth({
      config: {},
      fetchToken: () => kept.token,
      onGrantRevoked: dead,
    }).register('plain', plainClient(provider));
    const token = await login(plain);
    kept.token = token;
    provider.on('api', () => ({ status: 401, headers: challenge('Bearer error="invalid_token"') }));
    for (let call = 0; call < 3; call += 1) expect((await plain.get('me')).status).toBe(401);
    expect((await plain.get('me', { token })).status).toBe(401);
    expect(dead.mock.calls).toEqual([['plain', { token, reason: 'refused' }, undefined]]);
    kept.token = { ...token, access_token: 'another' };
    provider.once('api', () => {
      kept.token = { ...token, access_token: 'a third' };
      return { status: 401, headers: challenge('Bearer error="invalid_token"') };
    });
    await plain.get('me');
    expect(dead).toHaveBeenCalledTimes(1);
  });

  it('of OAuth 1 is over if the provider says so, and not for a 401 that may mean the client', async () => {
    const tokenStore = memoryStore();
    const { one } = new OAuth({
      config: {},
      tokenStore,
      allowPlaintextTokens: true,
      onGrantRevoked: dead,
      refresh: { cacheTtl: 0 },
    }).register('one', oauth1Client(provider));
    await one.saveToken(await login(one), whose);
    provider.on('oauth1_api', () => ({ status: 401 }));
    expect((await one.get('me', whose)).status).toBe(401);
    expect(dead).not.toHaveBeenCalled();
    provider.on('oauth1_api', () => ({
      status: 401,
      headers: challenge('OAuth realm="a", oauth_problem="token_revoked"'),
    }));
    await one.get('me', whose);
    expect(reasons()).toEqual(['refused']);
    expect((await one.listTokens(whose))[0]?.dead).toBe(true);
  });
});

/** What providers' APIs answer to a token that is over, at a client with a preset. */
const presets: [name: string, answer: WireAnswer, isOver: boolean][] = [
  [
    'facebook',
    json({ error: { code: 190, type: 'OAuthException', message: 'Expired' } }, 400),
    true,
  ],
  [
    'facebook',
    json({ error: { code: 190, error_subcode: 460, type: 'OAuthException' } }, 401),
    true,
  ],
  ['facebook', json({ error: { code: 4, type: 'OAuthException', message: 'Limit' } }, 400), false],
  ['slack', json({ ok: false, error: 'token_revoked' }), true],
  ['slack_app', json({ ok: false, error: 'account_inactive' }), true],
  ['slack', json({ ok: false, error: 'missing_scope' }), false],
  ['slack', json({ ok: true }), false],
  ['stackexchange', json({ error_id: 403, error_name: 'invalid_access_token' }, 400), true],
  ['twitter', json({ errors: [{ code: 89, message: 'Invalid or expired token.' }] }, 401), true],
  ['twitter', json({ errors: [{ code: 32, message: 'Could not authenticate you.' }] }, 401), false],
  ['github', json({ message: 'Bad credentials' }, 401), true],
  ['github', json({ message: 'Requires authentication' }, 403), false],
];

describe('the API of a provider with words of its own', () => {
  it.each(presets)('%s, with %j: %s', async (name, answer, isOver) => {
    const options = described(name);
    const wire = await startWire({});
    const all = new Proxy({}, { get: () => answer, has: () => true });
    Object.setPrototypeOf(wire.routes, all);
    const oauth = new OAuth({ config: {}, fetch: wire.fetch, onGrantRevoked: dead });
    const client = oauth.register('it', options).createClient('it');
    const token = (
      options.requestTokenUrl
        ? { oauth_token: 'at', oauth_token_secret: 'ats' }
        : { access_token: 'at', token_type: 'Bearer' }
    ) as OAuth2Token;
    for (let call = 0; call < 2; call += 1) {
      const response = await client.get('anything', { token });
      expect(response.status).toBe(answer.status ?? 200);
      expect(await response.text()).toBe(answer.body);
    }
    await wire.close();
    expect(reasons()).toEqual(isOver ? ['refused'] : []);
  });
});

/** What a token endpoint answers to a refresh token, and whether that is the end. */
const endings: [what: string, answer: ProviderResponse, isOver: boolean][] = [
  ['400 invalid_grant', { status: 400, body: { error: 'invalid_grant' } }, true],
  ['401 invalid_grant', { status: 401, body: { error: 'invalid_grant' } }, true],
  ['403 invalid_grant', { status: 403, body: { error: 'invalid_grant' } }, true],
  ['200 invalid_grant', { status: 200, body: { error: 'invalid_grant' } }, true],
  ['401 invalid_token', { status: 401, body: { error: 'invalid_token' } }, true],
  ['400 invalid_token', { status: 400, body: { error: 'invalid_token' } }, true],
  [
    '401 invalid_grant in the challenge alone',
    { status: 401, headers: challenge('Bearer error="invalid_grant"') },
    true,
  ],
  [
    '400 invalid_token in the challenge alone',
    { status: 400, headers: challenge('Bearer error="invalid_token"'), body: '<h1>No</h1>' },
    true,
  ],
  ['401 invalid_client', { status: 401, body: { error: 'invalid_client' } }, false],
  ['401 unauthorized', { status: 401, body: { error: 'unauthorized' } }, false],
  ['401 in HTML', page(401), false],
  ['403 in HTML', page(403), false],
  ['400 invalid_request', { status: 400, body: { error: 'invalid_request' } }, false],
  ['400 unauthorized_client', { status: 400, body: { error: 'unauthorized_client' } }, false],
  ['400 in HTML', page(400), false],
  ['400 without a reason', { status: 400 }, false],
  ['404 in HTML', page(404), false],
  ['200 in HTML', page(200), false],
  ['429 without a reason', { status: 429 }, false],
  ['500 in HTML', page(500), false],
  [
    '503 temporarily_unavailable',
    { status: 503, body: { error: 'temporarily_unavailable' } },
    false,
  ],
];

/** What an API answers to a token that could be refreshed, and whether the refresh token is tried. */
const refreshed: [what: string, api: ProviderResponse, isOver: boolean][] = [
  ['401 invalid_token', { status: 401, headers: challenge('Bearer error="invalid_token"') }, true],
  ['400 invalid_token', { status: 400, headers: challenge('Bearer error="invalid_token"') }, true],
  ['403 invalid_token', { status: 403, headers: challenge('Bearer error="invalid_token"') }, true],
  ['401 and a plain challenge', { status: 401, headers: challenge('Bearer realm="a"') }, true],
  ['401 and no challenge', refusal, true],
  ['401 in HTML', page(401), true],
  [
    '401 insufficient_user_authentication',
    { status: 401, headers: challenge('Bearer error="insufficient_user_authentication"') },
    false,
  ],
  [
    '403 insufficient_scope',
    { status: 403, headers: challenge('Bearer error="insufficient_scope"') },
    false,
  ],
  ['403 and no challenge', { status: 403, body: { error: 'invalid_token' } }, false],
  ['403 in HTML', page(403), false],
  ['400 and no challenge', { status: 400, body: {} }, false],
  ['404 in HTML', page(404), false],
  ['503', { status: 503 }, false],
];

describe('an authorization with a refresh token', () => {
  it.each(endings)(
    'is over or not, as told by the response to its refresh: %s',
    async (_, answer, isOver) => {
      const { client, another } = await application({ refreshable: true });
      provider.on('api', () => ({
        status: 401,
        headers: challenge('Bearer error="invalid_token"'),
      }));
      provider.on('token', () => answer);
      const error = await rejection(client.get('me', whose));
      expect(await isMarked(client)).toBe(isOver);
      expect(reasons()).toEqual(isOver ? ['refused'] : []);
      if (!isOver) return;
      expect(error).toMatchObject({ code: 'invalid_token', status: 401, phase: 'refresh' });
      await rejection(another().plain.get('me', whose));
      expect([provider.count('token'), dead.mock.calls.length]).toEqual([1, 1]);
    },
  );

  it.each(endings.filter(([, , isOver]) => isOver))(
    'with hooks is told once, and not asked for at every call: %s',
    async (_, answer) => {
      const { plain } = new OAuth({
        config: {},
        updateToken: () => undefined,
        onGrantRevoked: dead,
      }).register('plain', plainClient(provider));
      const token = { ...(await login(plain)), expires_at: 1 };
      provider.requests.length = 0;
      provider.on('token', () => answer);
      for (let call = 0; call < 3; call += 1) {
        expect(await rejection(plain.get('me', { token }))).toMatchObject({
          code: 'invalid_token',
        });
      }
      expect([reasons(), provider.count('token')]).toEqual([['refused'], 1]);
    },
  );

  it.each(refreshed)(
    'whose API responds with %s, and whose refresh is refused, is reported as ended once, or not at all',
    async (_, api, isOver) => {
      const { client, another, token } = await application({ refreshable: true });
      provider.on('api', () => api);
      provider.on('userinfo', () => api);
      provider.refreshTokens.clear();
      const told: unknown[] = [];
      const heard = another();
      heard.events.on('grant:revoked', (event) => told.push(event));
      const call = heard.plain.get('me', { ...whose, request: 'r' });
      if (!isOver) {
        expect((await call).status).toBe(api.status);
        expect([provider.count('token'), await isMarked(client)]).toEqual([0, false]);
        expect([told, dead.mock.calls]).toEqual([[], []]);
        return;
      }
      const error = await rejection(call);
      expect(error).toMatchObject({ code: 'invalid_token', status: 401, client: 'plain' });
      const end = { token, reason: 'refused', userId: 'ada', account: '' };
      expect(dead.mock.calls).toEqual([['plain', end, 'r']]);
      expect(told).toEqual([{ client: 'plain', ...end, request: 'r' }]);
      expect(await isMarked(client)).toBe(true);
      for (const process of [client, another().plain])
        expect(await rejection(process.userinfo(whose))).toMatchObject({ code: 'invalid_token' });
      expect([provider.count('token'), dead.mock.calls.length]).toEqual([1, 1]);
    },
  );

  it.each(['get', 'post', 'userinfo'] as const)(
    'is told of before anything is sent, if the access token has expired: %s',
    async (verb) => {
      const { client, token } = await application({ refreshable: true });
      await client.saveToken({ ...token, expires_at: 1 }, whose);
      provider.refreshTokens.clear();
      const call = verb === 'userinfo' ? client.userinfo(whose) : client[verb]('me', whose);
      expect(await rejection(call)).toMatchObject({ code: 'invalid_token', phase: 'refresh' });
      expect([reasons(), await isMarked(client)]).toEqual([['refused'], true]);
      expect([provider.count('api'), provider.count('userinfo')]).toEqual([0, 0]);
    },
  );

  it('shows no refresh token that the provider quotes in its words (MITREid)', async () => {
    const { client, token } = await application({ refreshable: true });
    provider.on('token', () => ({
      status: 401,
      body: {
        error: 'invalid_token',
        error_description: `Invalid refresh token: ${token.refresh_token}`,
      },
    }));
    const direct = (await rejection(client.refreshToken(token))) as Error & {
      error_description: string;
    };
    expect(direct.error_description).toBe('Invalid refresh token: […]');
    await client.saveToken({ ...token, expires_at: 1 }, whose);
    const error = (await rejection(client.get('me', whose))) as typeof direct;
    expect(error.error_description).toBe('Invalid refresh token: […]');
  });

  it('ends if the refresh brings an id_token for another user, and stores nothing of it', async () => {
    provider.settings.openid = true;
    const { client, token } = await application({
      refreshable: true,
      options: { serverMetadataUrl: provider.metadataUrl, scope: 'openid' },
    });
    await client.saveToken({ ...token, expires_at: 1 }, whose);
    provider.idToken = ({ claims, sign }) => sign({ ...claims, sub: 'user-2' });
    const error = await rejection(client.get('me', whose));
    provider.settings.openid = false;
    expect(error).toMatchObject({ code: 'invalid_token', status: 401 });
    expect(error.message).toContain('another user');
    expect(reasons()).toEqual(['mismatch']);
    const [stored] = await client.listTokens(whose);
    expect([stored?.dead, stored?.token.access_token]).toEqual([true, token.access_token]);
  });

  it('is not ended by an API that refuses a token which can be refreshed by hand', async () => {
    const { plain } = new OAuth({ config: {}, onGrantRevoked: dead }).register(
      'plain',
      plainClient(provider),
    );
    const token = await login(plain);
    provider.on('api', () => ({ status: 401, headers: challenge('Bearer error="invalid_token"') }));
    expect((await plain.get('me', { token })).status).toBe(401);
    expect(dead).not.toHaveBeenCalled();
  });
});

describe('a 401 without a reason, to a token that has not expired (revoked early, clocks apart)', () => {
  const bare = (until: number) => {
    let calls = 0;
    provider.on('api', () => ((calls += 1) <= until ? refusal : undefined));
  };

  it.each(['get', 'head', 'options'] as const)(
    'is followed by a refresh, and %s is sent once more',
    async (method) => {
      const { client } = await application({ refreshable: true });
      bare(1);
      const response = await client.request(method, 'me', whose);
      expect(response.status).toBe(200);
      expect([provider.count('token'), provider.count('api')]).toEqual([1, 2]);
    },
  );

  it.each(['post', 'put', 'patch', 'delete'] as const)(
    'is followed by a refresh, and %s is sent once more with "retryUnsafe" alone (RFC 9110 §9.2.1)',
    async (method) => {
      const { client } = await application({ refreshable: true });
      bare(1);
      expect((await client[method]('me', whose)).status).toBe(401);
      expect([provider.count('token'), provider.count('api')]).toEqual([1, 1]);
      expect((await client[method]('me', whose)).status).toBe(200);
      await client.saveToken(await login(client), whose);
      provider.requests.length = 0;
      bare(1);
      expect((await client[method]('me', { ...whose, retryUnsafe: true })).status).toBe(200);
      expect([provider.count('token'), provider.count('api')]).toEqual([1, 2]);
    },
  );

  it.each(['get', 'post'] as const)(
    'is followed by one refresh, and none for a minute if it goes on: %s',
    async (method) => {
      const { client } = await application({ refreshable: true });
      provider.on('api', () => refusal);
      for (let call = 0; call < 3; call += 1)
        expect((await client[method]('me', whose)).status).toBe(401);
      expect(provider.count('token')).toBe(1);
      expect(dead).not.toHaveBeenCalled();
    },
  );
});
