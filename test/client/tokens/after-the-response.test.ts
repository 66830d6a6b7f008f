import { setTimeout as sleep } from 'node:timers/promises';
import { OAuth, type OAuth2Token, type RegisterOptions } from '@oauth-registry/core';
import type { TokenStore } from '@oauth-registry/core/types';
import { memoryStore } from '@oauth-registry/core/stores/memory';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openidClient } from '../../support/apps/express.js';
import {
  attackerKey,
  startProvider,
  type ProviderResponse,
  type FakeProvider,
} from '../../support/provider/index.js';
import { login } from '../../support/login.js';

/**
 * What an application is left with when something fails after the provider has answered a refresh, and has
 * rotated the refresh token: the new token stored, or an error that says what was lost and why.
 */

let provider: FakeProvider;

beforeAll(async () => {
  provider = await startProvider({ expiresIn: 3600, rotateRefreshTokens: true });
});
afterAll(() => provider.close());
afterEach(() => provider.reset());

const whose = { userId: 'ada' };

/** What befalls one refresh, once the provider has answered. */
interface Fault {
  /** Happens to the response of the provider. */
  response?: (body: Record<string, unknown>) => Record<string, unknown>;
  /** Happens in place of the response, once the provider has rotated the refresh token. */
  instead?: ProviderResponse;
  idToken?: FakeProvider['idToken'];
  /** Happens as soon as the provider has answered. */
  after?: (world: World) => unknown;
  keeper?: () => void;
  options?: RegisterOptions;
}

interface World {
  store: TokenStore & { faults: Partial<TokenStore>; real: TokenStore };
}

const key = { userId: 'ada', client: 'corp', account: '' };

const down = (): never => {
  throw Object.assign(new Error('down'), { code: 'ECONNREFUSED' });
};

function faultyStore(): World['store'] {
  const store = memoryStore();
  const faults: Partial<TokenStore> = {};
  return {
    faults,
    real: store,
    get: (...given) => (faults.get ?? store.get)(...given),
    put: (...given) => (faults.put ?? store.put)(...given),
    delete: (...given) => (faults.delete ?? store.delete)(...given),
    list: (...given) => (faults.list ?? store.list)(...given),
    lock: (...given) => (faults.lock ?? store.lock)(...given),
    unlock: (...given) => (faults.unlock ?? store.unlock)(...given),
    volatile: true,
  };
}

/** Lets a fault befall the next refresh. */
function befall(fault: Fault, store = faultyStore()): void {
  provider.once('token', async (_request, respond) => {
    provider.idToken = fault.idToken;
    const answer = await respond();
    provider.idToken = undefined;
    await fault.after?.({ store });
    if (fault.instead) return fault.instead;
    const body = fault.response?.(answer.body as Record<string, unknown>) ?? answer.body;
    return { ...answer, body: body as object };
  });
}

/** Two processes of an application, whose user's token is due. */
async function startWorld(fault: Fault, kind: 'store' | 'hooks') {
  const store = faultyStore();
  const told: string[] = [];
  const row: { token?: OAuth2Token } = {};
  let keeperFails = fault.keeper !== undefined;
  const keeper = (token: OAuth2Token): void => {
    if (keeperFails) {
      keeperFails = false;
      fault.keeper?.();
    }
    row.token = token;
  };
  const storing = (tokenStore: TokenStore) =>
    kind === 'store'
      ? { tokenStore, allowPlaintextTokens: true }
      : {
          fetchToken: () => row.token,
          updateToken: (_: string, token: unknown) => keeper(token as OAuth2Token),
        };
  const process = (tokenStore: TokenStore = store) => {
    const oauth = new OAuth({
      config: {},
      ...storing(tokenStore),
      refresh: { lockTtl: 0.2, cacheTtl: 0, lockTimeout: 2 },
      onGrantRevoked: (_name, { reason }) => void told.push(reason),
    }).register('corp', openidClient(provider, fault.options));
    oauth.events.on('token:warning', ({ field }) => told.push(field));
    return oauth;
  };
  const start = (tokenStore?: TokenStore) => process(tokenStore).corp;
  const oauth = process();
  const first = oauth.corp;
  const token = { ...(await login(first)), expires_at: 1 };
  if (kind === 'store') await first.saveToken(token, whose);
  else row.token = token;
  befall(fault, store);
  const userId = kind === 'store' ? whose : {};
  const stored = async (): Promise<OAuth2Token | undefined> =>
    kind === 'store' ? (await start().listTokens(whose))[0]?.token : row.token;
  return { token, told, store, stored, call: { first, userId, start, oauth } };
}

/** What befalls the refresh, what the first call ends with, and what the application is told. */
const kept: [what: string, fault: Fault, told: string[]][] = [
  ['nothing', {}, []],
  [
    'the id_token has no signature that fits',
    { idToken: ({ claims, header, sign }) => sign(claims, header, attackerKey()) },
    ['id_token'],
  ],
  [
    'the id_token is of a later login',
    { idToken: ({ claims, sign }) => sign({ ...claims, auth_time: 7, iat: 1 }) },
    ['id_token'],
  ],
  [
    'the id_token has expired',
    { idToken: ({ claims, sign }) => sign({ ...claims, exp: 1 }) },
    ['id_token'],
  ],
  [
    'the id_token has one audience more',
    { idToken: ({ claims, sign }) => sign({ ...claims, aud: [claims['aud'], 'api'] }) },
    ['id_token'],
  ],
  ['the id_token is no JWT', { idToken: () => 'opaque' }, ['id_token']],
  ['the id_token is no text', { response: (body) => ({ ...body, id_token: 7 }) }, ['id_token']],
  ['the id_token is null', { response: (body) => ({ ...body, id_token: null }) }, []],
  [
    'the id_token needs a key that the provider does not give',
    {
      idToken: ({ claims, header, sign }) => sign(claims, { ...header, kid: 'new' }),
      after: () => void (provider.quirks.jwksStatus = 503),
    },
    ['id_token'],
  ],
  [
    'the refresh token is no text',
    { response: (body) => ({ ...body, refresh_token: { a: 1 } }) },
    ['refresh_token'],
  ],
  [
    'the lifetime is less than nothing',
    { response: (body) => ({ ...body, expires_in: -1, refresh_token: body['refresh_token'] }) },
    [],
  ],
  [
    'the lifetime is unreadable',
    { response: (body) => ({ ...body, expires_in: 'soon' }) },
    ['expires_in'],
  ],
  [
    'the scope is a list, and the type in capitals',
    { response: (body) => ({ ...body, scope: ['openid'], token_type: 'BEARER' }) },
    [],
  ],
];

/** A hook that forgets to return a token, and says what an error is. */
function forgetful(): (body: Record<string, unknown>) => Record<string, unknown> {
  return (body) => ('error' in body ? body : (undefined as never));
}

/** A hook that throws the first time, when the response is a token. */
function throwing(): (body?: unknown) => never {
  let isFirst = true;
  return (body) => {
    if (!isFirst) return body as never;
    isFirst = false;
    throw new Error('the hook fails');
  };
}

/** An application that stores tokens by itself, and one of them. */
async function startByHand(fault: Fault) {
  const oauth = new OAuth({ config: {} }).register('corp', openidClient(provider, fault.options));
  const warned: string[] = [];
  oauth.events.on('token:warning', ({ field }) => warned.push(field));
  const token = await login(oauth.corp);
  befall(fault);
  return { first: oauth.corp, token, warned };
}

/** Responses that have no token which can be used, and a hook that finds none. */
const spoilt: [what: string, fault: Fault][] = [
  ['has no access token', { response: (body) => ({ ...body, access_token: undefined }) }],
  [
    'has an access token that no header can carry',
    { response: (body) => ({ ...body, access_token: 'a\nb' }) },
  ],
  ['has a token of another type', { response: (body) => ({ ...body, token_type: 'mac' }) }],
  ['is a page', { instead: { headers: { 'content-type': 'text/html' }, body: '<h1>Hi</h1>' } }],
  ['is empty', { instead: { status: 200 } }],
  ['is JSON that breaks off', { instead: { body: '{"access_token":' } }],
  ['is a list', { instead: { body: '["access_token"]' } }],
  ['is too long', { instead: { body: JSON.stringify({ access_token: 'a'.repeat(9_000_000) }) } }],
  ['is a redirect', { instead: { status: 302, headers: { location: '/login' } } }],
  ['is a failure of the server', { instead: { status: 500, body: '<h1>Oops</h1>' } }],
  ['is a failure of a gateway', { instead: { status: 502 } }],
  ['breaks off before it begins', { instead: { destroy: true } }],
  [
    'is one that a hook of the application reads as nothing',
    { options: { complianceFix: { refreshTokenResponse: forgetful() } } },
  ],
];

describe.each(['store', 'hooks'] as const)('a refresh whose token is stored by the %s', (kind) => {
  it.each(kept)('stores the new token if %s', async (what, fault, told) => {
    const world = await startWorld(fault, kind);
    const { first, userId } = world.call;
    const response = await first.get('me', userId).catch((error: unknown) => error);
    const stored = await world.stored();
    expect(stored?.access_token).not.toBe(world.token.access_token);
    expect(stored?.refresh_token === world.token.refresh_token).toBe(
      told.includes('refresh_token'),
    );
    expect(world.told).toEqual(told);
    if (what === 'the lifetime is less than nothing')
      expect(response).toMatchObject({ code: 'token_expired' });
    else expect(response).toMatchObject({ status: 200 });
  });

  it.each(spoilt)('says what was lost if the response %s', async (_, fault) => {
    const world = await startWorld(fault, kind);
    const { first, userId } = world.call;
    const error = (await first.get('me', userId).catch((reason: unknown) => reason)) as Error;
    expect(error).toMatchObject({ phase: 'refresh' });
    expect(error.message).toContain('The refresh token was sent');
    expect((await world.stored())?.access_token).toBe(world.token.access_token);
    const next = (await first.get('me', userId).catch((reason: unknown) => reason)) as Error;
    expect(next).toMatchObject({ code: 'invalid_token', status: 401 });
    expect(next.message).toContain('was lost');
    expect(world.told).toEqual(['lost']);
  });

  it.each([
    ['user', { sub: 'user-2' }],
    ['issuer', { iss: 'https://id.example' }],
    ['client', { aud: 'client-2' }],
  ])(
    'ends the authorization, and stores nothing, if the id_token is for another %s',
    async (_, other) => {
      const idToken: FakeProvider['idToken'] = ({ claims, sign }) => sign({ ...claims, ...other });
      const world = await startWorld({ idToken }, kind);
      const { first, userId } = world.call;
      const error = (await first.get('me', userId).catch((reason: unknown) => reason)) as Error;
      expect(error).toMatchObject({ code: 'invalid_token', status: 401 });
      expect(error.message).toContain('another user');
      expect((await world.stored())?.access_token).toBe(world.token.access_token);
      expect(world.told).toEqual(['mismatch']);
    },
  );

  it('sends no refresh token if the keys of the id_token cannot be loaded before', async () => {
    const world = await startWorld({}, kind);
    const { start, userId } = world.call;
    provider.requests.length = 0;
    provider.quirks.jwksStatus = 503;
    const another = start();
    await expect(another.get('me', userId)).rejects.toMatchObject({ code: 'provider_unavailable' });
    expect([provider.count('token'), world.told]).toEqual([0, []]);
    expect(await world.stored()).toEqual(world.token);
  });

  it('stores the new token if the caller stops waiting when the provider has responded', async () => {
    const caller = new AbortController();
    const world = await startWorld({ after: () => void caller.abort() }, kind);
    const { first, userId } = world.call;
    await expect(first.get('me', { ...userId, signal: caller.signal })).rejects.toThrow('abort');
    expect((await first.get('me', userId)).status).toBe(200);
    expect((await world.stored())?.refresh_token).not.toBe(world.token.refresh_token);
    expect([provider.count('token'), world.told]).toEqual([2, []]);
  });

  it('reports what a hook of the application throws, and then what was lost by it', async () => {
    const fault = { options: { complianceFix: { refreshTokenResponse: throwing() } } };
    const world = await startWorld(fault, kind);
    const { first, userId } = world.call;
    await expect(first.get('me', userId)).rejects.toThrow('the hook fails');
    const next = (await first.get('me', userId).catch((reason: unknown) => reason)) as Error;
    expect(next).toMatchObject({ code: 'invalid_token', status: 401 });
    expect([next.message.includes('was lost'), world.told]).toEqual([true, ['lost']]);
  });
});

describe('refreshToken() by hand, whose token the application stores', () => {
  it.each(kept)('returns the new token if %s', async (_, fault, told) => {
    const { first, token, warned } = await startByHand(fault);
    const fresh = await first.refreshToken(token);
    expect(fresh.access_token).not.toBe(token.access_token);
    expect(warned).toEqual(told);
  });

  it.each(spoilt)('says what was lost if the response %s', async (_, fault) => {
    const { first, token } = await startByHand(fault);
    await expect(first.refreshToken(token)).rejects.toThrow('The refresh token was sent');
  });

  it('says nothing of a loss if the provider cannot be reached', async () => {
    const gone = await startProvider();
    await gone.close();
    const refreshTokenUrl = `${gone.base}/token`;
    const { first, token } = await startByHand({ options: { refreshTokenUrl } });
    const error = (await first.refreshToken(token).catch((reason: unknown) => reason)) as Error;
    expect(error).toMatchObject({ code: 'provider_unavailable', reason: 'ECONNREFUSED' });
    expect(error.message).not.toContain('lost');
  });
});

describe('a refresh whose token cannot be stored at once', () => {
  it('hands the new token to the hook again at the next call if the hook throws', async () => {
    const keeper = (): never => {
      throw new Error('the table is locked');
    };
    const world = await startWorld({ keeper }, 'hooks');
    const { first } = world.call;
    await expect(first.get('me')).rejects.toThrow('the table is locked');
    expect((await first.get('me')).status).toBe(200);
    expect((await world.stored())?.refresh_token).not.toBe(world.token.refresh_token);
    expect([provider.count('token'), world.told]).toEqual([2, []]);
  });

  it.each(['store', 'hooks'] as const)(
    'reports a listener of token:update that throws, with the token stored by the %s',
    async (kind) => {
      const world = await startWorld({}, kind);
      const { first, userId, oauth } = world.call;
      const failing = oauth.events.on('token:update', () => {
        failing();
        throw new Error('the listener fails');
      });
      await expect(first.get('me', userId)).rejects.toThrow('the listener fails');
      expect((await first.get('me', userId)).status).toBe(200);
      expect((await world.stored())?.refresh_token).not.toBe(world.token.refresh_token);
      expect([provider.count('token'), world.told]).toEqual([2, []]);
    },
  );

  it('reports a hook that throws, once, if a store has the new token', async () => {
    const world = await startWorld({ options: { updateToken: throwing() } }, 'store');
    const { first, userId } = world.call;
    await expect(first.get('me', userId)).rejects.toThrow('the hook fails');
    expect((await first.get('me', userId)).status).toBe(200);
    expect((await world.stored())?.refresh_token).not.toBe(world.token.refresh_token);
    expect([provider.count('token'), world.told]).toEqual([2, []]);
  });

  it('says that the authorization has ended if the process died before its hook stored the token', async () => {
    const world = await startWorld({ keeper: throwing() }, 'hooks');
    const { first, start } = world.call;
    await expect(first.get('me')).rejects.toThrow('the hook fails');
    const error = await start()
      .get('me')
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'invalid_token', status: 401 });
    expect([await world.stored(), world.told]).toEqual([world.token, ['refused']]);
  });

  it('says that the token is gone if it was deleted in the meantime, and stores nothing', async () => {
    const world = await startWorld({ after: ({ store }) => store.delete(key) }, 'store');
    const { first, userId } = world.call;
    await expect(first.get('me', userId)).rejects.toMatchObject({ code: 'missing_token' });
    expect([await world.stored(), world.told]).toEqual([undefined, []]);
  });

  it('uses the token of a login that was stored in the meantime', async () => {
    const login2 = { access_token: 'at-2', token_type: 'Bearer', refresh_token: 'rt-2' };
    const another: { save?: () => Promise<void> } = {};
    const world = await startWorld({ after: () => another.save?.() }, 'store');
    const { first, userId, start } = world.call;
    another.save = () => start().saveToken(login2, whose);
    await first.get('me', userId).catch(() => undefined);
    expect(provider.last('api').headers['authorization']).toBe('Bearer at-2');
    expect((await world.stored())?.refresh_token).toBe('rt-2');
  });

  it('stores the new token at the next call if the store was down', async () => {
    const world = await startWorld(
      { after: ({ store }) => void Object.assign(store.faults, { put: down }) },
      'store',
    );
    const { first, userId } = world.call;
    await expect(first.get('me', userId)).rejects.toMatchObject({ code: 'storage_failed' });
    delete world.store.faults.put;
    expect((await first.get('me', userId)).status).toBe(200);
    expect((await world.stored())?.refresh_token).not.toBe(world.token.refresh_token);
    expect([provider.count('token'), world.told]).toEqual([2, []]);
  });

  it('says that the new token was lost if the process died before it was stored', async () => {
    const world = await startWorld(
      {
        after: ({ store }) =>
          void Object.assign(store.faults, {
            put: () => new Promise(() => undefined),
            unlock: () => undefined,
          }),
      },
      'store',
    );
    const { first, userId, start } = world.call;
    // A process that stops where it is: it never comes back from its store, nor extends its lock.
    world.store.faults.lock = stopsAfter(world.store.real.lock);
    first.get('me', userId).catch(() => undefined);
    while (provider.count('token') < 2) await sleep(5);
    const another = start(world.store.real);
    const error = (await another.get('me', userId).catch((reason: unknown) => reason)) as Error;
    expect(error).toMatchObject({ code: 'invalid_token', status: 401 });
    expect(error.message).toContain('was lost');
    expect(world.told).toEqual(['lost']);
  });
});

/** A lock that is taken once, and never extended. */
function stopsAfter(lock: TokenStore['lock']): TokenStore['lock'] {
  let taken = false;
  return (...given) => {
    if (taken) return new Promise<boolean>(() => undefined);
    taken = true;
    return lock(...given);
  };
}
